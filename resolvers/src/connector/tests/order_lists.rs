//! Order lists: whose rows they are, and what a row must hold.

use serde_json::{Value as Json, json};
use skuery_schema::price::TaxedMoney;

use super::{build, moment};
use crate::connector::System;
use crate::door::tests::call;
use crate::door::tests::server::{Server, json as answer};
use crate::error::LookupError;
use crate::port::orders::{OrderList, OrderPage, OrderQuestion, OrderRecord, Owner, Which};

/// A till; `request` and `answer` are lines of the orders' request and answer.
pub(super) fn till(url: &str, keys: &str, query: &str, paging: &str) -> System {
    build(&format!(
        r#"
connector: rest
url: {url}
locations: {{ NORTH: 7 }}
mapping:
  inline:
    summary: a till
    protocol: rest
    lookups:
      orders:
        keys: {{ {keys} }}
        abilities: [company, reference]
        request:
          path: /sales
          query:
            - [customer, "{{{{ customer }}}}"]
            - [company, "{{{{ company }}}}"]
            - [number, "{{{{ number }}}}"]
            - [reference, "{{{{ reference }}}}"]
            - [from, "{{{{ since | unix }}}}"]
            - [to, "{{{{ until | unix }}}}"]
            {query}
        answer:
          items: sales
          {paging}
          fields:
            number: {{ path: no }}
            references: {{ path: known_as }}
            customer: {{ path: who }}
            company: {{ path: firm }}
            channel: {{ path: how, words: {{ T: POS, W: WEB, X: LATER }} }}
            placed_at: {{ path: at, as: unix }}
            status: {{ path: state, words: {{ "1": COMPLETED, "2": CANCELED }} }}
            source_status: {{ path: state }}
            currency: {{ value: SEK }}
            shipping_gross: {{ path: freight, as: decimal_text }}
            total_net: {{ path: net, as: decimal_text }}
            total_gross: {{ path: gross, as: decimal_text }}
            skip: {{ path: void }}
          lists:
            lines:
              path: rows
              fields:
                number: {{ path: no }}
                sku: {{ path: sku }}
                name: {{ path: text }}
                quantity: {{ path: count }}
                total_gross: {{ path: sum, as: decimal_text }}
                skip: {{ path: is_text }}
            fulfillments:
              path: parcels
              fields:
                number: {{ path: no }}
                status: {{ value: DELIVERED }}
                location: {{ path: store }}
              lists:
                lines: {{ path: rows, fields: {{ sku: {{ path: sku }}, quantity: {{ path: count }} }} }}
                tracking:
                  path: track
                  fields: {{ number: {{ path: id }}, url: {{ path: url }} }}
            documents:
              path: papers
              fields: {{ kind: {{ path: kind }}, number: {{ path: no }}, key: {{ path: no }} }}
"#
    ))
    .expect("a system")
}

pub(super) const QUERY: &str = "- [start, '{{ paging.offset }}']\n            - [num, '{{ paging.limit }}']";

pub(super) fn anna() -> Owner {
    Owner::Customer("anna".into())
}

pub(super) fn placed(offset: usize, limit: usize) -> Which {
    Which::Placed {
        since: None,
        until: None,
        offset,
        limit,
    }
}

pub(super) async fn ask(system: &System, owner: &Owner, which: Which) -> Result<OrderPage, LookupError> {
    let question = OrderQuestion {
        list: OrderList::Orders,
        which,
    };
    let orders = system.orders.as_ref().expect("orders");
    orders.orders(call(5), owner, &question).await
}

fn numbers(page: &OrderPage) -> Vec<&str> {
    page.orders.iter().map(|order| &*order.number).collect()
}

/// One sale of Anna's with these members beside the least there must be.
pub(super) fn sale(more: Json) -> Json {
    let mut sale = json!({"no": "A-1", "who": "anna", "firm": "f", "at": 1_790_000_000});
    for (name, value) in more.as_object().expect("members") {
        sale[name] = value.clone();
    }
    sale
}

/// What becomes of these sales, and how many were foreign.
async fn read(sales: Vec<Json>, owner: &Owner, which: Which) -> (Result<OrderPage, String>, u64) {
    let server = Server::start(move |_| answer(&json!({"sales": sales}))).await;
    let system = till(&server.url, "max: 10", QUERY, "");
    let page = ask(&system, owner, which).await;
    let page = page.map_err(|error| format!("{}: {}", error.kind().as_str(), error.detail()));
    (page, system.upstream.snapshot().foreign_rows)
}

async fn one(more: Json) -> Result<OrderRecord, String> {
    let (page, _) = read(vec![sale(more)], &anna(), placed(0, 10)).await;
    page.map(|page| (*page.orders[0]).clone())
}

