//! Puts the answer to a verification together, and what its token binds.

use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;
use skuery_schema::checkout::{
    Allocation, CheckoutOutcome, CheckoutVerification, HoldKind, LineStatus, VerifiedLine, Warning,
};
use skuery_schema::ids::LocationCode;
use skuery_schema::price::{Money, Price};

use crate::checkout::allocate::{Allotment, Part};
use crate::checkout::alternatives::alternatives;
use crate::checkout::hold::{Cart, CartLine, Division};
use crate::checkout::input::VerifyInput;
use crate::checkout::judge::{Verdict, expected_money};
use crate::checkout::sum::{PricedQuantity, sum};
use crate::checkout::token::{AgreedLine, AgreedPlace, Claims};
use crate::commerce::context::Context;
use crate::commerce::errors::field_error;
use crate::error::LookupError;

/// What is found of one line in the end.
pub(super) struct Finding {
    pub(super) status: LineStatus,
    pub(super) changed: bool,
}

/// What is found of a cart while it is verified.
pub(super) struct Findings<'a> {
    context: &'a Context,
    input: &'a VerifyInput,
    warnings: Vec<Warning>,
    unverified: bool,
}

impl<'a> Findings<'a> {
    pub(super) fn new(context: &'a Context, input: &'a VerifyInput) -> Self {
        let mut findings = Self {
            context,
            input,
            warnings: Vec::new(),
            unverified: false,
        };
        findings.compare_countries();
        findings
    }

    /// Prices are read for the country of the context; an address elsewhere may be taxed otherwise.
    fn compare_countries(&mut self) {
        let address = self.input.ship_to.as_ref();
        let country = self.context.country.as_ref();
        if let Some((address, country)) = address.zip(country)
            && address.country != *country
        {
            let message = format!("prices are for delivery to {country}, not {}", address.country);
            self.warn("COUNTRY_DIFFERS", message.into(), None);
        }
    }

    pub(super) fn is_unverified(&self) -> bool {
        self.unverified
    }

    /// A system that must answer did not.
    pub(super) fn silent(&mut self, error: &LookupError, line: Option<&Arc<str>>) {
        self.unverified = true;
        let error = field_error(error);
        self.warn(error.code.as_str(), error.message, line);
    }

    /// Another verification of the same cart came between.
    pub(super) fn overtaken(&mut self) {
        self.unverified = true;
        let message = "another verification of this cart came between; try again";
        self.warn("IN_PROGRESS", message.into(), None);
    }

    /// Which lines cannot be judged because a system is silent.
    pub(super) fn find_silent(&mut self, cart: &Cart<'_>, verdicts: &[Verdict], allotments: &[Allotment]) {
        for ((line, verdict), allotment) in cart.lines.iter().zip(verdicts).zip(allotments) {
            let silent = match verdict {
                Verdict::Silent(error) => Some(error),
                _ if allotment.blind => {
                    let mut figures = line.reading.places.iter().map(|place| &place.figure);
                    figures.find_map(|figure| figure.as_ref().err())
                }
                _ => None,
            };
            if let Some(error) = silent {
                self.silent(error, Some(&line.input.line_id));
            }
        }
    }

    fn warn(&mut self, code: &str, message: Arc<str>, line: Option<&Arc<str>>) {
        self.warnings.push(Warning {
            code: code.into(),
            message,
            line_id: line.cloned(),
        });
    }

    /// Nothing is promised of any line; those that are refused whatever a silent system says are still told.
    pub(super) fn unverified(self, cart: &Cart<'_>, verdicts: &[Verdict]) -> CheckoutVerification {
        let nothing = Allotment::default();
        let lines = cart.lines.iter().zip(verdicts).map(|(line, verdict)| {
            let status = match verdict {
                Verdict::Refused(status) => *status,
                Verdict::Silent(_) | Verdict::Orderable(_) => LineStatus::Unverified,
            };
            let price = line.reading.price.as_ref().ok().cloned().flatten();
            self.line(line, status, &nothing, price, false)
        });
        let lines = lines.collect();
        self.verification(CheckoutOutcome::Unverified, lines)
    }

    pub(super) fn verified(
        &self,
        cart: &Cart<'_>,
        outcome: CheckoutOutcome,
        findings: &[Finding],
        division: &Division,
        prices: Vec<Option<Price>>,
    ) -> CheckoutVerification {
        let is_held = division.hold.is_some();
        let mut lines = Vec::with_capacity(prices.len());
        let mut warnings = self.warnings.clone();
        for (((line, finding), allotment), price) in cart
            .lines
            .iter()
            .zip(findings)
            .zip(&division.allotments)
            .zip(prices)
        {
            if finding.changed && finding.status == LineStatus::Partial {
                warnings.push(Warning {
                    code: "PRICE_CHANGED".into(),
                    message: "less than asked costs another price".into(),
                    line_id: Some(line.input.line_id.clone()),
                });
            }
            let mut verified = self.line(line, finding.status, allotment, price, is_held);
            if let Some(need) = line.need(cart.backorders, cart.today) {
                let elsewhere = &line.reading.elsewhere;
                verified.alternatives =
                    alternatives(finding.status, &need, allotment, elsewhere, &division.taken);
            }
            lines.push(verified);
        }
        let mut verification = self.verification(outcome, lines);
        verification.warnings = warnings;
        verification
    }

