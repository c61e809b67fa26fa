//! Buyers, holds and orders as the tests want them, with everything that does not matter filled in.

use std::sync::Arc;
use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use rust_decimal::Decimal;
use skuery_resolvers::checkout::ledger::{HoldWish, Holding, Ledger, LedgerError, StockPlace, Taken};
use skuery_resolvers::checkout::record::{
    AttemptKey, Buyer, HeldLine, Hold, Operation, OrderRecord, OrderState, PaymentRecord,
};
use skuery_resolvers::port::order_entry::{DraftLine, OrderDraft};
use skuery_schema::checkout::{HoldKind, StockPromise};
use skuery_schema::ids::{ChannelName, Currency, CustomerNumber, LocationCode, Sku, SystemName};

/// How long whoever begins or claims something has it.
pub(crate) const LEASE: Duration = Duration::from_secs(10);

/// So many seconds after an arbitrary moment.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).expect("a time")
}

pub(crate) fn nanos_after(moment: Timestamp, nanos: i64) -> Timestamp {
    moment.checked_add(nanos.nanoseconds()).expect("a time")
}

pub(crate) fn buyer(customer: &str) -> Buyer {
    Buyer {
        channel: ChannelName::new("web"),
        customer: Some(CustomerNumber::new(customer)),
    }
}

pub(crate) fn key(customer: &str, key: &str) -> AttemptKey {
    AttemptKey {
        buyer: buyer(customer),
        operation: Operation::Place,
        key: key.into(),
    }
}

pub(crate) fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).expect("a decimal")
}

pub(crate) fn place(sku: &str, location: &str, read_at: Timestamp) -> StockPlace {
    StockPlace {
        sku: Sku::new(sku),
        location: LocationCode::new(location),
        read_at,
        reflects_after: Duration::ZERO,
    }
}

pub(crate) fn line(sku: &str, location: &str, quantity: &str, kind: HoldKind) -> HeldLine {
    HeldLine {
        line_id: format!("line-{sku}").into(),
        sku: Sku::new(sku),
        location: LocationCode::new(location),
        system: SystemName::new("wms"),
        quantity: decimal(quantity),
        kind,
        promise: StockPromise::GatewayOnly,
    }
}

/// A cart that wants to hold something at one place, from `now` for 60 seconds.
pub(crate) struct Cart {
    pub(crate) id: &'static str,
    pub(crate) customer: &'static str,
    pub(crate) cart: &'static str,
    pub(crate) now: Timestamp,
}

pub(crate) fn cart(id: &'static str, customer: &'static str, now: Timestamp) -> Cart {
    Cart {
        id,
        customer,
        cart: "cart",
        now,
    }
}

impl Cart {
    /// Holds these lines, whatever is taken.
    pub(crate) async fn hold(&self, ledger: &dyn Ledger, lines: &[HeldLine]) -> Holding {
        self.try_hold(ledger, lines).await.expect("the ledger answers").0
    }

    /// What is taken at the lines' places for this cart; nothing is held.
    pub(crate) async fn taken(&self, ledger: &dyn Ledger, sku: &str) -> Decimal {
        let places = [place(sku, "A", self.now)];
        self.taken_at(ledger, &places).await
    }

    pub(crate) async fn taken_at(&self, ledger: &dyn Ledger, places: &[StockPlace]) -> Decimal {
        let seen = std::sync::Mutex::new(Decimal::ZERO);
        let buyer = buyer(self.customer);
        let wish = self.wish(&buyer, places);
        let decide = |taken: &Taken| {
            *seen.lock().expect("no panic") = taken.values().sum();
            Vec::new()
        };
        ledger.hold(&wish, &decide).await.expect("the ledger answers");
        seen.into_inner().expect("no panic")
    }

    pub(crate) async fn try_hold(
        &self,
        ledger: &dyn Ledger,
        lines: &[HeldLine],
    ) -> Result<(Holding, Taken), LedgerError> {
        let places: Vec<_> = lines
            .iter()
            .map(|line| place(line.sku.as_str(), line.location.as_str(), self.now))
            .collect();
        let buyer = buyer(self.customer);
        let seen = std::sync::Mutex::new(Taken::new());
        let decide = |taken: &Taken| {
            seen.lock().expect("no panic").clone_from(taken);
            lines.to_vec()
        };
        let holding = ledger.hold(&self.wish(&buyer, &places), &decide).await?;
        Ok((holding, seen.into_inner().expect("no panic")))
    }

    pub(crate) fn wish<'a>(&'a self, buyer: &'a Buyer, places: &'a [StockPlace]) -> HoldWish<'a> {
        HoldWish {
            id: self.id.into(),
            buyer,
            checkout_id: self.cart,
            places,
            until: self.now.checked_add(60.seconds()).expect("a time"),
            now: self.now,
        }
    }

    /// A hold of so much of one article at the place A by the gateway.
    pub(crate) async fn hold_one(&self, ledger: &dyn Ledger, sku: &str, quantity: &str) -> Hold {
        let lines = [line(sku, "A", quantity, HoldKind::Gateway)];
        self.hold(ledger, &lines).await.hold.expect("a hold")
    }
}

/// An order on a hold, due 20 seconds after `now`.
pub(crate) fn record(number: &str, customer: &str, hold: &str, now: Timestamp) -> OrderRecord {
    OrderRecord {
        draft: draft(number, customer, now),
        buyer: buyer(customer),
        key: format!("key-{number}").into(),
        hold: hold.into(),
        system: SystemName::new("erp"),
        state: OrderState::Submitting,
        number: None,
        refusal: None,
        payment: None,
        steps: Vec::new(),
        sent: 0,
        absent: 0,
        intended_at: now,
        sent_at: None,
        settled_at: None,
        due: Some(now.checked_add(20.seconds()).expect("a time")),
    }
}

pub(crate) fn placed(record: &OrderRecord, now: Timestamp) -> OrderRecord {
    OrderRecord {
        state: OrderState::Placed,
        number: Some(Arc::from("S-1")),
        settled_at: Some(now),
        due: None,
        ..record.clone()
    }
}

pub(crate) fn payment(authorization: &str) -> PaymentRecord {
    PaymentRecord {
        system: SystemName::new("payments"),
        authorization: authorization.into(),
        amount: decimal("12.30"),
        currency: Currency::parse("EUR").expect("a currency"),
    }
}

fn draft(number: &str, customer: &str, now: Timestamp) -> OrderDraft {
    OrderDraft {
        external_number: number.into(),
        customer: CustomerNumber::new(customer),
        channel: "web".into(),
        currency: Currency::parse("EUR").expect("a currency"),
        customer_reference: None,
        note: Some("Ring twice — «tvåans» dörr".into()),
        shipping_address: None,
        billing_address: None,
        pickup_location: None,
        placed_at: now,
        lines: vec![DraftLine {
            number: 1,
            sku: Sku::new("a"),
            quantity: decimal("1.50"),
            unit: None,
            net_price: Some(decimal("8.20")),
            gross_price: None,
            location: None,
        }],
        payment: None,
        reservation: None,
    }
}
