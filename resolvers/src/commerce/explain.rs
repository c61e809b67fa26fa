//! What a request may be told beside its answer: what it costs, what it plans, and what it came to.
//!
//! Cost and plan are a forecast: `walk` goes through the plan as an execution would, and tells of every question that a
//! lookup may ask (`catalog`, `live`, `orders`, `checkout`); `tally` counts them, `plan` writes them down. `trace` tells what
//! became of them.

pub mod access;
pub mod cost;
pub mod plan;

pub(crate) mod forecast;
pub(crate) mod sources;
pub(crate) mod trace;

mod assumed;
mod few;
mod tally;
mod walk;

mod catalog;
mod checkout;
mod live;
mod orders;

use serde::Deserialize;

/// What a request asks to be told, in `extensions`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Explain {
    /// `extensions.cost`: the calls and keys that the plan may need of each system.
    pub cost: bool,
    /// `extensions.plan`: waves and lookups.
    pub plan: bool,
    /// `extensions.trace`: what became of each lookup.
    pub trace: bool,
}

impl Explain {
    /// What either asks for.
    pub fn and(self, other: Self) -> Self {
        Self {
            cost: self.cost || other.cost,
            plan: self.plan || other.plan,
            trace: self.trace || other.trace,
        }
    }

    /// Reads a list such as `cost, plan`.
    ///
    /// # Errors
    ///
    /// A name that is none of `cost`, `plan` and `trace`, with what is allowed.
    pub fn parse(names: &str) -> Result<Self, String> {
        let names = names.split(',').map(str::trim);
        Self::of(names).ok_or_else(|| "a list of `cost`, `plan` and `trace`".to_owned())
    }

    fn of<'a>(names: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut explain = Self::default();
        for name in names {
            match name {
                "cost" => explain.cost = true,
                "plan" => explain.plan = true,
                "trace" => explain.trace = true,
                _ => return None,
            }
        }
        Some(explain)
    }
}

impl<'de> Deserialize<'de> for Explain {
    /// From a list of names.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        let explain = Self::of(names.iter().map(String::as_str));
        explain.ok_or_else(|| serde::de::Error::custom("explain: a list of `cost`, `plan` and `trace`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_told_is_named() {
        let all = Explain {
            cost: true,
            plan: true,
            trace: true,
        };
        assert_eq!(
            Explain::parse("cost"),
            Ok(Explain {
                cost: true,
                ..Explain::default()
            })
        );
        assert_eq!(Explain::parse(" plan ,trace,cost"), Ok(all));
        for wrong in ["", "Cost", "cost;plan", "cost,,plan", "everything"] {
            assert!(Explain::parse(wrong).is_err(), "{wrong}");
        }
    }
}
