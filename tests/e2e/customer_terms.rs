//! By what terms a customer buys: the token's price list, the record's, the channel's; discounts, choice and tax.

use serde_json::Value;
use skuery_resolvers::commerce::identity::Identity;
use skuery_resolvers::port::customers::CustomerRecord;

use crate::portal::{Portal, SKUS, Setup, identity, parameter, rows};
use crate::script::{Reply, Script};

const PRICE: &str = r#"{ variant(sku: "MC-10008-WHT-M") { price {
    unitPrice { net { amount } gross { amount } tax { amount } taxRate } listPrice { net { amount } gross { amount } }
    discountPercent kind choice taxDisplay priceList { code } tiers { minimumQuantity unitPrice { gross { amount } } } } } }"#;

/// The price of an answer without errors.
async fn price(portal: &Portal, identity: Option<Identity>) -> Value {
    let answer = portal.ask_as(identity, PRICE).await;
    answer.data("variant.price").clone()
}

fn net(price: &Value) -> &str {
    price["unitPrice"]["net"]["amount"].as_str().unwrap_or("none")
}

fn list(price: &Value) -> &str {
    price["priceList"]["code"].as_str().unwrap_or("none")
}

fn change(from: &str, to: &str) -> (String, String) {
    (from.to_owned(), to.to_owned())
}

fn claiming(customer: Option<&str>, list: &str) -> Option<Identity> {
    Some(Identity {
        customer: customer.map(Into::into),
        price_list: Some(list.into()),
        ..identity("nobody")
    })
}

#[tokio::test]
async fn the_tokens_list_holds_before_the_records_and_that_before_the_channels() {
    let portal = Portal::start().await;
    for (identity, expected) in [
        (None, ("100", "RETAIL-SEK")),
        (Some(identity("C-5")), ("100", "RETAIL-SEK")),
        (Some(identity("C-3")), ("90", "GOLD")),
        (claiming(Some("C-3"), "SILVER"), ("95", "SILVER")),
        (claiming(None, "SILVER"), ("95", "SILVER")),
    ] {
        let price = price(&portal, identity.clone()).await;
        assert_eq!((net(&price), list(&price)), expected, "{identity:?}");
    }
}

#[tokio::test]
async fn without_a_system_that_keeps_customers_the_token_decides() {
    let portal = Portal::with(Setup {
        without_crm: true,
        ..Setup::default()
    })
    .await;
    assert_eq!(
        portal.prices(Some("C-1")).await,
        "71; 71",
        "agreements are asked for"
    );
    assert_eq!(portal.prices(Some("C-3")).await, "100; 100");
    let claimed = price(&portal, claiming(Some("C-3"), "GOLD")).await;
    assert_eq!((net(&claimed), list(&claimed)), ("90", "GOLD"));
}

#[tokio::test]
async fn an_agreement_is_of_no_price_list() {
    let portal = Portal::start().await;
    let price = price(&portal, Some(identity("C-1"))).await;
    assert_eq!((net(&price), list(&price)), ("71", "none"));
    assert_eq!(price["kind"], "CONTRACT");
    assert_eq!(price["choice"], "LOWEST");
}

#[tokio::test]
async fn a_discount_is_taken_off_the_channels_list_but_not_off_the_customers_own() {
    let portal = Portal::start().await;
    let discounted = |list: Option<&str>| CustomerRecord {
        price_list: list.map(Into::into),
        discount_percent: Some("7.5".parse().expect("a number")),
        ..CustomerRecord::default()
    };
    portal.crm.set("C-8", discounted(None));
    portal.crm.set("C-9", discounted(Some("GOLD")));
    let off = price(&portal, Some(identity("C-8"))).await;
    assert_eq!(net(&off), "92.5");
    assert_eq!(off["listPrice"]["net"]["amount"], "100");
    assert_eq!(off["discountPercent"], "7.5");
    let own = price(&portal, Some(identity("C-9"))).await;
    assert_eq!((net(&own), &own["listPrice"]), ("90", &Value::Null));
    let anonymous = price(&portal, None).await;
    assert_eq!(net(&anonymous), "100", "the rows are shared, the discount is not");
}

#[tokio::test]
async fn an_impossible_discount_is_an_error() {
    let portal = Portal::start().await;
    for percent in ["-1", "100.01"] {
        let record = CustomerRecord {
            discount_percent: Some(percent.parse().expect("a number")),
            ..CustomerRecord::default()
        };
        portal.crm.set(percent, record);
        let answer = portal.ask(Some(percent), PRICE).await;
        assert_eq!(answer.errors(), ["variant.price SYSTEM_REJECTED crm final"]);
    }
}

