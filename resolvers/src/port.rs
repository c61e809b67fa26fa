//! The ports: the few questions a system can be asked, one trait per role.
//!
//! A port takes slices and answers by key. A key the system does not know is absent from the map; a key whose value is
//! illegal has its own error; a failed call is an error of the whole. Splitting into calls of at most `max_keys` is done
//! by the loader, sharing and caching too: a port neither caches nor retries.

pub mod customers;
pub mod order_entry;
pub mod orders;
pub mod payments;
pub mod reservations;
pub mod wire;

mod effort;
mod lookup;

use std::future::Future;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::Arc;

use foldhash::HashMap;
use jiff::civil::Date;
use rust_decimal::Decimal;
use skuery_schema::catalog::{CategoryContent, ProductContent, VariantContent};
use skuery_schema::ids::{
    CategoryCode, Currency, CustomerNumber, LocationCode, PriceListCode, ProductCode, Sku, SystemName,
};
use skuery_schema::price::{PriceChoice, PriceKind};
use tokio::time::Instant;

use crate::error::LookupError;

pub use crate::port::effort::Effort;
pub use crate::port::lookup::PortLookup;

/// A future that a port returns; boxed, because ports are used behind `dyn`.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, LookupError>> + Send + 'a>>;

/// Answers by key. `Err` is one key's illegal value; a missing key is unknown to the system.
pub type ByKey<K, V> = HashMap<K, Result<V, LookupError>>;

/// Answers by key, in a future.
pub type Answers<'a, K, V> = Answer<'a, ByKey<K, V>>;

/// A product with its code.
pub type CodedProduct = (ProductCode, Arc<ProductContent>);

/// A variant with its SKU.
pub type CodedVariant = (Sku, Arc<VariantContent>);

/// A category with its code.
pub type CodedCategory = (CategoryCode, Arc<CategoryContent>);

/// What every call must respect.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// When the asker stops waiting; the door never waits longer.
    pub deadline: Instant,
    /// Who goes first where calls wait for the system.
    pub priority: Priority,
}

impl Call {
    /// A call of a query.
    pub fn interactive(deadline: Instant) -> Self {
        Self {
            deadline,
            priority: Priority::Interactive,
        }
    }

    /// A call that nobody waits for yet.
    pub fn background(deadline: Instant) -> Self {
        Self {
            deadline,
            priority: Priority::Background,
        }
    }

    /// A call of a checkout, or of what must be settled after one.
    pub fn checkout(deadline: Instant) -> Self {
        Self {
            deadline,
            priority: Priority::Checkout,
        }
    }
}

/// Who goes first where calls wait for a system; never who may exceed its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Somebody is buying.
    Checkout,
    /// Somebody is looking.
    Interactive,
    /// Nobody waits for it yet.
    Background,
}

/// How many keys one call takes and who answers.
pub trait Port: Send + Sync {
    /// The configured name of the system behind this port.
    fn system(&self) -> &SystemName;
    /// The most keys one call may carry for this lookup.
    fn max_keys(&self, lookup: PortLookup) -> usize;
    /// How many calls of the system a question comes to.
    fn effort(&self, _lookup: PortLookup) -> Effort {
        Effort::default()
    }
}

// ---------------------------------------------------------------- catalogue (PIM)

/// In which languages catalogue text is wanted: the first that has a text wins, per text.
/// Part of every catalogue key, so values of different languages never mix.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Locales(pub Arc<[Arc<str>]>);

