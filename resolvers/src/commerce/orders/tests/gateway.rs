//! Orders through the whole gateway: who may see what, what guessing tells, and what is said when systems fail.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use skuery_schema::node_id::NodeId;

use crate::commerce::gateway::Gateway;
use crate::commerce::identity::Permissions;
use crate::commerce::orders::rules::OrderRules;
use crate::commerce::orders::tests::fake::{Fake, ask, buyer, errors, gateway, identity};
use crate::commerce::orders::tests::world::{record, time};
use crate::port::orders::Owner;

fn mine() -> Owner {
    Owner::Customer("C1".into())
}

/// W1 to W5 of the web, a tick apart; the ERP knows W5 as E5, and E9 of its own; C2 has one order.
fn shop() -> (Vec<Arc<Fake>>, Gateway) {
    let mut oms = Fake::new("oms");
    for order in 1..=5 {
        let number = format!("W{order}");
        oms = oms.with(&mine(), record(&number, time(order), order, Vec::new()));
    }
    let theirs = Owner::Customer("C2".into());
    let oms = oms.with(&theirs, record("W77", time(3), 77, Vec::new())).with(
        &Owner::Company("ACME".into()),
        record("W88", time(3), 88, Vec::new()),
    );
    let erp = Fake::new("erp")
        .with(&mine(), record("E5", time(9), 5, vec!["W5".into()]))
        .with(&mine(), record("E9", time(0), 9, Vec::new()));
    let fakes = vec![Arc::new(oms), Arc::new(erp)];
    let rules = OrderRules {
        precedence: vec!["oms".into(), "erp".into()],
        ..OrderRules::default()
    };
    let gateway = gateway(&fakes, rules, 1_000);
    (fakes, gateway)
}

fn numbers(answer: &Json) -> Vec<&str> {
    let nodes = answer["data"]["orders"]["nodes"].as_array();
    let nodes = nodes.into_iter().flatten();
    nodes
        .map(|node| node["number"].as_str().expect("a number"))
        .collect()
}

const LIST: &str = "{ orders(first: 10) { nodes { number externalIds { system value } } \
    sources { system answered error } pageInfo { hasNextPage endCursor } } }";

#[tokio::test]
async fn orders_of_all_systems_are_one_list() {
    let (fakes, gateway) = shop();
    let answer = ask(&gateway, buyer("C1"), LIST).await;
    assert_eq!(errors(&answer), Vec::<String>::new());
    assert_eq!(numbers(&answer), ["W5", "W4", "W3", "W2", "W1", "E9"]);
    let orders = &answer["data"]["orders"];
    assert_eq!(
        orders["nodes"][0]["externalIds"],
        json!([{"system": "oms", "value": "W5"}, {"system": "erp", "value": "E5"}])
    );
    assert_eq!(
        orders["sources"],
        json!([{"system": "oms", "answered": true, "error": null}, {"system": "erp", "answered": true, "error": null}])
    );
    for fake in &fakes {
        assert_eq!(
            fake.calls(),
            ["Customer(\"C1\") stretch"],
            "one call of each system"
        );
    }
}

#[tokio::test]
async fn whose_orders_are_shown_follows_from_the_identity_alone() {
    let (fakes, gateway) = shop();
    let list = "{ orders { nodes { number } } }";
    let answer = ask(&gateway, None, list).await;
    assert_eq!(
        errors(&answer),
        ["[\"orders\"] UNAUTHENTICATED: orders are only for those who have signed in"]
    );
    let staff = Permissions {
        staff: true,
        approver: false,
    };
    let answer = ask(&gateway, Some(identity(None, None, staff)), list).await;
    assert!(
        errors(&answer)[0].starts_with("[\"orders\"] FORBIDDEN: ") && errors(&answer)[0].contains("X-Act-As")
    );
    let nobody = ask(&gateway, Some(identity(None, None, Permissions::default())), list).await;
    assert!(errors(&nobody)[0].starts_with("[\"orders\"] FORBIDDEN: "));
    assert!(fakes[0].calls().is_empty(), "nobody was asked");

    let acting = ask(&gateway, Some(identity(Some("C2"), None, staff)), list).await;
    assert_eq!(numbers(&acting), ["W77"]);
    assert_eq!(numbers(&ask(&gateway, buyer("C2"), list).await), ["W77"]);
    let approver = Permissions {
        staff: false,
        approver: true,
    };
    let company = ask(&gateway, Some(identity(Some("C1"), Some("ACME"), approver)), list).await;
    assert_eq!(numbers(&company), ["W88"]);
    let alone = ask(&gateway, Some(identity(Some("C2"), None, approver)), list).await;
    assert_eq!(numbers(&alone), ["W77"], "without a company, its own");
    let viewer = "{ viewer { orders(first: 1) { nodes { number } } } }";
    let answer = ask(&gateway, buyer("C2"), viewer).await;
    assert_eq!(
        answer["data"]["viewer"]["orders"]["nodes"],
        json!([{"number": "W77"}])
    );
}

