//! The results as a table for a terminal.

use crate::goals;
use crate::items::Item;
use crate::report::{Figures, Results, SLOW_MS, Scenario};

/// One line for each item that is done, so that somebody who waits sees something.
pub(crate) fn progress(scenario: Scenario, item: &Item, measured: &[Figures]) {
    let cpu = measured.iter().map(|figures| {
        let (name, seen) = (figures.contender.name(), &figures.at_rest);
        format!("{name} {:.0} µs", seen.cpu_us)
    });
    let cpu: Vec<String> = cpu.collect();
    println!(
        "{:5} {:8} {}: {}",
        scenario.name(),
        item.name,
        item.what,
        cpu.join(", ")
    );
}

pub(crate) fn print(results: &Results) {
    let clients = results.clients;
    println!(
        "\nRatios to Skuery of processor time per request, with 1 client and with {clients}; calls per request; median"
    );
    println!(
        "time with 1 client, and what of it the systems do not explain. slow: each call takes {SLOW_MS} ms longer.\n"
    );
    println!(
        "{:5} {:8} {:13} {:>8} {:>6} {:>8} {:>6} {:>6} {:>6} {:>6} {:>8} {:>8}",
        "",
        "item",
        "",
        "µs (1)",
        "ratio",
        format!("µs ({clients})"),
        "ratio",
        "fewest",
        "calls",
        "loaded",
        "p50 ms",
        "added ms"
    );
    for figures in &results.figures {
        let (rest, load) = (&figures.at_rest, &figures.under_load);
        println!(
            "{:5} {:8} {:13} {:8.0} {:6.2} {:8.0} {:6.2} {:6.2} {:6.2} {:6.2} {:8.2} {:8.2}",
            figures.scenario.name(),
            figures.item,
            figures.contender.name(),
            rest.cpu_us,
            rest.cpu_ratio,
            load.cpu_us,
            load.cpu_ratio,
            figures.fewest_calls,
            rest.calls,
            load.calls,
            figures.p50_ms,
            figures.added_ms
        );
    }
    println!("\nPeak of resident memory, MiB: keeping answers, not keeping any");
    for memory in &results.memory {
        let name = memory.contender.name();
        println!(
            "{name:13} {:8.1} {:8.1}",
            memory.keeping_mib, memory.not_keeping_mib
        );
    }
    println!(
        "\n{}, {} rounds, {}",
        results.date, results.rounds, results.machine
    );
    for missed in goals::missed(results) {
        println!("missed: {missed}");
    }
}
