//! What is said of each line, and of the whole.

use skuery_schema::checkout::UserErrorCode;

use crate::checkout::input::{ExpectedPrice, LineInput, VerifyInput};
use crate::checkout::tests::fakes::locked;
use crate::checkout::tests::shop::{Shop, cart, codes, line, number};
use crate::checkout::tests::words::told;
use crate::port::PriceMode;

/// A (5 in WH-1, 2 in WH-2, 4 in DEP), B (3 in DEP, more to come), N (no price), F (metres, 2 decimals).
fn shop() -> Shop {
    let shop = Shop::new();
    shop.sells("A").sells("B").sells("N").sells("F").sells("Z");
    shop.wms.put("A", "WH-1", 5);
    shop.wms.put("A", "WH-2", 2);
    shop.depot.put("A", "DEP", 4);
    shop.depot.put("B", "DEP", 3);
    shop.depot.announce("B", "DEP", "2026-06-20", Some(10));
    shop.depot.announce("B", "DEP", "2026-06-01", Some(99));
    shop.wms.put("N", "WH-1", 5);
    shop.prices.set(None, "N", Vec::new());
    shop.depot.put("F", "DEP", 10);
    locked(&shop.catalog.articles).insert("F".into(), 2);
    shop
}

fn partial(line: LineInput) -> LineInput {
    LineInput {
        accept_partial: true,
        ..line
    }
}

fn later(line: LineInput) -> LineInput {
    LineInput {
        accept_backorder: true,
        ..line
    }
}

fn expecting(line: LineInput, net: Option<&str>, gross: Option<&str>) -> LineInput {
    LineInput {
        expected_unit_price: Some(ExpectedPrice {
            net: net.map(number),
            gross: gross.map(number),
            currency: "EUR".into(),
        }),
        ..line
    }
}

async fn check(lines: &[LineInput], expected: &str) {
    let verification = shop().verified(cart("k", lines)).await;
    assert_eq!(told(&verification), expected);
    let is_orderable = expected.starts_with("Confirmed") || expected.starts_with("Changed");
    assert_eq!(
        verification.token.is_some(),
        is_orderable,
        "a token for what can be ordered"
    );
    assert_eq!(verification.expires_at.is_some(), is_orderable);
}