/// A role that knows products, variants and categories.
pub trait Catalog: Port {
    /// Products by their code.
    fn products<'a>(
        &'a self,
        call: Call,
        locales: &'a Locales,
        keys: &'a [ProductCode],
    ) -> Answers<'a, ProductCode, Arc<ProductContent>>;

    /// Products by slug: the code and the content.
    fn products_by_slug<'a>(
        &'a self,
        call: Call,
        locales: &'a Locales,
        keys: &'a [Arc<str>],
    ) -> Answers<'a, Arc<str>, CodedProduct>;

    /// Variants by SKU.
    fn variants<'a>(
        &'a self,
        call: Call,
        locales: &'a Locales,
        keys: &'a [Sku],
    ) -> Answers<'a, Sku, Arc<VariantContent>>;

    /// The variants of products, in the system's order.
    fn variants_of<'a>(
        &'a self,
        call: Call,
        locales: &'a Locales,
        keys: &'a [ProductCode],
    ) -> Answers<'a, ProductCode, Vec<CodedVariant>>;

    /// Categories by code.
    fn categories<'a>(
        &'a self,
        call: Call,
        locales: &'a Locales,
        keys: &'a [CategoryCode],
    ) -> Answers<'a, CategoryCode, Arc<CategoryContent>>;

    /// The categories directly below each key; `None` asks for the roots.
    fn category_children<'a>(
        &'a self,
        call: Call,
        locales: &'a Locales,
        keys: &'a [Option<CategoryCode>],
    ) -> Answers<'a, Option<CategoryCode>, Vec<CodedCategory>>;

    /// Labels of attribute codes in the wanted languages; a code without a label is absent.
    fn attribute_labels<'a>(
        &'a self,
        call: Call,
        locales: &'a Locales,
        keys: &'a [Arc<str>],
    ) -> Answers<'a, Arc<str>, Arc<str>>;

    /// One page of products that match, in the system's own stable order.
    fn search<'a>(&'a self, call: Call, locales: &'a Locales, search: &'a Search) -> Answer<'a, SearchPage>;

    /// What `search` can do, known beforehand so that an unsupported wish is refused with a clear error.
    fn search_abilities(&self) -> SearchAbilities;

    /// Whether products come with the SKUs of their variants, so that these need not be asked for.
    fn names_variants(&self) -> bool {
        false
    }
}

/// One question for a page of products. `offset` counts from 0.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Search {
    /// Free text, as the shopper typed it.
    pub text: Option<Arc<str>>,
    /// Category codes; descendants are included.
    pub categories: Vec<CategoryCode>,
    /// Brand codes or names, as the system filters them.
    pub brands: Vec<Arc<str>>,
    /// Conditions on attributes; all must hold.
    pub attributes: Vec<AttributeCondition>,
    /// Only products changed since.
    pub updated_since: Option<jiff::Timestamp>,
    /// How many matches to skip.
    pub offset: usize,
    /// The most products to return; at most `max_keys(Search)`.
    pub limit: usize,
    /// Whether the number of all matches is wanted.
    pub count: bool,
}

/// A condition on one attribute: any of `one_of` (when not empty), and within the bounds (inclusive).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AttributeCondition {
    /// The attribute's code.
    pub code: Arc<str>,
    /// Option codes or texts.
    pub one_of: Vec<Arc<str>>,
    /// Least value.
    pub min: Option<Decimal>,
    /// Greatest value.
    pub max: Option<Decimal>,
}

/// A page of matches.
#[derive(Clone, Debug)]
pub struct SearchPage {
    /// The products, in the system's order.
    pub products: Vec<CodedProduct>,
    /// Whether more matches follow.
    pub more: bool,
    /// The number of all matches, when it was asked for and the system tells.
    pub total: Option<u64>,
}

/// What a catalogue's search understands.
#[derive(Clone, Copy, Debug, Default)]
pub struct SearchAbilities {
    /// Whether it searches at all.
    pub search: bool,
    /// Free text.
    pub text: bool,
    /// Categories.
    pub categories: bool,
    /// Brands.
    pub brands: bool,
    /// Attribute conditions.
    pub attributes: bool,
    /// `updated_since`.
    pub updated_since: bool,
    /// The number of all matches.
    pub count: bool,
    /// A full page promises another one, which may be empty: only with the count is it known whether more follow.
    pub more_needs_count: bool,
}

// ---------------------------------------------------------------- prices (ERP)

/// Everything but the SKU that changes a price. One call to a system carries exactly one of these.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PriceGroup {
    /// The price list; `None` asks for the system's base prices.
    pub price_list: Option<PriceListCode>,
    /// The customer whose own agreements are asked for; `None` for prices that others may share. The group's scope is
    /// then this customer's, and nobody else's. Where the system lists rows, the price list is then `None`: its rows are
    /// asked for apart, because others share them.
    pub customer: Option<CustomerNumber>,
    /// The currency the answer must be in.
    pub currency: Currency,
    /// The asked quantity; `None` where the system lists its rows for every quantity.
    pub quantity: Option<Decimal>,
    /// The unit of measure the quantity is in; `None` for the system's own sales unit.
    pub unit: Option<Arc<str>>,
    /// The day the price is for; `None` for today, or where the rows carry their validity.
    pub date: Option<Date>,
}

