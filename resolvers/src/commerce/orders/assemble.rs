//! One order from its records: each group of fields from the system that comes first for it and has them.

use std::sync::Arc;

use skuery_schema::catalog::ExternalId;
use skuery_schema::ids::SystemName;
use skuery_schema::order::Order;
use skuery_schema::order_words::{FulfillmentStatus, OrderChannel, OrderStatus, PaymentStatus};
use skuery_schema::price::{Money, TaxedMoney};

use crate::commerce::orders::merge::MergeSource;
use crate::commerce::orders::position::Known;
use crate::commerce::orders::rules::{FieldGroup, Ranks};
use crate::port::orders::OrderRecord;

/// What is needed to put orders together.
#[derive(Debug)]
pub(crate) struct Assembly {
    /// In general order of precedence.
    pub(crate) systems: Vec<SystemName>,
    pub(crate) ranks: Ranks,
}

/// The records of one order: what it was put together from.
#[derive(Clone, Debug)]
pub(crate) struct Joined(pub(crate) Vec<Member>);

/// One record with its system's number.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) system: usize,
    pub(crate) record: Arc<OrderRecord>,
}

impl Joined {
    /// In a group's order of precedence.
    pub(crate) fn by(&self, ranks: &Ranks, group: FieldGroup) -> Vec<&Member> {
        let mut members: Vec<&Member> = self.0.iter().collect();
        members.sort_by_key(|member| ranks.of(group, member.system));
        members
    }
}

impl Assembly {
    /// The order of records that are one. There is at least one record.
    pub(crate) fn order(&self, members: &[Known], sources: &[MergeSource]) -> Order {
        let mut members: Vec<&Known> = members.iter().collect();
        // The identity record first; of several of one source, the oldest, as in the list.
        members.sort_by_key(|known| (known.source, known.record.placed_at, known.record.number.clone()));
        let joined = Joined(
            members
                .into_iter()
                .map(|known| Member {
                    system: sources[known.source].system,
                    record: known.record.clone(),
                })
                .collect(),
        );
        self.assemble(joined)
    }

    fn assemble(&self, joined: Joined) -> Order {
        let identity = &joined.0[0];
        let first = |group, has: &dyn Fn(&OrderRecord) -> bool| {
            let members = joined.by(&self.ranks, group);
            let able = members.iter().find(|member| has(&member.record));
            able.or(members.first())
                .map_or(&identity.record, |member| &member.record)
        };
        let status = first(FieldGroup::Status, &|record| {
            record.status != OrderStatus::Unknown
        });
        let payment = first(FieldGroup::PaymentStatus, &|record| {
            record.payment_status != PaymentStatus::Unknown
        });
        let fulfillment = first(FieldGroup::FulfillmentStatus, &|record| {
            record.fulfillment_status != FulfillmentStatus::Unknown
        });
        let channel = first(FieldGroup::Identity, &|record| record.channel.is_some());
        let lines = first(FieldGroup::Lines, &|record| !record.lines.is_empty());
        let totals = first(FieldGroup::Totals, &|_| true);
        let shipping = first(FieldGroup::Addresses, &|record| record.shipping_address.is_some());
        let billing = first(FieldGroup::Addresses, &|record| record.billing_address.is_some());
        let reference = first(FieldGroup::CustomerReference, &|record| {
            record.customer_reference.is_some()
        });
        Order {
            number: identity.record.number.clone(),
            channel: channel.channel.unwrap_or(OrderChannel::Other),
            source_system: self.systems[identity.system].clone(),
            external_ids: self.external_ids(&joined),
            placed_at: identity.record.placed_at,
            status: status.status,
            payment_status: payment.payment_status,
            fulfillment_status: fulfillment.fulfillment_status,
            source_status: status.source_status.clone(),
            customer_reference: reference.customer_reference.clone(),
            lines: lines.lines.clone(),
            subtotal: subtotal(totals),
            shipping: totals.shipping,
            total: totals.total,
            shipping_address: shipping.shipping_address.clone(),
            billing_address: billing.billing_address.clone(),
            updated_at: joined
                .0
                .iter()
                .filter_map(|member| member.record.updated_at)
                .max(),
            origin: Arc::new(joined.clone()),
        }
    }

    /// Every system's number, each once.
    fn external_ids(&self, joined: &Joined) -> Vec<ExternalId> {
        let mut ids: Vec<ExternalId> = Vec::with_capacity(joined.0.len());
        for member in &joined.0 {
            let system = self.systems[member.system].as_str();
            let value = &member.record.number;
            if !ids.iter().any(|id| *id.system == *system && id.value == *value) {
                ids.push(ExternalId {
                    system: system.into(),
                    value: value.clone(),
                });
            }
        }
        ids
    }
}

/// As the system says, or else its lines added up: a side that any line lacks stays unknown.
fn subtotal(record: &OrderRecord) -> TaxedMoney {
    let told = record.subtotal;
    if told.net.is_some() || told.gross.is_some() {
        return told;
    }
    let side = |of: fn(&TaxedMoney) -> Option<Money>| {
        let amounts = record.lines.iter().map(|line| of(&line.total));
        amounts.reduce(|sum, amount| {
            let (sum, amount) = sum.zip(amount)?;
            (sum.currency == amount.currency).then_some(Money {
                amount: sum.amount.checked_add(amount.amount)?,
                ..sum
            })
        })?
    };
    let (net, gross) = (side(|total| total.net), side(|total| total.gross));
    TaxedMoney {
        net,
        gross,
        tax: net.zip(gross).map(|(net, gross)| Money {
            amount: gross.amount - net.amount,
            ..net
        }),
        tax_rate: None,
    }
}
