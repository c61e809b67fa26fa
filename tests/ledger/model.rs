//! Random work, done by a store and by the model in memory: both must say the same, and end up the same.

use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use skuery_resolvers::checkout::book::BookLedger;
use skuery_resolvers::checkout::ledger::{Epoch, HoldWish, Ledger, StockPlace, Taken};
use skuery_resolvers::checkout::record::{AttemptKey, HeldLine, HoldState, Operation, OrderState};
use skuery_schema::checkout::HoldKind;

use crate::ground::Ground;
use crate::things::{LEASE, at, buyer, line, payment, place, record};

const CUSTOMERS: [&str; 3] = ["c", "d", "e"];
const SKUS: [&str; 3] = ["a", "b", "c"];
const LOCATIONS: [&str; 2] = ["A", "B"];

/// One piece of work. Holds and orders are meant by their place in what was made so far.
#[derive(Clone, Debug)]
enum Work {
    Begin {
        customer: usize,
        key: u8,
        body: u8,
    },
    Answer {
        customer: usize,
        key: u8,
        epoch: i64,
    },
    Abandon {
        customer: usize,
        key: u8,
        epoch: i64,
    },
    Hold {
        customer: usize,
        cart: u8,
        lines: Vec<(usize, usize, u8, u8)>,
        reflects: u8,
    },
    Confirm {
        hold: u8,
    },
    Extend {
        hold: u8,
    },
    End {
        hold: u8,
        state: u8,
    },
    Claim {
        limit: usize,
    },
    NoteReleased {
        hold: u8,
    },
    Intend {
        hold: u8,
        customer: usize,
        key: u8,
        payment: u8,
    },
    Record {
        order: u8,
        epoch: i64,
        state: u8,
        due: bool,
        answer: bool,
    },
    ClaimDue,
    ClaimOrder {
        order: u8,
    },
    Wait {
        seconds: u8,
    },
    RemoveOld {
        seconds: u8,
    },
}

fn work() -> impl Strategy<Value = Work> {
    let customer = 0..CUSTOMERS.len();
    let lines = prop::collection::vec((0..SKUS.len(), 0..LOCATIONS.len(), 1..9_u8, 0..4_u8), 0..4);
    prop_oneof![
        4 => (customer.clone(), 0..3_u8, 0..2_u8).prop_map(|(customer, key, body)| Work::Begin { customer, key, body }),
        2 => (customer.clone(), 0..3_u8, 1..4_i64).prop_map(|(customer, key, epoch)| Work::Answer { customer, key, epoch }),
        2 => (customer.clone(), 0..3_u8, 1..4_i64).prop_map(|(customer, key, epoch)| Work::Abandon { customer, key, epoch }),
        12 => (customer.clone(), 0..2_u8, lines, 0..20_u8)
            .prop_map(|(customer, cart, lines, reflects)| Work::Hold { customer, cart, lines, reflects }),
        3 => any::<u8>().prop_map(|hold| Work::Confirm { hold }),
        3 => any::<u8>().prop_map(|hold| Work::Extend { hold }),
        3 => (any::<u8>(), 0..3_u8).prop_map(|(hold, state)| Work::End { hold, state }),
        3 => prop_oneof![Just(0_usize), Just(99)].prop_map(|limit| Work::Claim { limit }),
        2 => any::<u8>().prop_map(|hold| Work::NoteReleased { hold }),
        8 => (any::<u8>(), customer, 0..3_u8, 0..4_u8)
            .prop_map(|(hold, customer, key, payment)| Work::Intend { hold, customer, key, payment }),
        8 => (any::<u8>(), 1..4_i64, 0..5_u8, any::<bool>(), any::<bool>())
            .prop_map(|(order, epoch, state, due, answer)| Work::Record { order, epoch, state, due, answer }),
        3 => Just(Work::ClaimDue),
        1 => any::<u8>().prop_map(|order| Work::ClaimOrder { order }),
        6 => (1..30_u8).prop_map(|seconds| Work::Wait { seconds }),
        1 => (0..90_u8).prop_map(|seconds| Work::RemoveOld { seconds }),
    ]
}

/// What was made so far, the same on both sides.
#[derive(Clone, Default)]
struct Made {
    now: i64,
    holds: Vec<String>,
    orders: Vec<String>,
}

impl Made {
    fn now(&self) -> Timestamp {
        at(self.now)
    }

    fn hold(&self, number: u8) -> &str {
        pick(&self.holds, number)
    }

    fn order(&self, number: u8) -> &str {
        pick(&self.orders, number)
    }
}

