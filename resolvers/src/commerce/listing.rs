//! Product lists: what is asked, which part of it, and the connection that answers (Relay Cursor Connections).

use std::sync::Arc;

use skuery_schema::catalog::{Product, ProductContent};
use skuery_schema::error::FieldError;
use skuery_schema::ids::{CategoryCode, ProductCode};
use skuery_schema::input::{Args, Input};
use skuery_schema::listing::{PageInfo, ProductConnection, ProductEdge};

use crate::commerce::cursor::Cursors;
use crate::commerce::scan::Order;
use crate::port::{AttributeCondition, Locales, Search, SearchAbilities, SearchPage};

/// The page when its size is not said.
pub(crate) const USUAL_PAGE: usize = 24;

/// What a list holds, whatever part of it is shown.
#[derive(Debug, PartialEq)]
pub(crate) struct Listing {
    /// Offset and limit are not set.
    pub(crate) search: Search,
    pub(crate) order: Order,
}

impl Listing {
    /// The identity of the list: what a cursor belongs to.
    pub(crate) fn question(&self, locales: &Locales) -> String {
        format!("{self:?} {locales:?}")
    }

    /// The page of the system's own search that answers; `None` when all matches must be read.
    pub(crate) fn page_of_search(&self, window: &Window) -> Option<(usize, usize)> {
        match window {
            Window::Span { start, limit, .. } if self.order == Order::Relevance => Some((*start, *limit)),
            _ => None,
        }
    }
}

/// Reads a list's arguments: `Query.products` has query, filter, sort first; `Category.products` has paging first.
pub(crate) fn listing(
    args: &Args,
    category: Option<CategoryCode>,
    abilities: SearchAbilities,
) -> Result<Listing, FieldError> {
    let mut search = Search {
        text: None,
        categories: Vec::new(),
        brands: Vec::new(),
        attributes: Vec::new(),
        updated_since: None,
        offset: 0,
        limit: 0,
        count: false,
    };
    let sort = match category {
        Some(category) => {
            search.categories.push(category);
            args.text(4)
        }
        None => {
            search.text = args
                .text(0)
                .map(|text| text.trim().into())
                .filter(|text: &Arc<str>| !text.is_empty());
            if let Some(filter) = args.get(1) {
                read_filter(filter, &mut search)?;
            }
            args.text(2)
        }
    };
    check_abilities(&search, abilities)?;
    Ok(Listing {
        search,
        order: sort.map_or(Order::Relevance, |sort| Order::parse(sort)),
    })
}

fn read_filter(filter: &Input, search: &mut Search) -> Result<(), FieldError> {
    let texts = |name| filter.field(name).and_then(Input::as_texts).unwrap_or_default();
    search.categories = texts("categories").into_iter().map(CategoryCode::new).collect();
    search.brands = texts("brands");
    search.updated_since = filter.field("updatedSince").and_then(Input::as_timestamp);
    let Some(Input::List(conditions)) = filter.field("attributes") else {
        return Ok(());
    };
    for condition in conditions {
        let code = condition
            .field("code")
            .and_then(Input::as_text)
            .cloned()
            .unwrap_or_default();
        let condition = AttributeCondition {
            one_of: condition
                .field("in")
                .and_then(Input::as_texts)
                .unwrap_or_default(),
            min: condition.field("min").and_then(Input::as_decimal),
            max: condition.field("max").and_then(Input::as_decimal),
            code,
        };
        if condition.one_of.is_empty() && condition.min.is_none() && condition.max.is_none() {
            let message = format!(
                "filter.attributes: `{}` needs one of `in`, `min`, `max`",
                condition.code
            );
            return Err(FieldError::bad_input(message));
        }
        search.attributes.push(condition);
    }
    Ok(())
}