/// How a system states prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceMode {
    /// It calculates the price of one quantity: the quantity and the date are part of the question.
    Calculated,
    /// It lists price-list rows; the gateway chooses among them.
    Rows,
}

/// A role that knows prices.
pub trait Prices: Port {
    /// How this system states prices.
    fn price_mode(&self) -> PriceMode;

    /// How the price is chosen among rows, as the system documents it.
    fn price_choice(&self) -> PriceChoice {
        match self.price_mode() {
            PriceMode::Calculated => PriceChoice::System,
            PriceMode::Rows => PriceChoice::Lowest,
        }
    }

    /// Whether the answer may depend on `PriceGroup::customer`. Where it does not, a group without a customer says the same
    /// and may be shared.
    fn per_customer(&self) -> bool {
        false
    }

    /// The rows for each SKU. A SKU with no price at all is absent.
    fn prices<'a>(
        &'a self,
        call: Call,
        group: &'a PriceGroup,
        keys: &'a [Sku],
    ) -> Answers<'a, Sku, Arc<[PriceRow]>>;
}

/// One price as the system states it. At least one of `net` and `gross` is there.
#[derive(Clone, Debug, PartialEq)]
pub struct PriceRow {
    /// The least quantity it is for, inclusive.
    pub minimum_quantity: Decimal,
    /// Price without tax.
    pub net: Option<Decimal>,
    /// Price with tax.
    pub gross: Option<Decimal>,
    /// The price before this row's discount, on the same side (net or gross) as the price.
    pub before_discount: Option<Decimal>,
    /// Discount in percent, when the system states it.
    pub discount_percent: Option<Decimal>,
    /// The currency.
    pub currency: Currency,
    /// The price is per this many units.
    pub price_quantity: Decimal,
    /// Unit of measure code.
    pub unit: Option<Arc<str>>,
    /// What kind of agreement it stems from.
    pub kind: PriceKind,
    /// First day it is valid.
    pub valid_from: Option<Date>,
    /// Last day it is valid, inclusive.
    pub valid_until: Option<Date>,
}

// ---------------------------------------------------------------- stock (WMS, ERP, POS, supplier)

/// Which part of the stock one call asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StockGroup {
    /// The one location asked, where the system answers one location a call; `None` where a call covers them all.
    pub location: Option<LocationCode>,
}

/// A role that knows stock.
pub trait Stock: Port {
    /// Whether each location is a call of its own.
    fn per_location(&self) -> bool;

    /// Whether a location that an answer does not list holds none of the article. Otherwise nothing is known of it.
    fn unlisted_is_none(&self) -> bool {
        false
    }

    /// The locations this system knows, as configured.
    fn locations(&self) -> &[LocationCode];

    /// The figures of each SKU at the group's locations. A SKU the system does not keep is absent.
    fn stock<'a>(
        &'a self,
        call: Call,
        group: &'a StockGroup,
        keys: &'a [Sku],
    ) -> Answers<'a, Sku, Arc<[StockFigure]>>;
}

/// What one location holds of one SKU. Figures may be negative (oversold) or fractional; display is decided above.
#[derive(Clone, Debug, PartialEq)]
pub struct StockFigure {
    /// The configured location.
    pub location: LocationCode,
    /// Available to sell.
    pub available: Decimal,
    /// Physically there.
    pub on_hand: Option<Decimal>,
    /// Reserved for others.
    pub reserved: Option<Decimal>,
    /// Announced deliveries, when the system tells.
    pub incoming: Vec<(Date, Option<Decimal>)>,
}

/// Makes `K` usable as a key of a lookup.
pub trait Key: Clone + Eq + Hash + Send + Sync + std::fmt::Debug + 'static {}
impl<K: Clone + Eq + Hash + Send + Sync + std::fmt::Debug + 'static> Key for K {}
