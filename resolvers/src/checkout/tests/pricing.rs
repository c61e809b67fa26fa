//! The price of a line is the one that a query shows for the same buyer, quantity and unit.

use jiff::civil::date;
use rust_decimal::Decimal;
use skuery_schema::checkout::CheckoutVerification;

use crate::checkout::input::LineInput;
use crate::checkout::reader::{LineWish, ReadWish};
use crate::checkout::tests::fakes::locked;
use crate::checkout::tests::shop::{Shop, cart, line, number, row, verification};
use crate::checkout::tests::words::told;
use crate::port::customers::{CreditRecord, CustomerRecord};
use crate::port::{PriceMode, PriceRow};

fn shop(mode: PriceMode) -> Shop {
    let shop = Shop::with(mode, |_| {});
    shop.sells("A");
    shop.wms.put("A", "WH-1", 100);
    shop
}

async fn as_customer(shop: &Shop, number: &str, quantity: &str) -> CheckoutVerification {
    let context = shop.context(Some(number));
    let input = cart(&format!("{number} {quantity}"), &[line("A", quantity)]);
    verification(shop.checkout.verify(&context, input).await)
}

fn net(verification: &CheckoutVerification) -> Option<Decimal> {
    let price = verification.lines[0].price.as_ref()?;
    Some(price.unit_price.net?.amount)
}

#[tokio::test(start_paused = true)]
async fn a_customer_buys_at_its_own_price_and_a_guest_at_the_channels() {
    for mode in [PriceMode::Rows, PriceMode::Calculated] {
        let shop = shop(mode);
        locked(&shop.crm.records).insert("C-1".into(), CustomerRecord::default());
        locked(&shop.crm.records).insert("C-2".into(), CustomerRecord::default());
        shop.prices.set(Some("C-1"), "A", vec![row(1, "7.00")]);
        assert_eq!(
            net(&as_customer(&shop, "C-1", "1").await),
            Some(number("7.00")),
            "{mode:?}"
        );
        assert_eq!(
            net(&as_customer(&shop, "C-2", "1").await),
            Some(number("10.00")),
            "{mode:?}"
        );
        let guest = shop.verified(cart("guest", &[line("A", "1")])).await;
        assert_eq!(net(&guest), Some(number("10.00")), "{mode:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_own_agreement_does_not_hide_a_better_price_of_the_list() {
    let shop = shop(PriceMode::Rows);
    locked(&shop.crm.records).insert("C-1".into(), CustomerRecord::default());
    shop.prices.set(Some("C-1"), "A", vec![row(1, "9.00")]);
    assert_eq!(net(&as_customer(&shop, "C-1", "4").await), Some(number("9.00")));
    assert_eq!(net(&as_customer(&shop, "C-1", "5").await), Some(number("8.00")));
}

#[tokio::test(start_paused = true)]
async fn a_customers_discount_is_taken_off() {
    let shop = shop(PriceMode::Rows);
    let record = CustomerRecord {
        discount_percent: Some(number("10")),
        ..CustomerRecord::default()
    };
    locked(&shop.crm.records).insert("C-1".into(), record);
    assert_eq!(net(&as_customer(&shop, "C-1", "1").await), Some(number("9")));
}

#[tokio::test(start_paused = true)]
async fn a_customer_that_the_system_does_not_know_has_no_price() {
    let shop = shop(PriceMode::Rows);
    let verification = as_customer(&shop, "C-9", "1").await;
    assert_eq!(told(&verification), "Rejected; A NotPurchasable 0/1");
}

#[tokio::test(start_paused = true)]
async fn a_price_whose_validity_has_ended_or_not_begun_is_none() {
    let with = |from, until| PriceRow {
        valid_from: from,
        valid_until: until,
        ..row(1, "10.00")
    };
    let today = date(2026, 6, 15);
    for (row, is_price) in [
        (with(None, Some(date(2026, 6, 14))), false),
        (with(Some(date(2026, 6, 16)), None), false),
        (with(Some(today), Some(today)), true),
    ] {
        for mode in [PriceMode::Rows, PriceMode::Calculated] {
            let shop = shop(mode);
            shop.prices.set(None, "A", vec![row.clone()]);
            let verification = shop.verified(cart("k", &[line("A", "1")])).await;
            assert_eq!(
                net(&verification).is_some(),
                is_price,
                "{mode:?} {}",
                told(&verification)
            );
            assert_eq!(verification.token.is_some(), is_price);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_only_partly_there_costs_what_so_much_costs() {
    for mode in [PriceMode::Rows, PriceMode::Calculated] {
        let shop = shop(mode);
        shop.wms.put("A", "WH-1", 3);
        let some = LineInput {
            accept_partial: true,
            ..line("A", "5")
        };
        let verification = shop.verified(cart("k", &[some])).await;
        assert_eq!(
            told(&verification),
            "Changed; A Partial 3/5 @10.00 [WH-1 3 System]",
            "{mode:?}"
        );
        let total = verification.total.and_then(|total| total.net).expect("a sum");
        assert_eq!(total.amount, number("30.00"));
    }
}

#[tokio::test(start_paused = true)]
async fn lines_that_ask_the_same_are_asked_in_one_call_and_each_quantity_is_asked_where_it_decides() {
    let second = LineInput {
        line_id: "A2".into(),
        ..line("A", "5")
    };
    let lines = [line("A", "1"), second, line("B", "1")];
    for (mode, calls) in [(PriceMode::Rows, 1), (PriceMode::Calculated, 2)] {
        let shop = shop(mode);
        shop.sells("B");
        shop.wms.put("B", "WH-1", 9);
        let verification = shop.verified(cart("k", &lines)).await;
        assert_eq!(
            told(&verification),
            "Confirmed; A Ok 1/1 @10.00 [WH-1 1 System]; A2 Ok 5/5 @8.00 [WH-1 5 System]; B Ok 1/1 @10.00 [WH-1 1 System]"
        );
        let asked = locked(&shop.prices.asked);
        assert_eq!(asked.len(), calls, "{mode:?}");
        let keys: Vec<&str> = asked[0].1.iter().map(|sku| sku.as_str()).collect();
        assert_eq!(keys, ["A", "B"], "each article once");
    }
}

#[tokio::test(start_paused = true)]
async fn credit_is_read_for_a_customer_where_it_is_asked_for() {
    let shop = shop(PriceMode::Rows);
    let credit = CreditRecord {
        limit: number("100"),
        used: number("100"),
        currency: crate::checkout::tests::shop::euro(),
        blocked: true,
    };
    locked(&shop.crm.blocked).insert("C-1".into(), credit);
    let lines = [LineWish {
        sku: "A".into(),
        quantity: number("1"),
        unit: None,
    }];
    for (customer, credit, expected) in [
        (Some("C-1"), true, Some(true)),
        (Some("C-2"), true, Some(false)),
        (Some("C-1"), false, None),
        (None, true, None),
    ] {
        let context = shop.context(customer);
        let wish = ReadWish {
            lines: &lines,
            pickup: None,
            elsewhere: false,
            credit,
            deadline: context.deadline,
        };
        let reading = shop.checkout.read(&context, wish).await;
        let blocked = reading
            .credit_blocked
            .map(|blocked| blocked.expect("the system is there"));
        assert_eq!(blocked, expected, "{customer:?} {credit}");
    }
}
