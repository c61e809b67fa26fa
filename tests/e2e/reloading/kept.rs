//! What a reload leaves alone goes on as it was; what it changes begins anew, and nothing else does.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use skuery::demo::System;

use super::Reloadable;
use crate::shop::LONG;

const FIGURES: &str = r#"{ variant(sku: "MC-10008-WHT-M") {
  price { freshness { fetchedAt } }
  availability { freshness { fetchedAt } }
} }"#;

/// When the ERP's price and the WMS's stock were fetched that are served now.
#[derive(Debug, PartialEq)]
struct Fetched {
    price: Value,
    stock: Value,
}

impl Reloadable {
    async fn fetched(&self) -> Fetched {
        let answer = self.query(FIGURES).await;
        assert!(answer["errors"].is_null(), "{answer}");
        let variant = &answer["data"]["variant"];
        let at = |field: &str| variant[field]["freshness"]["fetchedAt"].clone();
        Fetched {
            price: at("price"),
            stock: at("availability"),
        }
    }

    /// Serves its text with one place changed.
    async fn change(&mut self, from: &str, to: &str) {
        assert_eq!(self.text.matches(from).count(), 1, "{from}");
        self.text = self.text.replacen(from, to, 1);
        self.write(&self.text);
        self.reload.reload().await.expect("it is taken");
    }
}

const ERP_SECRET: &str = "{ env: DEMO_ERP_CLIENT_SECRET }";

#[tokio::test]
async fn what_systems_have_said_is_kept_where_they_are_described_as_before() {
    let mut gateway = Reloadable::start("as_before", LONG).await;
    let before = gateway.fetched().await;
    // What is tried of the systems after a reload passes no loader.
    let asked = |gateway: &Reloadable| {
        let front = gateway.site.serving().front();
        let counters = front.gateway.loader_counters().into_iter();
        counters
            .map(|(_, _, counters)| counters.fetched.load(Ordering::Relaxed))
            .sum::<u64>()
    };
    let asked_before = asked(&gateway);
    assert!(asked_before >= 2, "{asked_before}");
    let logins = |gateway: &Reloadable| gateway.demo.system("erp").map(System::token_calls);
    assert_eq!(logins(&gateway), Some(1));
    // Another channel, and a system that is written in another way.
    let channel = "\nchannels:\n  added: { languages: [en], currency: SEK }\n";
    gateway.change("\nchannels:\n", channel).await;
    let otherwise = "    # goods owner\n    settings:\n      \"goods_owner_id\": 0x7\n";
    gateway
        .change("    settings: { goods_owner_id: 7 }\n", otherwise)
        .await;
    assert_eq!(gateway.fetched().await, before);
    assert_eq!(asked(&gateway), asked_before, "counters go on");
    // Who wants it from the system itself need not wait for a login.
    let answer = gateway
        .query(&FIGURES.replace("price ", "price(maxAge: 0) "))
        .await;
    assert!(answer["errors"].is_null(), "{answer}");
    assert_ne!(gateway.fetched().await, before);
    assert_eq!(logins(&gateway), Some(1));
}

#[tokio::test]
async fn a_system_that_is_described_otherwise_is_asked_anew_and_no_other() {
    let mut gateway = Reloadable::start("otherwise", LONG).await;
    let before = gateway.fetched().await;
    let settings = "    settings: { goods_owner_id: 7 }\n";
    gateway
        .change(
            settings,
            &format!("{settings}    upstream: {{ concurrency: 3 }}\n"),
        )
        .await;
    let after = gateway.fetched().await;
    assert_eq!(after.price, before.price);
    assert_ne!(after.stock, before.stock);
}

#[tokio::test]
async fn a_class_of_data_that_is_kept_for_another_time_is_asked_for_anew() {
    let mut gateway = Reloadable::start("time", LONG).await;
    let before = gateway.fetched().await;
    let prices = "  prices: { fresh_secs: 600,";
    gateway.change(prices, "  prices: { fresh_secs: 500,").await;
    let after = gateway.fetched().await;
    assert_ne!(after.price, before.price);
    assert_eq!(after.stock, before.stock);
}

#[tokio::test]
async fn a_secret_counts_by_what_it_is_and_not_by_where_it_stands() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reloading_secret");
    let secret = skuery::demo::secret("DEMO_ERP_CLIENT_SECRET").expect("one of the demo's");
    std::fs::write(&file, &secret).expect("it is written");
    let mut gateway = Reloadable::start("secret", LONG).await;
    let before = gateway.fetched().await;
    let in_file = format!("{{ file: {} }}", file.display());
    gateway.change(ERP_SECRET, &in_file).await;
    assert_eq!(gateway.fetched().await, before);
    std::fs::write(&file, format!("not {secret}")).expect("it is written");
    gateway.reload.look().await;
    let answer = gateway.query(FIGURES).await;
    assert_eq!(
        answer["errors"][0]["path"],
        json!(["variant", "price"]),
        "{answer}"
    );
    std::fs::write(&file, &secret).expect("it is written");
    gateway.reload.look().await;
    let after = gateway.fetched().await;
    assert_ne!(after.price, before.price, "what was kept is gone with the system");
    assert_eq!(after.stock, before.stock);
}

#[tokio::test]
async fn who_verifies_tokens_goes_on_until_its_rules_are_others() {
    let mut gateway = Reloadable::start("rules", "").await;
    let verifier = |gateway: &Reloadable| gateway.site.serving().front().identity.clone();
    let before = verifier(&gateway).expect("the demo has one");
    gateway
        .change("  audience: [skuery]\n", "  audience:\n    - 'skuery'\n")
        .await;
    let same = verifier(&gateway).expect("the demo has one");
    assert!(Arc::ptr_eq(&before, &same), "with the keys that it has");
    gateway.change("staff: [sales-rep]", "staff: [sales]").await;
    let other = verifier(&gateway).expect("the demo has one");
    assert!(!Arc::ptr_eq(&before, &other));
}
