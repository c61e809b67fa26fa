//! Mistakes in a mapping of checkout are found before the gateway starts, and named: half of a set above all.

use super::build;

const GOOD: &str = r#"
connector: rest
url: https://erp.example
locations: { NORTH: 1 }
mapping:
  inline:
    summary: an ERP that does everything
    protocol: rest
    settings: { desk: {} }
    checkout: { external_number: unique, rejects_oversell: true }
    lookups:
      stock:
        request: { path: /stock, query: [[sku, { each: "{{ keys }}" }]] }
        answer: { key: { path: sku }, fields: { location: { path: place }, available: { path: free } } }
      reserve:
        request: { method: PUT, path: "/holds/{{ reference }}", body: { lines: "{{ lines }}" } }
        short: [{ status: 409 }]
      reservation:
        request: { path: "/holds/{{ reference }}" }
        absent: [{ status: 404 }]
        answer:
          lists:
            lines: { path: lines, fields: { sku: { path: sku }, location: { path: at }, quantity: { path: count } } }
      release_reservation: { request: { method: DELETE, path: "/holds/{{ reference }}" } }
      commit_reservation: { request: { path: "/holds/{{ reference }}/order", body: { no: "{{ order_number }}" } } }
      place_order:
        steps:
          - { name: order, request: { path: /orders, body: { no: "{{ external_number }}", of: "{{ customer }}", lines: "{{ lines }}" } } }
          - { name: release, request: { method: PATCH, path: "/orders/{{ external_number }}", body: { open: true } } }
        duplicate: [{ status: 409 }]
        refusals: [{ status: 422, path: code, is: LOW, reason: out_of_stock }]
        answer: { fields: { number: { path: no } } }
      placed_orders:
        request: { path: /orders, query: [[no, "{{ external_number }}"]] }
        answer: { items: rows, key: { path: no }, fields: { number: { path: no }, complete: { path: open } } }
      finish_order:
        request: { method: PATCH, path: "/orders/{{ placed.number }}", body: { open: true } }
        answer: { fields: { number: { path: no } } }
      authorization: { request: { path: "/pay/{{ authorization }}" }, answer: &money { fields: { state: { path: s }, amount: { path: a, as: minor_units }, currency: { path: c } } } }
      capture: { request: { path: "/pay/{{ authorization }}/take", form: [[a, "{{ amount }}"], [k, "{{ idempotency_key }}"]] }, answer: *money }
      void: { request: { path: "/pay/{{ authorization }}/drop", form: [[k, "{{ idempotency_key }}"]] }, answer: *money }
"#;

fn check(from: &str, to: &str, expected: &str) {
    assert!(GOOD.contains(from), "{from}");
    let error = match build(&GOOD.replace(from, to)) {
        Ok(_) => panic!("`{to}` was accepted"),
        Err(error) => error.to_string(),
    };
    assert!(error.contains(expected), "{error}");
}

/// The mapping without the lines from `name:` to the next lookup.
fn without(name: &str, expected: &str) {
    let start = GOOD.find(&format!("      {name}:")).expect("the lookup");
    let rest = &GOOD[start + 1..];
    let is_next = |line: &str| line.len() > 6 && line.starts_with("      ") && !line[6..].starts_with(' ');
    let length: usize = rest
        .split_inclusive('\n')
        .enumerate()
        .take_while(|(place, line)| *place == 0 || !is_next(line))
        .map(|(_, line)| line.len())
        .sum();
    let mut text = GOOD.to_owned();
    text.replace_range(start..start + 1 + length, "");
    let error = match build(&text.replace(
        "*money",
        "{ fields: { state: { path: s }, amount: { path: a }, currency: { path: c } } }",
    )) {
        Ok(_) => panic!("accepted without {name}"),
        Err(error) => error.to_string(),
    };
    assert!(error.contains(expected), "{error}");
}

#[tokio::test]
async fn half_of_a_set_is_refused_with_what_is_missing() {
    assert!(build(GOOD).is_ok());
    without("reservation", "lookups.reservation: missing, `reserve` needs it");
    without(
        "release_reservation",
        "lookups.release_reservation: missing, `reserve` needs it",
    );
    without(
        "commit_reservation",
        "lookups.commit_reservation: missing, `reserve` needs it",
    );
    without("stock", "lookups.stock: missing, `reserve` needs it");
    without(
        "placed_orders",
        "lookups.placed_orders: missing, `place_order` needs it",
    );
    without(
        "finish_order",
        "lookups.finish_order: missing, `place_order` needs it",
    );
    without(
        "place_order",
        "lookups.place_order: missing, `placed_orders` needs it",
    );
    without(
        "authorization",
        "lookups.authorization: missing, `capture` needs it",
    );
    without("void", "lookups.void: missing, `authorization` needs it");
}

