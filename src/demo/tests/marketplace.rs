//! The marketplace: its key, orders of a customer, paging, stretches of time, and what the ERP makes of them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Bench, ok, refused};

fn orders(body: &Value) -> &Vec<Value> {
    body["orders"].as_array().unwrap()
}

fn decimal(value: &Value) -> Decimal {
    value.to_string().parse().unwrap()
}

fn created(order: &Value) -> Timestamp {
    order["created_date"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn asks_for_its_key_and_known_parameters() {
    let bench = Bench::start().await;
    let url = format!("{}/api/orders", bench.demo.marketplace_url());
    refused(bench.client.get(&url), 401).await;
    let body = refused(bench.client.get(&url).header("authorization", "wrong"), 401).await;
    assert_eq!(body["message"], "Unauthorized");
    for query in [
        ("max", "many"),
        ("offset", "-1"),
        ("start_date", "2026-01-01"),
        ("sort", "price"),
        ("customer", "1"),
    ] {
        refused(bench.marketplace(&[query]), 400).await;
    }
    assert_eq!(bench.demo.system("marketplace").unwrap().calls(), 7);
}

#[tokio::test]
async fn pages_through_a_customers_orders_both_ways() {
    let bench = Bench::start().await;
    let customer = ("customer_ref", "10010");
    let whole = ok(bench.marketplace(&[customer, ("max", "100")])).await;
    assert_eq!((&whole["total_count"], orders(&whole).len()), (&json!(6), 6));
    assert!(orders(&whole).is_sorted_by_key(created));
    assert!(
        orders(&whole)
            .iter()
            .all(|order| order["customer"]["customer_id"] == "10010")
    );
    let newest = [
        customer,
        ("sort", "dateCreated"),
        ("order", "desc"),
        ("offset", "1"),
        ("max", "2"),
    ];
    let page = ok(bench.marketplace(&newest)).await;
    assert_eq!(
        orders(&page),
        &[orders(&whole)[4].clone(), orders(&whole)[3].clone()]
    );
    let [from, to] = [1, 3].map(|at: usize| orders(&whole)[at]["created_date"].as_str().unwrap());
    let between = ok(bench.marketplace(&[customer, ("start_date", from), ("end_date", to)])).await;
    assert_eq!(orders(&between), &orders(&whole)[1..4]);
    let number = orders(&whole)[2]["order_id"].as_str().unwrap();
    let one = ok(bench.marketplace(&[customer, ("order_ids", number)])).await;
    assert_eq!(orders(&one), &orders(&whole)[2..3]);
    let foreign = ok(bench.marketplace(&[("customer_ref", "30010"), ("order_ids", number)])).await;
    assert_eq!(foreign["total_count"], 0);
    let riders = ok(bench.marketplace(&[("company_ref", "10030")])).await;
    assert!(riders["total_count"] == 2 && orders(&riders)[0]["customer"]["customer_id"] == "10032");
}

#[tokio::test]
async fn sums_are_right_and_the_erp_has_the_same_order_up_to_two_days_later() {
    let bench = Bench::start().await;
    let sold = ok(bench.marketplace(&[("max", "100")])).await;
    let mut books = Vec::new();
    for (table, day) in [("salesOrders", "orderDate"), ("salesInvoices", "invoiceDate")] {
        let filter = [("$filter", "externalDocumentNumber gt 'MKT-'")];
        let body = ok(bench.erp(table, &filter)).await;
        books.extend(
            body["value"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| (row.clone(), day)),
        );
    }
    let mut states = BTreeSet::new();
    let mut later = 0;
    for order in orders(&sold) {
        let lines = order["order_lines"].as_array().unwrap();
        let sum: Decimal = lines.iter().map(|line| decimal(&line["price"])).sum();
        assert_eq!(sum, decimal(&order["price"]), "{order:#}");
        assert_eq!(
            sum + decimal(&order["shipping_price"]),
            decimal(&order["total_price"])
        );
        let state = order["order_state"].as_str().unwrap();
        states.insert(state);
        let known = books
            .iter()
            .find(|(row, _)| row["externalDocumentNumber"] == order["order_id"]);
        let is_unknown = matches!(state, "WAITING_ACCEPTANCE" | "REFUSED");
        assert_eq!(known.is_none(), is_unknown, "{order:#}");
        let Some((row, day)) = known else { continue };
        assert_eq!(decimal(&row["totalAmountIncludingTax"]), sum, "{row:#}");
        assert_eq!(row["customerNumber"], order["customer"]["customer_id"]);
        let placed = order["created_date"].as_str().unwrap();
        let day = row[*day].as_str().unwrap();
        let (from, until) = (
            created(order),
            format!("{day}T00:00:00Z").parse::<Timestamp>().unwrap(),
        );
        assert!(
            day >= &placed[..10] && from.duration_until(until).as_hours() < 48,
            "{day} {placed}"
        );
        later += usize::from(day > &placed[..10]);
    }
    let words = [
        "CANCELED",
        "CLOSED",
        "RECEIVED",
        "REFUSED",
        "SHIPPED",
        "SHIPPING",
        "WAITING_ACCEPTANCE",
    ];
    assert_eq!(states.into_iter().collect::<Vec<_>>(), words);
    assert!(later > 2, "{later}");
    let numbers: BTreeSet<_> = orders(&sold)
        .iter()
        .map(|order| order["order_id"].to_string())
        .collect();
    assert_eq!(numbers.len(), orders(&sold).len());
}
