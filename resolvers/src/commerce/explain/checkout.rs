//! What checkout asks, past every loader: what it reads, holds, hands over and settles, all in the wave of its mutation.
//!
//! Counted is the longest way that one run of the desk may take. Where it ends early, or leaves the rest to the worker,
//! less is asked.

use skuery_schema::ids::LocationCode;
use skuery_schema::input::Input;
use skuery_schema::lookup;

use crate::checkout::systems::CheckoutSystems;
use crate::commerce::explain::assumed;
use crate::commerce::explain::sources::{SourceId, Sources};
use crate::commerce::explain::tally::{Question, ScopeKind};
use crate::commerce::explain::walk::{Asking, Objects, Path, Told, Walk, hash, public};
use crate::port::{PortLookup, PriceMode};

/// How often an order is sent in one run, and how often it is looked up or finished.
const SENDINGS: u64 = 2;
const ANSWERS: u64 = 5;

/// The systems behind checkout, by the numbers of their sources.
pub(super) struct KnownCheckout {
    variants: Option<SourceId>,
    prices: SourceId,
    stock: Vec<Shelves>,
    customers: Option<SourceId>,
    credit: Option<SourceId>,
    keepers: Vec<Keeper>,
    place_order: SourceId,
    placed_orders: SourceId,
    finish_order: SourceId,
    payments: Vec<Payer>,
    /// How often what is held may be divided anew.
    rounds: u64,
}

struct Shelves {
    source: SourceId,
    per_location: bool,
    locations: Vec<LocationCode>,
}

/// A stock system that sets stock aside.
struct Keeper {
    reserve: SourceId,
    reservation: SourceId,
    release: SourceId,
    commit: SourceId,
}

/// A payment provider.
struct Payer {
    name: String,
    authorization: SourceId,
    capture: SourceId,
}

impl KnownCheckout {
    pub(super) fn new(systems: &CheckoutSystems, sources: &mut Sources) -> Self {
        let mut keepers = Vec::new();
        let mut stock = Vec::new();
        for system in &systems.stock {
            stock.push(Shelves {
                source: sources.add_live(&*system.port, PortLookup::Stock),
                per_location: system.port.per_location(),
                locations: system.port.locations().to_vec(),
            });
            if let Some(port) = &system.reservations {
                keepers.push(Keeper {
                    reserve: sources.add_live(&**port, PortLookup::Reserve),
                    reservation: sources.add_live(&**port, PortLookup::Reservation),
                    release: sources.add_live(&**port, PortLookup::ReleaseReservation),
                    commit: sources.add_live(&**port, PortLookup::CommitReservation),
                });
            }
        }
        let payments = systems.payments.iter().map(|(name, port)| Payer {
            name: name.to_string(),
            authorization: sources.add_live(&**port, PortLookup::Authorization),
            capture: sources.add_live(&**port, PortLookup::Capture),
        });
        let payments = payments.collect();
        let (catalog, customers, credit) = (&systems.catalog, &systems.customers, &systems.credit);
        Self {
            variants: catalog
                .as_ref()
                .map(|port| sources.add_live(&**port, PortLookup::Variants)),
            prices: sources.add_live(&*systems.prices, PortLookup::Prices),
            customers: customers
                .as_ref()
                .map(|port| sources.add_live(&**port, PortLookup::Customers)),
            credit: credit
                .as_ref()
                .map(|port| sources.add_live(&**port, PortLookup::Credit)),
            place_order: sources.add_live(&*systems.orders, PortLookup::PlaceOrder),
            placed_orders: sources.add_live(&*systems.orders, PortLookup::PlacedOrders),
            finish_order: sources.add_live(&*systems.orders, PortLookup::FinishOrder),
            rounds: 2 * (systems.stock.len() as u64 + 1),
            stock,
            keepers,
            payments,
        }
    }
}

/// One run of the desk: every question of it is told for the same field and wave.
struct Run<'r> {
    set: u64,
    time: u32,
    path: &'r Path<'r>,
}

