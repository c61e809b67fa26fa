//! The run: starts everything, compares the answers, asks in interleaved rounds, and puts the figures together.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use axum::body::Bytes;
use clap::ValueEnum;
use serde_json::{Value, json};

use crate::Failure;
use crate::answers::difference;
use crate::by_hand::calls::{Systems, Urls};
use crate::client::Client;
use crate::contender::{Contender, KEPT_SECS, Kind, Running};
use crate::critical_path::Waves;
use crate::figures::{median, median_ms, ratio, rounded};
use crate::items::{self, Item};
use crate::report::{self, Figures, Memory, Results, SLOW_MS, Scenario, Seen};
use crate::systems::Addresses;
use crate::{process, table};

/// Clients under load.
const CLIENTS: usize = 32;
/// The systems that are dialled and counted.
const SYSTEMS: [&str; 3] = ["pim", "erp", "wms"];

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The gateway's binary.
    #[arg(long)]
    skuery: PathBuf,
    /// Compare Apollo Server too.
    #[arg(long)]
    apollo: bool,
    #[arg(long, value_enum, default_value = "quick")]
    effort: Effort,
    /// A version that is stated with the results, as `name=version`.
    #[arg(long = "version", value_parser = version)]
    versions: Vec<(String, String)>,
    /// Where the results are written as JSON.
    #[arg(long)]
    results: Option<PathBuf>,
    /// Where the chart of them is drawn.
    #[arg(long, requires = "results")]
    chart: Option<PathBuf>,
    /// For configuration files.
    #[arg(long)]
    scratch: PathBuf,
}

fn version(text: &str) -> Result<(String, String), String> {
    let (name, version) = text.split_once('=').ok_or("write name=version")?;
    Ok((name.to_owned(), version.to_owned()))
}

#[derive(Clone, Copy, ValueEnum)]
enum Effort {
    /// Whether it runs at all.
    Smoke,
    /// A few minutes.
    Quick,
    Full,
}

impl Effort {
    fn rounds(self) -> usize {
        match self {
            Self::Smoke => 1,
            Self::Quick => 3,
            Self::Full => 7,
        }
    }

    /// Requests of one round at rest and under load.
    fn requests(self, scenario: Scenario) -> (usize, usize) {
        match (self, scenario) {
            (Self::Smoke, _) => (4, 32),
            (_, Scenario::Warm) => (240, 480),
            (_, Scenario::Cold) => (80, 240),
            (_, Scenario::Slow) => (40, 240),
        }
    }
}

struct Bench {
    client: Client,
    addresses: Addresses,
    systems: Systems,
    effort: Effort,
    /// Held until the end.
    _running: Running,
}

/// What one contender showed in one round.
struct Round {
    at_rest: Cost,
    under_load: Cost,
    p50_ms: f64,
}

struct Cost {
    cpu_us: f64,
    calls: f64,
}

pub(crate) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let bench = Bench::start(arguments.effort).await?;
    let mut kinds = vec![Kind::Skuery, Kind::ByHand];
    kinds.extend(arguments.apollo.then_some(Kind::Apollo));
    let (mut keeping, mut not_keeping) = (Vec::new(), Vec::new());
    for kind in kinds {
        let start = |fresh_secs| {
            Contender::start(
                kind,
                &arguments.skuery,
                &bench.addresses,
                fresh_secs,
                &arguments.scratch,
            )
        };
        keeping.push(start(KEPT_SECS).await?);
        not_keeping.push(start(0).await?);
    }
    let items = items::items(&bench.client, &keeping[0].url).await?;
    let mut figures = Vec::new();
    for scenario in Scenario::ALL {
        bench
            .dial(if scenario == Scenario::Slow { SLOW_MS } else { 0 })
            .await?;
        let contenders = if scenario == Scenario::Warm {
            &keeping
        } else {
            &not_keeping
        };
        for item in &items {
            let measured = bench.measure(scenario, item, contenders).await?;
            table::progress(scenario, item, &measured);
            figures.extend(measured);
        }
    }
    let memory = keeping.iter().zip(&not_keeping).map(|(keeping, not_keeping)| {
        Ok(Memory {
            contender: keeping.kind,
            keeping_mib: rounded(process::peak_mib(keeping.process())?, 1),
            not_keeping_mib: rounded(process::peak_mib(not_keeping.process())?, 1),
        })
    });
    let results = Results {
        date: jiff::Zoned::now().date().to_string(),
        machine: process::machine(),
        versions: arguments.versions,
        rounds: arguments.effort.rounds(),
        clients: CLIENTS,
        memory: memory.collect::<Result<_, Failure>>()?,
        figures,
    };
    table::print(&results);
    if let Some(path) = &arguments.results {
        results.write(path)?;
        if let Some(chart) = &arguments.chart {
            report::draw(path, chart)?;
        }
    }
    Ok(())
}

impl Bench {
    async fn start(effort: Effort) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut running = Running::start(command.arg("systems").stdout(Stdio::piped()))?;
        let output = running.output().ok_or("the systems have no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let addresses: Addresses = serde_json::from_str(&line)?;
        let urls = Urls {
            pim: addresses.pim.clone(),
            erp: addresses.erp.clone(),
            wms: addresses.wms.clone(),
        };
        Ok(Self {
            client: Client::new()?,
            systems: Systems::log_in(urls).await?,
            addresses,
            effort,
            _running: running,
        })
    }

