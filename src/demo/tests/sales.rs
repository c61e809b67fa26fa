//! The ERP's customers, orders, invoices and shipments: what there is, filters and order, sums, documents.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Bench, ok, refused};

fn rows(body: &Value) -> &Vec<Value> {
    body["value"].as_array().unwrap()
}

/// A number with all its digits.
fn decimal(value: &Value) -> Decimal {
    value.to_string().parse().unwrap()
}

async fn listed(bench: &Bench, table: &str, filter: &str) -> Vec<Value> {
    let part = match table {
        "salesOrders" => "salesOrderLines",
        "salesInvoices" => "salesInvoiceLines",
        _ => "salesShipmentLines",
    };
    let mut query = vec![("$expand", part)];
    query.extend(Some(("$filter", filter)).filter(|(_, filter)| !filter.is_empty()));
    rows(&ok(bench.erp(table, &query)).await).clone()
}

#[tokio::test]
async fn tells_a_customer_with_price_group_credit_and_addresses() {
    let bench = Bench::start().await;
    let body = ok(bench.erp(
        "customers",
        &[("$filter", "number eq '10020' or number eq '20020'")],
    ))
    .await;
    let [motor, adler] = rows(&body).as_slice() else {
        panic!("{body}")
    };
    assert_eq!(
        (&motor["priceGroup"], &motor["hasOwnPrices"]),
        (&json!("DEALER"), &json!(true))
    );
    assert_eq!(
        (&motor["currencyCode"], &adler["currencyCode"]),
        (&json!(""), &json!("EUR"))
    );
    assert_eq!(adler["shipToAddresses"].as_array().unwrap().len(), 2);
    assert_eq!(adler["balance"].to_string(), "274749.87");
    let blocked = ok(bench.erp("customers", &[("$filter", "blocked eq 'All'")])).await;
    assert_eq!(rows(&blocked)[0]["number"], "10040");
    let riders = ok(bench.erp("customers", &[("$filter", "billToNumber eq '10030'")])).await;
    assert_eq!(rows(&riders).len(), 2);
    assert_eq!(bench.demo.system("erp").unwrap().keys(), 2);
}

#[tokio::test]
async fn has_price_rows_for_the_one_customer_with_agreements() {
    let bench = Bench::start().await;
    let filter = "(assetNo eq 'MC-10008-WHT-M' or assetNo eq 'MC-10001-BLK-S') and sourceNo eq '10020'";
    let body = ok(bench.erp("priceListLines", &[("$filter", filter)])).await;
    assert!(
        rows(&body).iter().all(|row| row["sourceType"] == "Customer"),
        "{body}"
    );
    let minimums: Vec<_> = rows(&body)
        .iter()
        .filter(|row| row["assetNo"] == "MC-10008-WHT-M")
        .map(|row| row["minimumQuantity"].as_i64().unwrap())
        .collect();
    assert_eq!(minimums, [1, 20]);
    let none = ok(bench.erp("priceListLines", &[("$filter", "sourceNo eq '10010'")])).await;
    assert!(rows(&none).is_empty());
}

