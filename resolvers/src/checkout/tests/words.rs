//! A verification in a line of text, to compare with.

use std::fmt::Write;

use skuery_schema::checkout::{Allocation, Alternative, CheckoutVerification, VerifiedLine};

/// The outcome, then each line: `article STATUS confirmed/requested @net [allocations] {alternatives}`.
pub(crate) fn told(verification: &CheckoutVerification) -> String {
    let lines = verification.lines.iter().map(line);
    let mut text = format!("{:?}", verification.outcome);
    lines.for_each(|line| text = format!("{text}; {line}"));
    text
}

fn line(line: &VerifiedLine) -> String {
    let mut text = format!(
        "{} {:?} {}/{}",
        line.line_id, line.status, line.confirmed, line.requested
    );
    if let Some(net) = line.price.as_ref().and_then(|price| price.unit_price.net) {
        let _ = write!(text, " @{}", net.amount);
    }
    let parts: Vec<String> = line.allocations.iter().map(allocation).collect();
    if !parts.is_empty() {
        let _ = write!(text, " [{}]", parts.join(", "));
    }
    let others: Vec<String> = line.alternatives.iter().map(alternative).collect();
    if !others.is_empty() {
        let _ = write!(text, " {{{}}}", others.join(", "));
    }
    text
}

fn allocation(part: &Allocation) -> String {
    let from = part
        .available_from
        .map(|day| format!(" from {day}"))
        .unwrap_or_default();
    format!(
        "{} {} {:?}{from}",
        part.location.code, part.quantity, part.hold_kind
    )
}

fn alternative(other: &Alternative) -> String {
    let at = other
        .location
        .as_ref()
        .map(|location| format!(" {}", location.code));
    let day = other.date.map(|day| format!(" {day}"));
    let more = [at, day].into_iter().flatten().collect::<String>();
    format!("{:?} {}{more}", other.kind, other.quantity)
}
