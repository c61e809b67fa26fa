//! An explanation for people: one line a lookup, in columns.

use std::fmt::Write as _;

use skuery_resolvers::commerce::explain::cost::Cost;
use skuery_resolvers::commerce::explain::plan::{ExplainedCache, ExplainedLookup, Explanation};

/// How many fields of one lookup are named on its line.
const NAMED: usize = 2;

pub(super) fn of(explanation: &Explanation) -> String {
    let operation = explanation.operation.as_deref().unwrap_or("the operation");
    let mut text = format!("{operation}, in channel {}\n\n", explanation.channel);
    if explanation.waves.is_empty() {
        text.push_str("asks no system\n");
        return text;
    }
    text.push_str(&lookups(explanation));
    text.push('\n');
    text.push_str(&costs(&explanation.cost));
    text
}

fn lookups(explanation: &Explanation) -> String {
    let heads = [
        "wave", "system", "lookup", "keys", "batch", "calls", "scope", "kept", "for",
    ];
    let mut rows = vec![heads.map(str::to_owned)];
    for wave in &explanation.waves {
        for (place, lookup) in wave.lookups.iter().enumerate() {
            let number = match place {
                0 => wave.wave.to_string(),
                _ => String::new(),
            };
            rows.push([
                number,
                lookup.system.to_string(),
                lookup.lookup.to_owned(),
                lookup.keys.to_string(),
                lookup.batch.to_string(),
                lookup.calls.to_string(),
                lookup.scope.replace('_', " "),
                lookup.cache.as_ref().map_or_else(|| "not".to_owned(), kept),
                fields(lookup),
            ]);
        }
    }
    columns(&rows, &[3, 4, 5])
}

/// `60 s, stale 900 s`: served from the cache, and after that when the system does not answer.
fn kept(cache: &ExplainedCache) -> String {
    match cache.stale_while_revalidate_secs.max(cache.stale_if_error_secs) {
        0 => format!("{} s", cache.fresh_secs),
        stale => format!("{} s, stale {stale} s", cache.fresh_secs),
    }
}

fn fields(lookup: &ExplainedLookup) -> String {
    let named: Vec<&str> = lookup.fields.iter().take(NAMED).map(String::as_str).collect();
    let mut text = named.join(", ");
    let more = lookup.fields.len() - named.len() + lookup.other_fields;
    if more > 0 {
        let _ = write!(text, " and {more} more");
    }
    if lookup.rounds > 1 {
        let _ = write!(text, " (in up to {} rounds)", lookup.rounds);
    }
    text
}

fn costs(cost: &Cost) -> String {
    let mut rows = vec![["at most", "calls", "keys", "limit"].map(str::to_owned)];
    for system in &cost.systems {
        rows.push([
            system.system.to_string(),
            system.calls.to_string(),
            system.keys.to_string(),
            system
                .max_calls
                .map_or_else(String::new, |most| format!("{most} calls")),
        ]);
    }
    rows.push([
        "all".to_owned(),
        cost.calls.to_string(),
        cost.keys.to_string(),
        format!("{} calls, {} keys", cost.max_calls, cost.max_keys),
    ]);
    let waves = match cost.waves {
        1 => "1 wave".to_owned(),
        waves => format!("{waves} waves"),
    };
    format!(
        "{}\nin {waves} at least, from a cold cache\n",
        columns(&rows, &[1, 2])
    )
}

/// Lines with their columns under each other; those of numbers end at the same place.
fn columns<const N: usize>(rows: &[[String; N]], numbers: &[usize]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let width = width(column);
            match numbers.contains(&column) {
                true => format!("{cell:>width$}"),
                false => format!("{cell:<width$}"),
            }
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
