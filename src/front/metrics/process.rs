//! Connections, and what came of reloads.

use super::Family;
use crate::front::process::Process;

pub(super) fn process(out: &mut String, process: &Process) {
    let mut open = Family::new(
        out,
        "skuery_connections",
        "gauge",
        "Connections that have a place, sockets included.",
    );
    open.sample("skuery_connections", &[], process.places.taken());
    const ENDED: &str = "skuery_connections_ended_total";
    let mut ended = Family::new(out, ENDED, "counter", "Connections by how they ended.");
    for (outcome, count) in process.connections.counts() {
        ended.sample(ENDED, &[("outcome", outcome)], count);
    }
    let reloads = process.reloads.snapshot();
    const RELOADS: &str = "skuery_reloads_total";
    let mut family = Family::new(out, RELOADS, "counter", "Reloads by what became of them.");
    for (what, outcome, count) in [
        ("configuration", "done", reloads.done),
        ("configuration", "refused", reloads.refused),
        ("certificates", "done", reloads.certificates_done),
        ("certificates", "refused", reloads.certificates_refused),
    ] {
        family.sample(RELOADS, &[("what", what), ("outcome", outcome)], count);
    }
    let mut lives = Family::new(
        out,
        "skuery_configurations",
        "gauge",
        "Configurations in use; more than one while requests or sockets still use an old one.",
    );
    lives.sample("skuery_configurations", &[], process.lives());
}