#[tokio::test]
async fn guessing_numbers_tells_nothing() {
    let (fakes, gateway) = shop();
    let id = |key: &str| format!("id: \"{}\"", NodeId::encode("Order", key));
    let guesses = [
        "number: \"W77\"".to_owned(),
        "number: \"W99\"".to_owned(),
        id("oms/W77"),
        id("oms/W99"),
        id("nowhere/W99"),
        // A part of a number of one's own.
        id("oms/W"),
    ];
    let mut costs = Vec::new();
    for guess in &guesses {
        let answer = ask(
            &gateway,
            buyer("C1"),
            &format!("{{ order(by: {{ {guess} }}) {{ number }} }}"),
        )
        .await;
        assert_eq!(answer, json!({"data": {"order": null}}), "{guess}");
        let calls = |fake: &Arc<Fake>| -> Vec<String> {
            let calls = fake.calls();
            calls
                .iter()
                .map(|call| call[..call.len() - 3].trim().to_owned())
                .collect()
        };
        costs.push(fakes.iter().map(calls).collect::<Vec<_>>());
    }
    let own = |what: &str| format!("Customer(\"C1\") {what}");
    for cost in &costs[..5] {
        assert_eq!(cost[0], [own("number"), own("reference")]);
        assert_eq!(cost[1], cost[0]);
    }
    let answer = ask(
        &gateway,
        buyer("C1"),
        "{ order(by: { number: \"W5\" }) { number } }",
    )
    .await;
    assert_eq!(answer["data"]["order"]["number"], "W5");
}

#[tokio::test]
async fn an_order_is_found_by_any_of_its_numbers_and_ids_with_its_copies() {
    let (fakes, gateway) = shop();
    let both = json!([{"system": "oms", "value": "W5"}, {"system": "erp", "value": "E5"}]);
    let keys = ["number: \"W5\"".to_owned(), "number: \"E5\"".to_owned()];
    let ids = ["oms/W5", "erp/E5"].map(|key| format!("id: \"{}\"", NodeId::encode("Order", key)));
    for by in keys.iter().chain(&ids) {
        let query = format!("{{ order(by: {{ {by} }}) {{ number externalIds {{ system value }} }} }}");
        let answer = ask(&gateway, buyer("C1"), &query).await;
        assert_eq!(answer["data"]["order"]["number"], "W5", "{by}");
        assert_eq!(answer["data"]["order"]["externalIds"], both, "{by}");
    }
    fakes[1].fall(true);
    let query =
        "{ order(by: { number: \"W5\" }) { number } other: order(by: { number: \"W99\" }) { number } }";
    let answer = ask(&gateway, buyer("C1"), query).await;
    assert_eq!(answer["data"], json!({"order": {"number": "W5"}, "other": null}));
    assert_eq!(
        errors(&answer),
        [
            "[\"order\"] SYSTEM_UNAVAILABLE: erp does not answer (orders)",
            "[\"other\"] SYSTEM_UNAVAILABLE: erp does not answer (orders)"
        ]
    );
}

#[tokio::test]
async fn ids_of_orders_and_customers_open_ones_own_only() {
    let (_, gateway) = shop();
    let id = NodeId::encode;
    let query = format!(
        "{{ nodes(ids: [\"{}\", \"{}\", \"{}\", \"{}\"]) {{ __typename id }} node(id: \"{}\") {{ __typename }} }}",
        id("Order", "oms/W5"),
        id("Order", "oms/W77"),
        id("Customer", "C1"),
        id("Customer", "C2"),
        id("Order", "erp/E9"),
    );
    let answer = ask(&gateway, buyer("C1"), &query).await;
    assert_eq!(
        answer,
        json!({"data": {"nodes": [
            {"__typename": "Order", "id": id("Order", "oms/W5")}, null,
            {"__typename": "Customer", "id": id("Customer", "C1")}, null,
        ], "node": {"__typename": "Order"}}})
    );
    let answer = ask(&gateway, None, &query).await;
    assert_eq!(answer["data"]["nodes"], json!([null, null, null, null]));
    assert!(
        errors(&answer)
            .iter()
            .all(|error| error.contains("UNAUTHENTICATED"))
    );
}

#[tokio::test]
async fn orders_by_number_are_bounded_in_one_request() {
    let (_, gateway) = shop();
    let ids: Vec<String> = (0..26)
        .map(|_| format!("\"{}\"", NodeId::encode("Order", "oms/W5")))
        .collect();
    let query = format!("{{ nodes(ids: [{}]) {{ id }} }}", ids.join(","));
    let answer = ask(&gateway, buyer("C1"), &query).await;
    assert_eq!(
        errors(&answer),
        ["[\"nodes\",25] BAD_USER_INPUT: more than 25 orders by number in one request"]
    );
}