impl<T: Told> Walk<'_, T> {
    pub(super) fn ask_checkout(&mut self, ask: &Asking<'_>, path: &Path<'_>) {
        let time = ask.objects.time;
        if ask.lookup == lookup::PLACED_ORDER {
            if self.own_customer().is_some()
                && let Some(order) = self.orders_by_number(ask, 1, time, path)
            {
                self.visit(ask.selection(), order, path);
            }
            return;
        }
        let sources = self.sources;
        let Some(desk) = &sources.checkout else { return };
        let set = ask.set();
        let run = Run { set, time, path };
        let lines = match ask.lookup {
            lookup::VERIFY_CHECKOUT => self.verify(desk, ask.args.get(0), &run),
            lookup::PLACE_ORDER => self.place(desk, ask.args.get(0), &run),
            lookup::EXTEND_CHECKOUT => {
                for keeper in &desk.keepers {
                    self.act(keeper.reserve, 1, &run);
                    self.act(keeper.release, 1, &run);
                }
                assumed::LINES.by(1)
            }
            _ => {
                for keeper in &desk.keepers {
                    self.act(keeper.release, 1, &run);
                }
                0
            }
        };
        let answer = Objects {
            items: lines,
            ..Objects::new(1, time + 1, set).whole()
        };
        self.visit(ask.selection(), answer, path);
    }

    fn verify(&mut self, desk: &KnownCheckout, input: Option<&Input>, run: &Run<'_>) -> u64 {
        let field = |name| input.and_then(|input| input.field(name));
        let lines = match field("lines") {
            Some(Input::List(lines)) => lines.len() as u64,
            _ => 0,
        };
        let reserves = field("reserve").and_then(Input::as_boolean).unwrap_or(true);
        // What is confirmed may be less than asked for, and cost otherwise.
        self.read(desk, lines, 2, run);
        for keeper in &desk.keepers {
            if reserves {
                self.act(keeper.reserve, desk.rounds, run);
            }
            self.act(keeper.release, desk.rounds, run);
        }
        lines
    }

    fn place(&mut self, desk: &KnownCheckout, input: Option<&Input>, run: &Run<'_>) -> u64 {
        let lines = assumed::LINES.by(1);
        self.read(desk, lines, 1, run);
        if let Some(credit) = desk.credit.filter(|_| self.own_customer().is_some()) {
            self.act(credit, 1, run);
        }
        for keeper in &desk.keepers {
            self.act(keeper.reservation, 1, run);
            self.act(keeper.reserve, desk.rounds, run);
            self.act(keeper.release, desk.rounds, run);
            self.act(keeper.commit, 1, run);
        }
        self.act(desk.place_order, SENDINGS, run);
        self.act(desk.placed_orders, ANSWERS, run);
        self.act(desk.finish_order, ANSWERS, run);
        let payment = input.and_then(|input| input.field("payment"));
        let provider = payment
            .and_then(|payment| payment.field("provider"))
            .and_then(Input::as_text);
        for payer in &desk.payments {
            if provider.is_some_and(|provider| **provider == *payer.name) {
                self.act(payer.authorization, 1, run);
                self.act(payer.capture, 1, run);
            }
        }
        lines
    }

    /// Catalogue, prices and stock of all lines at once; the customer's record before the prices where it decides them.
    fn read(&mut self, desk: &KnownCheckout, lines: u64, price_rounds: u64, run: &Run<'_>) {
        if let Some(variants) = desk.variants {
            self.lines(variants, 0, lines, 1, run);
        }
        if let Some(prices) = &self.sources.prices {
            if let Some(customers) = desk.customers.filter(|_| self.needs_record(prices)) {
                self.act(customers, price_rounds, run);
            }
            for (group, scope) in self.price_scopes(prices) {
                // Where the system calculates, each quantity is a question of its own.
                let calls = match prices.mode {
                    PriceMode::Calculated => lines,
                    PriceMode::Rows => self.sources.of(desk.prices).calls(lines),
                };
                let question = Question {
                    scope,
                    group,
                    calls: Some(calls.saturating_mul(price_rounds)),
                    ..public(desk.prices, run.set, lines.saturating_mul(price_rounds), run.time)
                };
                self.tell(question, run.path);
            }
        }
        for shelves in &desk.stock {
            let serving = &self.context.channel.locations;
            let mut asked = serving.iter().filter(|code| shelves.locations.contains(code));
            if !shelves.per_location {
                if asked.next().is_some() {
                    self.lines(shelves.source, 0, lines, desk.rounds, run);
                }
                continue;
            }
            for code in asked {
                self.lines(shelves.source, hash(code.as_str()), lines, desk.rounds, run);
            }
        }
    }

    fn lines(&mut self, source: SourceId, group: u64, lines: u64, rounds: u64, run: &Run<'_>) {
        let calls = self.sources.of(source).calls(lines);
        let question = Question {
            group,
            calls: Some(calls.saturating_mul(rounds)),
            ..public(source, run.set, lines.saturating_mul(rounds), run.time)
        };
        self.tell(question, run.path);
    }

    /// What is done or looked up so many times, one thing a call.
    fn act(&mut self, source: SourceId, times: u64, run: &Run<'_>) {
        let steps = self.sources.of(source).effort.steps as u64;
        let question = Question {
            scope: ScopeKind::Customer,
            calls: Some(times.saturating_mul(steps)),
            ..public(source, run.set, times, run.time)
        };
        self.tell(question, run.path);
    }
}
