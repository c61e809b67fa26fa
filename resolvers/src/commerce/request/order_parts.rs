//! Shipments and documents of an order: from its records, and from the systems that keep them apart.

use std::sync::Arc;

use skuery_schema::error::FieldError;
use skuery_schema::ids::SystemName;
use skuery_schema::lookup;
use skuery_schema::order::{Fulfillment, Order, OrderDocument};

use crate::commerce::errors::field_error;
use crate::commerce::order_sources::scoped;
use crate::commerce::orders::assemble::{Joined, Member};
use crate::commerce::orders::rules::FieldGroup;
use crate::commerce::questions::{Found, Questions};
use crate::commerce::request::orders::OrdersStep;
use crate::commerce::request::{CommerceRequest, Next, outcome};
use crate::engine::{Answer, Ask};
use crate::loader::{Source, Want};
use crate::port::orders::{DocumentRecord, FulfillmentRecord};

pub(super) enum PartsStep {
    Fulfillments(Vec<Part<FulfillmentRecord>>),
    Documents(Vec<Part<DocumentRecord>>),
}

/// What one record's system knows.
pub(super) struct Part<R> {
    system: usize,
    told: Told<R>,
}

enum Told<R> {
    /// With the order itself.
    Already(Vec<R>),
    /// By a question of its own.
    Asked(Found<Arc<[R]>>),
}

impl PartsStep {
    pub(super) fn waits(&self) -> bool {
        fn waits<R>(parts: &[Part<R>]) -> bool {
            let waits = |part: &Part<R>| matches!(&part.told, Told::Asked(found) if found.waits());
            parts.iter().any(waits)
        }
        match self {
            Self::Fulfillments(parts) => waits(parts),
            Self::Documents(parts) => waits(parts),
        }
    }
}

