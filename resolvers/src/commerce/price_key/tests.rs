//! Every part of a price's key tells questions apart: they share no kept answer, no call under way and no call at all.
//!
//! Each case differs from the common question in exactly one part, and the other parts, the scope among them, are the
//! same: leave the part out of the key and the case fails.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::civil::date;
use jiff::tz::TimeZone;
use skuery_schema::ids::{Sku, SystemName};
use skuery_schema::price::PriceKind;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::*;
use crate::commerce::live_sources::PriceSource;
use crate::loader::{Loader, Policy, Want};
use crate::port::{Answer, ByKey, Call, Port, PortLookup, PriceMode, PriceRow, Prices};

/// Counts its calls; each answers with a price of its own.
struct Fake {
    system: SystemName,
    calls: Mutex<Vec<Vec<Sku>>>,
    /// A call ends when it has got one of these.
    ends: Semaphore,
}

impl Port for Fake {
    fn system(&self) -> &SystemName {
        &self.system
    }

    fn max_keys(&self, _: PortLookup) -> usize {
        100
    }
}

impl Prices for Fake {
    fn price_mode(&self) -> PriceMode {
        PriceMode::Calculated
    }

    fn prices<'a>(
        &'a self,
        _: Call,
        group: &'a PriceGroup,
        keys: &'a [Sku],
    ) -> Answer<'a, ByKey<Sku, Arc<[PriceRow]>>> {
        let number = {
            let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
            calls.push(keys.to_vec());
            calls.len()
        };
        let row = PriceRow {
            minimum_quantity: Decimal::ONE,
            net: Some(Decimal::from(number)),
            gross: None,
            before_discount: None,
            discount_percent: None,
            currency: group.currency,
            price_quantity: Decimal::ONE,
            unit: None,
            kind: PriceKind::PriceList,
            valid_from: None,
            valid_until: None,
        };
        Box::pin(async move {
            let end = self.ends.acquire().await.expect("it is never closed");
            end.forget();
            Ok(keys
                .iter()
                .map(|sku| (sku.clone(), Ok([row.clone()].into())))
                .collect())
        })
    }
}

struct Shop {
    fake: Arc<Fake>,
    loader: Loader<PriceSource>,
}

impl Shop {
    /// So many calls may end.
    fn new(ends: usize) -> Self {
        let fake = Arc::new(Fake {
            system: "erp".into(),
            calls: Mutex::default(),
            ends: Semaphore::new(ends),
        });
        let source = PriceSource {
            port: fake.clone(),
            time_zone: TimeZone::UTC,
        };
        let policy = Policy {
            fresh: Duration::from_secs(600),
            stale_while_revalidate: Duration::ZERO,
            stale_if_error: Duration::ZERO,
            negative: Duration::ZERO,
            jitter_percent: 0,
            max_bytes: 1_000_000,
            max_negative: 100,
            call_timeout: Duration::from_secs(600),
            batch_window: Duration::from_millis(2),
        };
        Self {
            fake,
            loader: Loader::new(source, policy),
        }
    }

    /// The number of the call that told the price.
    async fn price(&self, (scoped, sku): &Question) -> u32 {
        let deadline = Instant::now() + Duration::from_secs(60);
        let outcomes = match self.loader.peek(scoped, sku, Want::default()) {
            Some(outcome) => vec![outcome],
            None => {
                self.loader
                    .load(scoped, std::slice::from_ref(sku), Want::default(), deadline)
                    .await
            }
        };
        let loaded = outcomes[0].clone().expect("an answer").expect("a price");
        let net = loaded.value[0].net.expect("a price");
        net.try_into().expect("a number of a call")
    }

