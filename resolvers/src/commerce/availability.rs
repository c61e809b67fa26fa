//! From the systems' figures to what a channel shows, or staff sees.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use skuery_schema::availability::{
    Availability, AvailabilityStatus, DateRange, Location, Restock, StockLevel,
};
use skuery_schema::freshness::Freshness;
use skuery_schema::ids::{Language, LocationCode};

use crate::commerce::channel::Channel;
use crate::commerce::delivery::{Delivery, Goods};
use crate::commerce::stock_display::StockDisplay;
use crate::port::StockFigure;

/// What is known of one location.
pub(crate) struct Known<'a> {
    pub(crate) location: &'a Arc<Location>,
    /// `None` when no figure can be had: never read as zero.
    pub(crate) figure: Option<Cow<'a, StockFigure>>,
    /// What of the figure the gateway holds for others.
    pub(crate) held: Decimal,
    pub(crate) freshness: &'a Freshness,
    /// `None` where it does not deliver, or nobody asks.
    pub(crate) delivery: Option<&'a Delivery>,
}

/// Who sees it, and how.
pub(crate) struct View<'a> {
    pub(crate) channel: &'a Channel,
    /// Sees everything, whatever the channel shows.
    pub(crate) staff: bool,
    /// Whether the levels, or what follows from them, are read.
    pub(crate) levels: bool,
    /// The asked language; `None` where nothing is to be printed.
    pub(crate) words: Option<&'a Language>,
    pub(crate) country: Option<&'a str>,
    pub(crate) now: Timestamp,
    pub(crate) today: Date,
}

impl View<'_> {
    fn display(&self) -> &StockDisplay {
        match self.staff {
            true => &StockDisplay::Exact,
            false => &self.channel.stock_display,
        }
    }

    fn print(&self, shown: Option<Decimal>, status: AvailabilityStatus) -> Option<Arc<str>> {
        let mut languages = vec![self.words?.clone()];
        languages.extend(self.channel.fallback.iter().cloned());
        self.display().print(shown, status, &languages)
    }
}

/// Puts the locations together; `None` when there is none to speak of.
pub(crate) fn assemble(known: &[Known<'_>], view: &View<'_>) -> Option<Availability> {
    let channel = view.channel;
    let freshness = known
        .iter()
        .map(|level| level.freshness)
        .max_by_key(|freshness| freshness.age_ms)?
        .clone();
    let available: Decimal = known.iter().filter_map(sellable).sum();
    let complete = known.iter().all(|level| level.figure.is_some());
    let status = match complete || available > Decimal::ZERO {
        true => status(Some(available), channel),
        false => AvailabilityStatus::Unknown,
    };
    let estimated_delivery = estimate(known, status, view);
    let levels: Vec<StockLevel> = match view.levels {
        true => known.iter().map(|known| level(known, view)).collect(),
        false => Vec::new(),
    };
    let next_restock = levels
        .iter()
        .filter_map(|level| level.incoming.first())
        .min_by_key(|restock| restock.date)
        .cloned();
    // A sum with a part missing is no figure to show; the levels show what is known.
    let shown = complete.then_some(available);
    Some(Availability {
        orderable: available > Decimal::ZERO || (channel.backorders && status != AvailabilityStatus::Unknown),
        quantity: view.display().quantity(shown),
        quantity_display: view.print(shown, status),
        exactness: view.display().exactness(),
        unit: None,
        levels,
        next_restock,
        estimated_delivery,
        backorder_allowed: channel.backorders,
        status,
        freshness,
    })
}

/// Of the location that would deliver first: from its stock, or of a backorder from its next delivery on.
fn estimate(known: &[Known<'_>], status: AvailabilityStatus, view: &View<'_>) -> Option<DateRange> {
    let goods = |known: &Known<'_>| match status {
        AvailabilityStatus::InStock | AvailabilityStatus::LowStock => {
            let stocked = sellable(known).is_some_and(|available| available > Decimal::ZERO);
            stocked.then_some(Goods::InStock)
        }
        AvailabilityStatus::Backorder => {
            let days = incoming(known, view.today).map(|(date, _)| *date);
            days.min().map(Goods::From)
        }
        AvailabilityStatus::OutOfStock | AvailabilityStatus::Unknown => None,
    };
    known
        .iter()
        .filter_map(|known| known.delivery?.estimate(view.now, goods(known)?, view.country))
        .min_by_key(|range| (range.earliest, range.latest))
}

/// What the system said of one location. Of one it did not list nothing is known, unless that is its way to say none.
pub(crate) fn figure_at<'a>(
    figures: &'a [StockFigure],
    location: &LocationCode,
    unlisted_is_none: bool,
) -> Option<Cow<'a, StockFigure>> {
    let listed = figures.iter().find(|figure| figure.location == *location);
    let none = || StockFigure {
        location: location.clone(),
        available: Decimal::ZERO,
        on_hand: None,
        reserved: None,
        incoming: Vec::new(),
    };
    listed
        .map(Cow::Borrowed)
        .or_else(|| unlisted_is_none.then(|| Cow::Owned(none())))
}

/// Oversold stock shows as none.
fn sellable(known: &Known<'_>) -> Option<Decimal> {
    let available = known.figure.as_ref()?.available;
    let free = match known.held.is_zero() {
        true => available,
        false => available - known.held,
    };
    Some(match free.is_sign_negative() {
        true => Decimal::ZERO,
        false => free.normalize(),
    })
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

/// Announced deliveries that are still to come.
fn incoming<'a>(known: &'a Known<'_>, today: Date) -> impl Iterator<Item = &'a (Date, Option<Decimal>)> {
    let figure = known.figure.iter();
    figure
        .flat_map(|figure| &figure.incoming)
        .filter(move |(date, _)| *date >= today)
}

fn level(known: &Known<'_>, view: &View<'_>) -> StockLevel {
    let available = sellable(known);
    let shows_quantities = matches!(view.display(), StockDisplay::Exact);
    let mut incoming: Vec<Restock> = incoming(known, view.today)
        .map(|(date, quantity)| Restock {
            date: *date,
            quantity: quantity.filter(|_| shows_quantities),
        })
        .collect();
    incoming.sort_by_key(|restock| restock.date);
    let for_staff = known.figure.as_ref().filter(|_| view.staff);
    StockLevel {
        status: status(available, view.channel),
        available: view.display().quantity(available),
        on_hand: for_staff
            .and_then(|figure| figure.on_hand)
            .map(|quantity| quantity.normalize()),
        reserved: for_staff
            .and_then(|figure| figure.reserved)
            .map(|quantity| quantity.normalize()),
        held: for_staff.map(|_| known.held.normalize()),
        incoming,
        freshness: known.freshness.clone(),
        location: known.location.clone(),
    }
}

#[cfg(test)]
mod tests;
