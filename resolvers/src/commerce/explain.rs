//! What a request may be told beside its answer: what it costs, what it plans, and what it came to.

pub(crate) mod trace;

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
    /// Reads a list such as `cost, plan`.
    ///
    /// # Errors
    ///
    /// A name that is none of `cost`, `plan` and `trace`, with what is allowed.
    pub fn parse(names: &str) -> Result<Self, String> {
        let mut explain = Self::default();
        for name in names.split(',').map(str::trim) {
            match name {
                "cost" => explain.cost = true,
                "plan" => explain.plan = true,
                "trace" => explain.trace = true,
                _ => return Err("a list of `cost`, `plan` and `trace`".to_owned()),
            }
        }
        Ok(explain)
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
