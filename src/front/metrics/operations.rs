//! The operations that are kept prepared, and how often they served.

use skuery_resolvers::engine::KeptCounts;

use super::Family;

pub(super) fn operations(out: &mut String, counts: KeptCounts) {
    const TOTAL: &str = "skuery_operations_total";
    let outcomes = [
        ("hit", counts.hits),
        ("shared", counts.shared),
        ("prepared", counts.prepared),
        ("refused", counts.refused),
    ];
    let mut family = Family::new(out, TOTAL, "counter", "Operations by how they were come by.");
    for (outcome, count) in outcomes {
        family.sample(TOTAL, &[("outcome", outcome)], count);
    }
    let families = [
        (
            "skuery_operations_evicted_total",
            "counter",
            "Kept operations that made room.",
            counts.evicted,
        ),
        (
            "skuery_operations_kept",
            "gauge",
            "Operations that are kept prepared.",
            counts.operations,
        ),
        (
            "skuery_operations_kept_bytes",
            "gauge",
            "What those weigh; estimated.",
            counts.bytes,
        ),
    ];
    for (name, kind, help, value) in families {
        Family::new(out, name, kind, help).sample(name, &[], value);
    }
}