#[tokio::test(start_paused = true)]
async fn a_line_is_confirmed_from_the_locations_in_the_channels_order() {
    check(&[line("A", "3")], "Confirmed; A Ok 3/3 @10.00 [WH-1 3 System]").await;
    check(
        &[line("A", "11")],
        "Confirmed; A Ok 11/11 @8.00 [WH-1 5 System, WH-2 2 System, DEP 4 Gateway]",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn less_than_asked_is_confirmed_only_where_that_is_accepted_and_at_its_own_price() {
    check(
        &[partial(line("B", "5"))],
        "Changed; B Partial 3/5 @10.00 [DEP 3 Gateway] {Later 5 DEP 2026-06-20}",
    )
    .await;
    check(
        &[line("B", "5")],
        "Rejected; B OutOfStock 0/5 @8.00 {Reduced 3, Later 5 DEP 2026-06-20}",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_backorder_is_confirmed_in_full_and_nobody_holds_what_is_not_there() {
    check(
        &[later(line("B", "5"))],
        "Confirmed; B Backorder 5/5 @8.00 [DEP 3 Gateway, DEP 2 None from 2026-06-20]",
    )
    .await;
    check(
        &[later(partial(line("A", "12")))],
        "Confirmed; A Backorder 12/12 @8.00 [WH-1 5 System, WH-2 2 System, DEP 4 Gateway, WH-1 1 None]",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_channel_without_backorders_takes_none_whatever_the_shopper_accepts() {
    let mut shop = shop();
    shop.channel.backorders = false;
    let verification = shop.verified(cart("k", &[later(line("B", "5"))])).await;
    assert_eq!(
        told(&verification),
        "Rejected; B OutOfStock 0/5 @8.00 {Reduced 3, Later 5 DEP 2026-06-20}"
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_is_backordered_where_nobody_knows_what_there_is() {
    check(&[later(line("Z", "1"))], "Rejected; Z OutOfStock 0/1 @10.00").await;
}

#[tokio::test(start_paused = true)]
async fn what_is_not_for_sale_or_not_known_is_refused() {
    check(&[line("N", "1")], "Rejected; N NotPurchasable 0/1").await;
    check(&[line("X", "1")], "Rejected; X UnknownSku 0/1").await;
    let broken = LineInput {
        line_id: "X".into(),
        ..line("A\n", "1")
    };
    check(&[broken], "Rejected; X UnknownSku 0/1").await;
}

#[tokio::test(start_paused = true)]
async fn one_refused_line_refuses_the_cart_and_nothing_is_held() {
    let shop = shop();
    let verification = shop.verified(cart("k", &[line("A", "1"), line("X", "1")])).await;
    assert_eq!(
        told(&verification),
        "Rejected; A Ok 1/1 @10.00 [WH-1 1 None]; X UnknownSku 0/1"
    );
    assert_eq!(shop.wms.reserved("A"), number("0"));
}

#[tokio::test(start_paused = true)]
async fn without_a_catalogue_an_article_is_known_by_its_price_or_its_stock() {
    let shop = Shop::with(PriceMode::Rows, |systems| systems.catalog = None);
    shop.sells("A").sells("N");
    shop.wms.put("A", "WH-1", 5);
    shop.wms.put("N", "WH-1", 5);
    shop.prices.set(None, "N", Vec::new());
    let lines = [line("A", "1"), line("N", "1"), line("X", "1")];
    let verification = shop.verified(cart("k", &lines)).await;
    assert_eq!(
        told(&verification),
        "Rejected; A Ok 1/1 @10.00 [WH-1 1 None]; N NotPurchasable 0/1; X UnknownSku 0/1"
    );
}

#[tokio::test(start_paused = true)]
async fn a_quantity_must_be_one_that_the_article_is_sold_in() {
    check(&[line("A", "1.5")], "Rejected; A QuantityRule 0/1.5 @10.00").await;
    check(
        &[line("F", "2.25")],
        "Confirmed; F Ok 2.25/2.25 @10.00 [DEP 2.25 Gateway]",
    )
    .await;
    check(&[line("F", "2.255")], "Rejected; F QuantityRule 0/2.255 @10.00").await;
    check(
        &[line("A", "2.0")],
        "Confirmed; A Ok 2/2.0 @10.00 [WH-1 2 System]",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_box_is_not_counted_as_a_piece() {
    let shop = shop();
    let mut rows = vec![crate::checkout::tests::shop::row(1, "10.00")];
    rows.push(crate::port::PriceRow {
        unit: Some("BOX".into()),
        ..crate::checkout::tests::shop::row(1, "90.00")
    });
    shop.prices.set(None, "A", rows);
    let boxed = LineInput {
        unit: Some("BOX".into()),
        ..line("A", "1")
    };
    let verification = shop.verified(cart("k", &[boxed])).await;
    assert_eq!(told(&verification), "Rejected; A QuantityRule 0/1 @90.00");
}

#[tokio::test(start_paused = true)]
async fn another_price_than_shown_is_told_and_confirmed() {
    let ok = "Confirmed; A Ok 1/1 @10.00 [WH-1 1 System]";
    let changed = "Changed; A PriceChanged 1/1 @10.00 [WH-1 1 System]";
    let a = || line("A", "1");
    check(&[expecting(a(), Some("10"), None)], ok).await;
    check(&[expecting(a(), None, Some("12.5"))], ok).await;
    check(&[expecting(a(), Some("10.00"), Some("12.50"))], ok).await;
    check(&[expecting(a(), Some("9.99"), None)], changed).await;
    check(&[expecting(a(), None, Some("12.49"))], changed).await;
    check(&[expecting(a(), Some("10.00"), Some("12.49"))], changed).await;
    let mut other = expecting(a(), Some("10.00"), None);
    other.expected_unit_price.as_mut().expect("a price").currency = "SEK".into();
    check(&[other], changed).await;
    check(
        &[expecting(later(line("B", "5")), Some("7"), None)],
        "Changed; B PriceChanged 5/5 @8.00 [DEP 3 Gateway, DEP 2 None from 2026-06-20]",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_changed_price_is_shown_beside_the_expected_one() {
    let shop = shop();
    let verification = shop
        .verified(cart("k", &[expecting(line("A", "1"), Some("9.99"), None)]))
        .await;
    let line = &verification.lines[0];
    assert_eq!(
        line.expected_unit_price.expect("what was shown").amount,
        number("9.99")
    );
    let price = line.price.as_ref().expect("the price");
    assert_eq!(price.unit_price.net.expect("a side").amount, number("10.00"));
}

#[tokio::test(start_paused = true)]
async fn two_lines_of_one_article_share_its_stock_and_are_priced_apart() {
    let second = LineInput {
        line_id: "A2".into(),
        ..line("A", "7")
    };
    check(
        &[line("A", "4"), second.clone()],
        "Confirmed; A Ok 4/4 @10.00 [WH-1 4 System]; A2 Ok 7/7 @8.00 [WH-1 1 System, WH-2 2 System, DEP 4 Gateway]",
    )
    .await;
    check(
        &[line("A", "5"), second],
        "Rejected; A Ok 5/5 @8.00 [WH-1 5 None]; A2 OutOfStock 0/7 @8.00 {Reduced 6}",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_pick_up_is_allocated_at_its_location_alone_and_others_are_named() {
    let at = |place: &str, lines: &[LineInput]| VerifyInput {
        pickup_location: Some(place.into()),
        ..cart("k", lines)
    };
    let verification = shop().verified(at("DEP", &[line("A", "4")])).await;
    assert_eq!(told(&verification), "Confirmed; A Ok 4/4 @10.00 [DEP 4 Gateway]");
    let verification = shop().verified(at("WH-2", &[line("A", "3")])).await;
    assert_eq!(
        told(&verification),
        "Rejected; A OutOfStock 0/3 @10.00 {Reduced 2, OtherLocation 3 WH-1, OtherLocation 3 DEP}"
    );
    assert_eq!(
        codes(&shop().verify(at("NOWHERE", &[line("A", "1")])).await),
        [UserErrorCode::InvalidInput]
    );
}

#[tokio::test(start_paused = true)]
async fn the_cart_is_added_up_from_what_is_confirmed() {
    let shop = shop();
    let verification = shop
        .verified(cart("k", &[line("A", "3"), later(line("B", "5"))]))
        .await;
    let total = verification.total.expect("all has a price");
    assert_eq!(total.net.expect("a side").amount, number("70.00"));
    assert_eq!(total.gross.expect("a side").amount, number("87.50"));
    assert_eq!(total.tax.expect("both sides").amount, number("17.50"));
    assert_eq!(verification.subtotal, verification.total);
}
