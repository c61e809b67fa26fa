//! A buyer's shop: verifies carts, extends, releases and places them in any order, repeats what was not answered, and
//! writes down what it was told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rust_decimal::Decimal;
use skuery_schema::checkout::{
    CheckoutVerification, PlaceOrderPayload, PlacementState, UserErrorCode, VerifyCheckoutPayload,
};
use skuery_schema::ids::Sku;
use tokio::time::{Instant, sleep, timeout};

use crate::checkout::input::{LineInput, PaymentInput, PlaceInput, VerifyInput};
use crate::checkout::simulation::gateway::{Gateway, WAREHOUSE};
use crate::checkout::simulation::world::Payment;
use crate::port::payments::AuthorizationState;

/// One use of a token, and all that was said of it.
#[derive(Clone, Debug)]
pub(super) struct Sale {
    pub(super) customer: Arc<str>,
    pub(super) input: PlaceInput,
    /// Net and gross per unit, by article, as verified.
    pub(super) agreed: Vec<(Sku, Option<Decimal>, Option<Decimal>)>,
    pub(super) told: Vec<Told>,
}

/// One answer.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) asked_at: Instant,
    pub(super) heard_at: Instant,
    pub(super) state: Option<PlacementState>,
    pub(super) number: Option<Arc<str>>,
    pub(super) errors: Vec<UserErrorCode>,
}

/// What all buyers wrote down.
pub(super) type Sales = Arc<Mutex<Vec<Sale>>>;

pub(super) struct BuyerTask {
    pub(super) gateway: Arc<Gateway>,
    pub(super) name: Arc<str>,
    pub(super) sales: Sales,
}

impl BuyerTask {
    pub(super) async fn shop(self, carts: u64) {
        let mut payment = None;
        for cart in 0..carts {
            self.gateway.world.pause(8_000).await;
            let Some(mut verification) = self.verify(cart, 0).await else {
                continue;
            };
            match self.between(0, 9) {
                0 => self.release(&verification).await,
                1 => self.extend(&mut verification).await,
                2 => {
                    // Something else after all; the first token is used by mistake now and then.
                    let Some(second) = self.verify(cart, 1).await else {
                        continue;
                    };
                    if self.gateway.world.percent(70) {
                        verification = second;
                    }
                }
                3 => self.gateway.world.pause(90_000).await,
                _ => self.gateway.world.pause(3_000).await,
            }
            self.buy(cart, &verification, &mut payment).await;
        }
    }

    async fn verify(&self, cart: u64, version: u64) -> Option<CheckoutVerification> {
        let input = self.cart(cart, version);
        for _ in 0..6 {
            let input = input.clone();
            let answer = self
                .ask(|checkout, context| async move { checkout.verify(&context, input).await })
                .await;
            let verified = answer.and_then(|payload: VerifyCheckoutPayload| payload.verification);
            match verified {
                Some(verification) if verification.token.is_some() => return Some(verification),
                Some(verification) if !verification.lines.iter().any(|line| line.price.is_none()) => {
                    return None;
                }
                _ => self.gateway.world.pause(2_000).await,
            }
        }
        None
    }

    fn cart(&self, cart: u64, version: u64) -> VerifyInput {
        let skus = ["A", "B", "C"];
        let count = self.between(1, 3) as usize;
        let lines = (0..count).map(|number| LineInput {
            line_id: format!("{number}").into(),
            sku: skus[self.between(0, 2) as usize].into(),
            quantity: self.between(1, 3).into(),
            unit: None,
            expected_unit_price: None,
            accept_backorder: false,
            accept_partial: self.gateway.world.percent(50),
        });
        VerifyInput {
            idempotency_key: format!("{}-{cart}-{version}", self.name).into(),
            checkout_id: format!("{}-{cart}", self.name).into(),
            lines: lines.collect(),
            ship_to: None,
            pickup_location: self.gateway.world.percent(10).then(|| WAREHOUSE.into()),
            reserve: self.gateway.world.percent(80),
            hold_seconds: None,
        }
    }

    async fn extend(&self, verification: &mut CheckoutVerification) {
        let token = verification.token.clone().unwrap();
        let answer = self
            .ask(|checkout, context| async move { checkout.extend(&context, &token, Some(90)).await })
            .await;
        let extended = answer.and_then(|payload: VerifyCheckoutPayload| payload.verification);
        if let Some(token) = extended.and_then(|extended| extended.token) {
            verification.token = Some(token);
        }
    }

    async fn release(&self, verification: &CheckoutVerification) {
        let token = verification.token.clone().unwrap();
        self.ask(|checkout, context| async move { checkout.release(&context, &token).await })
            .await;
    }

