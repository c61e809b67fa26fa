//! What is forecast of a request is true: from a cold cache never more is asked, and of the pages of a shop exactly that.

use serde_json::{Value, json};
use skuery::demo::EXAMPLES;
use skuery::front::Example;

use crate::shop::{LONG, STALE, Shop, limited, send};

const SYSTEMS: [&str; 7] = ["pim", "erp", "wms", "depot", "pos", "marketplace", "payments"];

/// One request and who sends it.
struct Asked<'a> {
    customer: Option<&'a str>,
    query: &'a str,
    variables: Value,
}

/// What was forecast and what was done.
struct Compared {
    forecast: Value,
    made: [(&'static str, u64); 7],
    waves: u64,
}

impl Compared {
    fn forecast(&self, system: &str) -> u64 {
        let systems = self.forecast["systems"].as_array().expect("systems");
        let cost = systems.iter().find(|cost| cost["system"] == system);
        cost.map_or(0, |cost| cost["calls"].as_u64().expect("a number"))
    }

    /// Nothing was done that was not forecast.
    #[track_caller]
    fn holds(&self, query: &str) {
        for (system, calls) in self.made {
            let forecast = self.forecast(system);
            assert!(
                calls <= forecast,
                "{system}: {calls} calls, {forecast} forecast, of {query}"
            );
        }
    }

    /// What was forecast was done: `pim 1, erp 2` and the waves.
    #[track_caller]
    fn is_exactly(&self, calls: &str, waves: u64) {
        let said = |calls: [(&str, u64); 7]| {
            let asked = calls.iter().filter(|(_, calls)| *calls > 0);
            let asked: Vec<String> = asked.map(|(system, calls)| format!("{system} {calls}")).collect();
            asked.join(", ")
        };
        let forecast = self.made.map(|(system, _)| (system, self.forecast(system)));
        assert_eq!(
            (said(forecast), &self.forecast["waves"]),
            (calls.to_owned(), &json!(waves))
        );
        assert_eq!((said(self.made), self.waves), (calls.to_owned(), waves));
    }
}

async fn compare(shop: &Shop, asked: &Asked<'_>) -> Compared {
    for name in SYSTEMS {
        shop.system(name).reset_counters();
    }
    let mut request = shop.post().header("x-skuery-explain", "cost");
    if let Some(customer) = asked.customer {
        request = request.bearer_auth(shop.demo.token(customer).expect("a customer of the demo"));
    }
    let body = json!({ "query": asked.query, "variables": asked.variables });
    let answer = send(request.json(&body)).await;
    let forecast = answer.body["extensions"]["cost"].clone();
    assert!(forecast.is_object(), "no cost: {:#}", answer.body);
    Compared {
        waves: u64::from(answer.waves()),
        made: SYSTEMS.map(|name| (name, shop.system(name).calls())),
        forecast,
    }
}

/// From a cold cache.
async fn cold(query: &str, variables: Value) -> Compared {
    let customer = None;
    let asked = Asked {
        customer,
        query,
        variables,
    };
    let shop = Shop::with(|yaml| format!("{}{LONG}", limited(&yaml, UNLIMITED))).await;
    compare(&shop, &asked).await
}

const UNLIMITED: &str = "cost_calls: 1000000, cost_keys: 1000000, deadline_ms: 60000";

// ---------------------------------------------------------------- the pages of a shop

#[tokio::test]
async fn a_listing_of_24_costs_what_is_forecast() {
    let listing = "{ products(first: 24) { nodes { name brand media { url } variants { sku
        price { unitPrice { gross { amount } } } availability { status quantityDisplay } } }
        pageInfo { hasNextPage endCursor } } }";
    let compared = cold(listing, json!({})).await;
    compared.is_exactly("pim 1, erp 1, wms 1", 2);
}

#[tokio::test]
async fn a_detail_page_costs_what_is_forecast() {
    let detail = r#"{ product(by: { sku: "MC-10008-WHT-M" }) { name description brand
        categories { name } attributes { code label }
        priceRange { minimum { gross { amount } } }
        variants { sku name price { unitPrice { gross { amount } } } availability { status } } } }"#;
    let compared = cold(detail, json!({})).await;
    // The variant says which product it is of; the product, with its variants beside it; then all the rest.
    compared.is_exactly("pim 5, erp 1, wms 1", 3);
}

