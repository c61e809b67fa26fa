//! The rows: what is kept of a key, a hold and an order, and how a change of one is written together with its event.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use skuery_resolvers::checkout::record::{
    AttemptKey, Buyer, Hold, HoldState, Operation, OrderRecord, PaymentRecord,
};
use skuery_schema::checkout::HoldKind;

use crate::ledger::dialect::{Row, Session};
use crate::ledger::fault::Fault;

/// A key of a mutation. Its column `id` is made of the key.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct AttemptRow {
    pub(super) key: AttemptKey,
    /// SHA-256 of what was asked, in hexadecimal.
    /// `None` after it was abandoned: nothing was done, so whatever is asked next is the key's first meaning.
    pub(super) body: Option<String>,
    pub(super) state: AttemptState,
    pub(super) lease_until: Timestamp,
    pub(super) answer: Option<Arc<str>>,
    #[serde(skip)]
    pub(super) epoch: i64,
    #[serde(skip)]
    pub(super) revision: i64,
}

/// How far an attempt is.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum AttemptState {
    Open,
    Answered,
    Abandoned,
}

/// A hold, and when the stock systems have given it back.
#[derive(Clone)]
pub(super) struct HoldRow {
    pub(super) hold: Hold,
    /// The order that was written down on it.
    pub(super) order: Option<Arc<str>>,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) given_back_at: Option<Timestamp>,
    pub(super) revision: i64,
}

/// An order, and who works on it.
#[derive(Clone)]
pub(super) struct OrderRow {
    pub(super) record: OrderRecord,
    pub(super) epoch: i64,
    pub(super) claimed_until: Option<i64>,
    pub(super) revision: i64,
}

/// What an attempt's row is known by.
pub(super) fn attempt_id(key: &AttemptKey) -> String {
    let buyer = &key.buyer;
    json!([buyer.channel, buyer.customer, key.operation, key.key]).to_string()
}

/// The attempt under whose key an order was placed.
pub(super) fn attempt_of_order(record: &OrderRecord) -> String {
    attempt_id(&AttemptKey {
        buyer: record.buyer.clone(),
        operation: Operation::Place,
        key: record.key.clone(),
    })
}

/// Whose a hold or order is. Within JSON no two buyers can run into each other.
pub(super) fn buyer_id(buyer: &Buyer) -> String {
    json!([buyer.channel, buyer.customer]).to_string()
}

/// The buyer of a column.
pub(super) fn read_buyer(id: &str) -> Result<Buyer, Fault> {
    let (channel, customer) = serde_json::from_str(id)?;
    Ok(Buyer { channel, customer })
}

/// Which cart a hold is for.
pub(super) fn cart_id(buyer: &Buyer, checkout_id: &str) -> String {
    json!([buyer.channel, buyer.customer, checkout_id]).to_string()
}

/// Which authorisation pays for an order.
pub(super) fn payment_id(payment: &PaymentRecord) -> String {
    json!([payment.system, payment.authorization]).to_string()
}

/// Nanoseconds since 1970, in which times are compared exactly; times after 2262 are all the same.
pub(super) fn nanos(time: Timestamp) -> i64 {
    let nanos = time.as_nanosecond();
    i64::try_from(nanos).unwrap_or(if nanos > 0 { i64::MAX } else { i64::MIN })
}

/// A state as it stands in its column.
pub(super) fn word(state: &impl Serialize) -> Result<String, Fault> {
    match serde_json::to_value(state)? {
        Json::String(word) => Ok(word),
        other => Err(Fault::Damaged(format!("{other} is no state"))),
    }
}

impl HoldRow {
    pub(super) fn id(&self) -> &str {
        &self.hold.id
    }

    /// Whether a stock system holds part of it.
    pub(super) fn is_at_system(&self) -> bool {
        self.hold.lines.iter().any(|line| line.kind == HoldKind::System)
    }

    /// Whether it would end by time.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.hold.state, HoldState::Reserving | HoldState::Held)
    }

    /// Whether nobody may order on it any more, and no order stands on it.
    pub(super) fn has_ended(&self) -> bool {
        matches!(
            self.hold.state,
            HoldState::Released | HoldState::Expired | HoldState::Failed
        )
    }

    /// The row as it is kept: the hold, with what the ledger knows beside it.
    pub(super) fn body(&self) -> Result<String, Fault> {
        body(
            &self.hold,
            &[
                ("order", json!(self.order)),
                ("ended_at", json!(self.ended_at)),
                ("given_back_at", json!(self.given_back_at)),
            ],
        )
    }

    /// Reads `hold.body, hold.revision`.
    pub(super) fn read(row: &Row) -> Result<Self, Fault> {
        #[derive(Deserialize)]
        struct Beside {
            order: Option<Arc<str>>,
            ended_at: Option<Timestamp>,
            given_back_at: Option<Timestamp>,
        }
        let beside: Beside = serde_json::from_str(row.text(0)?)?;
        Ok(Self {
            hold: serde_json::from_str(row.text(0)?)?,
            order: beside.order,
            ended_at: beside.ended_at,
            given_back_at: beside.given_back_at,
            revision: row.integer(1)?,
        })
    }
}

impl OrderRow {
    pub(super) fn id(&self) -> &str {
        &self.record.draft.external_number
    }

    /// The row as it is kept: the record and its epoch.
    pub(super) fn body(&self) -> Result<String, Fault> {
        body(&self.record, &[("epoch", json!(self.epoch))])
    }

    /// Reads `orders.body, orders.revision, orders.epoch, orders.claimed_until`.
    pub(super) fn read(row: &Row) -> Result<Self, Fault> {
        Ok(Self {
            record: serde_json::from_str(row.text(0)?)?,
            revision: row.integer(1)?,
            epoch: row.integer(2)?,
            claimed_until: row.integer_or_none(3)?,
        })
    }
}

impl AttemptRow {
    pub(super) fn body(&self) -> Result<String, Fault> {
        body(self, &[("epoch", json!(self.epoch))])
    }

    /// Reads `attempt.body, attempt.revision, attempt.epoch`.
    pub(super) fn read(row: &Row) -> Result<Self, Fault> {
        Ok(Self {
            revision: row.integer(1)?,
            epoch: row.integer(2)?,
            ..serde_json::from_str(row.text(0)?)?
        })
    }
}

fn body(main: &impl Serialize, beside: &[(&str, Json)]) -> Result<String, Fault> {
    let mut body = serde_json::to_value(main)?;
    if let Json::Object(fields) = &mut body {
        for (name, value) in beside {
            fields.insert((*name).to_owned(), value.clone());
        }
    }
    Ok(body.to_string())
}

/// One line of the list of events. Its revision is the row's, which can be used once.
pub(super) struct NewEvent<'a> {
    pub(super) subject: &'static str,
    pub(super) key: &'a str,
    pub(super) revision: i64,
    pub(super) kind: &'a str,
    pub(super) body: String,
    pub(super) at: Timestamp,
}

pub(super) async fn tell(session: &mut Session, event: NewEvent<'_>) -> Result<(), Fault> {
    let sql = "INSERT INTO event (written_at, subject, subject_key, revision, kind, body) \
         VALUES ($1, $2, $3, $4, $5, $6)";
    let values = vec![
        nanos(event.at).into(),
        event.subject.into(),
        event.key.into(),
        event.revision.into(),
        event.kind.into(),
        event.body.into(),
    ];
    session.execute(sql, values).await?;
    Ok(())
}
