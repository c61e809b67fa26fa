//! From the systems' figures to what a channel shows.

use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;
use skuery_schema::availability::{
    Availability, AvailabilityStatus, Location, QuantityExactness, Restock, StockLevel,
};
use skuery_schema::freshness::Freshness;
use skuery_schema::ids::{Language, LocationCode};

use crate::commerce::channel::{Channel, StockDisplay, StockWords};
use crate::port::StockFigure;

/// What is known of one location.
pub(crate) struct Known {
    pub(crate) location: Arc<Location>,
    /// `None` when no figure can be had: never read as zero.
    pub(crate) figure: Option<StockFigure>,
    pub(crate) freshness: Freshness,
}

/// Puts the locations together; `None` when there is none to speak of. What to print is only made when `words` says in
/// which language.
pub(crate) fn assemble(
    known: Vec<Known>,
    channel: &Channel,
    words: Option<&Language>,
    today: Date,
) -> Option<Availability> {
    let freshness = known
        .iter()
        .map(|level| &level.freshness)
        .max_by_key(|freshness| freshness.age_ms)?
        .clone();
    let available: Decimal = known.iter().filter_map(sellable).sum();
    let complete = known.iter().all(|level| level.figure.is_some());
    let status = match complete || available > Decimal::ZERO {
        true => status(Some(available), channel),
        false => AvailabilityStatus::Unknown,
    };
    let levels: Vec<StockLevel> = known
        .into_iter()
        .map(|known| level(known, channel, today))
        .collect();
    let next_restock = levels
        .iter()
        .filter_map(|level| level.incoming.first())
        .min_by_key(|restock| restock.date)
        .cloned();
    // A sum with a part missing is no figure to show; the levels show what is known.
    let shown = complete.then_some(available);
    Some(Availability {
        orderable: available > Decimal::ZERO || (channel.backorders && status != AvailabilityStatus::Unknown),
        quantity: quantity(shown, &channel.stock_display),
        quantity_display: words.and_then(|language| display(shown, status, channel, language)),
        exactness: exactness(&channel.stock_display),
        unit: None,
        levels,
        next_restock,
        backorder_allowed: channel.backorders,
        status,
        freshness,
    })
}

/// What the system said of one location. Of one it did not list nothing is known, unless that is its way to say none.
pub(crate) fn figure_at(
    figures: &[StockFigure],
    location: &LocationCode,
    unlisted_is_none: bool,
) -> Option<StockFigure> {
    let listed = figures
        .iter()
        .find(|figure| figure.location == *location)
        .cloned();
    let none = || StockFigure {
        location: location.clone(),
        available: Decimal::ZERO,
        on_hand: None,
        reserved: None,
        incoming: Vec::new(),
    };
    listed.or_else(|| unlisted_is_none.then(none))
}

/// Oversold stock shows as none.
fn sellable(known: &Known) -> Option<Decimal> {
    Some(known.figure.as_ref()?.available.max(Decimal::ZERO).normalize())
}

fn status(available: Option<Decimal>, channel: &Channel) -> AvailabilityStatus {
    match available {
        None => AvailabilityStatus::Unknown,
        Some(quantity) if quantity > channel.low_stock => AvailabilityStatus::InStock,
        Some(quantity) if quantity > Decimal::ZERO => AvailabilityStatus::LowStock,
        Some(_) if channel.backorders => AvailabilityStatus::Backorder,
        Some(_) => AvailabilityStatus::OutOfStock,
    }
}

fn level(known: Known, channel: &Channel, today: Date) -> StockLevel {
    let available = sellable(&known);
    let shows_quantities = matches!(channel.stock_display, StockDisplay::Exact);
    let mut incoming: Vec<Restock> = known
        .figure
        .iter()
        .flat_map(|figure| &figure.incoming)
        .filter(|(date, _)| *date >= today)
        .map(|(date, quantity)| Restock {
            date: *date,
            quantity: quantity.filter(|_| shows_quantities),
        })
        .collect();
    incoming.sort_by_key(|restock| restock.date);
    StockLevel {
        location: known.location,
        status: status(available, channel),
        available: quantity(available, &channel.stock_display),
        incoming,
        freshness: known.freshness,
    }
}

fn quantity(available: Option<Decimal>, display: &StockDisplay) -> Option<Decimal> {
    match display {
        StockDisplay::Exact => available,
        StockDisplay::Capped { cap } => available.map(|quantity| quantity.min(*cap)),
        StockDisplay::Banded { .. } | StockDisplay::Hidden => None,
    }
}

fn exactness(display: &StockDisplay) -> QuantityExactness {
    match display {
        StockDisplay::Exact => QuantityExactness::Exact,
        StockDisplay::Capped { .. } => QuantityExactness::Capped,
        StockDisplay::Banded { .. } => QuantityExactness::Banded,
        StockDisplay::Hidden => QuantityExactness::Hidden,
    }
}

