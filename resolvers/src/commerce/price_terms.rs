//! By what terms a request buys: which price list, whose own agreements, which discount.

use std::sync::Arc;

use rust_decimal::Decimal;
use skuery_schema::ids::{CustomerNumber, PriceListCode, SystemName};
use skuery_schema::price::PriceList;

use crate::commerce::context::Context;
use crate::commerce::pricing::Discount;
use crate::error::{ErrorKind, LookupError};
use crate::loader::Loaded;
use crate::port::customers::CustomerRecord;
use crate::port::{PortLookup, PriceMode};

/// What decides a request's prices beside the article, the quantity and the day.
#[derive(Debug)]
pub(crate) struct PriceTerms {
    pub(crate) price_list: Option<PriceListCode>,
    /// The same as clients see it: one for all prices of a request.
    pub(crate) shown_list: Option<Arc<PriceList>>,
    /// Whose own agreements are asked for.
    pub(crate) customer: Option<CustomerNumber>,
    pub(crate) discount: Option<Discount>,
    /// The customer's record that decided, for its age where it was kept: a price is as old as the oldest it is made of.
    pub(crate) record: Option<Loaded<()>>,
}

/// Why a customer's terms cannot be told.
#[derive(Debug)]
pub(crate) enum TermsError {
    /// The system does not know the customer.
    UnknownCustomer(SystemName),
    /// The record says what cannot be.
    Illegal(LookupError),
}

/// What the system with the prices can tell apart.
#[derive(Clone, Copy)]
pub(crate) struct PriceAbilities {
    pub(crate) mode: PriceMode,
    pub(crate) per_customer: bool,
}

impl PriceAbilities {
    /// Whether the customer's record decides anything. Where the system calculates, it knows the customer's terms itself;
    /// only the list is ours to say, and that may be in the token.
    pub(crate) fn needs_record(self, context: &Context) -> bool {
        self.mode == PriceMode::Rows || claimed_list(context).is_none()
    }
}

impl PriceTerms {
    /// Where no system keeps customers, or nobody is asked: what the token says, then the channel.
    pub(crate) fn without_record(context: &Context, abilities: PriceAbilities) -> Self {
        let price_list = claimed_list(context).or(context.price_list.as_ref());
        Self {
            shown_list: shown(price_list, context),
            price_list: price_list.cloned(),
            customer: customer(context).filter(|_| abilities.per_customer).cloned(),
            discount: None,
            record: None,
        }
    }

    /// What the token says, then the record, then the channel. A customer without a record has no prices: the channel's
    /// would be a guess at what was agreed.
    pub(crate) fn with_record(
        context: &Context,
        abilities: PriceAbilities,
        system: &SystemName,
        record: Option<&CustomerRecord>,
    ) -> Result<Self, TermsError> {
        let Some(record) = record else {
            return Err(TermsError::UnknownCustomer(system.clone()));
        };
        let own_list = claimed_list(context).or(record.price_list.as_ref());
        // Where the system calculates, anything may hang on the customer, whatever the record says of agreements.
        let is_individual =
            abilities.mode == PriceMode::Calculated || record.individual_prices != Some(false);
        let price_list = own_list.or(context.price_list.as_ref());
        Ok(Self {
            shown_list: shown(price_list, context),
            price_list: price_list.cloned(),
            customer: customer(context)
                .filter(|_| abilities.per_customer && is_individual)
                .cloned(),
            discount: match abilities.mode {
                PriceMode::Calculated => None,
                PriceMode::Rows => discount(record, own_list.is_none(), system)?,
            },
            record: None,
        })
    }
}

fn shown(price_list: Option<&PriceListCode>, context: &Context) -> Option<Arc<PriceList>> {
    let list = |code: &PriceListCode| PriceList {
        code: code.clone(),
        name: None,
        currency: context.currency,
    };
    price_list.map(list).map(Arc::new)
}

/// The list that the token names.
pub(crate) fn claimed_list(context: &Context) -> Option<&PriceListCode> {
    context.identity.as_ref()?.price_list.as_ref()
}

/// The customer whose prices and orders the request shows.
pub(crate) fn customer(context: &Context) -> Option<&CustomerNumber> {
    context.identity.as_ref()?.customer.as_ref()
}

fn discount(
    record: &CustomerRecord,
    off_lists: bool,
    system: &SystemName,
) -> Result<Option<Discount>, TermsError> {
    let Some(percent) = record.discount_percent.filter(|percent| !percent.is_zero()) else {
        return Ok(None);
    };
    if percent.is_sign_negative() || percent > Decimal::ONE_HUNDRED {
        let error = LookupError::new(
            ErrorKind::InvalidValue,
            system,
            PortLookup::Customers.as_str(),
            "a discount is not between 0 and 100",
        );
        return Err(TermsError::Illegal(error));
    }
    Ok(Some(Discount { percent, off_lists }))
}
