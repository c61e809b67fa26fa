//! The POS: login, receipts of a customer, paging, returns, what the till printed.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Bench, logins, ok, refused};

fn items(body: &Value) -> &Vec<Value> {
    body["items"].as_array().unwrap()
}

fn decimal(value: &Value) -> Decimal {
    value.as_str().expect("decimals are texts").parse().unwrap()
}

#[tokio::test]
async fn asks_for_a_login_the_account_and_known_parameters() {
    let bench = Bench::start().await;
    let url = bench.pos("orders.json", &[]).build().unwrap().url().to_string();
    refused(bench.client.get(&url), 401).await;
    let wrong = bench
        .client
        .get(&url)
        .basic_auth(logins::POS_USERNAME, Some("wrong"));
    assert_eq!(refused(wrong, 401).await["statuscode"], 401);
    let login = (logins::POS_USERNAME, Some(logins::POS_PASSWORD));
    for other in [url.replace("90214", "1"), url.replace("sites/1", "sites/2")] {
        refused(bench.client.get(other).basic_auth(login.0, login.1), 404).await;
    }
    for query in [
        ("num", "many"),
        ("start", "-1"),
        ("orderdatefrom", "2026-01-01"),
        ("customer", "30010"),
    ] {
        refused(bench.pos("orders.json", &[query]), 400).await;
    }
    assert_eq!(bench.demo.system("pos").unwrap().calls(), 8);
}

#[tokio::test]
async fn pages_through_a_customers_receipts_newest_first() {
    let bench = Bench::start().await;
    let customer = ("customernumber", "30010");
    let whole = ok(bench.pos("orders.json", &[customer, ("num", "100")])).await;
    assert_eq!((&whole["totalcount"], items(&whole).len()), (&json!(7), 7));
    assert!(items(&whole).is_sorted_by_key(|item| -item["orderdate"].as_i64().unwrap()));
    assert!(
        items(&whole)
            .iter()
            .all(|item| item["customernumber"] == "30010" && item["warehouseid"] == 1)
    );
    let page = ok(bench.pos("orders.json", &[customer, ("start", "2"), ("num", "3")])).await;
    assert_eq!(items(&page), &items(&whole)[2..5]);
    let [from, to] = [4, 2].map(|at: usize| items(&whole)[at]["orderdate"].to_string());
    let between = [customer, ("orderdatefrom", &*from), ("orderdateto", &*to)];
    assert_eq!(
        items(&ok(bench.pos("orders.json", &between)).await),
        &items(&whole)[2..5]
    );
    let number = items(&whole)[1]["receiptid"].as_str().unwrap();
    let one = ok(bench.pos("orders.json", &[customer, ("receiptid", number)])).await;
    assert_eq!(items(&one), &items(&whole)[1..2]);
    let other = ok(bench.pos(
        "orders.json",
        &[("customernumber", "10010"), ("receiptid", number)],
    ))
    .await;
    assert_eq!(other["totalcount"], 0);
    let riders = ok(bench.pos("orders.json", &[("companynumber", "10030")])).await;
    assert!(riders["totalcount"] == 4 && items(&riders)[0]["customernumber"] == "10031");
    assert_eq!(bench.demo.system("pos").unwrap().keys(), 6);
}

#[tokio::test]
async fn sums_lines_and_tells_what_was_brought_back() {
    let bench = Bench::start().await;
    let all = ok(bench.pos("orders.json", &[("num", "100")])).await;
    let mut states = std::collections::BTreeSet::new();
    for item in items(&all) {
        let lines = item["orderitems"].as_array().unwrap();
        let sum = |name: &str| lines.iter().map(|line| decimal(&line[name])).sum::<Decimal>();
        assert_eq!(sum("moneyitemtotal"), decimal(&item["moneytotal"]), "{item:#}");
        assert_eq!(
            sum("moneyitemtotalnet"),
            decimal(&item["moneytotalnet"]),
            "{item:#}"
        );
        let state = item["orderstateid"].as_i64().unwrap();
        states.insert(state);
        let returned = sum("decimalquantityreturned");
        assert_eq!(state == 40, returned.is_zero(), "{item:#}");
        assert_eq!(state == 60, returned == sum("decimalquantity"), "{item:#}");
        assert_eq!(
            item["receipts"].as_array().unwrap().len(),
            if state == 40 { 1 } else { 2 }
        );
    }
    assert_eq!(states.into_iter().collect::<Vec<_>>(), [40, 50, 60]);
}

#[tokio::test]
async fn prints_receipts_of_sales_and_returns() {
    let bench = Bench::start().await;
    let all = ok(bench.pos("orders.json", &[("num", "100")])).await;
    let returned = items(&all)
        .iter()
        .find(|item| item["orderstateid"] != 40)
        .unwrap();
    for (at, title) in [(0, "KVITTO"), (1, "RETUR")] {
        let number = returned["receipts"][at]["receiptid"].as_str().unwrap();
        let resource = format!("receipts/{number}/receipt.txt");
        let response = bench.pos(&resource, &[]).send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
        let text = response.text().await.unwrap();
        assert!(text.contains(number) && text.contains(title), "{text}");
        let total = returned["moneytotal"].as_str().unwrap();
        assert_eq!(text.contains(&format!("\nTOTAL {total}")), at == 0, "{text}");
    }
    refused(bench.pos("receipts/NOPE/receipt.txt", &[]), 404).await;
}