#[tokio::test]
async fn lists_a_customers_orders_by_day_newest_first_in_pages() {
    let bench = Bench::start().await;
    let filter = "customerNumber eq '20020' and orderDate ge 2026-06-01 and orderDate le 2026-11-20";
    let mut query = vec![
        ("$filter", filter),
        ("$orderby", "orderDate desc,number desc"),
        ("$expand", "salesOrderLines"),
    ];
    let whole = ok(bench.erp("salesOrders", &query)).await;
    let key = |row: &Value| format!("{} {}", row["orderDate"], row["number"]);
    let keys: Vec<_> = rows(&whole).iter().map(key).collect();
    assert!(keys.len() >= 4 && keys.is_sorted_by(|a, b| a > b), "{keys:?}");
    assert!(rows(&whole).iter().all(|row| row["customerNumber"] == "20020"));
    query.extend([("$skip", "1"), ("$top", "2")]);
    let page = ok(bench.erp("salesOrders", &query)).await;
    assert_eq!(rows(&page), &rows(&whole)[1..3]);
    let plain = ok(bench.erp("salesOrders", &query[..2])).await;
    assert!(
        rows(&plain)[0].get("salesOrderLines").is_none(),
        "only when expanded"
    );
    let company = listed(&bench, "salesOrders", "billToCustomerNumber eq '10030'").await;
    let buyers: BTreeSet<_> = company
        .iter()
        .map(|row| row["customerNumber"].to_string())
        .collect();
    assert_eq!(buyers.len(), 2);
    let distinct = "customerNumber eq '20020' or billToCustomerNumber eq '20020'";
    refused(bench.erp("salesOrders", &[("$filter", distinct)]), 400).await;
    assert!(
        listed(&bench, "salesOrders", "customerNumber eq '20030'")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn sums_are_right_to_the_cent_and_the_book_has_every_case() {
    let bench = Bench::start().await;
    let orders = listed(&bench, "salesOrders", "").await;
    let invoices = listed(&bench, "salesInvoices", "").await;
    assert!(
        invoices.len() > 200 && orders.len() > 30,
        "{} {}",
        invoices.len(),
        orders.len()
    );
    for (all, part) in [(&orders, "salesOrderLines"), (&invoices, "salesInvoiceLines")] {
        for row in all {
            let sum = |column: &str| -> Decimal {
                row[part]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|line| decimal(&line[column]))
                    .sum()
            };
            assert_eq!(
                sum("amountExcludingTax"),
                decimal(&row["totalAmountExcludingTax"]),
                "{row:#}"
            );
            assert_eq!(
                sum("amountIncludingTax"),
                decimal(&row["totalAmountIncludingTax"]),
                "{row:#}"
            );
            let total = decimal(&row["totalAmountExcludingTax"]) + decimal(&row["totalTaxAmount"]);
            assert_eq!(total, decimal(&row["totalAmountIncludingTax"]));
        }
    }
    let has = |all: &[Value], column: &str, value: &str| all.iter().any(|row| row[column] == value);
    for status in ["Draft", "In Review", "Open"] {
        assert!(has(&orders, "status", status), "{status}");
    }
    for status in ["Paid", "Open", "Canceled"] {
        assert!(has(&invoices, "status", status), "{status}");
    }
    assert!(has(&invoices, "salesperson", "KARLSSON") && has(&invoices, "salesperson", "SUPPORT"));
    let by_marketplace = |row: &Value| {
        row["externalDocumentNumber"]
            .as_str()
            .unwrap()
            .starts_with("MKT-")
    };
    assert!(invoices.iter().any(by_marketplace) && orders.iter().any(by_marketplace));
    let first = invoices
        .iter()
        .map(|row| row["invoiceDate"].as_str().unwrap())
        .min();
    assert!(first < Some("2025-01-31"), "{first:?}");
    let old = invoices
        .iter()
        .flat_map(|row| row["salesInvoiceLines"].as_array().unwrap());
    assert!(
        old.clone().any(|line| line["lineObjectNumber"] == "MC-8999"),
        "a discontinued article"
    );
}

#[tokio::test]
async fn ships_in_parts_with_tracking_numbers() {
    let bench = Bench::start().await;
    let orders = listed(
        &bench,
        "salesOrders",
        "fullyShipped eq false and status eq 'Open'",
    )
    .await;
    let part = |line: &Value| {
        let (shipped, ordered) = (line["shippedQuantity"].as_i64(), line["quantity"].as_i64());
        shipped > Some(0) && shipped < ordered
    };
    let partly = orders
        .iter()
        .find(|row| row["salesOrderLines"].as_array().unwrap().iter().any(part));
    let order = partly.expect("an order that is shipped in part");
    let number = order["number"].as_str().unwrap();
    let shipments = listed(&bench, "salesShipments", &format!("orderNumber eq '{number}'")).await;
    assert_eq!(shipments.len(), 2);
    for line in order["salesOrderLines"].as_array().unwrap() {
        let shipped: i64 = shipments
            .iter()
            .flat_map(|shipment| shipment["salesShipmentLines"].as_array().unwrap())
            .filter(|shipped| shipped["sequence"] == line["sequence"])
            .map(|shipped| shipped["quantity"].as_i64().unwrap())
            .sum();
        assert_eq!(shipped, line["shippedQuantity"].as_i64().unwrap());
    }
    let all = listed(&bench, "salesShipments", "").await;
    let agents: BTreeSet<_> = all
        .iter()
        .map(|row| row["shippingAgentCode"].as_str().unwrap())
        .collect();
    assert_eq!(agents, BTreeSet::from(["", "DHL", "POSTNORD", "SCHENKER"]));
    let is_tracked = |row: &Value| row["packageTrackingNumber"] != "";
    assert!(
        all.iter()
            .all(|row| is_tracked(row) == (row["shippingAgentCode"] != ""))
    );
}

#[tokio::test]
async fn hands_out_invoices_as_pdf() {
    let bench = Bench::start().await;
    let invoices = listed(&bench, "salesInvoices", "customerNumber eq '20010'").await;
    let (id, number) = (
        invoices[0]["id"].as_str().unwrap(),
        invoices[0]["number"].as_str().unwrap(),
    );
    let resource = format!("salesInvoices({id})/pdfDocument/pdfDocumentContent");
    let response = bench.erp(&resource, &[]).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/pdf");
    let content = response.bytes().await.unwrap();
    let text: String = content.iter().map(|byte| char::from(*byte)).collect();
    assert!(text.starts_with("%PDF-1.4") && text.ends_with("%%EOF\n"));
    assert!(text.contains(&format!("Invoice {number}")) && text.contains("Rheinmotor GmbH"));
    refused(bench.erp(&resource.replace(id, "nope"), &[]), 404).await;
    let url = bench.erp(&resource, &[]).build().unwrap().url().to_string();
    refused(bench.client.get(url), 401).await;
}

#[tokio::test]
async fn has_the_order_that_the_example_asks_for() {
    let bench = Bench::start().await;
    let filter = "customerNumber eq '10010' and status eq 'Open' and fullyShipped eq false";
    let orders = listed(&bench, "salesOrders", filter).await;
    let is_shipped_in_part = |order: &Value| {
        let lines = order["salesOrderLines"].as_array().unwrap();
        lines
            .iter()
            .any(|line| line["shippedQuantity"].as_i64() > Some(0))
    };
    let order = orders
        .iter()
        .find(|order| is_shipped_in_part(order))
        .expect("an order shipped in part");
    let number = order["number"].as_str().unwrap();
    let example = include_str!("../examples/order.graphql");
    assert!(example.contains(&format!("\"{number}\"")), "{number} {order:#}");
}
