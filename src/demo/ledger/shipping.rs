//! How the goods of an order leave: in one shipment or several, each with its parcel.

use jiff::civil::Date;

use super::{LAST_DAY, Line, Progress, Shipment};
use crate::demo::assortment::{below, mixed};

/// Ships what the order's progress says; numbers are given later, when all shipments are known.
pub(super) fn ship(
    lines: &mut [Line],
    progress: Progress,
    country: &str,
    seed: usize,
    placed: Date,
) -> Vec<Shipment> {
    let (planned, posted) = match progress {
        Progress::PartlyShipped => (3, 2),
        Progress::Shipped | Progress::Finished if below(seed, 110, 4) == 0 => (2, 2),
        Progress::Shipped | Progress::Finished => (1, 1),
        Progress::Draft | Progress::InReview | Progress::Open | Progress::Cancelled => (0, 0),
    };
    let mut shipments = Vec::new();
    for part in 0_i64..posted {
        let mut shipped = Vec::new();
        for (at, line) in lines.iter_mut().enumerate() {
            let count = share(line.quantity, planned, part, at);
            if count > 0 {
                line.shipped += count;
                shipped.push((at, count));
            }
        }
        if !shipped.is_empty() {
            let days = 1 + 4 * part + i64::from(below(seed, 111, 2));
            shipments.push(Shipment {
                number: String::new(),
                day: later(placed, days),
                location: location(country, i64::from(below(seed, 115, 64)) + part),
                parcel: parcel(country, seed * 4 + shipments.len()),
                lines: shipped,
            });
        }
    }
    shipments
}

/// A day later, but not after the end of the book.
pub(super) fn later(day: Date, days: i64) -> Date {
    let span = jiff::Span::new().days(days);
    day.checked_add(span).unwrap_or(LAST_DAY).min(LAST_DAY)
}

/// How many of a line go into a part: even shares, and what is too few to share goes into one part whole.
fn share(quantity: i64, parts: i64, part: i64, at: usize) -> i64 {
    if quantity < parts {
        let whole = i64::try_from(at).unwrap_or(0) % parts;
        return if whole == part { quantity } else { 0 };
    }
    let even = quantity / parts;
    if part == parts - 1 {
        quantity - even * (parts - 1)
    } else {
        even
    }
}

fn location(country: &str, seed: i64) -> &'static str {
    match (country, seed % 2) {
        (_, 1) => "CPH",
        ("DE", _) => "WAW",
        _ => "STO",
    }
}

/// Every ninth shipment is collected by the customer.
pub(super) fn parcel(country: &str, seed: usize) -> Option<(&'static str, String)> {
    if below(seed, 112, 9) == 0 {
        return None;
    }
    let number = mixed(seed, 113) % 1_000_000_000;
    Some(match (country, below(seed, 114, 3)) {
        (_, 0) => ("SCHENKER", format!("SESTO{number:010}")),
        ("DE", _) => ("DHL", format!("JJD0003{number:012}")),
        _ => ("POSTNORD", format!("00373500{number:012}SE")),
    })
}
