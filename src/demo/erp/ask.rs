//! What a list request of the demo ERP asks for beside its filter: columns, order, pages and lines.

use std::cmp::Ordering;

use axum::http::HeaderMap;
use serde_json::Value;

use super::Refusal;
use super::rows::{self, Row, Table};
use crate::demo::query::Query;

/// The most rows in one page, asked for or not.
const MAX_PAGE: usize = 20_000;

/// What a list request asks for beside its filter.
pub(super) struct Ask {
    selected: Option<Vec<&'static str>>,
    /// Columns to sort by, and whether they fall.
    pub(super) order: Vec<(usize, bool)>,
    /// Whether the lines are shown with each row.
    expanded: bool,
    pub(super) skip: usize,
    pub(super) top: usize,
    pub(super) page: usize,
}

impl Ask {
    /// Reads the parameters; one that is not known is refused, as the real one does.
    pub(super) fn read(query: &Query, table: &Table, headers: &HeaderMap) -> Result<Self, Refusal> {
        let known = [
            "$filter",
            "$select",
            "$orderby",
            "$expand",
            "$top",
            "$skip",
            "$skiptoken",
        ];
        if let Some(unknown) = query
            .names()
            .find(|name| name.starts_with('$') && !known.contains(name))
        {
            return Err(Refusal::bad(format!(
                "The query option '{unknown}' is not supported here."
            )));
        }
        let selected = match query.get("$select") {
            None => None,
            Some(list) => Some(
                list.split(',')
                    .map(|name| table.field(name.trim()))
                    .collect::<Result<_, _>>()?,
            ),
        };
        let expanded = match (query.get("$expand"), table.part) {
            (None, _) => false,
            (Some(name), Some((part, _))) if name == part => true,
            (Some(name), _) => return Err(rows::unknown(name)),
        };
        let skip = whole(query, "$skiptoken")?.or(whole(query, "$skip")?);
        Ok(Self {
            selected,
            order: order(query, table)?,
            expanded,
            skip: skip.unwrap_or(0),
            top: whole(query, "$top")?.unwrap_or(usize::MAX),
            page: preferred_page(headers).unwrap_or(MAX_PAGE).clamp(1, MAX_PAGE),
        })
    }

    /// The row as it is answered.
    pub(super) fn shown(&self, row: &Row, table: &Table) -> Value {
        let mut shown = row.json(table.fields, self.selected.as_deref());
        if let Some((part, is_always_shown)) = table.part
            && (self.expanded || is_always_shown)
        {
            shown[part] = row.parts.as_slice().into();
        }
        shown
    }

    pub(super) fn compare(&self, row: &Row, other: &Row) -> Ordering {
        let by_column = self.order.iter().map(|(column, falls)| {
            let order = row.cells[*column].order(&other.cells[*column]);
            if *falls { order.reverse() } else { order }
        });
        by_column.fold(Ordering::Equal, Ordering::then)
    }

    /// Parameters of the next page; `$top` shrinks by what has been given.
    pub(super) fn next_page(&self, query: &Query, given: usize) -> String {
        let left = (self.top < usize::MAX).then(|| (self.top - given).to_string());
        let token = self.skip.saturating_add(given).to_string();
        query.with(&[
            ("$skip", None),
            ("$top", left.as_deref()),
            ("$skiptoken", Some(&token)),
        ])
    }
}

/// `orderDate desc,number`.
fn order(query: &Query, table: &Table) -> Result<Vec<(usize, bool)>, Refusal> {
    let Some(text) = query.get("$orderby") else {
        return Ok(Vec::new());
    };
    let mut order = Vec::new();
    for term in text.split(',') {
        let (name, falls) = match term.trim().split_once(' ') {
            None => (term.trim(), false),
            Some((name, "asc")) => (name, false),
            Some((name, "desc")) => (name, true),
            Some((_, word)) => return Err(Refusal::bad(format!("Syntax error: '{word}' in $orderby."))),
        };
        order.push((table.column(name)?, falls));
    }
    Ok(order)
}

fn preferred_page(headers: &HeaderMap) -> Option<usize> {
    let preferences = headers.get("prefer")?.to_str().ok()?;
    let mut sizes = preferences
        .split([',', ';'])
        .filter_map(|preference| preference.trim().strip_prefix("odata.maxpagesize="));
    sizes.next()?.parse().ok()
}

fn whole(query: &Query, name: &str) -> Result<Option<usize>, Refusal> {
    let Some(text) = query.get(name) else {
        return Ok(None);
    };
    let number = text
        .parse()
        .map_err(|_| Refusal::bad(format!("Invalid value '{text}' for {name} query option found.")))?;
    Ok(Some(number))
}
