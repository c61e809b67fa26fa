//! Mistakes in a mapping of customers and orders are found before the gateway starts, and named.

use super::build;

const GOOD: &str = r#"
connector: rest
url: https://erp.example
mapping:
  inline:
    summary: an ERP
    protocol: rest
    lookups:
      customers:
        request: { path: "/customers/{{ key }}" }
        answer:
          key: { path: no }
          lists: { addresses: { path: places, fields: { city: { path: city } } } }
      orders:
        abilities: [company, reference]
        request:
          path: /orders
          query:
            - [of, "{{ customer }}"]
            - [firm, "{{ company }}"]
            - [number, "{{ number }}"]
            - [known_as, "{{ reference }}"]
            - [from, "{{ paging.offset }}"]
        answer:
          items: rows
          fields:
            number: { path: no }
            references: { path: refs }
            customer: { path: customer }
            company: { path: firm }
            placed_at: { path: at }
            currency: { path: currency }
          lists:
            lines:
              path: lines
              fields: { sku: { path: sku }, name: { path: text }, quantity: { path: count } }
            fulfillments:
              path: parcels
              fields: { number: { path: no } }
              lists: { tracking: { path: track, fields: { number: { path: no } } } }
      document:
        request: { path: "/papers/{{ key }}" }
"#;

fn check(from: &str, to: &str, expected: &str) {
    assert!(GOOD.contains(from), "{from}");
    let error = match build(&GOOD.replace(from, to)) {
        Ok(_) => panic!("`{to}` was accepted"),
        Err(error) => error.to_string(),
    };
    assert!(error.contains(expected), "{error}");
}

#[tokio::test]
async fn lists_are_checked_against_what_the_record_may_and_must_hold() {
    if let Err(error) = build(GOOD) {
        panic!("{error}");
    }
    check(
        "addresses:",
        "adresses:",
        "lookups.customers: answer.lists.adresses: unknown, use addresses",
    );
    check(
        "city: {",
        "town: {",
        "answer.lists.addresses.fields.town: unknown, use name, company, lines, postal_code, city",
    );
    check(
        "lines:\n",
        "rows:\n",
        "lookups.orders: answer.lists.rows: unknown, use lines, shipping_address, billing_address, fulfillments, documents",
    );
    check(
        "sku: { path: sku }, ",
        "",
        "lookups.orders: answer.lists.lines.fields.sku: missing",
    );
    check(
        "quantity: { path: count }",
        "quantity: { path: count, as: date }",
        "answer.lists.lines.fields.quantity: as: date does not fit",
    );
    check(
        "path: lines\n",
        "path: a..b\n",
        "answer.lists.lines.path: `a..b` has two dots",
    );
    check(
        "path: lines\n",
        "jq: '.a |'\n",
        "answer.lists.lines.jq: `.a |` is not a jq filter",
    );
    check(
        "              path: lines\n",
        "",
        "answer.lists.lines.path: needs one of path, jq",
    );
    check(
        "sku: { path: sku }",
        "sku: { attribute: sku }",
        "answer.lists.lines.fields.sku: a value list is of a whole item only",
    );
    check(
        "tracking: { path: track, fields: { number: { path: no } } }",
        "tracking: { path: track, fields: { url: { path: no } } }",
        "answer.lists.fulfillments.lists.tracking.fields.number: missing",
    );
    check(
        "tracking: {",
        "parcels: {",
        "answer.lists.fulfillments.lists.parcels: unknown, use lines, tracking",
    );
    check(
        "tracking: { path: track,",
        "tracking: { path: track, lists: { x: { path: y } },",
        "lists.tracking.lists.x: unknown, there are none here",
    );
}

#[tokio::test]
async fn orders_must_be_asked_for_by_owner_number_and_place() {
    check("placed_at: { path: at }", "", "answer.fields.placed_at: missing");
    check(
        "placed_at: { path: at }",
        "placed_at: { path: at, as: text }",
        "answer.fields.placed_at: as: text does not fit, it is a moment",
    );
    check(
        "items: rows",
        "key: { path: no }",
        "answer.key: orders are not asked by key",
    );
    for (from, name) in [
        ("{{ customer }}", "customer"),
        ("{{ company }}", "company"),
        ("{{ number }}", "number"),
        ("{{ reference }}", "reference"),
        ("{{ paging.offset }}", "paging"),
    ] {
        check(from, "x", &format!("no request makes use of `{name}`"));
    }
    check(
        "company: { path: firm }",
        "",
        "answer.fields.company: missing, the ability `company` needs it",
    );
    check(
        "references: { path: refs }",
        "",
        "answer.fields.references: missing, the ability `reference` needs it",
    );
    check(
        "abilities: [company, reference]",
        "abilities: [company, text]",
        "abilities: `text` is not one of this lookup's, use company, reference",
    );
    check(
        "request: { path: \"/customers/{{ key }}\" }",
        "abilities: [company]\n        request: { path: \"/customers/{{ key }}\" }",
        "lookups.customers: abilities: this lookup has none",
    );
    check(
        "items: rows",
        "items: rows\n          paging: { page_size: 10 }",
        "answer.paging.page_size: orders are asked for by `paging.limit`",
    );
    check("{{ number }}", "{{ nmber }}", "unknown variable `nmber`");
}

#[tokio::test]
async fn a_document_needs_no_answer_and_everything_else_does() {
    check(
        "request: { path: \"/papers/{{ key }}\" }",
        "{ request: { path: \"/papers\" }, answer: { key: { path: no } } }",
        "",
    );
    check(
        "          key: { path: no }\n          lists: { addresses",
        "          lists: { addresses",
        "lookups.customers: answer.key: missing",
    );
    let rpc = r#"
connector: jsonrpc
url: https://erp.example
mapping:
  inline:
    summary: an ERP
    protocol: jsonrpc
    rpc_path: /rpc
    lookups:
      document: { request: { call: paper, params: ["{{ key }}"] } }
"#;
    let error = build(rpc).err().expect("refused").to_string();
    assert!(error.contains("which jsonrpc cannot"), "{error}");
}
