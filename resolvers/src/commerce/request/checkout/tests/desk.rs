//! A desk that does as it is told, and writes down what it was asked and when it was done.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value as Json;
use skuery_schema::checkout::{
    OrderPlacement, PlaceOrderPayload, PlacementState, ReleaseCheckoutPayload, VerifyCheckoutPayload,
};

use crate::checkout::desk::{CheckoutDesk, Context, Served};
use crate::checkout::input::{PlaceInput, VerifyInput};
use crate::commerce::gateway::{CheckoutPart, Gateway, GraphqlRequest};
use crate::commerce::identity::Identity;
use crate::commerce::orders::rules::OrderRules;
use crate::commerce::orders::tests::fake::{Fake, parts};
use crate::commerce::orders::tests::world::{record, time};
use crate::engine::RequestError;
use crate::port::orders::Owner;

/// How long the desk takes for each call: longer than a query may.
pub(super) const WORK: Duration = Duration::from_secs(60);

/// What the desk was asked, and what it answers.
pub(super) struct Desk {
    pub(super) oms: Arc<Fake>,
    pub(super) log: Mutex<Vec<String>>,
    pub(super) verified: Mutex<Vec<VerifyInput>>,
    pub(super) placed: Mutex<Vec<PlaceInput>>,
    pub(super) verification: VerifyCheckoutPayload,
}

/// A gateway with one order system, where C1 has the orders W1 to W3, and a desk.
pub(super) fn shop(verification: VerifyCheckoutPayload) -> (Arc<Desk>, Gateway) {
    let owner = Owner::Customer("C1".into());
    let oms = (1..=3).fold(Fake::new("oms"), |oms, order| {
        oms.with(
            &owner,
            record(&format!("W{order}"), time(order), order, Vec::new()),
        )
    });
    let oms = Arc::new(oms);
    let desk = Arc::new(Desk {
        oms: oms.clone(),
        log: Mutex::default(),
        verified: Mutex::default(),
        placed: Mutex::default(),
        verification,
    });
    let rules = OrderRules {
        precedence: vec!["oms".into()],
        ..OrderRules::default()
    };
    let mut parts = parts(&[oms], rules, 1_000);
    // So long that what is asked twice shows.
    parts.policies.orders.fresh = Duration::from_secs(3_600);
    parts.policies.orders.negative = Duration::from_secs(3_600);
    parts.checkout = Some(CheckoutPart::Desk(desk.clone()));
    (desk, Gateway::new(parts))
}

/// A request by a customer.
pub(super) fn request(identity: Option<Identity>, query: &str, variables: Json) -> GraphqlRequest {
    GraphqlRequest {
        query: query.to_owned(),
        variables: variables.as_object().cloned().unwrap_or_default(),
        identity: identity.map(Arc::new),
        ..GraphqlRequest::default()
    }
}

pub(super) async fn refused(gateway: &Gateway, query: &str, variables: Json) -> Vec<RequestError> {
    let request = request(None, query, variables);
    let refused = gateway.execute(&request).await;
    refused.expect_err("it is refused").errors
}

impl Desk {
    /// What was noted since the last time.
    pub(super) fn noted(&self) -> Vec<String> {
        std::mem::take(&mut *self.log.lock().expect("no panic"))
    }

    fn note(&self, what: String) {
        self.log.lock().expect("no panic").push(what);
    }

    /// Begins with how often the order system was asked since the last call.
    async fn work(&self, what: String, context: &Context) {
        let asked = self.oms.calls().len();
        let customer = context
            .identity
            .as_ref()
            .and_then(|identity| identity.customer.clone());
        let customer = customer.map_or_else(|| "a guest".to_owned(), |customer| customer.to_string());
        self.note(format!("{what} begins for {customer} after {asked} calls"));
        tokio::time::sleep(WORK).await;
        self.note(format!("{what} ends"));
    }
}

impl CheckoutDesk for Desk {
    fn verify<'a>(&'a self, context: &'a Context, input: VerifyInput) -> Served<'a, VerifyCheckoutPayload> {
        Box::pin(async move {
            self.work(format!("verify {}", input.checkout_id), context).await;
            self.verified.lock().expect("no panic").push(input);
            self.verification.clone()
        })
    }

    fn extend<'a>(
        &'a self,
        context: &'a Context,
        token: &'a str,
        seconds: Option<i32>,
    ) -> Served<'a, VerifyCheckoutPayload> {
        Box::pin(async move {
            self.work(format!("extend {token} by {seconds:?}"), context).await;
            self.verification.clone()
        })
    }

    fn release<'a>(&'a self, context: &'a Context, token: &'a str) -> Served<'a, ReleaseCheckoutPayload> {
        Box::pin(async move {
            self.work(format!("release {token}"), context).await;
            ReleaseCheckoutPayload {
                released: true,
                user_errors: Vec::new(),
            }
        })
    }

    /// The token says what becomes of the order: `pending W1` and the like.
    fn place<'a>(&'a self, context: &'a Context, input: PlaceInput) -> Served<'a, PlaceOrderPayload> {
        Box::pin(async move {
            self.work(format!("place {}", input.token), context).await;
            assert!(&*input.token != "panic", "the desk breaks off");
            let (state, number) = input.token.split_once(' ').expect("two words");
            let placement = OrderPlacement {
                state: match state {
                    "placed" => PlacementState::Placed,
                    "pending" => PlacementState::Pending,
                    _ => PlacementState::Rejected,
                },
                idempotency_key: input.idempotency_key.clone(),
                external_number: "SK-1".into(),
                order_number: Some(number.into()),
                submitted_at: Some(time(1)),
            };
            self.placed.lock().expect("no panic").push(input);
            PlaceOrderPayload {
                placement: Some(placement),
                user_errors: Vec::new(),
            }
        })
    }
}
