//! What a hold means to the systems it touches.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use skuery_schema::checkout::HoldKind;
use skuery_schema::ids::SystemName;

use crate::checkout::record::Hold;
use crate::port::reservations::ReservationLine;

impl Hold {
    /// The stock systems that set something aside for it.
    pub(super) fn keepers(&self) -> Vec<SystemName> {
        let lines = self.lines.iter().filter(|line| line.kind == HoldKind::System);
        let systems: BTreeSet<_> = lines.map(|line| line.system.clone()).collect();
        systems.into_iter().collect()
    }

    /// What a stock system sets aside for it: one entry for each article and location.
    pub(super) fn reserved_at(&self, system: &SystemName) -> Vec<ReservationLine> {
        let lines = self.lines.iter();
        let mut sums = BTreeMap::new();
        for line in lines.filter(|line| line.kind == HoldKind::System && line.system == *system) {
            *sums.entry((&line.sku, &line.location)).or_insert(Decimal::ZERO) += line.quantity;
        }
        let sums = sums.into_iter();
        sums.map(|((sku, location), quantity)| ReservationLine {
            sku: sku.clone(),
            location: location.clone(),
            quantity,
        })
        .collect()
    }
}