#[tokio::test]
async fn a_row_of_somebody_else_is_dropped_and_decides_nothing() {
    let broken = json!({"who": "bert", "at": "never", "rows": 7});
    let sales = vec![
        sale(json!({"no": "A-2", "at": 1_790_000_009})),
        sale(broken),
        sale(json!({"who": null})),
        sale(json!({"who": ""})),
        sale(json!({"who": "Anna"})),
        sale(json!({"who": "bert", "at": 1_799_999_999})),
        sale(json!({})),
    ];
    let (page, foreign) = read(sales.clone(), &anna(), placed(0, 10)).await;
    let page = page.expect("an answer");
    assert_eq!(numbers(&page), ["A-2", "A-1"]);
    assert_eq!(page.seen, 7, "as many as were handed over");
    assert_eq!(foreign, 5);

    let (page, foreign) = read(sales, &Owner::Company("g".into()), placed(0, 10)).await;
    assert_eq!(numbers(&page.expect("an answer")), Vec::<&str>::new());
    assert_eq!(foreign, 7);
    let mine = vec![sale(json!({"who": "bert"})), sale(json!({"firm": "g"}))];
    let (page, foreign) = read(mine, &Owner::Company("f".into()), placed(0, 10)).await;
    assert_eq!(
        numbers(&page.expect("an answer")).len(),
        1,
        "any customer of the company"
    );
    assert_eq!(foreign, 1);
}