#[tokio::test]
async fn a_cart_of_20_costs_what_is_forecast() {
    let skus = some_skus(20).await;
    let lines = skus.iter().enumerate();
    let lines = lines.map(|(number, sku)| {
        format!(
            "l{number}: variant(sku: \"{sku}\") {{ name price(quantity: \"{}\") {{ unitPrice {{ net {{ amount }} }} }} availability {{ quantity }} }}",
            number + 1
        )
    });
    let cart = format!("{{ {} }}", lines.collect::<Vec<_>>().join("\n"));
    let compared = cold(&cart, json!({})).await;
    compared.is_exactly("pim 1, erp 1, wms 1", 1);
    assert_eq!(compared.forecast["keys"], 60);
}

#[tokio::test]
async fn a_hundred_skus_cost_what_is_forecast() {
    let skus = some_skus(100).await;
    let query = "query($skus: [String!]!) { variants(skus: $skus) { sku name
        price { unitPrice { gross { amount } } } availability { quantity } } }";
    let compared = cold(query, json!({ "skus": skus })).await;
    compared.is_exactly("pim 1, erp 1, wms 1", 1);
    assert_eq!(compared.forecast["keys"], 300);
}

/// SKUs of the demo's assortment.
async fn some_skus(many: usize) -> Vec<String> {
    let shop = Shop::start().await;
    let answer = shop
        .query("{ products(first: 100) { nodes { variants { sku } } } }")
        .await;
    let products = answer
        .data("products.nodes")
        .as_array()
        .expect("products")
        .clone();
    let variants = products
        .iter()
        .flat_map(|product| product["variants"].as_array().expect("variants"));
    let skus = variants.map(|variant| variant["sku"].as_str().expect("a SKU").to_owned());
    let skus: Vec<String> = skus.take(many).collect();
    assert_eq!(skus.len(), many);
    skus
}

// ---------------------------------------------------------------- any page

#[tokio::test]
async fn no_example_of_the_playground_costs_more_than_is_forecast_nor_much() {
    for customer in [None, Some("10010"), Some("10020")] {
        let shop = Shop::selling().await;
        // A subscription is no single response, which this compares.
        let is_answered_once = |example: &&Example| !example.query.contains("\nsubscription ");
        for example in EXAMPLES.iter().filter(is_answered_once) {
            let asked = Asked {
                customer,
                query: example.query,
                variables: serde_json::from_str(example.variables).unwrap_or_else(|_| json!({})),
            };
            let compared = compare(&shop, &asked).await;
            compared.holds(example.query);
            let share = |found: &str, most: &str| {
                let number = |name: &str| compared.forecast[name].as_u64().expect("a number");
                number(found) * 100 / number(most)
            };
            let (calls, keys) = (share("calls", "maxCalls"), share("keys", "maxKeys"));
            assert!(
                calls <= 25 && keys <= 5,
                "{}: {calls} % of the calls, {keys} % of the keys",
                example.name
            );
        }
    }
}

#[tokio::test]
async fn no_document_costs_more_than_is_forecast() {
    // Nothing is kept, so every document finds a cold cache.
    let shop = Shop::with(|yaml| format!("{}{STALE}", limited(&yaml, UNLIMITED))).await;
    for seed in 1..=30 {
        let query = Dice(seed).document();
        let customer = [None, Some("10010"), Some("10020")][(seed % 3) as usize];
        let variables = json!({});
        let asked = Asked {
            customer,
            query: &query,
            variables,
        };
        compare(&shop, &asked).await.holds(&query);
    }
}

#[tokio::test]
async fn what_is_kept_from_wave_to_wave_is_not_forecast_twice() {
    for seed in 1..=4 {
        let query = Dice(seed * 7919).document();
        cold(&query, json!({})).await.holds(&query);
    }
}