/// The last ones more often: they are the ones that something can be done with.
fn pick(ids: &[String], number: u8) -> &str {
    let back = usize::from(number) % 6;
    ids.iter().rev().nth(back).map_or("none", String::as_str)
}

/// Does it and says everything that came of it, in words.
async fn run(ledger: &dyn Ledger, work: &Work, made: &mut Made) -> String {
    let now = made.now();
    match work {
        Work::Begin { customer, key, body } => said(
            ledger
                .begin(&attempt(*customer, *key), &[*body; 32], LEASE, now)
                .await,
        ),
        Work::Answer { customer, key, epoch } => said(
            ledger
                .answer(&attempt(*customer, *key), Epoch(*epoch), "yes", now)
                .await,
        ),
        Work::Abandon { customer, key, epoch } => said(
            ledger
                .abandon(&attempt(*customer, *key), Epoch(*epoch), now)
                .await,
        ),
        Work::Hold {
            customer,
            cart,
            lines,
            reflects,
        } => hold(ledger, *customer, *cart, lines, *reflects, made).await,
        Work::Confirm { hold } => said(ledger.confirm_hold(made.hold(*hold), later(now, 40), now).await),
        Work::Extend { hold } => said(ledger.extend_hold(made.hold(*hold), later(now, 45), now).await),
        Work::End { hold, state } => {
            let state = [HoldState::Released, HoldState::Expired, HoldState::Failed][usize::from(*state)];
            said(ledger.end_hold(made.hold(*hold), state, now).await)
        }
        Work::Claim { limit } => {
            let mut claimed = ledger
                .claim_ended(now, LEASE, *limit)
                .await
                .expect("the ledger answers");
            claimed.sort_by(|one, other| one.id.cmp(&other.id));
            format!("{claimed:?}")
        }
        Work::NoteReleased { hold } => said(ledger.note_released(made.hold(*hold), now).await),
        Work::Intend {
            hold,
            customer,
            key,
            payment: paid,
        } => {
            let number = format!("N{:03}", made.orders.len());
            let mut order = record(&number, CUSTOMERS[*customer], made.hold(*hold), now);
            order.key = key.to_string().into();
            order.payment = (*paid > 0).then(|| payment(&format!("pi_{paid}_{}", made.orders.len() / 3)));
            made.orders.push(number);
            said(ledger.intend(&order, now).await)
        }
        Work::Record {
            order,
            epoch,
            state,
            due,
            answer,
        } => {
            let Some(mut order) = ledger
                .order(made.order(*order))
                .await
                .expect("the ledger answers")
            else {
                return "no such order".to_owned();
            };
            // What is settled stays so; the ledger leaves that to its callers, and the check finds it.
            if order.settled_at.is_none() {
                order.state = STATES[usize::from(*state)];
                order.settled_at = order.is_settled().then_some(now);
            }
            order.due = due.then(|| later(now, 7));
            said(
                ledger
                    .record(&order, Epoch(*epoch), "recorded", answer.then_some("known"), now)
                    .await,
            )
        }
        Work::ClaimDue => said(ledger.claim_due(now, LEASE, 9).await),
        Work::ClaimOrder { order } => said(ledger.claim_order(made.order(*order), LEASE, now).await),
        Work::Wait { seconds } => {
            made.now += i64::from(*seconds);
            // Both end what is over now: the store does so when it next divides, too, which the model does not.
            said(ledger.claim_ended(made.now(), LEASE, 0).await)
        }
        Work::RemoveOld { seconds } => {
            // The store keeps holds that a system has still to give back, which the model does not.
            for hold in &made.holds {
                ledger.note_released(hold, now).await.expect("the ledger answers");
            }
            let before = now.checked_sub(i64::from(*seconds).seconds()).expect("a time");
            let removed = ledger.remove_old(before).await.expect("the ledger answers");
            format!("{} {}", removed.attempts, removed.holds)
        }
    }
}

const STATES: [OrderState; 5] = [
    OrderState::Submitting,
    OrderState::Unknown,
    OrderState::Placed,
    OrderState::Rejected,
    OrderState::NeedsReview,
];

trait Settled {
    fn is_settled(&self) -> bool;
}

impl Settled for skuery_resolvers::checkout::record::OrderRecord {
    fn is_settled(&self) -> bool {
        matches!(self.state, OrderState::Placed | OrderState::Rejected)
    }
}

