//! When an order would arrive: a location's working days, its cut-off and how long carriers take, turned into a span of
//! days. Pure calendar arithmetic; no clock is read here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use skuery_schema::availability::DateRange;

/// How a location delivers.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Where its days begin and its cut-off strikes.
    pub time_zone: TimeZone,
    /// An order before this time leaves the same working day; at this time it is too late.
    pub cut_off: Time,
    /// The days on which orders leave; at least one.
    pub working_days: Vec<Weekday>,
    /// Dates that are no working days.
    pub holidays: BTreeSet<Date>,
    /// Working days between the order and its leaving.
    pub handling_days: u16,
    /// How long it is under way, by country (ISO 3166-1 alpha-2).
    pub transit: BTreeMap<Arc<str>, Transit>,
    /// How long to countries that are not listed; `None` where those are not delivered to.
    pub transit_elsewhere: Option<Transit>,
    /// Whether transit is counted in working days, or in days.
    pub transit_working_days: bool,
}

/// How many days a parcel is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transit {
    /// At least.
    pub least: u16,
    /// At most; not below `least`.
    pub most: u16,
}

/// From when the goods are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goods {
    /// Now.
    InStock,
    /// From a day on, which may be one that is no working day.
    From(Date),
}

impl Delivery {
    /// The days on which an order of `now` would arrive; `None` where the location does not deliver to the country.
    pub(crate) fn estimate(&self, now: Timestamp, goods: Goods, country: Option<&str>) -> Option<DateRange> {
        let transit = country
            .and_then(|country| self.transit.get(country))
            .or(self.transit_elsewhere.as_ref())?;
        let leaves = self.leaves(now, goods)?;
        Some(DateRange {
            earliest: self.arrives(leaves, transit.least)?,
            latest: self.arrives(leaves, transit.most)?,
        })
    }

    /// The day on which the order leaves.
    fn leaves(&self, now: Timestamp, goods: Goods) -> Option<Date> {
        let now = now.to_zoned(self.time_zone.clone());
        let today = now.date();
        let first = match goods {
            // An order that waits for its goods has been there long before the cut-off of the day they come.
            Goods::From(day) if day > today => day,
            _ if now.time() < self.cut_off => today,
            _ => today.tomorrow().ok()?,
        };
        self.later(self.working_day(first)?, self.handling_days)
    }

    fn arrives(&self, leaves: Date, days: u16) -> Option<Date> {
        if self.transit_working_days {
            return self.later(leaves, days);
        }
        leaves.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
    }

    /// So many working days after a working day.
    fn later(&self, from: Date, days: u16) -> Option<Date> {
        let mut day = from;
        for _ in 0..days {
            day = self.working_day(day.tomorrow().ok()?)?;
        }
        Some(day)
    }

    /// This day, or the first working day after it. Ends: every week has a working day, and holidays are a finite list.
    fn working_day(&self, from: Date) -> Option<Date> {
        let mut day = from;
        while !self.working_days.contains(&day.weekday()) || self.holidays.contains(&day) {
            day = day.tomorrow().ok()?;
        }
        Some(day)
    }
}

#[cfg(test)]
mod tests;