#[tokio::test]
async fn a_number_and_a_reference_are_matched_exactly() {
    let sales = || {
        vec![
            sale(json!({"no": "A-1"})),
            sale(json!({"no": "a-1"})),
            sale(json!({"no": 17, "known_as": ["W-1", "W-2"]})),
            sale(json!({"no": "A-3", "known_as": "W-1"})),
        ]
    };
    for (which, expected) in [
        (Which::Number("A-1".into()), &["A-1"][..]),
        (Which::Number("17".into()), &["17"]),
        (Which::Reference("W-1".into()), &["17", "A-3"]),
        (Which::Reference("w-1".into()), &[]),
    ] {
        let (page, foreign) = read(sales(), &anna(), which).await;
        assert_eq!(numbers(&page.expect("an answer")), expected);
        assert_eq!(foreign, 4 - expected.len() as u64);
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_fails_the_page_and_says_where() {
    for (more, expected) in [
        (json!({"no": ""}), "a record has no number"),
        (
            json!({"at": "2026-01-01"}),
            "placed_at: a value is not a point in time",
        ),
        (json!({"at": null}), "a record has no placed_at"),
        (
            json!({"gross": "1.000,5"}),
            "total_gross: a value is not a number",
        ),
        (json!({"rows": "none"}), "lines: a value is not a list"),
        (json!({"rows": [{"sku": "A"}]}), "lines: a record has no quantity"),
        (json!({"rows": [{"count": 1}]}), "lines: a record has no sku"),
        (
            json!({"rows": [{"sku": "A", "count": 1, "no": 1.5}]}),
            "lines: a line's number is not a whole number",
        ),
        (
            json!({"rows": vec![json!({"sku": "A", "count": 1}); 2_001]}),
            "lines: more than 2000 of them",
        ),
        (
            json!({"parcels": [{"no": "P", "rows": [{"sku": "A", "count": "NaN"}]}]}),
            "fulfillments: lines: quantity: a value is not a number",
        ),
        (
            json!({"papers": [{"no": "P"}]}),
            "documents: a record has no kind",
        ),
    ] {
        let sales = vec![sale(json!({"no": "A-0"})), sale(more)];
        let (page, _) = read(sales, &anna(), placed(0, 10)).await;
        let expected = format!("invalid_answer: order 2 of the page: {expected}");
        assert_eq!(page.err(), Some(expected));
    }
    let (page, _) = read(
        vec![sale(json!({"void": true, "at": "never"}))],
        &anna(),
        placed(0, 10),
    )
    .await;
    assert_eq!(page.expect("left out on purpose").orders.len(), 0);
}

#[tokio::test]
async fn a_page_that_is_not_newest_first_fails() {
    let sales = vec![sale(json!({})), sale(json!({"no": "A-2", "at": 1_790_000_001}))];
    let (page, _) = read(sales, &anna(), placed(0, 10)).await;
    assert!(page.is_err_and(|error| error.contains("not sorted by `placed_at`")));
}

#[tokio::test]
async fn rows_outside_the_stretch_are_left_out_but_seen() {
    let at = |second: i64| sale(json!({"no": second, "at": second}));
    let sales = vec![at(40), at(30), at(20), at(10)];
    let which = Which::Placed {
        since: Some(moment("1970-01-01T00:00:20Z")),
        until: Some(moment("1970-01-01T00:00:30Z")),
        offset: 0,
        limit: 10,
    };
    let (page, foreign) = read(sales, &anna(), which).await;
    let page = page.expect("an answer");
    assert_eq!(numbers(&page), ["30", "20"], "both ends belong to it");
    assert_eq!((page.seen, foreign), (4, 0));
}

#[tokio::test]
async fn words_are_the_schemas_or_unknown() {
    let order = one(json!({"state": 1, "how": "T"})).await.expect("an order");
    assert_eq!(order.status.name(), "COMPLETED");
    assert_eq!(order.source_status.as_deref(), Some("1"));
    assert_eq!(order.channel.map(|channel| channel.name()), Some("POS"));
    let order = one(json!({"state": 2, "how": "X"})).await.expect("an order");
    assert_eq!(order.status.name(), "UNKNOWN", "one l too few");
    assert_eq!(order.channel.map(|channel| channel.name()), Some("OTHER"));
    let order = one(json!({})).await.expect("an order");
    assert_eq!(
        (
            order.status.name(),
            order.payment_status.name(),
            order.fulfillment_status.name()
        ),
        ("UNKNOWN", "UNKNOWN", "UNKNOWN")
    );
    assert_eq!((order.source_status, order.channel), (None, None));
}

#[tokio::test]
async fn amounts_have_the_sides_that_are_given() {
    let sides = |money: &TaxedMoney| {
        [money.net, money.gross, money.tax].map(|side| side.map(|side| side.amount.to_string()))
    };
    let order = one(json!({"net": "80.00", "gross": "100.00"}))
        .await
        .expect("an order");
    assert_eq!(
        sides(&order.total),
        ["80.00", "100.00", "20.00"].map(|side| Some(side.to_owned()))
    );
    assert_eq!(order.shipping, None);
    let order = one(json!({"gross": "-5.5", "freight": "0"}))
        .await
        .expect("a return");
    assert_eq!(sides(&order.total), [None, Some("-5.5".to_owned()), None]);
    assert_eq!(sides(&order.subtotal), [None, None, None]);
    assert_eq!(
        sides(&order.shipping.expect("free of charge"))[1].as_deref(),
        Some("0")
    );
}

#[tokio::test]
async fn lists_hold_records_and_records_hold_lists() {
    let order = one(json!({
        "rows": [
            {"sku": "A", "text": "Ärmel", "count": 2.5, "sum": "19.90"},
            {"is_text": true},
            {"sku": "B", "text": null, "count": -1, "no": 40},
            {"sku": "C", "count": 1},
        ],
        "parcels": {"no": "P-1", "store": 7, "rows": [{"sku": "A", "count": 1}], "track": [
            {"id": "T1", "url": "https://track.example/T1"},
            {"id": "T2", "url": "javascript:alert(1)"},
            {"id": ""},
        ]},
        "papers": [{"kind": "RECEIPT", "no": "R-1"}, {"kind": "POEM", "no": "R-2"}],
    }))
    .await
    .expect("an order");
    let lines: Vec<String> = order
        .lines
        .iter()
        .map(|line| {
            format!(
                "{} {} {} {} {}",
                line.number, line.sku, line.name, line.quantity, line.unit.code
            )
        })
        .collect();
    assert_eq!(
        lines,
        ["1 A Ärmel 2.5 C62", "40 B B -1 C62", "3 C C 1 C62"],
        "counted where the system does not"
    );
    let parcels = order.fulfillments.expect("inside the order");
    assert_eq!(parcels.len(), 1, "an object is a list of one");
    assert_eq!(parcels[0].status.name(), "DELIVERED");
    assert_eq!(
        parcels[0].location.as_ref().map(|code| code.as_str()),
        Some("NORTH")
    );
    assert_eq!(parcels[0].lines[0].sku.as_str(), "A");
    let tracked: Vec<(&str, Option<&str>)> = parcels[0]
        .tracking
        .iter()
        .map(|parcel| (&*parcel.number, parcel.url.as_deref()))
        .collect();
    assert_eq!(tracked, [("T1", Some("https://track.example/T1")), ("T2", None)]);
    let papers = order.documents.expect("inside the order");
    assert_eq!(papers.len(), 1, "of a kind there is a word for");
    let bare = one(json!({})).await.expect("an order");
    assert_eq!(
        (bare.fulfillments, bare.documents),
        (Some(Vec::new()), Some(Vec::new()))
    );
    assert!(bare.lines.is_empty());
}