fn check_abilities(search: &Search, abilities: SearchAbilities) -> Result<(), FieldError> {
    let wishes = [
        ("products", true, abilities.search),
        ("query", search.text.is_some(), abilities.text),
        (
            "filter.categories",
            !search.categories.is_empty(),
            abilities.categories,
        ),
        ("filter.brands", !search.brands.is_empty(), abilities.brands),
        (
            "filter.attributes",
            !search.attributes.is_empty(),
            abilities.attributes,
        ),
        (
            "filter.updatedSince",
            search.updated_since.is_some(),
            abilities.updated_since,
        ),
    ];
    match wishes.iter().find(|(_, wished, able)| *wished && !able) {
        Some((name, _, _)) => Err(FieldError::bad_input(format!(
            "{name}: the connected PIM cannot search by this"
        ))),
        None => Ok(()),
    }
}

// ---------------------------------------------------------------- which part

/// Which matches are shown, counted from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Window {
    /// From `start`, at most `limit`, and of these only the last `keep`.
    Span { start: usize, limit: usize, keep: usize },
    /// The last `limit` at or after `start`.
    Last { start: usize, limit: usize },
}

/// Reads `first, after, last, before`, which stand in this order from argument number `at` on. `page` is the largest.
pub(crate) fn window(
    args: &Args,
    at: usize,
    page: usize,
    cursors: &Cursors,
    question: &str,
) -> Result<Window, FieldError> {
    let first = page_size("first", args.int(at), page)?;
    let after = position("after", args.text(at + 1), cursors, question)?;
    let last = page_size("last", args.int(at + 2), page)?;
    let before = position("before", args.text(at + 3), cursors, question)?;
    let start = after.map_or(0, |after| after + 1);
    let room = before.map(|before| before.saturating_sub(start));
    Ok(match (first, last, room) {
        (None, Some(last), None) => Window::Last { start, limit: last },
        // Everything before a cursor is there, so the last of it can be counted back.
        (None, Some(last), Some(room)) => {
            let limit = last.min(room);
            Window::Span {
                start: start + room - limit,
                limit,
                keep: limit,
            }
        }
        (first, last, room) => {
            let limit = first.unwrap_or(USUAL_PAGE.min(page)).min(room.unwrap_or(page));
            Window::Span {
                start,
                limit,
                keep: last.unwrap_or(limit),
            }
        }
    })
}

fn page_size(name: &str, size: Option<i32>, page: usize) -> Result<Option<usize>, FieldError> {
    let Some(size) = size else { return Ok(None) };
    match usize::try_from(size) {
        Ok(size) if size <= page => Ok(Some(size)),
        _ => Err(FieldError::bad_input(format!(
            "{name}: {size} is not between 0 and {page} (limits.page_size)"
        ))),
    }
}

fn position(
    name: &str,
    cursor: Option<&Arc<str>>,
    cursors: &Cursors,
    question: &str,
) -> Result<Option<usize>, FieldError> {
    let Some(cursor) = cursor else { return Ok(None) };
    match cursors.decode(question, cursor) {
        Some(position) => Ok(Some(position)),
        None => {
            let message =
                format!("{name}: not a cursor of this list (same arguments and language are needed)");
            Err(FieldError::bad_input(message))
        }
    }
}

// ---------------------------------------------------------------- the answer

/// The matches of a window.
pub(crate) struct Page {
    products: Vec<(ProductCode, Arc<ProductContent>)>,
    start: usize,
    more: bool,
    total: Option<u64>,
}

impl Page {
    pub(crate) fn of_search(page: &SearchPage, window: &Window) -> Self {
        let (start, keep) = match window {
            Window::Span { start, keep, .. } => (*start, *keep),
            Window::Last { start, limit } => (*start, *limit),
        };
        let skipped = page.products.len().saturating_sub(keep);
        let end = (start + page.products.len()) as u64;
        Self {
            products: page.products[skipped..].to_vec(),
            start: start + skipped,
            more: page.total.map_or(page.more, |total| end < total),
            total: page.total,
        }
    }

    pub(crate) fn of_matches(
        matches: &[(ProductCode, Arc<ProductContent>)],
        order: Order,
        window: &Window,
    ) -> Self {
        let mut sorted = matches.to_vec();
        order.sort(&mut sorted);
        let (start, limit) = match window {
            Window::Span { start, limit, keep } => {
                let there = sorted.len().saturating_sub(*start).min(*limit);
                (start + there.saturating_sub(*keep), there.min(*keep))
            }
            Window::Last { start, limit } => (sorted.len().saturating_sub(*limit).max(*start), *limit),
        };
        let end = start.saturating_add(limit).min(sorted.len());
        let products = sorted.get(start..end).map(<[_]>::to_vec).unwrap_or_default();
        Self {
            products,
            start,
            more: end < sorted.len(),
            total: Some(sorted.len() as u64),
        }
    }
}

