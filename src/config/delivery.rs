//! `locations.….delivery`: how a location delivers, and its check.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use serde::Deserialize;
use skuery_resolvers::commerce::delivery::{Delivery, Transit};

/// How a location delivers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveryConfig {
    /// An order before this time of day leaves the same working day.
    pub cut_off: String,
    /// The days on which orders leave.
    #[serde(default = "monday_to_friday")]
    pub working_days: Vec<Day>,
    /// Dates that are no working days.
    #[serde(default)]
    pub holidays: BTreeSet<Date>,
    /// Working days between the order and its leaving.
    #[serde(default)]
    pub handling_days: u16,
    /// `[least, most]` days under way by country, and `default` for the others.
    pub transit_days: BTreeMap<String, [u16; 2]>,
    /// Whether those are working days.
    #[serde(default = "yes")]
    pub transit_working_days: bool,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "their names say all")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// The most days of handling or transit; more is a mistake.
const MOST_DAYS: u16 = 365;
/// The key of `transit_days` for countries that it does not name.
const ELSEWHERE: &str = "default";

/// The key within the section, and what is wrong with it.
type Problem = (&'static str, String);

/// Checks a location's delivery.
pub(super) fn delivery(config: &DeliveryConfig, time_zone: TimeZone) -> Result<Delivery, Problem> {
    if config.working_days.is_empty() {
        let problem = "at least one day is needed, such as `[mon, tue, wed, thu, fri]`";
        return Err(("working_days", problem.to_owned()));
    }
    if config.handling_days > MOST_DAYS {
        let problem = format!("{} is not allowed, use 0 to {MOST_DAYS}", config.handling_days);
        return Err(("handling_days", problem));
    }
    let mut transit = BTreeMap::new();
    for (country, days) in &config.transit_days {
        let range = self::transit(country, *days).map_err(|problem| ("transit_days", problem))?;
        transit.insert(country.as_str().into(), range);
    }
    if transit.is_empty() {
        let problem = "at least one country or `default` is needed, such as `{ SE: [1, 2] }`";
        return Err(("transit_days", problem.to_owned()));
    }
    let transit_elsewhere = transit.remove(ELSEWHERE);
    Ok(Delivery {
        time_zone,
        cut_off: time_of_day(&config.cut_off).ok_or_else(|| {
            let problem = format!("`{}` is not a time of day such as `15:00`", config.cut_off);
            ("cut_off", problem)
        })?,
        working_days: config.working_days.iter().copied().map(weekday).collect(),
        holidays: config.holidays.clone(),
        handling_days: config.handling_days,
        transit,
        transit_elsewhere,
        transit_working_days: config.transit_working_days,
    })
}

fn transit(country: &str, [least, most]: [u16; 2]) -> Result<Transit, String> {
    let is_code = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
    if !is_code && country != ELSEWHERE {
        return Err(format!(
            "`{country}` is not a country: two capital letters (ISO 3166-1) such as `SE`, or `{ELSEWHERE}`"
        ));
    }
    if least > most || most > MOST_DAYS {
        return Err(format!(
            "{country}: [{least}, {most}] is not `[least, most]` days, in this order and at most {MOST_DAYS}"
        ));
    }
    Ok(Transit { least, most })
}

/// `HH:MM`.
fn time_of_day(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let number = |digits: &str| {
        let is_two = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_two.then(|| digits.parse().ok())?
    };
    Time::new(number(hour)?, number(minute)?, 0, 0).ok()
}

fn weekday(day: Day) -> Weekday {
    match day {
        Day::Mon => Weekday::Monday,
        Day::Tue => Weekday::Tuesday,
        Day::Wed => Weekday::Wednesday,
        Day::Thu => Weekday::Thursday,
        Day::Fri => Weekday::Friday,
        Day::Sat => Weekday::Saturday,
        Day::Sun => Weekday::Sunday,
    }
}

fn monday_to_friday() -> Vec<Day> {
    vec![Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri]
}

fn yes() -> bool {
    true
}