    async fn buy(&self, cart: u64, verification: &CheckoutVerification, earlier: &mut Option<PaymentInput>) {
        let payment = self.payment(cart, verification, earlier);
        let mut input = PlaceInput {
            idempotency_key: format!("{}-{cart}", self.name).into(),
            token: verification.token.clone().unwrap(),
            customer_reference: None,
            billing_address: None,
            shipping_address: None,
            payment,
            note: None,
        };
        let first = self.note(verification, &input);
        let tries = self.between(1, 8);
        let twice = async {
            // The same click twice, or a second tab with a key of its own.
            if self.gateway.world.percent(30) {
                self.gateway.world.pause(2_000).await;
                self.place(first).await;
            }
        };
        let again = async {
            for _ in 0..tries {
                if self.place(first).await {
                    break;
                }
                self.gateway.world.pause(6_000).await;
            }
        };
        tokio::join!(again, twice);
        if self.gateway.world.percent(20) {
            input.idempotency_key = format!("{}-{cart}-other", self.name).into();
            let other = self.note(verification, &input);
            self.place(other).await;
        }
    }

    fn payment(
        &self,
        cart: u64,
        verification: &CheckoutVerification,
        earlier: &mut Option<PaymentInput>,
    ) -> Option<PaymentInput> {
        let total = verification.total?.gross?;
        if self.gateway.world.percent(30) {
            return None;
        }
        if let Some(used) = earlier.clone().filter(|_| self.gateway.world.percent(10)) {
            return Some(PaymentInput {
                amount: total.amount,
                ..used
            });
        }
        let id: Arc<str> = format!("pi-{}-{cart}", self.name).into();
        let authorized = Payment {
            amount: total.amount,
            state: AuthorizationState::Authorized,
            captured: None,
        };
        self.gateway.world.state().payments.insert(id.clone(), authorized);
        let payment = PaymentInput {
            provider: "pay".into(),
            authorization: id,
            amount: total.amount,
            currency: "EUR".into(),
        };
        *earlier = Some(payment.clone());
        Some(payment)
    }

    fn note(&self, verification: &CheckoutVerification, input: &PlaceInput) -> usize {
        let amount = |money: Option<skuery_schema::price::Money>| money.map(|money| money.amount);
        let lines = verification.lines.iter().filter_map(|line| {
            let price = &line.price.as_ref()?.unit_price;
            Some((line.sku.clone(), amount(price.net), amount(price.gross)))
        });
        let mut sales = self.sales.lock().unwrap();
        sales.push(Sale {
            customer: self.name.clone(),
            input: input.clone(),
            agreed: lines.collect(),
            told: Vec::new(),
        });
        sales.len() - 1
    }

    /// Whether the end is known.
    async fn place(&self, sale: usize) -> bool {
        let patience = Duration::from_millis(self.between(200, 12_000));
        let told = timeout(
            patience,
            ask_for(&self.gateway, &self.sales, sale, self.replica()),
        )
        .await;
        let told = told.ok().flatten();
        let state = told.as_ref().and_then(|told| told.state);
        self.sales.lock().unwrap()[sale].told.extend(told);
        matches!(state, Some(PlacementState::Placed | PlacementState::Rejected))
    }

    async fn ask<T, F>(
        &self,
        serve: impl FnOnce(Arc<crate::checkout::Checkout>, crate::commerce::context::Context) -> F,
    ) -> Option<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let patience = Duration::from_millis(self.between(500, 12_000));
        let answer = timeout(patience, self.gateway.request(self.replica(), &self.name, serve));
        answer.await.ok().flatten()
    }

    fn replica(&self) -> usize {
        self.between(0, self.gateway.replicas() as u64 - 1) as usize
    }

    fn between(&self, least: u64, most: u64) -> u64 {
        self.gateway.world.between(least, most)
    }
}

/// Places, and says what was told.
pub(super) async fn ask_for(gateway: &Gateway, sales: &Sales, sale: usize, replica: usize) -> Option<Told> {
    let (customer, input) = {
        let sale = &sales.lock().unwrap()[sale];
        (sale.customer.clone(), sale.input.clone())
    };
    let asked_at = Instant::now();
    let answer = gateway
        .request(replica, &customer, |checkout, context| async move {
            checkout.place(&context, input).await
        })
        .await;
    let Some(payload): Option<PlaceOrderPayload> = answer else {
        // Nobody there.
        sleep(Duration::from_millis(50)).await;
        return None;
    };
    let placement = payload.placement.as_ref();
    Some(Told {
        asked_at,
        heard_at: Instant::now(),
        state: placement.map(|placement| placement.state),
        number: placement.and_then(|placement| placement.order_number.clone()),
        errors: payload.user_errors.iter().map(|error| error.code).collect(),
    })
}
