//! `GET /metrics` in the Prometheus text format: the counters of every system's door, of every loader, of
//! prepared operations, of tokens, of subscriptions and of checkout; and those of the process, which outlive a reload.

mod checkout;
mod operations;
mod process;
mod subscriptions;

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use skuery_resolvers::commerce::gateway::Gateway;
use skuery_resolvers::door::{DURATION_BUCKETS_MS, Health, OperationSnapshot, UpstreamSnapshot};

use super::Front;
use crate::identity::Verifier;

pub(super) async fn metrics(State(front): State<Arc<Front>>) -> impl IntoResponse {
    let content_type = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    let mut text = render(&front.gateway, front.identity.as_deref());
    if let Some(till) = front.gateway.till() {
        checkout::checkout(&mut text, till).await;
    }
    process::process(&mut text, front.life.process());
    let mut sockets = Family::new(&mut text, "skuery_sockets", "gauge", "Open WebSockets.");
    sockets.sample("skuery_sockets", &[], front.sockets.count());
    subscriptions::subscriptions(&mut text, &front);
    (content_type, text)
}

/// One metric's text: its head once, then its samples.
struct Family<'a>(&'a mut String);

impl<'a> Family<'a> {
    fn new(out: &'a mut String, name: &str, kind: &str, help: &str) -> Self {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
        Self(out)
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let labels: Vec<String> = labels
            .iter()
            .map(|(name, value)| format!("{name}=\"{}\"", escape(value)))
            .collect();
        let labels = match labels.join(",") {
            none if none.is_empty() => none,
            some => format!("{{{some}}}"),
        };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }
}

fn escape(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

fn render(gateway: &Gateway, identity: Option<&Verifier>) -> String {
    let systems = gateway.systems().iter();
    let provider = identity.and_then(Verifier::provider);
    let snapshots: Vec<UpstreamSnapshot> = systems
        .map(|system| system.upstream.snapshot())
        .chain(provider)
        .collect();
    let mut out = String::new();
    system_gauges(&mut out, &snapshots);
    calls(&mut out, &snapshots);
    durations(&mut out, &snapshots);
    loaders(&mut out, gateway);
    operations::operations(&mut out, gateway.engine().kept());
    if let Some(identity) = identity {
        tokens(&mut out, identity);
    }
    out
}

fn tokens(out: &mut String, identity: &Verifier) {
    const NAME: &str = "skuery_tokens_total";
    let mut family = Family::new(out, NAME, "counter", "Tokens by what became of them.");
    for (outcome, count) in identity.outcomes() {
        family.sample(NAME, &[("outcome", outcome)], count);
    }
}

fn system_gauges(out: &mut String, snapshots: &[UpstreamSnapshot]) {
    type Read = fn(&UpstreamSnapshot) -> u64;
    const FAMILIES: [(&str, &str, &str, Read); 7] = [
        (
            "skuery_system_up",
            "gauge",
            "1 when up, 0 when degraded, down or not asked yet.",
            |s| u64::from(s.health == Health::Up),
        ),
        ("skuery_system_in_flight", "gauge", "Calls in flight.", |s| {
            s.in_flight as u64
        }),
        (
            "skuery_system_in_flight_peak",
            "gauge",
            "The most calls ever in flight at once.",
            |s| s.peak_in_flight as u64,
        ),
        (
            "skuery_system_in_flight_limit",
            "gauge",
            "The configured bound of calls in flight.",
            |s| s.concurrency as u64,
        ),
        (
            "skuery_system_queued",
            "gauge",
            "Calls waiting for their turn.",
            |s| s.queued as u64,
        ),
        (
            "skuery_system_queue_rejections_total",
            "counter",
            "Calls refused because they waited too long.",
            |s| s.queue_rejections,
        ),
        (
            "skuery_system_foreign_rows_total",
            "counter",
            "Rows in answers for keys nobody asked for.",
            |s| s.foreign_rows,
        ),
    ];
    for (name, kind, help, read) in FAMILIES {
        let mut family = Family::new(out, name, kind, help);
        for snapshot in snapshots {
            family.sample(name, &[("system", snapshot.system.as_str())], read(snapshot));
        }
    }
}

fn calls(out: &mut String, snapshots: &[UpstreamSnapshot]) {
    let mut family = Family::new(
        out,
        "skuery_calls_total",
        "counter",
        "Calls to systems by outcome.",
    );
    for (system, operation, counters) in system_operations(snapshots) {
        let mut sample = |outcome: &str, count: u64| {
            let labels = [("system", system), ("operation", operation), ("outcome", outcome)];
            family.sample("skuery_calls_total", &labels, count);
        };
        sample("ok", counters.ok);
        sample("cancelled", counters.cancelled);
        for (kind, count) in &counters.errors {
            sample(kind, *count);
        }
    }
    type Read = fn(&OperationSnapshot) -> u64;
    const FAMILIES: [(&str, &str, Read); 2] = [
        ("skuery_call_keys_total", "Keys asked of systems.", |counters| {
            counters.keys
        }),
        (
            "skuery_call_bytes_total",
            "Bytes received from systems, decompressed.",
            |counters| counters.bytes,
        ),
    ];
    for (name, help, read) in FAMILIES {
        let mut family = Family::new(out, name, "counter", help);
        for (system, operation, counters) in system_operations(snapshots) {
            family.sample(
                name,
                &[("system", system), ("operation", operation)],
                read(counters),
            );
        }
    }
}

fn system_operations(
    snapshots: &[UpstreamSnapshot],
) -> impl Iterator<Item = (&str, &str, &OperationSnapshot)> {
    snapshots.iter().flat_map(|snapshot| {
        snapshot
            .operations
            .iter()
            .map(|(operation, counters)| (snapshot.system.as_str(), *operation, counters))
    })
}

fn durations(out: &mut String, snapshots: &[UpstreamSnapshot]) {
    const NAME: &str = "skuery_call_duration_seconds";
    let mut family = Family::new(
        out,
        NAME,
        "histogram",
        "Time of finished calls, queueing included.",
    );
    for (system, operation, counters) in system_operations(snapshots) {
        let mut cumulated = 0;
        for (index, count) in counters.duration_buckets.iter().enumerate() {
            cumulated += count;
            let bound = match DURATION_BUCKETS_MS.get(index) {
                Some(bound) => format!("{}.{:03}", bound / 1000, bound % 1000),
                None => "+Inf".to_owned(),
            };
            let labels = [("system", system), ("operation", operation), ("le", &bound)];
            family.sample(&format!("{NAME}_bucket"), &labels, cumulated);
        }
        let labels = [("system", system), ("operation", operation)];
        let sum = counters.duration_sum;
        family.sample(
            &format!("{NAME}_sum"),
            &labels,
            format!("{}.{:06}", sum.as_secs(), sum.subsec_micros()),
        );
        family.sample(&format!("{NAME}_count"), &labels, cumulated);
    }
}

fn loaders(out: &mut String, gateway: &Gateway) {
    const NAME: &str = "skuery_lookups_total";
    let mut family = Family::new(out, NAME, "counter", "Lookups by how they were answered.");
    for (system, operation, counters) in gateway.loader_counters() {
        let outcomes = [
            ("hit", &counters.hits),
            ("stale", &counters.stale),
            ("shared", &counters.shared),
            ("fetched", &counters.fetched),
        ];
        for (outcome, count) in outcomes {
            let labels = [
                ("system", system.as_str()),
                ("operation", operation),
                ("outcome", outcome),
            ];
            family.sample(NAME, &labels, count.load(Ordering::Relaxed));
        }
    }
}
