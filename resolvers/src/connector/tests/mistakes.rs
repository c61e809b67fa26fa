//! Mistakes in a mapping or a configuration are found before the gateway starts, and named.

use super::build;

const GOOD: &str = r#"
connector: rest
url: https://erp.example
locations: { NORTH: 1 }
mapping:
  inline:
    summary: an ERP
    protocol: rest
    auth: none
    settings:
      depot: { default: D1 }
    lookups:
      stock:
        request:
          path: /stock
          query:
            - [sku, { each: "{{ keys }}" }]
        answer:
          items: rows
          key: { path: sku }
          fields:
            location: { path: place }
            available: { path: free }
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
async fn mistakes_are_named_by_lookup_and_field() {
    assert!(build(GOOD).is_ok());
    check(
        "stock:\n",
        "stocks:\n",
        "lookups.stocks: unknown lookup, use products",
    );
    check(
        "      stock:\n",
        "      stock:\n        choice: first_match\n",
        "lookups.stock: choice: only prices with `mode: rows` are chosen among",
    );
    check(
        "available:",
        "availble:",
        "lookups.stock: answer.fields.availble: unknown, use available",
    );
    check(
        "available: { path: free }",
        "on_hand: { path: free }",
        "answer.fields.available: missing",
    );
    check(
        "{ path: free }",
        "{ path: free..x }",
        "answer.fields.available: `free..x` has two dots",
    );
    check(
        "{ path: free }",
        "{ jq: '.a |' }",
        "answer.fields.available: `.a |` is not a jq filter",
    );
    check("{ path: free }", "{ jq: 'nosuch' }", "uses unknown `nosuch");
    check(
        "{ path: free }",
        "{ path: free, as: text }",
        "answer.fields.available: as: text does not fit",
    );
    check(
        "{{ keys }}",
        "{{ kyes }}",
        "request.sku: unknown variable `kyes`, use settings",
    );
    check(
        "{{ keys }}",
        "{{ keys",
        "lookups.stock: request.sku: syntax error",
    );
    check("key: { path: sku }", "rows: x", "answer.key: missing");
    check(
        "path: /stock",
        "method: DELETE\n          path: /stock",
        "`DELETE` is not allowed, use GET or POST",
    );
    check(
        "path: /stock",
        "headers: { Authorization: x }\n          path: /stock",
        "comes from `auth`",
    );
    check(
        "protocol: rest",
        "protocol: jsonrpc",
        "systems.it.mapping.protocol: `jsonrpc` does not fit",
    );
}

#[tokio::test]
async fn mistakes_of_the_configuration_are_named_by_key() {
    check(
        "connector: rest",
        "connector: sap",
        "systems.it.connector: `sap` is unknown, use akeneo",
    );
    check(
        "https://erp.example",
        "ftp://erp.example",
        "systems.it.url: only addresses with",
    );
    check(
        "https://erp.example",
        "https://u:hush@erp.example",
        "systems.it.url: credentials must not",
    );
    check(
        "locations: { NORTH: 1 }",
        "settings: { depto: 1 }",
        "systems.it.settings.depto: unknown setting, use depot",
    );
    check(
        "locations: { NORTH: 1 }",
        "upstream: { concurrency: 0 }",
        "systems.it.upstream: concurrency: 0 is not allowed",
    );
    check(
        "locations: { NORTH: 1 }",
        "roles: [prices]",
        "`prices` is not served by this connector, use stock",
    );
    check(
        "locations: { NORTH: 1 }",
        "locations: { NORTH: [1] }",
        "locations.NORTH: [1] is not allowed",
    );
    check(
        "locations: { NORTH: 1 }",
        "identity: { sku: '{{ kye }}' }",
        "identity.sku: unknown variable `kye`",
    );
}
