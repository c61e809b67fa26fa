//! Stock of the lines' articles, at the channel's locations.

use std::borrow::Cow;
use std::sync::Arc;

use futures_util::future::join_all;
use jiff::Timestamp;
use skuery_schema::availability::Location;
use skuery_schema::checkout::HoldKind;
use skuery_schema::ids::{LocationCode, Sku};

use crate::checkout::Checkout;
use crate::checkout::reader::ask::in_calls;
use crate::checkout::reader::{PlaceReading, ReadWish, askable};
use crate::checkout::systems::StockSystem;
use crate::commerce::availability::figure_at;
use crate::commerce::context::Context;
use crate::port::{ByKey, PortLookup, StockFigure, StockGroup};

/// One location of the channel and the number of the question that covers it.
struct Place<'a> {
    location: Arc<Location>,
    system: &'a StockSystem,
    asked: usize,
}

/// What the stock systems say.
pub(super) struct StockReading<'a> {
    places: Vec<Place<'a>>,
    answers: Vec<ByKey<Sku, Arc<[StockFigure]>>>,
    read_at: Timestamp,
}

impl Checkout {
    /// One question to each system, or to each location where the system answers one a call.
    pub(super) async fn stock(
        &self,
        context: &Context,
        skus: &[Sku],
        wish: ReadWish<'_>,
    ) -> StockReading<'_> {
        let skus = askable(skus);
        let mut groups: Vec<(usize, StockGroup)> = Vec::new();
        let mut places = Vec::new();
        let is_wanted = |code: &LocationCode| wish.elsewhere || wish.pickup.is_none_or(|at| at == code);
        for code in context.channel.locations.iter().filter(|code| is_wanted(code)) {
            let Some(location) = self.location(code) else {
                continue;
            };
            let systems = &self.parts.systems.stock;
            // A location that no system keeps has no figure and never will: nothing can be allocated there.
            let Some(number) = systems
                .iter()
                .position(|system| system.port.locations().contains(code))
            else {
                continue;
            };
            let port = &systems[number].port;
            let group = StockGroup {
                location: port.per_location().then(|| code.clone()),
            };
            let known = groups.iter().position(|known| *known == (number, group.clone()));
            let asked = known.unwrap_or(groups.len());
            if known.is_none() {
                groups.push((number, group));
            }
            places.push(Place {
                location: location.clone(),
                system: &systems[number],
                asked,
            });
        }
        let asked = groups.iter().map(|(number, group)| {
            let port = &self.parts.systems.stock[*number].port;
            let ask = |call, keys| port.stock(call, group, keys);
            in_calls(&**port, PortLookup::Stock, wish.deadline, &skus, ask)
        });
        let answers = join_all(asked).await;
        StockReading {
            places,
            answers,
            read_at: context.now,
        }
    }

    /// A configured location.
    pub(crate) fn location(&self, code: &LocationCode) -> Option<&Arc<Location>> {
        let locations = &self.parts.systems.locations;
        locations.iter().find(|location| location.code == *code)
    }
}

impl StockReading<'_> {
    /// The places that a line may be allocated from, and the others.
    pub(super) fn of(
        &self,
        sku: &Sku,
        pickup: Option<&LocationCode>,
    ) -> (Vec<PlaceReading>, Vec<PlaceReading>) {
        let readings = self.places.iter().map(|place| self.place(place, sku));
        readings.partition(|place| pickup.is_none_or(|code| *code == place.location.code))
    }

    fn place(&self, place: &Place<'_>, sku: &Sku) -> PlaceReading {
        let Place { location, system, .. } = place;
        let figure = match self.answers[place.asked].get(sku) {
            None => Ok(None),
            Some(Err(error)) => Err(error.clone()),
            Some(Ok(figures)) => {
                let figure = figure_at(figures, &location.code, system.port.unlisted_is_none());
                Ok(figure.map(Cow::into_owned))
            }
        };
        PlaceReading {
            location: location.clone(),
            system: system.port.system().clone(),
            figure,
            read_at: self.read_at,
            kind: match system.reservations {
                Some(_) => HoldKind::System,
                None => HoldKind::Gateway,
            },
            promise: system.promise,
            reflects_after: system.reflects_after,
        }
    }
}