#[tokio::test]
async fn a_system_that_goes_by_order_is_followed() {
    let portal = Portal::with(Setup {
        changes: vec![change(
            "mode: rows",
            "mode: rows\n            choice: first_match",
        )],
        ..Setup::default()
    })
    .await;
    portal.script.say(Reply::By(|line| {
        let (owner, net) = match parameter(line, "customer") {
            Some(customer) => (format!(r#""customer":"{customer}""#), [300, 200]),
            None => (r#""list":"GOLD""#.to_owned(), [90, 80]),
        };
        let rows = net.map(|net| format!(r#"{{"sku":"{}","net":{net},"currency":"SEK",{owner}}}"#, SKUS[0]));
        Reply::json(format!(r#"{{"prices":[{}]}}"#, rows.join(",")))
    }));
    let own = price(&portal, Some(identity("C-1"))).await;
    assert_eq!((net(&own), &own["choice"]), ("300", &"FIRST_MATCH".into()));
    assert_eq!(net(&price(&portal, Some(identity("C-3"))).await), "90");
}

#[tokio::test]
async fn a_system_that_calculates_is_asked_once_for_the_customer() {
    let portal = Portal::with(Setup {
        changes: vec![change("mode: rows", "mode: calculated")],
        ..Setup::default()
    })
    .await;
    let own = price(&portal, Some(identity("C-1"))).await;
    assert_eq!((net(&own), &own["choice"]), ("71", &"SYSTEM".into()));
    assert_eq!(portal.asked(), ["GET /prices?list=GOLD&customer=C-1&quantity=1"]);
    // Whatever the record says of agreements, a calculation may hang on the customer.
    portal
        .script
        .say(Reply::By(|line| match parameter(line, "customer") {
            Some("C-4") => rows("GET /prices?list=SILVER&sku=MC-10008-WHT-M"),
            _ => rows("GET /prices?list=RETAIL-SEK&sku=MC-10008-WHT-M"),
        }));
    portal.ask(Some("C-3"), PRICE).await;
    assert_eq!(portal.asked(), ["GET /prices?list=GOLD&customer=C-3&quantity=1"]);
    portal.crm.calls();
    portal.ask_as(claiming(Some("C-404"), "GOLD"), PRICE).await;
    assert_eq!(portal.crm.calls(), 0, "the token says all there is to say");
    assert_eq!(
        portal.asked(),
        ["GET /prices?list=GOLD&customer=C-404&quantity=1"]
    );
}

#[tokio::test]
async fn whatever_a_calculation_hangs_on_is_a_question_of_its_own() {
    let portal = Portal::with(Setup {
        changes: vec![change("mode: rows", "mode: calculated")],
        ..Setup::default()
    })
    .await;
    let query = r#"{ variant(sku: "MC-10008-WHT-M") {
        one: price { kind } same: price(quantity: "1.0") { kind } ten: price(quantity: "10") { kind }
        box: price(unit: "BOX") { kind } then: price(at: "2027-03-01T12:00:00Z") { kind } } }"#;
    let mut expected = [
        "GET /prices?list=GOLD&customer=C-1&quantity=1",
        "GET /prices?list=GOLD&customer=C-1&quantity=10",
        "GET /prices?list=GOLD&customer=C-1&quantity=1&date=2027-03-01",
        "GET /prices?list=GOLD&customer=C-1&quantity=1&unit=BOX",
    ];
    expected.sort_unstable();
    let answer = portal.ask(Some("C-1"), query).await;
    assert_eq!(answer.data("variant.one.kind"), "CONTRACT");
    assert!(
        answer.data("variant.box").is_null(),
        "a price for a piece is none for a box"
    );
    assert_eq!(portal.asked(), expected);
    portal.ask(Some("C-1"), query).await;
    assert!(portal.asked().is_empty(), "each is kept");
}

#[tokio::test]
async fn a_calculation_that_no_customer_changes_is_shared() {
    let portal = Portal::with(Setup {
        changes: vec![
            change("mode: rows", "mode: calculated"),
            change("                - [customer, \"{{ customer }}\"]\n", ""),
        ],
        ..Setup::default()
    })
    .await;
    for customer in ["C-1", "C-2", "C-3"] {
        assert_eq!(portal.prices(Some(customer)).await, "90; 90");
    }
    assert_eq!(portal.asked(), ["GET /prices?list=GOLD&quantity=1"]);
}

#[tokio::test]
async fn the_merchants_rate_gives_the_other_side() {
    let portal = Portal::with(Setup {
        changes: vec![change(
            "    countries: [SE]\n",
            "    countries: [SE, DE]\n    tax: { display: gross, rates: { SE: 25, DE: 19.5 } }\n",
        )],
        ..Setup::default()
    })
    .await;
    let swedish = price(&portal, None).await;
    assert_eq!(swedish["taxDisplay"], "GROSS");
    assert_eq!(swedish["unitPrice"]["gross"]["amount"], "125.00");
    assert_eq!(swedish["unitPrice"]["tax"]["amount"], "25.00");
    assert_eq!(swedish["unitPrice"]["taxRate"], "25");
    assert_eq!(swedish["tiers"][0]["unitPrice"]["gross"]["amount"], "125.00");
    let query = format!(r#"query @inContext(country: "DE") {PRICE}"#);
    let german = portal.ask(None, &query).await;
    assert_eq!(german.data("variant.price.unitPrice.gross.amount"), "119.50");
    assert_eq!(german.data("variant.price.unitPrice.taxRate"), "19.5");
    let range = r#"{ product(by: { sku: "MC-10008-WHT-M" }) { priceRange {
        minimum { gross { amount } } maximum { gross { amount } } taxDisplay priceQuantity } } }"#;
    let range = portal.ask(Some("C-3"), range).await;
    assert_eq!(range.data("product.priceRange.minimum.gross.amount"), "112.50");
    assert_eq!(range.data("product.priceRange.taxDisplay"), "GROSS");
    assert_eq!(range.data("product.priceRange.priceQuantity"), "1");
}

#[tokio::test]
async fn without_a_rate_nothing_is_invented() {
    let portal = Portal::start().await;
    let price = price(&portal, None).await;
    assert_eq!(price["taxDisplay"], "AS_GIVEN");
    let unit_price = &price["unitPrice"];
    for part in ["gross", "tax", "taxRate"] {
        assert!(unit_price[part].is_null(), "{part}: {unit_price}");
    }
}

/// Records from a CRM that a mapping connects, so that nothing between its answer and the price is made up.
#[tokio::test]
async fn a_connected_crm_names_the_list_and_whether_there_are_agreements() {
    let crm = Script::start(Reply::By(|line| {
        assert!(line.starts_with("GET /customers?number="), "{line}");
        Reply::json(match parameter(line, "number") {
            Some("C-1") => r#"[{"number":"C-1","list":"GOLD","own":false,"limit":100,"used":40}]"#,
            Some("C-2") => r#"[{"number":"C-2","list":"GOLD","own":true,"limit":100,"used":40}]"#,
            // Answered with somebody else's record.
            _ => r#"[{"number":"C-1","list":"GOLD","own":false,"limit":100,"used":40}]"#,
        })
    }))
    .await;
    let mapping = CRM.replace("${url}", &crm.url);
    let portal = Portal::with(Setup {
        changes: vec![("systems:\n".to_owned(), format!("systems:\n{mapping}"))],
        without_crm: true,
    })
    .await;
    assert_eq!(portal.prices(Some("C-1")).await, "90; 90");
    assert_eq!(
        portal.asked(),
        ["GET /prices?list=GOLD"],
        "no agreements to ask for"
    );
    assert_eq!(portal.prices(Some("C-2")).await, "72; 72");
    assert_eq!(portal.asked(), ["GET /prices?customer=C-2"]);
    let none =
        "none; none; variants.0.price SYSTEM_REJECTED crm final; variants.1.price SYSTEM_REJECTED crm final";
    assert_eq!(portal.prices(Some("C-3")).await, none);
    crm.say(Reply::Status(403, "{}".to_owned()));
    assert_eq!(portal.prices(Some("C-4")).await, none);
    assert_eq!(
        portal.prices(Some("C-1")).await,
        "90; 90",
        "this one's record is at hand"
    );
}

const CRM: &str = r#"  crm:
    connector: rest
    url: ${url}
    roles: [customers]
    mapping:
      inline:
        summary: a CRM
        protocol: rest
        lookups:
          customers:
            keys: { max: 1 }
            request:
              path: /customers
              query: [[number, "{{ customer }}"]]
            answer:
              key: { path: number }
              fields:
                price_list: { path: list }
                individual_prices: { path: own }
"#;