#[tokio::test]
async fn a_promise_that_the_lookups_do_not_keep_is_refused() {
    check(
        "external_number: unique, ",
        "",
        "checkout.external_number: missing: `place_order` needs it",
    );
    check(
        "external_number: unique",
        "external_number: none",
        "`none` contradicts `placed_orders`",
    );
    check(
        "duplicate: [{ status: 409 }]",
        "duplicate: []",
        "lookups.place_order: duplicate: missing, `external_number: unique`",
    );
    check(
        "url: https://erp.example",
        "url: https://erp.example\nidentity: { sku: '{{ key | upper }}' }",
        "systems.it.identity.sku: reservations are read back by SKU",
    );
    let searchable = GOOD
        .replace("unique", "searchable")
        .replace("duplicate: [{ status: 409 }]", "duplicate: []");
    assert!(build(&searchable).is_ok());
    let config = format!(
        "checkout: {{ external_number: unique }}\n{}",
        searchable.trim_start()
    );
    let error = build(&config)
        .map(|_| ())
        .expect_err("a promise without a sign")
        .to_string();
    assert!(
        error.contains("systems.it.checkout.external_number: `unique` is not allowed"),
        "{error}"
    );
}

#[tokio::test]
async fn signs_that_tell_nothing_are_refused() {
    for (sign, expected) in [
        ("{ status: 401 }", "status: 401 does not tell what was done"),
        ("{ status: 429 }", "status: 429 does not tell"),
        ("{ status: 302 }", "status: 302 does not tell"),
        ("{ status: 503 }", "status: 503 alone does not tell what was done"),
        ("{ is: 1 }", "`is` and `contains` need a `path`"),
        (
            "{ path: a, is: 1, contains: b }",
            "only one of `is` and `contains`",
        ),
        ("{}", "needs one of status, path, when"),
        ("{ when: nosuch }", "when: unknown variable `nosuch`"),
    ] {
        check(
            "duplicate: [{ status: 409 }]",
            &format!("duplicate: [{sign}]"),
            &format!("lookups.place_order: duplicate.0: {expected}"),
        );
    }
}

#[tokio::test]
async fn what_is_not_asked_for_or_belongs_elsewhere_is_refused() {
    check(
        "/holds/{{ reference }}/order",
        "/holds/order",
        "lookups.commit_reservation: request: does not make use of `reference`",
    );
    check(
        "{ no: \"{{ order_number }}\" }",
        "{}",
        "does not make use of `order_number`",
    );
    check(
        "[k, \"{{ idempotency_key }}\"]] }, answer: *money }\n      void",
        "[k, x]] }, answer: *money }\n      void",
        "lookups.capture: request: does not make use of `idempotency_key`",
    );
    check(
        "query: [[no, \"{{ external_number }}\"]]",
        "query: [[no, x]]",
        "lookups.placed_orders: request: does not make use of `external_number`",
    );
    check(
        "placed.number",
        "settings.desk",
        "lookups.finish_order: request: makes use of neither `placed`",
    );
    check(
        "key: { path: no }, fields: { number: { path: no }, complete",
        "fields: { number: { path: no }, complete",
        "lookups.placed_orders: answer.key: missing",
    );
    check(
        "short: [{ status: 409 }]",
        "absent: [{ status: 409 }]",
        "lookups.reserve: absent: is no part of `reserve`",
    );
    check(
        "      stock:\n",
        "      stock:\n        short: [{ status: 409 }]\n",
        "lookups.stock: short: is no part of `stock`",
    );
    check(
        "{ name: release, request",
        "{ name: order, request",
        "lookups.place_order: steps.1.name: needs one of its own",
    );
    check(
        "{ name: order, request",
        "{ name: order, prepares: true, request",
        "`finish_order` is declared",
    );
    check(
        "request: { path: /stock,",
        "request: { method: PUT, path: /stock,",
        "`PUT` is not allowed, use GET or POST",
    );
    check(
        "request: { path: \"/holds/{{ reference }}\" }\n        absent",
        "request: { method: DELETE, path: \"/holds/{{ reference }}\" }\n        absent",
        "`DELETE` is not allowed, use GET or POST",
    );
    check(
        "form: [[a",
        "body: {}, form: [[a",
        "form: there is a `body` already",
    );
    check(
        "available: { path: free }",
        "available: { path: free, as: minor_units }",
        "does not fit",
    );
    check(
        "summary: an ERP",
        "minor_units: { ISK: 9 }\n    summary: an ERP",
        "minor_units.ISK: use a currency's three capitals",
    );
}