    fn calls(&self) -> Vec<Vec<Sku>> {
        self.fake
            .calls
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

type Question = (Scoped<PriceKey>, Sku);

fn group() -> PriceGroup {
    PriceGroup {
        price_list: Some("GOLD".into()),
        customer: Some("C-1".into()),
        currency: Currency::parse("EUR").expect("a code"),
        quantity: Some(Decimal::ONE),
        unit: Some("PCS".into()),
        date: Some(date(2026, 6, 15)),
    }
}

fn question(scope: Scope, group: PriceGroup, sku: &str) -> Question {
    (Scoped::new(scope, PriceKey(group)), Sku::new(sku))
}

fn common(sku: &str) -> Question {
    question(Scope::Customer("C-1".into()), group(), sku)
}

/// The common question with one part changed.
fn others(sku: &str) -> Vec<(&'static str, Question)> {
    let differing = |group| question(Scope::Customer("C-1".into()), group, sku);
    let scoped = |scope| question(scope, group(), sku);
    vec![
        (
            "price list",
            differing(PriceGroup {
                price_list: Some("SILVER".into()),
                ..group()
            }),
        ),
        (
            "no price list",
            differing(PriceGroup {
                price_list: None,
                ..group()
            }),
        ),
        (
            "customer",
            differing(PriceGroup {
                customer: Some("C-2".into()),
                ..group()
            }),
        ),
        (
            "no customer",
            differing(PriceGroup {
                customer: None,
                ..group()
            }),
        ),
        (
            "currency",
            differing(PriceGroup {
                currency: Currency::parse("SEK").expect("a code"),
                ..group()
            }),
        ),
        (
            "quantity",
            differing(PriceGroup {
                quantity: Some(Decimal::TEN),
                ..group()
            }),
        ),
        (
            "unit",
            differing(PriceGroup {
                unit: Some("BOX".into()),
                ..group()
            }),
        ),
        (
            "no unit",
            differing(PriceGroup {
                unit: None,
                ..group()
            }),
        ),
        (
            "day",
            differing(PriceGroup {
                date: Some(date(2026, 6, 16)),
                ..group()
            }),
        ),
        (
            "today",
            differing(PriceGroup {
                date: None,
                ..group()
            }),
        ),
        ("scope of a customer", scoped(Scope::Customer("C-2".into()))),
        ("scope of a list", scoped(Scope::PriceList("C-1".into()))),
        ("scope of a company", scoped(Scope::Company("C-1".into()))),
        ("public scope", scoped(Scope::Public)),
    ]
}

#[tokio::test(start_paused = true)]
async fn no_two_questions_share_a_kept_answer() {
    let mut others = others("A");
    others.push(("SKU", common("B")));
    for (part, other) in others {
        let shop = Shop::new(2);
        let common = common("A");
        assert_eq!(shop.price(&common).await, 1, "{part}");
        assert_eq!(
            shop.price(&other).await,
            2,
            "{part}: asked, though the other one is kept"
        );
        assert_eq!(shop.price(&common).await, 1, "{part}: kept beside the other one");
        assert_eq!(shop.price(&other).await, 2, "{part}");
        assert_eq!(shop.calls().len(), 2, "{part}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_two_questions_share_a_call_under_way() {
    let mut others = others("A");
    others.push(("SKU", common("B")));
    for (part, other) in others {
        let shop = Shop::new(0);
        let common = common("A");
        let both = async { tokio::join!(shop.price(&common), shop.price(&other)) };
        let end = async {
            // Time is paused: it only passes when everybody waits, so both calls are under way by then.
            tokio::time::sleep(Duration::from_secs(1)).await;
            assert_eq!(shop.calls().len(), 2, "{part}: two calls under way");
            shop.fake.ends.add_permits(2);
        };
        let ((one, other), ()) = tokio::join!(both, end);
        assert_eq!((one, other), (1, 2), "{part}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_two_questions_share_a_batch() {
    for (part, other) in others("B") {
        let shop = Shop::new(0);
        // Under way first, so that the next two wait for company.
        let (first, common) = (common("FIRST"), common("A"));
        let three = async { tokio::join!(shop.price(&first), shop.price(&common), shop.price(&other)) };
        let end = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            shop.fake.ends.add_permits(3);
        };
        tokio::join!(three, end);
        let mut keys = shop.calls();
        keys.sort();
        let alone = |sku| vec![Sku::new(sku)];
        assert_eq!(keys, [alone("A"), alone("B"), alone("FIRST")], "{part}");
    }
}

#[tokio::test(start_paused = true)]
async fn equal_questions_do_share() {
    let shop = Shop::new(2);
    let (first, one, two) = (common("FIRST"), common("A"), common("B"));
    tokio::join!(
        shop.price(&first),
        shop.price(&one),
        shop.price(&two),
        shop.price(&one)
    );
    let together = vec![Sku::new("A"), Sku::new("B")];
    assert_eq!(shop.calls(), [vec![Sku::new("FIRST")], together]);
}

#[test]
fn the_scope_is_the_customers_exactly_when_the_question_names_one() {
    let asked = || Asked {
        currency: Currency::parse("EUR").expect("a code"),
        quantity: Some(Decimal::ONE),
        unit: Some("PCS".into()),
        date: Some(date(2026, 6, 15)),
    };
    let own = PriceKey::of_customer("C-1".into(), Some("GOLD".into()), asked());
    assert_eq!(own.scope(), &Scope::Customer("C-1".into()));
    assert_eq!(own.group().group(), &group());

    let listed = PriceKey::shared(Some("GOLD".into()), asked());
    assert_eq!(listed.scope(), &Scope::PriceList("GOLD".into()));
    let without_customer = PriceGroup {
        customer: None,
        ..group()
    };
    assert_eq!(listed.group().group(), &without_customer);

    let public = PriceKey::shared(None, asked());
    assert_eq!(public.scope(), &Scope::Public);
    assert_eq!(public.group().group().customer, None);
}
