//! Customer records: matched by number, their price list in our words, their credit only where one is kept.

use serde_json::{Value as Json, json};
use skuery_schema::ids::CustomerNumber;

use super::build;
use crate::connector::System;
use crate::door::tests::call;
use crate::door::tests::server::{Server, json as answer};

fn crm(url: &str) -> System {
    build(&format!(
        r#"
connector: rest
url: {url}
price_lists:
  GOLD: L-1
  EURO: "E-{{{{ currency }}}}"
  MIXED: [L-2, CAMPAIGN]
  TWIN: L-3
  OTHER_TWIN: L-3
mapping:
  inline:
    summary: a CRM
    protocol: rest
    lookups:
      customers:
        request: {{ path: /customers, query: [[no, {{ each: "{{{{ keys }}}}" }}], [one, "{{{{ customer }}}}"]] }}
        answer:
          items: rows
          key: {{ path: no }}
          fields:
            name: {{ path: name }}
            company_number: {{ path: firm }}
            price_list: {{ path: list }}
            individual_prices: {{ path: own }}
            discount_percent: {{ path: off }}
            currency: {{ path: cur }}
          lists:
            addresses:
              path: places
              fields: {{ name: {{ path: name }}, lines: {{ path: street }}, country: {{ path: land }} }}
      credit:
        request: {{ path: /customers, query: [[no, {{ each: "{{{{ keys }}}}" }}]] }}
        answer:
          items: rows
          key: {{ path: no }}
          fields:
            limit: {{ path: limit, absent: [0] }}
            used: {{ path: owed }}
            currency: {{ path: cur, default: SEK }}
            blocked: {{ path: stop }}
"#
    ))
    .expect("a system")
}

async fn server(rows: Json) -> Server {
    Server::start(move |_| answer(&json!({"rows": rows}))).await
}

fn numbers(numbers: &[&str]) -> Vec<CustomerNumber> {
    numbers
        .iter()
        .map(|number| CustomerNumber::new(*number))
        .collect()
}

async fn price_list(list: Json, currency: Json) -> Option<String> {
    let server = server(json!([{"no": "C", "list": list, "cur": currency}])).await;
    let customers = crm(&server.url).customers.expect("customers");
    let keys = numbers(&["C"]);
    let found = customers.customers(call(5), &keys).await.expect("an answer");
    let record = found[&keys[0]].as_ref().expect("a customer");
    record.price_list.as_ref().map(ToString::to_string)
}

#[tokio::test]
async fn a_price_list_is_ours_where_exactly_one_of_ours_is_that_list() {
    let none = Json::Null;
    for (theirs, currency, ours) in [
        (json!("L-1"), none.clone(), Some("GOLD")),
        (json!("E-EUR"), json!("EUR"), Some("EURO")),
        (json!("E-EUR"), json!("SEK"), Some("E-EUR")),
        (json!("E-EUR"), none.clone(), Some("E-EUR")),
        (json!("CAMPAIGN"), none.clone(), Some("CAMPAIGN")),
        (json!("L-2"), none.clone(), Some("L-2")),
        (json!("L-3"), none.clone(), Some("L-3")),
        (json!("GOLD"), none.clone(), Some("GOLD")),
        (json!(""), none.clone(), None),
        (none.clone(), none.clone(), None),
    ] {
        assert_eq!(
            price_list(theirs.clone(), currency).await.as_deref(),
            ours,
            "{theirs}"
        );
    }
}

#[tokio::test]
async fn customers_are_matched_by_number_and_fail_alone() {
    let server = server(json!([
        {"no": "X", "name": "a stranger"},
        {"no": "A", "name": "Anna", "places": [
            {"street": ["", "Storgatan 1"], "land": "SE"}, {"land": "SE"}, {"name": "Anna"}]},
        {"no": "B", "name": "Bert", "own": "perhaps"},
        {"no": "C", "off": 101},
        {"no": "D", "name": "Dora"}, {"no": "D", "name": "Doris"},
        {"no": "E", "cur": "kr"},
        {"no": "F", "firm": "F-1"},
    ]))
    .await;
    let system = crm(&server.url);
    let customers = system.customers.expect("customers");
    let keys = numbers(&["A", "B", "C", "D", "E", "F", "G"]);
    let found = customers.customers(call(5), &keys).await.expect("an answer");
    let failed = |at: usize| {
        found[&keys[at]]
            .as_ref()
            .err()
            .map(|error| (error.kind().as_str(), error.detail()))
    };
    let anna = found[&keys[0]].as_ref().expect("Anna");
    assert_eq!(anna.content.name.as_deref(), Some("Anna"));
    assert_eq!(
        (anna.individual_prices, anna.price_list.as_ref(), anna.currency),
        (None, None, None)
    );
    let countries: Vec<&str> = anna.content.addresses.iter().map(|it| &*it.country).collect();
    assert_eq!(countries, ["SE", "ZZ"], "a country alone is no address");
    assert_eq!(anna.content.addresses[0].lines.len(), 1);
    assert_eq!(
        failed(1),
        Some(("invalid_value", "individual_prices: a value is not a switch"))
    );
    assert_eq!(
        failed(2),
        Some(("invalid_value", "a discount is not between 0 and 100"))
    );
    assert_eq!(failed(3).map(|it| it.0), Some("invalid_answer"));
    assert_eq!(
        failed(4),
        Some(("invalid_value", "currency: a value is not a currency"))
    );
    let company = found[&keys[5]].as_ref().expect("F").content.company.clone();
    assert_eq!(
        company.map(|company| company.name.to_string()).as_deref(),
        Some("F-1")
    );
    assert!(!found.contains_key(&keys[6]), "an unknown customer is absent");
    assert_eq!(system.upstream.snapshot().foreign_rows, 1);
    assert!(
        !server.seen()[0].line.contains("one="),
        "several are nobody's question"
    );
}

#[tokio::test]
async fn one_customer_may_be_named_as_orders_name_it() {
    let server = server(json!([])).await;
    let customers = crm(&server.url).customers.expect("customers");
    let found = customers.customers(call(5), &numbers(&["C/1"])).await;
    assert!(found.expect("an answer").is_empty());
    assert_eq!(server.seen()[0].line, "GET /customers?no=C%2F1&one=C%2F1");
    assert!(
        customers
            .customers(call(5), &[])
            .await
            .expect("nothing")
            .is_empty()
    );
    assert_eq!(server.seen().len(), 1, "nothing asked is nothing sent");
}

#[tokio::test]
async fn credit_is_kept_where_there_is_a_limit() {
    let server = server(json!([
        {"no": "A", "limit": 100, "owed": 120.5, "stop": true},
        {"no": "B", "limit": 0, "owed": 0},
        {"no": "C", "limit": 100},
    ]))
    .await;
    let customers = crm(&server.url).customers.expect("customers");
    let keys = numbers(&["A", "B", "C"]);
    let found = customers.credit(call(5), &keys).await.expect("an answer");
    let credit = found[&keys[0]].as_ref().expect("credit");
    assert_eq!(
        (credit.used.to_string().as_str(), credit.blocked),
        ("120.5", true)
    );
    assert_eq!(credit.currency.as_str(), "SEK");
    assert!(!found.contains_key(&keys[1]), "no credit is kept");
    assert!(found[&keys[2]].is_err());
}