    /// What each call takes longer from now on.
    async fn dial(&self, latency_ms: u64) -> Result<(), Failure> {
        let body = Bytes::from(json!({ "latencyMs": latency_ms }).to_string());
        for system in SYSTEMS {
            let url = format!("{}/demo/systems/{system}", self.addresses.dials);
            self.client.post(&url, &body).await?;
        }
        Ok(())
    }

    /// Calls that the systems have answered so far.
    async fn calls(&self) -> Result<u64, Failure> {
        let url = format!("{}/demo/systems", self.addresses.dials);
        let systems: Vec<Value> = serde_json::from_slice(&self.client.get(&url).await?)?;
        let counted = |system: &&Value| {
            system["name"]
                .as_str()
                .is_some_and(|name| SYSTEMS.contains(&name))
        };
        let calls = systems
            .iter()
            .filter(counted)
            .filter_map(|system| system["calls"].as_u64());
        Ok(calls.sum())
    }

    async fn measure(
        &self,
        scenario: Scenario,
        item: &Item,
        contenders: &[Contender],
    ) -> Result<Vec<Figures>, Failure> {
        let waves = self.same_answers(item, contenders).await?;
        let (few, many) = self.effort.requests(scenario);
        let mut rounds: Vec<Vec<Round>> = contenders.iter().map(|_| Vec::new()).collect();
        let mut systems_ms = Vec::new();
        for round in 0..self.effort.rounds() {
            systems_ms.push(match scenario {
                Scenario::Warm => 0.0,
                Scenario::Cold | Scenario::Slow => self.critical_path_ms(&waves, few).await?,
            });
            // Nobody is always first.
            for turn in 0..contenders.len() {
                let at = (round + turn) % contenders.len();
                let contender = &contenders[at];
                let (at_rest, took) = self.cost(contender, item, 1, few).await?;
                let (under_load, _) = self.cost(contender, item, CLIENTS, many).await?;
                let p50_ms = median_ms(&took);
                rounds[at].push(Round {
                    at_rest,
                    under_load,
                    p50_ms,
                });
            }
        }
        let fewest = waves.iter().map(|waves| waves.calls() as f64).sum::<f64>() / waves.len() as f64;
        let summed = |(contender, seen): (&Contender, &Vec<Round>)| Figures {
            scenario,
            item: item.name.to_owned(),
            contender: contender.kind,
            fewest_calls: rounded(fewest, 2),
            at_rest: summary(seen, &rounds[0], |round| &round.at_rest),
            under_load: summary(seen, &rounds[0], |round| &round.under_load),
            p50_ms: rounded(median(seen.iter().map(|round| round.p50_ms)), 2),
            added_ms: rounded(
                median(
                    seen.iter()
                        .zip(&systems_ms)
                        .map(|(round, systems)| round.p50_ms - systems),
                ),
                2,
            ),
        };
        Ok(contenders.iter().zip(&rounds).map(summed).collect())
    }

    /// Every contender's answer to every request, twice, so that caches are filled; refused unless all say the same. The
    /// calls behind each request come back.
    async fn same_answers(&self, item: &Item, contenders: &[Contender]) -> Result<Vec<Waves>, Failure> {
        let mut waves = Vec::with_capacity(item.requests.len());
        for request in &item.requests {
            let mut right: Option<Value> = None;
            for contender in contenders {
                self.client.post(&contender.url, &request.body).await?;
                let answer = self.client.post(&contender.url, &request.body).await?;
                let answer: Value = serde_json::from_slice(&answer)?;
                match &right {
                    None => right = Some(answer),
                    Some(right) => {
                        if let Some(place) = difference(right, &answer) {
                            let (who, item) = (contender.kind.name(), item.name);
                            let variables = &request.variables;
                            return Err(
                                format!("{who} answers {item} {variables} differently at {place}").into()
                            );
                        }
                    }
                }
            }
            let right = right.unwrap_or_default();
            waves.push(Waves::of(&self.systems, item.name, &request.variables, &right)?);
        }
        Ok(waves)
    }

    async fn critical_path_ms(&self, waves: &[Waves], requests: usize) -> Result<f64, Failure> {
        let mut took = Vec::with_capacity(requests);
        for waves in waves.iter().cycle().take(requests) {
            took.push(waves.walk(&self.systems).await?);
        }
        Ok(median_ms(&took))
    }

    /// What so many requests cost the contender and the systems.
    async fn cost(
        &self,
        contender: &Contender,
        item: &Item,
        clients: usize,
        requests: usize,
    ) -> Result<(Cost, Vec<Duration>), Failure> {
        let (calls, nanos) = (
            self.calls().await?,
            process::processor_nanos(contender.process())?,
        );
        let took = self.client.load(&contender.url, item, clients, requests).await?;
        let nanos = process::processor_nanos(contender.process())? - nanos;
        let calls = self.calls().await? - calls;
        let each = |count: u64| count as f64 / requests as f64;
        let cost = Cost {
            cpu_us: each(nanos) / 1000.0,
            calls: each(calls),
        };
        Ok((cost, took))
    }
}

/// Medians of one contender's rounds, beside those of Skuery.
fn summary(rounds: &[Round], skuery: &[Round], which: fn(&Round) -> &Cost) -> Seen {
    let cpu = |rounds: &[Round]| -> Vec<f64> { rounds.iter().map(|round| which(round).cpu_us).collect() };
    Seen {
        cpu_us: rounded(median(cpu(rounds)), 1),
        cpu_ratio: rounded(ratio(&cpu(rounds), &cpu(skuery)), 2),
        calls: rounded(median(rounds.iter().map(|round| which(round).calls)), 2),
    }
}
