//! A customer's own prices: asked for only where the mapping can, and never shown to anybody else.

use serde_json::json;
use skuery_schema::ids::Sku;

use super::{build, group};
use crate::connector::System;
use crate::door::tests::call;
use crate::door::tests::server::{Server, json as answer};
use crate::port::PriceGroup;

/// A list of rows; `query` is the request's, `fields` come beside price and currency.
fn system(url: &str, query: &str, fields: &str) -> System {
    build(&format!(
        r#"
connector: rest
url: {url}
mapping:
  inline:
    summary: an ERP
    protocol: rest
    lookups:
      prices:
        mode: rows
        request:
          path: /prices
          query: [[sku, {{ each: "{{{{ keys }}}}" }}], {query}]
        answer:
          items: rows
          key: {{ path: sku }}
          fields:
            net: {{ path: price }}
            currency: {{ value: "{{{{ currency }}}}" }}
            {fields}
"#
    ))
    .expect("a system")
}

const OF: &str = "[list, '{{ price_list }}'], [of, '{{ customer }}']";
const NAMES: &str = "price_list: { path: list }\n            customer: { path: of, absent: [''] }";

async fn ask(customer: Option<&str>) -> (Vec<String>, u64, String) {
    let server = Server::start(|_| {
        answer(&json!({"rows": [
            {"sku": "A", "price": 1, "list": "GOLD", "of": ""},
            {"sku": "A", "price": 2, "list": "S00012", "of": "C-1"},
            {"sku": "A", "price": 3, "list": "GOLD", "of": "C-2"},
            {"sku": "A", "price": 4, "list": "OTHER", "of": ""},
        ]}))
    })
    .await;
    let system = system(&server.url, OF, NAMES);
    let prices = system.prices.expect("prices");
    assert!(prices.per_customer());
    let group = PriceGroup {
        customer: customer.map(Into::into),
        ..group(Some("GOLD"), "EUR", None)
    };
    let found = prices.prices(call(5), &group, &[Sku::new("A")]).await;
    let rows = found.expect("an answer")[&Sku::new("A")].clone().expect("rows");
    let shown = rows.iter().map(|row| row.net.expect("a price").to_string());
    let line = server.seen()[0].line.clone();
    (shown.collect(), system.upstream.snapshot().foreign_rows, line)
}

#[tokio::test]
async fn rows_of_another_customer_are_dropped_and_counted() {
    let (rows, foreign, line) = ask(Some("C-1")).await;
    assert_eq!(rows, ["1", "2"], "the customer's own row may be of any list");
    assert_eq!(foreign, 2);
    assert_eq!(line, "GET /prices?sku=A&list=GOLD&of=C-1");

    let (rows, foreign, line) = ask(None).await;
    assert_eq!(rows, ["1"], "what others may share names no customer");
    assert_eq!(foreign, 3);
    assert_eq!(line, "GET /prices?sku=A&list=GOLD");
}

#[tokio::test]
async fn prices_are_per_customer_where_anything_names_the_customer() {
    let per_customer = |query: &str, fields: &str| {
        let system = system("https://erp.example", query, fields);
        system.prices.expect("prices").per_customer()
    };
    assert!(!per_customer("[list, '{{ price_list }}']", NAMES));
    assert!(!per_customer("[list, '{{ settings.customer }}']", ""));
    assert!(per_customer("[of, '{{ customer | upper }}']", ""));
    assert!(per_customer(
        "[of, '{% if customer is defined %}1{% endif %}']",
        ""
    ));
    assert!(per_customer("[q, { json: { of: ['{{ customer }}'] } }]", ""));
    assert!(per_customer("[q, { json: { $jq: '{of: .customer}' } }]", ""));
    assert!(per_customer("[f, { odata: 'of eq {{ customer }}' }]", ""));
    assert!(per_customer("[a, b]", "price_list: { value: '{{ customer }}' }"));
}

#[tokio::test]
async fn a_value_counts_only_where_the_row_says_what_it_is() {
    let server = Server::start(|_| {
        answer(&json!({"rows": [
            {"sku": "A", "price": 1, "of": "C-1", "kind": "Customer"},
            {"sku": "A", "price": 2, "of": "C-1", "kind": "Group"},
        ]}))
    })
    .await;
    let fields = "price_list: { path: of, where: { path: kind, is: Group } }\n            \
                  customer: { path: of, where: { path: kind, is: Customer } }";
    let prices = system(&server.url, OF, fields).prices.expect("prices");
    let of = |list: &str, customer: &str| PriceGroup {
        customer: Some(customer.into()),
        ..group(Some(list), "EUR", None)
    };
    for (group, expected) in [
        (of("GOLD", "C-1"), vec!["1"]),
        (of("C-1", "C-2"), vec!["2"]),
        (of("C-1", "C-1"), vec!["1", "2"]),
    ] {
        let found = prices.prices(call(5), &group, &[Sku::new("A")]).await;
        let rows = found.expect("an answer")[&Sku::new("A")].clone().expect("rows");
        let shown: Vec<String> = rows
            .iter()
            .map(|row| row.net.expect("a price").to_string())
            .collect();
        assert_eq!(shown, expected, "{group:?}");
    }
}