fn display(
    available: Option<Decimal>,
    status: AvailabilityStatus,
    channel: &Channel,
    language: &Language,
) -> Option<Arc<str>> {
    let available = available?;
    match &channel.stock_display {
        StockDisplay::Exact => Some(available.to_string().into()),
        StockDisplay::Capped { cap } if available > *cap => Some(format!("{cap}+").into()),
        StockDisplay::Capped { .. } => Some(available.to_string().into()),
        StockDisplay::Banded { words } => {
            let english = StockWords::default();
            let words = words.get(language).unwrap_or(&english);
            Some(match status {
                AvailabilityStatus::InStock => words.in_stock.clone(),
                AvailabilityStatus::LowStock => words.low_stock.clone(),
                _ => words.out_of_stock.clone(),
            })
        }
        StockDisplay::Hidden => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use skuery_schema::availability::LocationKind;
    use skuery_schema::freshness::FreshnessState;
    use skuery_schema::ids::Currency;

    use super::*;
    use crate::commerce::channel::{Access, Tax};

    fn channel(stock_display: StockDisplay) -> Channel {
        let currency = Currency::parse("EUR").expect("a code");
        Channel {
            name: "web".into(),
            languages: vec!["en".into()],
            fallback: Vec::new(),
            price_lists: BTreeMap::from([(currency, None)]),
            currency,
            countries: Vec::new(),
            locations: vec!["A".into(), "B".into()],
            stock_display,
            low_stock: Decimal::from(5),
            backorders: false,
            access: Access::Anyone,
            tax: Tax::default(),
        }
    }

    fn known(code: &str, available: Option<&str>) -> Known {
        let location = LocationCode::from(code);
        Known {
            figure: available.map(|available| StockFigure {
                location: location.clone(),
                available: available.parse().expect("a number"),
                on_hand: None,
                reserved: None,
                incoming: vec![
                    (jiff::civil::date(2026, 1, 1), None),
                    (jiff::civil::date(2026, 7, 1), None),
                ],
            }),
            location: Arc::new(Location {
                code: location,
                name: code.into(),
                kind: LocationKind::Warehouse,
                address: None,
            }),
            freshness: Freshness {
                system: "wms".into(),
                fetched_at: jiff::Timestamp::UNIX_EPOCH,
                age_ms: 0,
                state: FreshnessState::Live,
            },
        }
    }

    fn show(display: StockDisplay, figures: &[Option<&str>]) -> String {
        let known = figures
            .iter()
            .zip(["A", "B"])
            .map(|(figure, code)| known(code, *figure))
            .collect();
        let shown = assemble(
            known,
            &channel(display),
            Some(&"en".into()),
            jiff::civil::date(2026, 6, 1),
        )
        .expect("levels");
        let quantity = shown
            .quantity
            .map_or("-".to_owned(), |quantity| quantity.to_string());
        format!(
            "{:?} {quantity} {}",
            shown.status,
            shown.quantity_display.as_deref().unwrap_or("-")
        )
    }

    #[test]
    fn a_missing_figure_is_unknown_and_never_zero() {
        assert_eq!(show(StockDisplay::Exact, &[Some("0"), None]), "Unknown - -");
        assert_eq!(show(StockDisplay::Exact, &[Some("3"), None]), "LowStock - -");
        assert_eq!(
            show(StockDisplay::Exact, &[Some("0"), Some("0")]),
            "OutOfStock 0 0"
        );
    }

    #[test]
    fn a_location_that_is_not_listed_is_unknown_unless_the_mapping_says_none() {
        let code = LocationCode::from("A");
        assert_eq!(figure_at(&[], &code, false), None);
        let none = figure_at(&[], &code, true).map(|figure| figure.available);
        assert_eq!(none, Some(Decimal::ZERO));
    }

    #[test]
    fn oversold_stock_shows_as_none_and_takes_nothing_from_elsewhere() {
        assert_eq!(
            show(StockDisplay::Exact, &[Some("-4"), Some("7.50")]),
            "InStock 7.5 7.5"
        );
    }

    #[test]
    fn a_cap_hides_what_is_above_it() {
        let capped = StockDisplay::Capped {
            cap: Decimal::from(20),
        };
        assert_eq!(show(capped.clone(), &[Some("400"), Some("1")]), "InStock 20 20+");
        assert_eq!(show(capped, &[Some("20"), Some("0")]), "InStock 20 20");
    }

    #[test]
    fn bands_and_hidden_show_no_figure() {
        let banded = StockDisplay::Banded {
            words: BTreeMap::new(),
        };
        assert_eq!(show(banded, &[Some("2"), Some("1")]), "LowStock - Few left");
        assert_eq!(show(StockDisplay::Hidden, &[Some("9"), Some("1")]), "InStock - -");
    }

    #[test]
    fn deliveries_of_the_past_are_left_out() {
        let shown = assemble(
            vec![known("A", Some("0"))],
            &channel(StockDisplay::Exact),
            None,
            jiff::civil::date(2026, 6, 1),
        );
        let next = shown.and_then(|shown| shown.next_restock).expect("a delivery");
        assert_eq!(next.date, jiff::civil::date(2026, 7, 1));
    }
}
