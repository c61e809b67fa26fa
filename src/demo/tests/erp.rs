//! The ERP: login, filters with quoting, paging, price lines and refusals.

use serde_json::{Value, json};

use super::{Bench, ODD, ok, refused};

fn rows(body: &Value) -> &Vec<Value> {
    body["value"].as_array().unwrap()
}

fn quoted(numbers: &[&str], field: &str) -> String {
    let terms: Vec<_> = numbers
        .iter()
        .map(|number| format!("{field} eq '{}'", number.replace('\'', "''")))
        .collect();
    format!("({})", terms.join(" or "))
}

#[tokio::test]
async fn refuses_wrong_clients_and_missing_tokens() {
    let bench = Bench::start().await;
    let body = refused(super::erp_login(&bench.client, &bench.demo, "wrong"), 401).await;
    assert_eq!(body["error"], "invalid_client");
    let url = bench.erp("items", &[]).build().unwrap().url().to_string();
    let body = refused(bench.client.get(&url).bearer_auth("x"), 401).await;
    assert_eq!(body["error"]["code"], "Authentication_InvalidCredentials");
    let url = url.replace("9b1f", "ffff");
    let body = refused(bench.client.get(url).bearer_auth(&bench.erp_token), 404).await;
    assert_eq!(body["error"]["code"], "Internal_CompanyNotFound");
}

#[tokio::test]
async fn finds_items_by_odd_numbers_and_selects_columns() {
    let bench = Bench::start().await;
    let filter = quoted(&ODD, "number");
    let body = ok(bench.erp("items", &[("$filter", &filter), ("$select", "number,unitPrice")])).await;
    let found: Vec<_> = rows(&body)
        .iter()
        .map(|row| row["number"].as_str().unwrap())
        .collect();
    assert_eq!(found, ODD);
    assert!(
        rows(&body)
            .iter()
            .all(|row| row["unitPrice"].as_f64() > Some(0.0))
    );
    assert!(rows(&body)[0]["unitPrice"].is_number() && rows(&body)[0].get("gtin").is_none());
    assert!(body["@odata.context"].as_str().unwrap().ends_with("/items"));
    let listed = ok(bench.erp("items", &[("$filter", "number in ('MC-D''ARC-M', 'NOPE')")])).await;
    assert_eq!(rows(&listed).len(), 1);
    assert_eq!(bench.demo.system("erp").unwrap().keys(), 12);
}

#[tokio::test]
async fn answers_price_lines_of_chosen_lists() {
    let bench = Bench::start().await;
    let filter = format!(
        "{} and (priceListCode eq 'DEALER-SEK' or priceListCode eq 'RETAIL-SEK')",
        quoted(&ODD[..2], "assetNo")
    );
    let body = ok(bench.erp("priceListLines", &[("$filter", &filter)])).await;
    assert_eq!(rows(&body).len(), 2 * (1 + 3));
    let tiers: Vec<_> = rows(&body)
        .iter()
        .filter(|row| row["priceListCode"] == "DEALER-SEK")
        .map(|row| row["minimumQuantity"].as_i64().unwrap())
        .collect();
    assert_eq!(tiers, [1, 10, 50, 1, 10, 50]);
    let row = &rows(&body)[0];
    assert_eq!(
        (&row["endingDate"], &row["priceIncludesVAT"]),
        (&json!("0001-01-01"), &json!(true))
    );
    let dealer = quoted(&ODD[..1], "assetNo")
        + " and minimumQuantity ge 10 and priceIncludesVAT eq false and unitPrice gt 0.5";
    let body = ok(bench.erp("priceListLines", &[("$filter", &dealer)])).await;
    assert_eq!(rows(&body).len(), 2 + 2 + 1, "{body}");
    assert!(
        !rows(&body)
            .iter()
            .any(|row| row["unitPrice"].to_string().ends_with(".0"))
    );
}

#[tokio::test]
async fn has_campaigns_before_during_and_after_today() {
    let bench = Bench::start().await;
    for (filter, campaign) in [
        (
            "sourceType eq 'Campaign' and startingDate le 2026-11-22 and endingDate ge 2026-11-22",
            "SEASON-26",
        ),
        (
            "sourceType eq 'Campaign' and endingDate lt 2026-01-01",
            "AUTUMN-25",
        ),
        (
            "sourceType eq 'Campaign' and startingDate gt 2028-01-01",
            "SPRING-29",
        ),
    ] {
        let body = ok(bench.erp("priceListLines", &[("$filter", filter), ("$top", "50")])).await;
        assert_eq!(rows(&body).len(), 50);
        assert!(
            rows(&body).iter().all(|row| row["sourceNo"] == campaign),
            "{campaign}"
        );
        assert!(body.get("@odata.nextLink").is_none());
    }
    let items = ok(bench.erp("items", &[("$filter", "unitPrice eq 0")])).await;
    let number = rows(&items)[0]["number"].as_str().unwrap();
    let lines = ok(bench.erp("priceListLines", &[("$filter", &quoted(&[number], "assetNo"))])).await;
    assert!(rows(&lines).is_empty());
}

#[tokio::test]
async fn pages_by_preference_and_follows_next_links() {
    let bench = Bench::start().await;
    let first = bench.erp(
        "items",
        &[
            ("$select", "number"),
            ("$filter", "blocked eq false"),
            ("$top", "25"),
        ],
    );
    let mut request = Some(first.header("Prefer", "odata.maxpagesize=10"));
    let mut sizes = Vec::new();
    while let Some(current) = request {
        let body = ok(current).await;
        sizes.push(rows(&body).len());
        let next = body["@odata.nextLink"].as_str();
        request = next.map(|url| {
            bench
                .client
                .get(url)
                .bearer_auth(&bench.erp_token)
                .header("Prefer", "odata.maxpagesize=10")
        });
    }
    assert_eq!(sizes, [10, 10, 5]);
    assert_eq!(
        rows(&ok(bench.erp("items", &[("$top", "3"), ("$skip", "4")])).await).len(),
        3
    );
}

#[tokio::test]
async fn refuses_filters_the_real_one_refuses() {
    let bench = Bench::start().await;
    let deep = format!("{}number eq 'A'{}", "(".repeat(5000), ")".repeat(5000));
    for filter in [
        "number eq 'A' or gtin eq 'B'",
        "number eq 'A' or (blocked eq true and number eq 'B')",
        "nope eq 1",
        "number eq 1",
        "number eq 'A",
        "number eq 'A' number",
        "number like 'A'",
        "",
        "(number eq 'A'",
        "unitPrice eq 1.2.3",
        &deep,
    ] {
        let body = refused(bench.erp("items", &[("$filter", filter)]), 400).await;
        assert_eq!(body["error"]["code"], "BadRequest", "{filter}");
    }
    refused(bench.erp("items", &[("$search", "number")]), 400).await;
    refused(bench.erp("items", &[("$orderby", "nope")]), 400).await;
    refused(bench.erp("items", &[("$orderby", "number down")]), 400).await;
    refused(bench.erp("items", &[("$expand", "lines")]), 400).await;
    refused(bench.erp("vendors", &[]), 404).await;
    let nested = "((number eq 'A') or number eq 'MC-D''ARC-M') and (blocked eq false)";
    assert_eq!(
        rows(&ok(bench.erp("items", &[("$filter", nested)])).await).len(),
        1
    );
}