/// Throws documents of the playground's kind.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[usize::try_from(self.throw(of.len() as u64)).expect("few")]
    }

    fn document(&mut self) -> String {
        let roots = 1 + self.throw(3);
        let roots: Vec<String> = (0..roots)
            .map(|number| format!("f{number}: {}", self.root()))
            .collect();
        format!("{{ {} }}", roots.join("\n"))
    }

    fn sku(&mut self) -> &'static str {
        self.one(&[
            "MC-10008-WHT-M",
            "MC-10008-WHT-L",
            "MC-10001-BLK-S",
            "MC-10006-WHT",
            "NONE",
            "MC-10002-GRY",
        ])
    }

    fn root(&mut self) -> String {
        let first = 1 + self.throw(40);
        let (one, other) = (self.sku(), self.sku());
        match self.throw(9) {
            0 => {
                let sort = self.one(&["RELEVANCE", "RELEVANCE", "NAME"]);
                format!("products(first: {first}, sort: {sort}) {}", self.connection(2))
            }
            1 => format!("products(query: \"Vega\", last: 5) {}", self.connection(2)),
            2 => format!("product(by: {{ sku: \"{one}\" }}) {}", self.product(3)),
            3 => format!(
                "variants(skus: [\"{one}\", \"{other}\", \"{one}\"]) {}",
                self.variant(3)
            ),
            4 => format!("variant(sku: \"{one}\") {}", self.variant(3)),
            5 => format!("categories {}", self.category(2)),
            6 => "viewer { number name priceList { code } credit { blocked } }".to_owned(),
            7 => format!("orders(first: {}) {{ nodes {} }}", 1 + first / 4, self.order()),
            _ => format!("order(by: {{ number: \"SO-101249\" }}) {}", self.order()),
        }
    }

    fn connection(&mut self, depth: u32) -> String {
        let more = self.one(&[
            "",
            "totalCount",
            "facets { code label }",
            "pageInfo { endCursor }",
        ]);
        match self.throw(3) {
            0 => format!(
                "{{ edges {{ node {} }} nodes {{ name }} {more} }}",
                self.product(depth)
            ),
            _ => format!("{{ nodes {} {more} }}", self.product(depth)),
        }
    }

    fn product(&mut self, depth: u32) -> String {
        let deeper = match (depth, self.throw(4)) {
            (0, _) => String::new(),
            (_, 0) => format!("categories {}", self.category(depth - 1)),
            _ => format!("variants {}", self.variant(depth - 1)),
        };
        let more = self.one(&[
            "",
            "priceRange { minimum { net { amount } } }",
            "attributes { code label }",
            "attributes(codes: [\"weight\"]) { label }",
            "options { label }",
        ]);
        format!("{{ name {more} {deeper} }}")
    }

    fn variant(&mut self, depth: u32) -> String {
        let price = self.one(&[
            "",
            "price { kind }",
            "price { kind } ten: price(quantity: \"10\") { kind }",
            "price(maxAge: 0) { kind }",
        ]);
        let stock = self.one(&[
            "",
            "availability { status }",
            "availability(locations: [\"WH-STO\"]) { status }",
        ]);
        let deeper = match (depth, self.throw(4)) {
            (0, _) | (_, 1..) => String::new(),
            _ => format!("product {}", self.product(depth - 1)),
        };
        let own = self.one(&["sku", "sku name", "options { label value }"]);
        format!("{{ {own} id {price} {stock} {deeper} }}")
    }

    fn category(&mut self, depth: u32) -> String {
        let deeper = match (depth, self.throw(3)) {
            (0, _) => String::new(),
            (_, 0) => format!("children {}", self.category(depth - 1)),
            (_, 1) => format!("products(first: 2) {}", self.connection(depth - 1)),
            _ => "path { name }".to_owned(),
        };
        format!("{{ code name {deeper} }}")
    }

    fn order(&mut self) -> String {
        let lines = match self.throw(2) {
            0 => format!("lines {{ sku variant {} }}", self.variant(1)),
            _ => String::new(),
        };
        let parts = self.one(&[
            "",
            "fulfillments { number }",
            "documents { number }",
            "fulfillments { number } documents { number }",
        ]);
        format!("{{ number {lines} {parts} }}")
    }
}
