//! Pages of the PIM: both kinds of paging and the HAL envelope around the items.

use serde_json::{Map, Value, json};

use super::Refusal;
use crate::demo::query::Query;

const DEFAULT_LIMIT: usize = 10;
const MAX_LIMIT: usize = 100;

/// Which page of a list is asked for.
pub(super) struct Page {
    limit: usize,
    place: Place,
    with_count: bool,
}

enum Place {
    /// Number of the page, from 1.
    Number(usize),
    /// Key of the last item seen, if any.
    After(Option<String>),
}

impl Page {
    /// Reads the paging parameters; `search_after` is known to product lists only.
    pub(super) fn read(query: &Query, may_search_after: bool) -> Result<Self, Refusal> {
        let limit = whole(query, "limit", DEFAULT_LIMIT)?;
        if limit > MAX_LIMIT {
            return Err(Refusal::invalid(format!(
                "You cannot request more than {MAX_LIMIT} items."
            )));
        }
        let place = match query.get("pagination_type").unwrap_or("page") {
            "page" => Place::Number(whole(query, "page", 1)?),
            "search_after" if may_search_after => Place::After(query.get("search_after").map(str::to_owned)),
            _ => return Err(Refusal::invalid("Pagination type does not exist.")),
        };
        let with_count = query.get("with_count") == Some("true");
        Ok(Self {
            limit,
            place,
            with_count,
        })
    }

    /// Cuts the page out of a list and wraps it; `key` names an item, `shown` writes it.
    pub(super) fn answer<T>(
        &self,
        address: &str,
        query: &Query,
        items: &[T],
        key: impl Fn(&T) -> &str,
        shown: impl Fn(&T) -> Value,
    ) -> Value {
        let start = match &self.place {
            Place::Number(number) => number.saturating_sub(1).saturating_mul(self.limit),
            Place::After(None) => 0,
            Place::After(Some(last)) => {
                let found = items.iter().position(|item| key(item) == last);
                found.map_or(items.len(), |at| at + 1)
            }
        };
        let page: Vec<&T> = items.iter().skip(start).take(self.limit).collect();
        // Without a count the real one cannot know more than that a full page may have a successor.
        let last = page.last().filter(|_| page.len() == self.limit);
        let mut links = Map::new();
        for (relation, text) in self.links(query, last.map(|item| key(item))) {
            let link = json!({"href": format!("{address}?{text}")});
            links.insert(relation.to_owned(), link);
        }
        let mut body = json!({ "_links": links });
        if let Place::Number(number) = self.place {
            body["current_page"] = json!(number);
            if self.with_count {
                body["items_count"] = json!(items.len());
            }
        }
        body["_embedded"] = json!({"items": page.into_iter().map(shown).collect::<Vec<_>>()});
        body
    }

    /// Relations and parameters of the links; `last` is the key of the last item of a full page.
    fn links(&self, query: &Query, last: Option<&str>) -> Vec<(&'static str, String)> {
        let Place::Number(number) = self.place else {
            let first = query.with(&[("search_after", None)]);
            let mut links = vec![("self", query.with(&[])), ("first", first)];
            links.extend(last.map(|last| ("next", query.with(&[("search_after", Some(last))]))));
            return links;
        };
        let limit = self.limit.to_string();
        let at = |number: usize| {
            let number = number.to_string();
            query.with(&[("page", Some(&number)), ("limit", Some(&limit))])
        };
        let mut links = vec![("self", at(number)), ("first", at(1))];
        if number > 1 {
            links.push(("previous", at(number - 1)));
        }
        links.extend(last.map(|_| ("next", at(number.saturating_add(1)))));
        links
    }
}

fn whole(query: &Query, name: &str, default: usize) -> Result<usize, Refusal> {
    let Some(text) = query.get(name) else {
        return Ok(default);
    };
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| Refusal::invalid(format!("\"{text}\" is not a valid {name} number.")))
}
