//! The process ends at every step of a purchase, and the ERP's answers go astray: one order in the ERP for each intent, or
//! a clear refusal.

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use skuery::demo::{self, Demo};

use crate::RESERVED;
use crate::client::{Storefront, codes, line, token};
use crate::process::{Process, configuration, own_file, skuery};
use crate::sold;

/// Every fault point on the way of a purchase.
const POINTS: [&str; 9] = [
    "after_begin",
    "after_hold",
    "after_reserve",
    "after_confirm",
    "after_intend",
    "before_send",
    "after_send",
    "after_record",
    "after_commit_reservation",
];

/// What becomes of the ERP's answer to an order, as its dials say it.
const ASTRAY: [(&str, &str); 4] = [
    ("the answer is lost", r#"{"loseAnswers": 1}"#),
    ("500 after the order was taken", r#"{"failAfterWork": 1}"#),
    ("lost twice", r#"{"loseAnswers": 2}"#),
    (
        "taken, and shown to searches only later",
        r#"{"loseAnswers": 1, "visibilityDelayMs": 1500}"#,
    ),
];

struct Purchase {
    demo: Demo,
    shop: Storefront,
    config: PathBuf,
}

impl Purchase {
    async fn open() -> Result<Self, String> {
        let demo = demo::start().await.map_err(|error| error.to_string())?;
        let http = Client::builder().timeout(Duration::from_secs(30)).build();
        let http = http.map_err(|error| error.to_string())?;
        let shop = Storefront::new(&http, "se", demo.token("10010").ok_or("no such customer")?);
        let ledger = format!("sqlite:{}", own_file("db").display());
        let config = configuration(&demo, &ledger);
        Ok(Self { demo, shop, config })
    }

    fn stock(&self) -> Result<(), String> {
        let stock = json!({ "stock": { RESERVED: 10 } });
        self.demo.system("wms").ok_or("no WMS")?.turn(&stock)
    }

    /// Buys two pieces, repeating each request with its key until it is answered, as a storefront would.
    async fn buy(&self, name: &str, mut gateway: impl AsyncFnMut() -> String) -> Result<Value, String> {
        let mut verified = None;
        for _ in 0..80 {
            let url = gateway().await;
            let lines = json!([line(RESERVED, 2)]);
            verified = self
                .shop
                .verify(&url, &format!("v-{name}"), name, lines, Some(120))
                .await;
            if verified.as_ref().is_some_and(|payload| token(payload).is_some()) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        let token = verified.as_ref().and_then(token).map(str::to_owned);
        let token = token.ok_or_else(|| format!("{name}: never verified: {verified:#?}"))?;
        let mut last = None;
        for _ in 0..160 {
            let url = gateway().await;
            last = self.shop.place(&url, &format!("p-{name}"), &token).await;
            if let Some(placed) = &last
                && placed["placement"]["state"] != "PENDING"
                && !codes(placed).contains(&"IN_PROGRESS")
                && !codes(placed).contains(&"SYSTEM_UNAVAILABLE")
            {
                return Ok(placed.clone());
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        Err(format!("{name}: the order has no end: {last:#?}"))
    }

    /// One order of two pieces at the ERP, and nothing held for nobody.
    fn judge(&self, name: &str, placed: &Value, before: u32) -> Result<(), String> {
        if placed["placement"]["state"] != "PLACED" {
            return Err(format!("{name}: {placed:#}"));
        }
        let external = placed["placement"]["externalNumber"].as_str().unwrap_or_default();
        let orders = sold::orders(&self.demo, external);
        let units = sold::units(&self.demo, RESERVED) - before;
        if (orders, units) != (1, 2) {
            return Err(format!("{name}: {orders} orders of {units} pieces in all"));
        }
        adds_up(&self.config)
    }
}

/// The process ends at each point, and another one takes its place.
pub(crate) async fn every_step() -> Result<(), String> {
    let purchase = Purchase::open().await?;
    for point in POINTS {
        purchase.stock()?;
        let before = sold::units(&purchase.demo, RESERVED);
        let mut process = Process::start(&purchase.config, Some(point));
        let mut ended = false;
        let name = format!("crash-{point}");
        let placed = purchase.buy(&name, async || {
            if !process.is_running() {
                ended = true;
                process = Process::start(&purchase.config, None);
            }
            process.url.clone()
        });
        let placed = placed.await?;
        // The point may lie behind the answer.
        for _ in 0..100 {
            if ended || !process.is_running() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        if !ended && process.is_running() {
            return Err(format!("{point}: the process did not end there"));
        }
        purchase.judge(&name, &placed, before)?;
        println!("ended at {point}: one order");
    }
    Ok(())
}

/// The ERP takes an order, and what it says of it goes astray.
pub(crate) async fn every_fault_of_the_erp() -> Result<(), String> {
    let purchase = Purchase::open().await?;
    let process = Process::start(&purchase.config, None);
    for (number, (name, dials)) in ASTRAY.iter().enumerate() {
        purchase.stock()?;
        let before = sold::units(&purchase.demo, RESERVED);
        let dials: Value = serde_json::from_str(dials).map_err(|error| error.to_string())?;
        let erp = purchase.demo.system("erp").ok_or("no ERP")?;
        let mut asked = 0;
        // The dials are turned between verifying and placing.
        let cart = format!("astray-{number}");
        let placed = purchase.buy(&cart, async || {
            asked += 1;
            if asked == 2 {
                erp.turn(&dials).expect("dials it has");
            }
            process.url.clone()
        });
        let placed = placed.await?;
        erp.turn(&json!({ "loseAnswers": 0, "failAfterWork": 0, "visibilityDelayMs": 0 }))?;
        purchase.judge(name, &placed, before)?;
        println!("{name}: one order");
    }
    Ok(())
}

/// `skuery ledger check` finds nothing.
pub(crate) fn adds_up(config: &Path) -> Result<(), String> {
    let output = skuery()
        .args(["ledger", "check", "--config"])
        .arg(config)
        .output();
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Err(format!("the ledger does not add up: {said}"))
}
