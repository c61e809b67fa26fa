//! `skuery explain`, `extensions.cost` and `extensions.plan`: what they say, to whom, and what is refused.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};
use skuery::demo::EXAMPLES;

use crate::command::skuery;
use crate::shop::{Answer, Shop, limited, send};
use crate::socket_client::Socket;

/// What the command says of a document on standard input, and whether it ended well.
fn explain(document: &str, arguments: &[&str]) -> (bool, String, String) {
    let mut command = skuery(&["explain", "-"]);
    command.args(arguments).stdin(Stdio::piped());
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary runs");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(document.as_bytes()).expect("it reads");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.success(), text(output.stdout), text(output.stderr))
}

#[track_caller]
fn explained(document: &str, arguments: &[&str]) -> String {
    let (ended_well, said, problem) = explain(document, arguments);
    assert!(ended_well, "{problem}");
    said
}

fn example(name: &str) -> &'static str {
    let example = EXAMPLES.iter().find(|example| example.name == name);
    example.expect("an example of the playground").query
}

// ---------------------------------------------------------------- the command

#[test]
fn a_listing_is_explained_line_by_line() {
    insta::assert_snapshot!(explained(example("Listing page"), &[]));
}

#[test]
fn the_same_as_json() {
    insta::assert_snapshot!(explained(example("Listing page"), &["--json"]));
}

#[test]
fn a_customers_detail_page_asks_for_the_customer_first() {
    let detail = example("Product page in Danish");
    insta::assert_snapshot!(explained(detail, &["--customer", "10010"]));
}

#[test]
fn a_history_of_orders_names_every_list() {
    let orders = example("My orders, of all systems");
    insta::assert_snapshot!(explained(orders, &["--customer", "10010"]));
}

#[test]
fn a_checkout_names_what_it_reads_and_holds() {
    let variables = r#"{ "key": "k", "cart": "c" }"#;
    let verify = example("Checkout 1: verify and hold a cart");
    insta::assert_snapshot!(explained(verify, &["--variables", variables]));
}

#[test]
fn what_asks_no_system_says_so() {
    assert_eq!(
        explained("{ systems { name } locations { code } }", &[]),
        "the operation, in channel se\n\nasks no system\n"
    );
    // Who has not signed in has no orders.
    let orders = explained("{ orders { nodes { number } } }", &[]);
    assert!(orders.ends_with("asks no system\n"), "{orders}");
}

#[test]
fn variables_and_channels_change_the_answer() {
    let document = "query A { systems { name } } query B($skus: [String!]!) { variants(skus: $skus) { availability { status } } }";
    let variables = json!({ "skus": (0..150).map(|sku| sku.to_string()).collect::<Vec<_>>() }).to_string();
    let asked = |channel: &str| {
        let arguments = [
            "--operation",
            "B",
            "--variables",
            &variables,
            "--channel",
            channel,
            "--json",
        ];
        let said: Value = serde_json::from_str(&explained(document, &arguments)).expect("JSON");
        let systems = said["cost"]["systems"].as_array().expect("systems").iter();
        let systems =
            systems.map(|cost| format!("{} {}", cost["system"].as_str().unwrap_or(""), cost["calls"]));
        systems.collect::<Vec<_>>().join(", ")
    };
    assert_eq!(asked("se"), "pim 2, wms 1");
    assert_eq!(asked("outlet"), "depot 2, pim 2, wms 1");
}

#[test]
fn errors_of_a_document_name_their_place() {
    let (ended_well, said, problem) = explain("{\n  systems { name }\n  nope\n}", &[]);
    assert!(!ended_well && said.is_empty());
    assert!(problem.contains("-:3:3: Unknown field"), "{problem}");
    let (ended_well, _, problem) = explain("{ systems { name } ", &[]);
    assert!(!ended_well && problem.contains("-:1:"), "{problem}");
    let (_, _, problem) = explain("{ systems { name } }", &["--channel", "mars"]);
    assert!(problem.contains("unknown channel `mars`"), "{problem}");
    let (_, _, problem) = explain("{ systems { name } }", &["--variables", "{ no }"]);
    assert!(problem.contains("--variables: not an object"), "{problem}");
}

#[test]
fn what_would_be_refused_is_explained_and_fails() {
    let tree = "{ categories { children { children { children { name } } } } }";
    let (ended_well, said, problem) = explain(tree, &[]);
    assert!(!ended_well);
    assert!(said.contains("category_children"), "{said}");
    assert!(
        problem.contains("it would be refused: limits.cost_calls"),
        "{problem}"
    );
}

// ---------------------------------------------------------------- over HTTP

const VARIANT: &str = r#"{ variant(sku: "MC-10008-WHT-M") { name price { kind } availability { status } } }"#;

async fn told(shop: &Shop, names: &str, query: &str) -> Answer {
    let request = shop.post().header("x-skuery-explain", names);
    send(request.json(&json!({ "query": query }))).await
}

#[tokio::test]
async fn the_plan_of_a_request_is_that_of_the_command() {
    let shop = Shop::with(|yaml| yaml).await;
    let listing = example("Listing page");
    let answer = told(&shop, "plan, cost", listing).await;
    let said: Value = serde_json::from_str(&explained(listing, &["--json"])).expect("JSON");
    assert_eq!(answer.body["extensions"]["plan"], said);
    assert_eq!(answer.body["extensions"]["cost"], said["cost"]);
    assert!(
        answer.data("products.nodes").is_array(),
        "and the answer is there"
    );
    let silent = shop.query(listing).await;
    assert!(silent.body.get("extensions").is_none(), "nobody asked");
}