/// Which cursors are selected: each takes a signature, so the others are not made.
#[derive(Clone, Copy)]
pub(crate) struct CursorsShown {
    /// That of every edge.
    pub(crate) edges: bool,
    /// The first and the last, of `pageInfo`.
    pub(crate) ends: bool,
}

/// The connection of a page. `cursor` makes the cursor of a position.
pub(crate) fn connection(
    listing: Arc<Listing>,
    page: Page,
    shown: CursorsShown,
    cursor: impl Fn(usize) -> String,
) -> ProductConnection {
    let unread: Arc<str> = "".into();
    let end = |index| shown.ends.then(|| cursor(page.start + index).into());
    let start_cursor = page.products.first().and_then(|_| end(0));
    let end_cursor = page.products.len().checked_sub(1).and_then(end);
    let edges = page
        .products
        .into_iter()
        .enumerate()
        .map(|(index, (code, content))| ProductEdge {
            cursor: match shown.edges {
                true => cursor(page.start + index).into(),
                false => unread.clone(),
            },
            node: Product {
                code,
                content: Some(content),
            },
        })
        .collect();
    ProductConnection {
        page_info: PageInfo {
            has_next_page: page.more,
            has_previous_page: page.start > 0,
            start_cursor,
            end_cursor,
        },
        edges,
        total_count: page.total.and_then(|total| i32::try_from(total).ok()),
        question: listing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(cursors: &Cursors, position: usize) -> Option<Input> {
        Some(Input::Text(cursors.encode("q", position).into()))
    }

    fn read(first: Option<i32>, after: Option<usize>, last: Option<i32>, before: Option<usize>) -> Window {
        let cursors = Cursors::new(b"s");
        let args = Args(vec![
            first.map(Input::Int),
            after.and_then(|position| at(&cursors, position)),
            last.map(Input::Int),
            before.and_then(|position| at(&cursors, position)),
        ]);
        window(&args, 0, 100, &cursors, "q").expect("a window")
    }

    #[test]
    fn windows_follow_the_relay_specification() {
        let span = |start, limit| Window::Span {
            start,
            limit,
            keep: limit,
        };
        let last_of = |start, limit, keep| Window::Span { start, limit, keep };
        assert_eq!(read(None, None, None, None), span(0, 24));
        assert_eq!(read(Some(10), None, None, None), span(0, 10));
        assert_eq!(read(Some(10), Some(9), None, None), span(10, 10));
        assert_eq!(read(None, None, Some(3), Some(10)), span(7, 3));
        assert_eq!(
            read(None, None, Some(30), Some(10)),
            span(0, 10),
            "no more than there are before it"
        );
        assert_eq!(read(Some(50), Some(4), None, Some(8)), span(5, 3));
        assert_eq!(
            read(Some(10), None, Some(3), None),
            last_of(0, 10, 3),
            "the last of the first"
        );
        assert_eq!(
            read(None, None, Some(5), None),
            Window::Last { start: 0, limit: 5 }
        );
        assert_eq!(read(Some(0), None, None, None), span(0, 0));
        assert_eq!(
            read(Some(5), Some(9), None, Some(3)),
            span(10, 0),
            "an empty span"
        );
    }

    #[test]
    fn sizes_beyond_the_limit_and_foreign_cursors_are_refused() {
        let cursors = Cursors::new(b"s");
        let size = |size| Args(vec![Some(Input::Int(size))]);
        assert!(window(&size(101), 0, 100, &cursors, "q").is_err());
        assert!(window(&size(-1), 0, 100, &cursors, "q").is_err());
        let cursor = Args(vec![None, Some(Input::Text(cursors.encode("other", 1).into()))]);
        assert!(window(&cursor, 0, 100, &cursors, "q").is_err());
    }
}