/// An error counts by its kind; its words are each store's own.
fn said<T: std::fmt::Debug, E: std::fmt::Debug>(result: Result<T, E>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(error) => format!("{error:?}")
            .split('(')
            .next()
            .unwrap_or_default()
            .to_owned(),
    }
}

fn later(now: Timestamp, seconds: i64) -> Timestamp {
    now.checked_add(seconds.seconds()).expect("a time")
}

fn attempt(customer: usize, key: u8) -> AttemptKey {
    AttemptKey {
        buyer: buyer(CUSTOMERS[customer]),
        operation: Operation::Place,
        key: key.to_string().into(),
    }
}

async fn hold(
    ledger: &dyn Ledger,
    customer: usize,
    cart: u8,
    lines: &[(usize, usize, u8, u8)],
    reflects: u8,
    made: &mut Made,
) -> String {
    let id = format!("h{:03}", made.holds.len());
    let places: Vec<StockPlace> = all_places(made.now(), reflects);
    let lines: Vec<HeldLine> = lines.iter().map(wanted).collect();
    let seen = std::sync::Mutex::new(Taken::new());
    let decide = |taken: &Taken| {
        seen.lock().expect("no panic").clone_from(taken);
        lines.clone()
    };
    let buyer = buyer(CUSTOMERS[customer]);
    let cart = format!("cart {cart}");
    let wish = HoldWish {
        id: id.as_str().into(),
        buyer: &buyer,
        checkout_id: &cart,
        places: &places,
        until: later(made.now(), 30),
        now: made.now(),
    };
    let holding = ledger.hold(&wish, &decide).await;
    made.holds.push(id);
    let mut taken: Vec<_> = seen.into_inner().expect("no panic").into_iter().collect();
    taken.retain(|(_, quantity)| !quantity.is_zero());
    taken.sort();
    format!("{} of {taken:?}", said(holding))
}

fn all_places(now: Timestamp, reflects: u8) -> Vec<StockPlace> {
    let pairs = SKUS
        .iter()
        .flat_map(|sku| LOCATIONS.iter().map(move |location| (*sku, *location)));
    let places = pairs.map(|(sku, location)| StockPlace {
        reflects_after: Duration::from_secs(u64::from(reflects)),
        ..place(sku, location, now)
    });
    places.collect()
}

fn wanted((sku, location, quantity, kind): &(usize, usize, u8, u8)) -> HeldLine {
    let kind = match kind {
        0 => HoldKind::System,
        1 => HoldKind::None,
        _ => HoldKind::Gateway,
    };
    line(SKUS[*sku], LOCATIONS[*location], &format!("{quantity}.5"), kind)
}

/// Everything that can be read of it.
async fn everything(ledger: &dyn Ledger, made: &Made) -> String {
    let filter = skuery_resolvers::checkout::ledger::OrderFilter {
        limit: 999,
        ..Default::default()
    };
    let orders = ledger.orders(&filter).await.expect("the ledger answers");
    let mut leases = ledger.leases(made.now()).await.expect("the ledger answers");
    leases.retain(|lease| lease.accepted_at.is_none());
    leases.sort_by_key(|lease| format!("{lease:?}"));
    let mut holds = Vec::new();
    for id in &made.holds {
        holds.push(ledger.find_hold(id).await.expect("the ledger answers"));
    }
    format!("{orders:#?} {leases:#?} {holds:#?}")
}

/// Each run is one long piece of random work; `PROPTEST_RNG_SEED` is not needed, since the work is printed when it fails.
pub(crate) async fn the_store_does_what_the_model_does(ground: Ground) {
    let ledger = ground.open().await;
    let mut runner = TestRunner::default();
    let strategy = prop::collection::vec(work(), 400);
    let works = strategy.new_tree(&mut runner).expect("work").current();
    let model = BookLedger::default();
    let (mut here, mut there) = (Made::default(), Made::default());
    for (number, work) in works.iter().enumerate() {
        let real = run(ledger.as_ref(), work, &mut here).await;
        let expected = run(&model, work, &mut there).await;
        assert_eq!(
            real,
            expected,
            "{work:?}, number {number} of {:#?}",
            &works[..=number]
        );
    }
    assert_eq!(
        everything(ledger.as_ref(), &here).await,
        everything(&model, &there).await,
        "{works:#?}"
    );
    let findings = ledger.check(here.now()).await.expect("the ledger answers");
    let damage: Vec<_> = findings
        .iter()
        .filter(|finding| !finding.problem.contains("nobody") && !finding.problem.contains("no answer"))
        .collect();
    assert!(damage.is_empty(), "{damage:#?} after {works:#?}");
}
