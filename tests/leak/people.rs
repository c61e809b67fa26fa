//! Who asks, and what each of them must be shown: the answer key of the leak test, worked out without the gateway.

use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;
use skuery_resolvers::commerce::identity::{Identity, Permissions};
use skuery_schema::ids::{CustomerNumber, PriceListCode};

/// Customers of the stand-in ERP.
pub(crate) const CUSTOMERS: usize = 500;
/// The articles everybody wants.
pub(crate) const SKUS: usize = 200;
/// Price lists that customers share.
pub(crate) const LISTS: usize = 5;
/// The list of the channel, for everybody without one.
pub(crate) const RETAIL: &str = "RETAIL";
/// The currencies of the channel.
pub(crate) const CURRENCIES: [&str; 2] = ["EUR", "SEK"];
/// The least quantities of the two tiers.
pub(crate) const QUANTITIES: [u32; 2] = [1, 10];

/// How the ERP says whether a customer has agreements of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Agreements {
    /// It has, and the ERP says so.
    Own,
    /// It has none, and the ERP says so.
    None,
    /// The ERP does not say.
    Unsaid,
}

/// One customer of the ERP.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) number: String,
    pub(crate) list: Option<String>,
    pub(crate) agreements: Agreements,
    /// Whether its token names the list; otherwise the ERP is asked.
    list_in_token: bool,
}

/// All customers.
pub(crate) struct People(pub(crate) Vec<Person>);

/// Who asks one request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asker {
    /// Nobody signed in.
    Anonymous,
    /// Staff on its own behalf.
    Staff,
    /// A customer, or staff that acts for it.
    Customer { index: usize, by_staff: bool },
}

impl People {
    pub(crate) fn new() -> Self {
        let person = |index: usize| Person {
            number: format!("C-{index:03}"),
            list: (!index.is_multiple_of(7)).then(|| format!("LIST-{}", index % LISTS)),
            agreements: match index % 3 {
                0 => Agreements::Own,
                1 => Agreements::None,
                _ => Agreements::Unsaid,
            },
            list_in_token: index.is_multiple_of(2),
        };
        Self((0..CUSTOMERS).map(person).collect())
    }

    pub(crate) fn find(&self, number: &str) -> Option<(usize, &Person)> {
        let index: usize = number.strip_prefix("C-")?.parse().ok()?;
        self.0.get(index).map(|person| (index, person))
    }

    /// The identity that a transport would have made of the asker's token.
    pub(crate) fn identity(&self, asker: Asker) -> Option<Arc<Identity>> {
        let (person, staff) = match asker {
            Asker::Anonymous => return None,
            Asker::Staff => (None, true),
            Asker::Customer { index, by_staff } => (Some(&self.0[index]), by_staff),
        };
        let list = person.filter(|person| person.list_in_token && !staff);
        Some(Arc::new(Identity {
            subject: "somebody".into(),
            customer: person.map(|person| CustomerNumber::from(person.number.as_str())),
            company: None,
            price_list: list
                .and_then(|person| person.list.as_deref())
                .map(PriceListCode::from),
            channels: Vec::new(),
            permissions: Permissions {
                approver: false,
                staff,
            },
            expires: Timestamp::MAX,
        }))
    }

    /// The only price the asker may ever be shown.
    pub(crate) fn price(&self, asker: Asker, sku: usize, currency: usize, quantity: u32) -> Decimal {
        let tier = if quantity >= QUANTITIES[1] { 1 } else { 0 };
        let owner = match asker {
            Asker::Anonymous | Asker::Staff => list_owner(None),
            Asker::Customer { index, .. } => {
                let person = &self.0[index];
                if has_own(index, person.agreements, sku) {
                    index
                } else {
                    list_owner(person.list.as_deref())
                }
            }
        };
        amount(owner, sku, currency, tier)
    }
}

/// Whether the ERP has a row of the customer's own for the article.
pub(crate) fn has_own(index: usize, agreements: Agreements, sku: usize) -> bool {
    // Who is not said to have agreements has some all the same, sometimes: then they must be found.
    match agreements {
        Agreements::Own => sku.is_multiple_of(2),
        Agreements::None => false,
        Agreements::Unsaid => index.is_multiple_of(2) && sku.is_multiple_of(4),
    }
}

/// The number of a price list among the owners of prices: after all customers, so that own prices are the lower ones.
pub(crate) fn list_owner(list: Option<&str>) -> usize {
    let number = list.and_then(|list| list.strip_prefix("LIST-"));
    CUSTOMERS + number.map_or(LISTS, |number| number.parse().expect("a list of ours"))
}

/// A price that says whose it is, of what, in which currency and for which tier: no two owners share any.
pub(crate) fn amount(owner: usize, sku: usize, currency: usize, tier: usize) -> Decimal {
    // The higher tier is the lower price.
    let number = ((owner * SKUS + sku) * CURRENCIES.len() + currency) * QUANTITIES.len() + (1 - tier);
    Decimal::new(i64::try_from(number).expect("a small number") + 10_000, 4)
}

pub(crate) fn sku(index: usize) -> String {
    format!("HOT-{index:03}")
}

/// Orders of each customer, from 1.
pub(crate) fn orders_of(index: usize) -> usize {
    3 + index % 5
}

pub(crate) fn order_number(index: usize, order: usize) -> String {
    format!("O-{index:03}-{order}")
}
