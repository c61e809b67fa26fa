//! How a system's orders are paged through: by offset, by whole pages, by links, and where it does not keep to them.

use serde_json::{Value as Json, json};

use super::build;
use super::order_lists::{QUERY, anna, ask, placed, sale, till};
use crate::door::tests::server::{Seen, Server, Step, json as answer};
use crate::port::orders::{Owner, Which};

/// A history of so many sales of Anna's, of which the till gives at most `most` at a time.
async fn history(
    sales: usize,
    most: usize,
    start: impl Fn(&Seen) -> usize + Send + Sync + 'static,
) -> Server {
    Server::start(move |seen| {
        let start = start(seen);
        let asked = parameter(seen, "num").unwrap_or(usize::MAX).min(most);
        let found: Vec<Json> = (start..sales.min(start.saturating_add(asked)))
            .map(|at| sale(json!({"no": at, "at": 1_790_000_000 - at})))
            .collect();
        let end = start + found.len();
        let next = (end < sales).then(|| format!("/sales?start={end}"));
        answer(&json!({"sales": found, "next": next}))
    })
    .await
}

fn parameter(seen: &Seen, name: &str) -> Option<usize> {
    let (_, query) = seen.line.split_once('?')?;
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .filter(|(key, _)| *key == name)
        .find_map(|(_, value)| value.parse().ok())
}

async fn walk(
    server: &Server,
    keys: &str,
    query: &str,
    paging: &str,
    which: Which,
) -> Result<Vec<usize>, String> {
    let system = till(&server.url, keys, query, paging);
    let page = ask(&system, &anna(), which).await;
    let page = page.map_err(|error| error.detail().to_owned())?;
    assert_eq!(page.seen, page.orders.len());
    let numbers = page
        .orders
        .iter()
        .map(|order| order.number.parse().expect("a number"));
    Ok(numbers.collect())
}

#[tokio::test]
async fn a_system_that_gives_few_at_a_time_is_asked_again() {
    let start = |seen: &Seen| parameter(seen, "start").unwrap_or(0);
    let server = history(25, 10, start).await;
    let all = walk(&server, "max: 10", QUERY, "", placed(2, 30)).await;
    assert_eq!(all, Ok((2..25).collect()));
    assert_eq!(server.seen().len(), 3, "ten, ten and three");
    let some = walk(&server, "max: 10", QUERY, "", placed(2, 12)).await;
    assert_eq!(some, Ok((2..14).collect()));
    let none = walk(&server, "max: 10", QUERY, "", placed(25, 10)).await;
    assert_eq!(none, Ok(Vec::new()));
}

#[tokio::test]
async fn whole_pages_are_counted_by_their_size() {
    let pages = "- [page, '{{ paging.page }}']\n            - [num, '{{ paging.limit }}']";
    let start = |seen: &Seen| (parameter(seen, "page").unwrap_or(1) - 1) * 10;
    let server = history(25, 10, start).await;
    let whole = "paging: { whole_pages: true }";
    let some = walk(&server, "max: 10", pages, whole, placed(8, 5)).await;
    assert_eq!(
        some,
        Ok((8..13).collect()),
        "an offset between two pages needs both"
    );
    assert_eq!(server.seen().len(), 2);
    let rest = walk(&server, "max: 10", pages, whole, placed(18, 50)).await;
    assert_eq!(rest, Ok((18..25).collect()));
}

#[tokio::test]
async fn links_are_followed_from_the_start_where_there_is_no_offset() {
    let start = |seen: &Seen| parameter(seen, "start").unwrap_or(0);
    let server = history(25, 10, start).await;
    let links = "paging: { next: next }";
    let some = walk(
        &server,
        "max: 50",
        "- [num, '{{ paging.limit }}']",
        links,
        placed(8, 5),
    )
    .await;
    assert_eq!(some, Ok((8..13).collect()));
    assert_eq!(server.seen().len(), 2, "no further than needed");
    let few = "paging: { next: next, max_pages: 2 }";
    let all = walk(
        &server,
        "max: 50",
        "- [num, '{{ paging.limit }}']",
        few,
        placed(0, 50),
    )
    .await;
    assert_eq!(all, Err("the answer has too many pages".to_owned()));
}

#[tokio::test]
async fn a_system_that_does_not_keep_to_the_paging_is_found_out() {
    let start = |_: &Seen| 0;
    let server = history(25, 25, start).await;
    let deaf = "- [x, '{{ paging.offset }}']";
    let all = walk(&server, "max: 10", deaf, "", placed(0, 10)).await;
    assert_eq!(
        all,
        Err("the system handed over more orders than it was asked for".to_owned())
    );
    let no_offset = "- [num, '{{ paging.limit }}']";
    let far = walk(&server, "max: 10", no_offset, "", placed(8, 5)).await;
    assert!(far.is_err_and(|error| error.contains("no `paging.offset`")));
    let near = walk(&server, "max: 10", no_offset, "", placed(2, 5)).await;
    assert_eq!(
        near,
        Ok((2..7).collect()),
        "what is near is asked for with what stands before"
    );
}

#[tokio::test]
async fn what_the_mapping_cannot_do_is_not_asked() {
    let server = Server::start(|_| vec![Step::Reset]).await;
    let system = build(&format!(
        r#"
connector: rest
url: {}
mapping:
  inline:
    summary: a till
    protocol: rest
    lookups:
      orders: &orders
        abilities: [company]
        request: &request
          path: /sales
          query: [[a, "{{{{ customer }}}}{{{{ company }}}}"], [n, "{{{{ number }}}}"], [p, "{{{{ paging.page }}}}"]]
        answer: &answer
          items: sales
          fields: {{ number: {{ path: a }}, customer: {{ path: b }}, company: {{ path: c }}, placed_at: {{ path: d }}, currency: {{ path: e }} }}
      past_orders:
        request: *request
        answer: *answer
"#,
        server.url
    ))
    .expect("a system");
    let abilities = system.orders.as_ref().expect("orders").order_abilities();
    assert!(abilities.past && !abilities.company, "only one of two lists can");
    let company = Owner::Company("f".into());
    for (owner, which) in [(&company, placed(0, 1)), (&anna(), Which::Reference("W".into()))] {
        let error = ask(&system, owner, which).await.expect_err("refused");
        assert_eq!(error.kind().as_str(), "unsupported");
    }
    assert!(server.seen().is_empty());
}