impl CommerceRequest<'_> {
    pub(super) fn order_parts(&mut self, ask: &Ask<'_>) -> Result<Next, FieldError> {
        let order = ask.parent.as_any().downcast_ref::<Order>();
        let joined = order.and_then(|order| order.origin.downcast_ref::<Joined>());
        let Some(joined) = joined else {
            return Ok(Answer::List(Arc::from([])).into());
        };
        let step = match ask.lookup {
            lookup::ORDER_FULFILLMENTS => PartsStep::Fulfillments(self.find_fulfillments(joined)?),
            _ => PartsStep::Documents(self.find_documents(joined)?),
        };
        Ok(OrdersStep::Parts(step).into())
    }

    pub(super) fn found_parts(&self, step: PartsStep) -> Answer {
        let (answer, failure) = match step {
            PartsStep::Fulfillments(parts) => self.found_fulfillments(parts),
            PartsStep::Documents(parts) => self.found_documents(parts),
        };
        match failure {
            Some(error) => Answer::Flawed(Arc::new((answer, error))),
            None => answer,
        }
    }

    // ------------------------------------------------------------ shipments

    /// Two systems that know the same shipments would show them twice, so those of the first that has any are shown.
    fn find_fulfillments(&mut self, joined: &Joined) -> Result<Vec<Part<FulfillmentRecord>>, FieldError> {
        let scoped = scoped(&self.owner()?);
        let ranks = &self.gateway.loaders().orders.assembly.ranks;
        let mut parts: Vec<Part<FulfillmentRecord>> = Vec::new();
        for Member { system, record } in joined.by(ranks, FieldGroup::Fulfillments) {
            let is_told = |part: &Part<FulfillmentRecord>| {
                part.system != *system && matches!(&part.told, Told::Already(records) if !records.is_empty())
            };
            if parts.iter().any(is_told) {
                break;
            }
            let told = match (
                &record.fulfillments,
                &mut self.orders.systems[*system].fulfillments,
            ) {
                (Some(records), _) => Told::Already(records.clone()),
                (None, Some(questions)) => {
                    Told::Asked(questions.ask(&scoped, &record.number, Want::default()))
                }
                (None, None) => continue,
            };
            parts.push(Part {
                system: *system,
                told,
            });
        }
        Ok(parts)
    }

    fn found_fulfillments(&self, parts: Vec<Part<FulfillmentRecord>>) -> (Answer, Option<FieldError>) {
        let mut failure = None;
        let mut chosen = None;
        let mut found = Vec::new();
        for Part { system, told } in parts {
            if chosen.is_some_and(|chosen| chosen != system) {
                break;
            }
            match told_by(told, self.orders.systems[system].fulfillments.as_ref()) {
                Ok(records) if records.is_empty() => {}
                Ok(records) => {
                    chosen = Some(system);
                    found.extend(records.into_iter().map(|record| self.fulfillment(record)));
                }
                Err(error) => {
                    failure.get_or_insert(error);
                }
            }
        }
        (Answer::objects(found), failure)
    }

    fn fulfillment(&self, record: FulfillmentRecord) -> Fulfillment {
        let location = record.location.as_ref();
        Fulfillment {
            location: location.and_then(|code| self.gateway.location(code.as_str()).cloned()),
            number: record.number,
            status: record.status,
            shipped_at: record.shipped_at,
            tracking: record.tracking,
            lines: record.lines,
        }
    }

    // ------------------------------------------------------------ documents

    fn find_documents(&mut self, joined: &Joined) -> Result<Vec<Part<DocumentRecord>>, FieldError> {
        let scoped = scoped(&self.owner()?);
        let ranks = &self.gateway.loaders().orders.assembly.ranks;
        let mut parts: Vec<Part<DocumentRecord>> = Vec::new();
        for Member { system, record } in joined.by(ranks, FieldGroup::Documents) {
            let told = match (&record.documents, &mut self.orders.systems[*system].documents) {
                (Some(records), _) => Told::Already(records.clone()),
                (None, Some(questions)) => {
                    Told::Asked(questions.ask(&scoped, &record.number, Want::default()))
                }
                (None, None) => continue,
            };
            parts.push(Part {
                system: *system,
                told,
            });
        }
        Ok(parts)
    }

    /// Of all systems, each document once.
    fn found_documents(&self, parts: Vec<Part<DocumentRecord>>) -> (Answer, Option<FieldError>) {
        let mut failure = None;
        let mut known = Vec::new();
        let mut found = Vec::new();
        for Part { system, told } in parts {
            let records = match told_by(told, self.orders.systems[system].documents.as_ref()) {
                Ok(records) => records,
                Err(error) => {
                    failure.get_or_insert(error);
                    continue;
                }
            };
            let name = &self.gateway.loaders().orders.systems[system].name;
            for record in records {
                let identity = (system, record.kind, record.number.clone());
                if known.contains(&identity) {
                    continue;
                }
                known.push(identity);
                found.extend(self.document(name, record));
            }
        }
        (Answer::objects(found), failure)
    }

    /// What cannot be fetched is not listed.
    fn document(&self, system: &SystemName, record: DocumentRecord) -> Option<OrderDocument> {
        let url = self.gateway.document_link(system, &record)?;
        Some(OrderDocument {
            kind: record.kind,
            number: record.number,
            issued_at: record.issued_at,
            url,
        })
    }
}

fn told_by<S, R>(told: Told<R>, questions: Option<&Questions<'_, S>>) -> Result<Vec<R>, FieldError>
where
    S: Source<Value = Arc<[R]>>,
    R: Clone,
{
    match (told, questions) {
        (Told::Already(records), _) => Ok(records),
        (Told::Asked(_), None) => Ok(Vec::new()),
        (Told::Asked(found), Some(questions)) => match outcome(questions, found) {
            Ok(Some(loaded)) => Ok(loaded.value.to_vec()),
            Ok(None) => Ok(Vec::new()),
            Err(error) => Err(field_error(&error)),
        },
    }
}
