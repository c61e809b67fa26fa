//! A cart whose stock is to be divided.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use skuery_schema::checkout::HoldKind;
use skuery_schema::ids::{LocationCode, Sku, SystemName};

use crate::checkout::allocate::{Allotment, Need, Part, allocate};
use crate::checkout::input::LineInput;
use crate::checkout::judge::Orderable;
use crate::checkout::ledger::{StockPlace, Taken};
use crate::checkout::reader::{LineReading, LineWish, PlaceReading};
use crate::checkout::record::{Buyer, HeldLine};

/// A cart with what the systems say of it.
pub(crate) struct Cart<'a> {
    pub(crate) buyer: &'a Buyer,
    pub(crate) checkout_id: &'a str,
    /// Where it is picked up.
    pub(crate) pickup: Option<&'a LocationCode>,
    /// Whether its stock is to be held.
    pub(crate) reserve: bool,
    /// Until when.
    pub(crate) until: Timestamp,
    /// Whether the channel lets more be ordered than there is.
    pub(crate) backorders: bool,
    pub(crate) today: Date,
    pub(crate) lines: Vec<CartLine<'a>>,
}

/// One of its lines.
pub(crate) struct CartLine<'a> {
    pub(crate) input: &'a LineInput,
    pub(crate) reading: LineReading,
    /// `None` when it is refused, whatever is in stock.
    pub(crate) orderable: Option<Orderable>,
}

impl CartLine<'_> {
    /// What it needs; `None` when it is refused.
    pub(crate) fn need(&self, backorders: bool, today: Date) -> Option<Need<'_>> {
        let orderable = self.orderable?;
        Some(Need {
            sku: &self.input.sku,
            // As systems write it, however the shopper did.
            quantity: self.input.quantity.normalize(),
            minimum: orderable.minimum,
            step: orderable.step,
            grain: orderable.grain,
            accept_partial: self.input.accept_partial,
            backorder: self.input.accept_backorder && backorders,
            places: &self.reading.places,
            today,
        })
    }

    /// The place of a part.
    pub(crate) fn place(&self, part: &Part) -> Option<&PlaceReading> {
        self.reading.places.get(part.place)
    }
}

impl Cart<'_> {
    /// What each line would get.
    pub(crate) fn allot(&self, taken: &Taken) -> Vec<Allotment> {
        let needs: Vec<Option<Need<'_>>> = self
            .lines
            .iter()
            .map(|line| line.need(self.backorders, self.today))
            .collect();
        let wanted: Vec<Need<'_>> = needs.iter().flatten().copied().collect();
        let mut allotted = allocate(&wanted, taken, &Taken::new()).into_iter();
        needs
            .iter()
            .map(|need| need.and_then(|_| allotted.next()).unwrap_or_default())
            .collect()
    }

    /// Whether the whole cart can be ordered so.
    pub(crate) fn is_orderable(&self, allotments: &[Allotment]) -> bool {
        let mut lines = self.lines.iter().zip(allotments);
        lines.all(|(line, allotment)| {
            line.orderable.is_some() && !allotment.blind && !allotment.confirmed.is_zero()
        })
    }

    /// As the ledger keeps it.
    pub(crate) fn held_lines(&self, allotments: &[Allotment]) -> Vec<HeldLine> {
        let lines = self.lines.iter().zip(allotments);
        lines
            .flat_map(|(line, allotment)| allotment.parts.iter().filter_map(|part| held_line(line, part)))
            .collect()
    }

    /// Every place that was read, once.
    pub(crate) fn stock_places(&self) -> Vec<StockPlace> {
        let mut seen = HashSet::new();
        let mut places = Vec::new();
        for line in self.lines.iter().filter(|line| line.orderable.is_some()) {
            for place in line.reading.places.iter().chain(&line.reading.elsewhere) {
                if seen.insert((&line.input.sku, &place.location.code)) {
                    places.push(StockPlace {
                        sku: line.input.sku.clone(),
                        location: place.location.code.clone(),
                        read_at: place.read_at,
                        reflects_after: place.reflects_after,
                    });
                }
            }
        }
        places
    }

    /// What is to be read for it.
    pub(crate) fn wishes(&self) -> Vec<LineWish> {
        self.lines.iter().map(|line| line.input.into()).collect()
    }

    pub(crate) fn skus(&self) -> Vec<Sku> {
        let mut seen = HashSet::new();
        let skus = self.lines.iter().map(|line| &line.input.sku);
        skus.filter(|sku| seen.insert(*sku)).cloned().collect()
    }

    /// Reads the figures of a system that is short in spite of them as none.
    pub(crate) fn empty(&mut self, system: &SystemName, skus: &HashSet<Sku>) {
        for line in &mut self.lines {
            if !skus.contains(&line.input.sku) {
                continue;
            }
            for place in line
                .reading
                .places
                .iter_mut()
                .filter(|place| place.system == *system)
            {
                if let Ok(Some(figure)) = &mut place.figure {
                    figure.available = Decimal::ZERO;
                }
            }
        }
    }
}

fn held_line(line: &CartLine<'_>, part: &Part) -> Option<HeldLine> {
    let place = line.place(part)?;
    Some(HeldLine {
        line_id: line.input.line_id.clone(),
        sku: line.input.sku.clone(),
        location: place.location.code.clone(),
        system: place.system.clone(),
        quantity: part.quantity,
        kind: match part.backorder {
            true => HoldKind::None,
            false => place.kind,
        },
        promise: place.promise,
    })
}
