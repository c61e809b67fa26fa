//! What was seen, as it is kept in `results.json`, and what is made of it.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::chart;
use crate::contender::Kind;

#[derive(Serialize, Deserialize)]
pub(crate) struct Results {
    /// Day of the run.
    pub(crate) date: String,
    pub(crate) machine: String,
    /// Program and version.
    pub(crate) versions: Vec<(String, String)>,
    pub(crate) rounds: usize,
    /// Clients under load.
    pub(crate) clients: usize,
    pub(crate) figures: Vec<Figures>,
    pub(crate) memory: Vec<Memory>,
}

/// Of one contender at one item in one scenario; medians of rounds.
#[derive(Serialize, Deserialize)]
pub(crate) struct Figures {
    pub(crate) scenario: Scenario,
    pub(crate) item: String,
    pub(crate) contender: Kind,
    /// The fewest calls that answer one request when nothing is kept.
    pub(crate) fewest_calls: f64,
    pub(crate) at_rest: Seen,
    pub(crate) under_load: Seen,
    /// Half of all requests at rest took longer.
    pub(crate) p50_ms: f64,
    /// What of it is not the systems' critical path.
    pub(crate) added_ms: f64,
}

/// With one client, or with many.
#[derive(Serialize, Deserialize)]
pub(crate) struct Seen {
    /// Processor time of the contender's process for one request.
    pub(crate) cpu_us: f64,
    /// That, as many times Skuery's of the same round.
    pub(crate) cpu_ratio: f64,
    /// Calls for one request that the systems counted.
    pub(crate) calls: f64,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Memory {
    pub(crate) contender: Kind,
    /// Peaks of resident memory, in MiB, of the process that keeps answers and of the one that does not.
    pub(crate) keeping_mib: f64,
    pub(crate) not_keeping_mib: f64,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Scenario {
    /// Everything is in the caches.
    Warm,
    /// Nothing is kept; systems answer at once.
    Cold,
    /// Nothing is kept; each call takes `SLOW_MS` longer.
    Slow,
}

/// What each system waits in the slow scenario.
pub(crate) const SLOW_MS: u64 = 20;

impl Scenario {
    pub(crate) const ALL: [Self; 3] = [Self::Warm, Self::Cold, Self::Slow];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Warm => "warm",
            Self::Cold => "cold",
            Self::Slow => "slow",
        }
    }
}

impl Results {
    pub(crate) fn of(&self, scenario: Scenario, item: &str, contender: Kind) -> Option<&Figures> {
        self.figures.iter().find(|figures| {
            figures.scenario == scenario && figures.item == item && figures.contender == contender
        })
    }

    /// The items in the order in which they were measured.
    pub(crate) fn items(&self) -> Vec<&str> {
        let mut items: Vec<&str> = Vec::new();
        for figures in &self.figures {
            if !items.contains(&figures.item.as_str()) {
                items.push(&figures.item);
            }
        }
        items
    }

    pub(crate) fn write(&self, path: &Path) -> Result<(), Failure> {
        Ok(fs::write(path, serde_json::to_string_pretty(self)? + "\n")?)
    }
}

/// Draws the chart of results that were written before.
pub(crate) fn draw(results: &Path, chart: &Path) -> Result<(), Failure> {
    let results: Results = serde_json::from_slice(&fs::read(results)?)?;
    Ok(fs::write(chart, chart::svg(&results))?)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Figures, Results, Scenario, Seen};
    use crate::contender::Kind;

    /// A cart from warm caches with this ratio.
    pub(crate) fn figures(contender: Kind, cpu_ratio: f64) -> Figures {
        let seen = || Seen {
            cpu_us: 100.0 * cpu_ratio,
            cpu_ratio,
            calls: 3.0,
        };
        Figures {
            scenario: Scenario::Warm,
            item: "cart".to_owned(),
            contender,
            fewest_calls: 3.0,
            at_rest: seen(),
            under_load: seen(),
            p50_ms: 1.0,
            added_ms: 1.0,
        }
    }

    pub(crate) fn results(figures: impl IntoIterator<Item = Figures>) -> Results {
        Results {
            date: "2026-08-01".to_owned(),
            machine: "any, 2 cores".to_owned(),
            versions: Vec::new(),
            rounds: 1,
            clients: 32,
            figures: figures.into_iter().collect(),
            memory: Vec::new(),
        }
    }

    #[test]
    fn results_are_read_as_they_were_written() {
        let written = serde_json::to_value(results([figures(Kind::ByHand, 0.7)])).expect("JSON");
        assert_eq!(written["figures"][0]["contender"], "by hand");
        assert_eq!(written["figures"][0]["scenario"], "warm");
        let read: Results = serde_json::from_value(written.clone()).expect("results");
        assert_eq!(serde_json::to_value(read).expect("JSON"), written);
    }
}