#[tokio::test]
async fn a_system_that_fails_is_named_and_the_others_are_shown() {
    let (fakes, gateway) = shop();
    fakes[1].fall(true);
    let answer = ask(&gateway, buyer("C1"), LIST).await;
    assert_eq!(numbers(&answer), ["W5", "W4", "W3", "W2", "W1"]);
    assert_eq!(errors(&answer), Vec::<String>::new());
    let source = &answer["data"]["orders"]["sources"][1];
    assert_eq!(
        *source,
        json!({"system": "erp", "answered": false, "error": "erp does not answer (orders)"})
    );
    fakes[0].fall(true);
    let answer = ask(&gateway, buyer("C1"), LIST).await;
    assert_eq!(numbers(&answer), Vec::<&str>::new());
    assert_eq!(answer["data"]["orders"]["sources"][0]["answered"], false);
    assert_eq!(
        errors(&answer),
        ["[\"orders\"] SYSTEM_UNAVAILABLE: oms does not answer (orders)"]
    );
    assert!(!answer.to_string().contains("secret-detail"));
}

#[tokio::test]
async fn a_system_that_cannot_list_a_companys_orders_says_so_and_is_not_asked() {
    let company = Owner::Company("ACME".into());
    let mut pos = Fake::new("pos").with(&company, record("P1", time(0), 1, Vec::new()));
    pos.abilities.company = false;
    let erp = Fake::new("erp").with(&company, record("E1", time(0), 1, Vec::new()));
    let fakes = [Arc::new(pos), Arc::new(erp)];
    let approver = Permissions {
        approver: true,
        staff: false,
    };
    let asker = || Some(identity(Some("C1"), Some("ACME"), approver));
    let both = gateway(&fakes, OrderRules::default(), 1_000);
    let answer = ask(&both, asker(), LIST).await;
    assert_eq!(numbers(&answer), ["E1"]);
    assert_eq!(
        answer["data"]["orders"]["sources"][1],
        json!({"system": "pos", "answered": false, "error": "pos cannot list the orders of a company"})
    );
    assert!(fakes[0].calls().is_empty());
    let alone = gateway(&fakes[..1], OrderRules::default(), 1_000);
    let answer = ask(&alone, asker(), LIST).await;
    assert!(errors(&answer)[0].contains("no connected system can list the orders of a company"));
}

#[tokio::test]
async fn a_cursor_of_another_customer_or_filter_is_no_better_than_garbage() {
    let (_, gateway) = shop();
    let answer = ask(
        &gateway,
        buyer("C1"),
        "{ orders(first: 2) { pageInfo { endCursor } } }",
    )
    .await;
    let cursor = answer["data"]["orders"]["pageInfo"]["endCursor"]
        .as_str()
        .expect("a cursor");
    let after = |filter: &str, cursor: &str| {
        format!("{{ orders(first: 2, after: \"{cursor}\" {filter}) {{ nodes {{ number }} }} }}")
    };
    let next = ask(&gateway, buyer("C1"), &after("", cursor)).await;
    assert_eq!(numbers(&next), ["W3", "W2"]);
    let filter = "filter: { statuses: [CONFIRMED] }";
    let refused = [
        ask(&gateway, buyer("C2"), &after("", cursor)).await,
        ask(&gateway, buyer("C1"), &after(filter, cursor)).await,
        ask(&gateway, buyer("C1"), &after("", "garbage")).await,
    ];
    assert!(errors(&refused[0])[0].starts_with("[\"orders\"] BAD_USER_INPUT: after:"));
    assert_eq!(refused[0], refused[1]);
    assert_eq!(refused[0], refused[2]);
}

#[tokio::test]
async fn a_page_reads_so_many_orders_of_a_system_and_no_more_whatever_stands_beside_it() {
    let mut erp = Fake::new("erp");
    for order in 0..300 {
        let number = format!("E{order}");
        erp = erp.with(&mine(), record(&number, time(order * 20), order, Vec::new()));
    }
    let fakes = [Arc::new(erp), Arc::new(Fake::new("oms"))];
    let gateway = gateway(&fakes, OrderRules::default(), 150);
    // No such SKU: all would have to be read.
    let query = "{ orders(filter: { sku: \"NONE\" }) { nodes { number } sources { system answered error } } \
        again: orders(filter: { sku: \"NEITHER\" }) { sources { error } } }";
    let answer = ask(&gateway, buyer("C1"), query).await;
    let sources = &answer["data"]["orders"]["sources"];
    let (first, again) = (
        &sources[0]["error"],
        &answer["data"]["again"]["sources"][0]["error"],
    );
    let read = |error: &Json| -> usize {
        let text = error.as_str().expect("an error");
        let number = text
            .trim_start_matches("only its newest ")
            .trim_end_matches(" orders were read");
        number.parse().expect("a number")
    };
    assert_eq!((read(first), read(again)), (150, 150));
    assert_eq!(sources[0]["answered"], true);
    assert_eq!(sources[1]["error"], Json::Null);
}