    fn line(
        &self,
        line: &CartLine<'_>,
        status: LineStatus,
        allotment: &Allotment,
        price: Option<Price>,
        is_held: bool,
    ) -> VerifiedLine {
        let expected = line.input.expected_unit_price.as_ref();
        let display = self.context.taxes.display;
        // What is refused is not confirmed, even if there would be stock.
        let is_refused = matches!(
            status,
            LineStatus::NotPurchasable | LineStatus::QuantityRule | LineStatus::UnknownSku
        );
        let parts = allotment.parts.iter().filter(|_| !is_refused);
        VerifiedLine {
            line_id: line.input.line_id.clone(),
            sku: line.input.sku.clone(),
            status,
            requested: line.input.quantity,
            confirmed: match is_refused {
                true => Decimal::ZERO,
                false => allotment.confirmed,
            },
            price,
            expected_unit_price: expected.and_then(|expected| expected_money(expected, display)),
            allocations: parts.filter_map(|part| allocation(line, part, is_held)).collect(),
            alternatives: Vec::new(),
        }
    }

    fn verification(&self, outcome: CheckoutOutcome, lines: Vec<VerifiedLine>) -> CheckoutVerification {
        let confirmed = lines.iter().filter(|line| line.confirmed > Decimal::ZERO);
        let priced: Vec<Option<PricedQuantity>> = confirmed
            .map(|line| Some(PricedQuantity::new(line.confirmed, line.price.as_ref()?)))
            .collect();
        let subtotal = sum(&priced, self.context.currency);
        CheckoutVerification {
            checkout_id: self.input.checkout_id.clone(),
            outcome,
            token: None,
            expires_at: None,
            verified_at: self.context.now,
            lines,
            subtotal,
            // Nothing is added to the lines yet: no system is asked for the cost of delivery.
            total: subtotal,
            warnings: self.warnings.clone(),
        }
    }

    /// What the token binds of a cart that can be ordered.
    pub(super) fn claims(
        &self,
        cart: &Cart<'_>,
        division: &Division,
        verification: &CheckoutVerification,
        expires_at: Timestamp,
    ) -> Claims {
        let lines = cart
            .lines
            .iter()
            .zip(&division.allotments)
            .zip(&verification.lines);
        let lines =
            lines.map(|((line, allotment), verified)| agreed(line, allotment, verified.price.as_ref()));
        Claims {
            buyer: cart.buyer.clone(),
            checkout_id: self.input.checkout_id.clone(),
            hold: division.hold.as_ref().map(|hold| hold.id.clone()),
            currency: self.context.currency,
            ship_to: self.input.ship_to.clone(),
            pickup_location: self.input.pickup_location.clone().map(LocationCode::new),
            lines: lines.collect(),
            issued_at: self.context.now,
            expires_at,
        }
    }
}

fn kind(line: &CartLine<'_>, part: &Part, is_held: bool) -> HoldKind {
    match line.place(part) {
        Some(place) if is_held && !part.backorder => place.kind,
        _ => HoldKind::None,
    }
}

fn allocation(line: &CartLine<'_>, part: &Part, is_held: bool) -> Option<Allocation> {
    let place = line.place(part)?;
    Some(Allocation {
        location: place.location.clone(),
        quantity: part.quantity,
        available_from: part.from,
        hold_kind: kind(line, part, is_held),
        promise: place.promise,
    })
}

fn agreed(line: &CartLine<'_>, allotment: &Allotment, price: Option<&Price>) -> AgreedLine {
    let amount = |money: Option<Money>| money.map(|money| money.amount);
    let places = allotment.parts.iter().filter_map(|part| {
        let place = line.place(part)?;
        Some(AgreedPlace {
            location: place.location.code.clone(),
            system: place.system.clone(),
            quantity: part.quantity,
            // Where nothing is held yet, it is when the order is placed.
            kind: kind(line, part, true),
            promise: place.promise,
        })
    });
    AgreedLine {
        line_id: line.input.line_id.clone(),
        sku: line.input.sku.clone(),
        quantity: allotment.confirmed,
        unit: line.input.unit.clone(),
        net: price.and_then(|price| amount(price.unit_price.net)),
        gross: price.and_then(|price| amount(price.unit_price.gross)),
        price_quantity: price.map_or(Decimal::ONE, |price| price.price_quantity),
        allocations: places.collect(),
    }
}