#[tokio::test]
async fn a_request_may_say_itself_what_it_wants_to_be_told() {
    let shop = Shop::start().await;
    let request = json!({ "query": VARIANT, "extensions": { "explain": ["cost"], "other": { "a": [1] } } });
    let posted = shop.ask(request.clone()).await;
    assert_eq!(posted.body["extensions"]["cost"]["calls"], 3);
    let mut socket = Socket::ready(&shop).await;
    socket.subscribe("1", request).await;
    assert_eq!(socket.answer("1").await["extensions"], posted.body["extensions"]);
    let wrong = json!({ "query": VARIANT, "extensions": { "explain": ["everything"] } });
    let refused = shop.ask(wrong).await;
    let (code, message) = refused.refusal();
    assert_eq!((refused.status, code), (400, "BAD_USER_INPUT"));
    assert!(
        message.contains("a list of `cost`, `plan` and `trace`"),
        "{message}"
    );
}

#[tokio::test]
async fn a_plan_is_for_whom_the_configuration_says() {
    let open = "explain: { plan: anyone, trace: anyone }\n";
    for (section, anonymous, customer, staff) in [
        (open, 200, 200, 200),
        ("", 401, 403, 200),
        ("explain: { plan: nobody }\n", 403, 403, 403),
    ] {
        let shop = Shop::with(|yaml| {
            assert!(yaml.contains(open));
            yaml.replace(open, section)
        })
        .await;
        let tokens = [None, shop.demo.token("10010"), shop.demo.staff_token()];
        for (token, status) in tokens.into_iter().zip([anonymous, customer, staff]) {
            let mut request = shop.post().header("x-skuery-explain", "plan");
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            let answer = send(request.json(&json!({ "query": VARIANT }))).await;
            assert_eq!(answer.status, status, "{section}: {:#}", answer.body);
            assert_eq!(answer.body["extensions"]["plan"].is_object(), status == 200);
        }
        // What it costs is for anybody.
        let cost = told(&shop, "cost", VARIANT).await;
        assert_eq!(cost.body["extensions"]["cost"]["calls"], 3);
    }
}

#[tokio::test]
async fn a_plan_names_no_customer_and_no_list() {
    let shop = Shop::start().await;
    let token = shop.demo.token("10010").expect("a customer of the demo");
    let request = shop.post().header("x-skuery-explain", "plan").bearer_auth(token);
    let answer = send(request.json(&json!({ "query": VARIANT }))).await;
    let plan = answer.body["extensions"]["plan"].to_string();
    assert!(plan.contains("price_list") && plan.contains("customer"), "{plan}");
    for secret in ["10010", "RETAIL", "DEALER", "MC-10008"] {
        assert!(!plan.contains(secret), "{secret} in {plan}");
    }
}

// ---------------------------------------------------------------- limits

#[tokio::test]
async fn what_costs_too_much_is_refused_before_anybody_is_asked_and_says_what_it_costs() {
    let limits = "cost_calls: 2, cost_keys: 1000, deadline_ms: 60000";
    let shop = Shop::with(|yaml| limited(&yaml, limits)).await;
    let answer = shop.query(VARIANT).await;
    let (code, message) = answer.refusal();
    assert_eq!(code, "QUERY_TOO_COMPLEX");
    assert_eq!(
        message,
        "limits.cost_calls: the operation may need 3 calls of systems, and at most 2 are allowed"
    );
    let extensions = &answer.body["errors"][0]["extensions"];
    assert_eq!(extensions["cost"]["calls"], 3);
    assert!(extensions.get("plan").is_none(), "nobody asked for it");
    let planned = told(&shop, "plan", VARIANT).await;
    let extensions = &planned.body["errors"][0]["extensions"];
    assert_eq!(extensions["plan"]["waves"][0]["wave"], 1);
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
    let less = VARIANT.replace("price { kind } ", "");
    assert!(shop.query(&less).await.data("variant.name").is_string());
}

#[tokio::test]
async fn keys_are_limited_too() {
    let limits = "cost_keys: 299, deadline_ms: 60000";
    let shop = Shop::with(|yaml| limited(&yaml, limits)).await;
    let query =
        "query($skus: [String!]!) { variants(skus: $skus) { name price { kind } availability { status } } }";
    let skus = |many: usize| json!({ "skus": (0..many).map(|sku| sku.to_string()).collect::<Vec<_>>() });
    let refused = shop.query_with(query, skus(100)).await;
    assert_eq!(
        refused.refusal().1,
        "limits.cost_keys: the operation may need 300 keys in calls of systems, and at most 299 are allowed"
    );
    let answered = shop.query_with(query, skus(99)).await;
    assert!(answered.data("variants").is_array());
}

#[tokio::test]
async fn one_system_may_be_spared_more_than_the_others() {
    let shop = Shop::with(|yaml| {
        let erp = "    upstream: { concurrency: 4, ";
        assert!(yaml.contains(erp));
        yaml.replace(erp, &format!("{erp}cost_calls: 1, "))
    })
    .await;
    let many = r#"{ one: variant(sku: "A") { price { kind } } two: variant(sku: "A") { price(maxAge: 1) { kind } } }"#;
    let refused = shop.query(many).await;
    assert_eq!(
        refused.refusal().1,
        "systems.erp.upstream.cost_calls: the operation may need 2 calls of `erp`, and at most 1 are allowed"
    );
    assert_eq!(refused.body["errors"][0]["extensions"]["system"], "erp");
    assert_eq!(shop.query(VARIANT).await.status, 200);
    let cost = told(&shop, "cost", VARIANT).await;
    let systems = cost.body["extensions"]["cost"]["systems"].clone();
    assert_eq!(
        systems[0],
        json!({ "system": "erp", "calls": 1, "maxCalls": 1, "keys": 1 })
    );
}
