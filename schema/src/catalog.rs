//! The catalogue as the PIM tells it: products, variants, attributes, media, categories.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::description::Description;
use crate::ids::{CategoryCode, ProductCode, Sku};

/// What the PIM knows of a product, in one language chain.
#[derive(Clone, Debug, Default)]
pub struct ProductContent {
    /// The part of an address that names it.
    pub slug: Option<Arc<str>>,
    /// Its name.
    pub name: Arc<str>,
    /// What it is, as the PIM describes it.
    pub description: Option<Description>,
    /// Brand, as a label for people.
    pub brand: Option<Arc<str>>,
    /// Codes of the categories it is in.
    pub categories: Vec<CategoryCode>,
    /// Pictures, films, documents.
    pub media: Vec<Media>,
    /// All attributes the system sent.
    pub attributes: Vec<Attribute>,
    /// Which attributes tell the variants apart.
    pub options: Vec<ProductOption>,
    /// The SKUs of its variants in order, where the same answer names them.
    pub variants: Option<Vec<Sku>>,
    /// The locale the name is in, after fallback.
    pub locale_used: Arc<str>,
    /// When the PIM last changed it.
    pub updated_at: Option<Timestamp>,
}

/// What the PIM knows of a variant, in one language chain.
#[derive(Clone, Debug, Default)]
pub struct VariantContent {
    /// The product it belongs to.
    pub product: Option<ProductCode>,
    /// Its name.
    pub name: Option<Arc<str>>,
    /// GTIN (EAN, UPC), digits only.
    pub gtin: Option<Arc<str>>,
    /// The manufacturer's own number.
    pub manufacturer_number: Option<Arc<str>>,
    /// The unit it is sold in.
    pub unit: Option<UnitOfMeasure>,
    /// The option values that make it this variant.
    pub options: Vec<SelectedOption>,
    /// Pictures of its own.
    pub media: Vec<Media>,
    /// All attributes the system sent.
    pub attributes: Vec<Attribute>,
}

/// What the PIM knows of a category.
#[derive(Clone, Debug, Default)]
pub struct CategoryContent {
    /// The part of an address that names it.
    pub slug: Option<Arc<str>>,
    /// Its name.
    pub name: Arc<str>,
    /// The category above, `None` for a root.
    pub parent: Option<CategoryCode>,
}

/// An attribute of a product or variant.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Code in the PIM.
    pub code: Arc<str>,
    /// Name for people; the code where the PIM has none.
    pub label: Arc<str>,
    /// The value; `None` where it is empty in every wanted language.
    pub value: Option<AttributeValue>,
    /// The locale the value is in; `None` where it has no language.
    pub locale_used: Option<Arc<str>>,
}

/// The value of an attribute, by type.
#[derive(Clone, Debug)]
pub enum AttributeValue {
    /// Free text.
    Text(Arc<str>),
    /// A number.
    Number(Decimal),
    /// Yes or no.
    Boolean(bool),
    /// An amount with a unit.
    Measure {
        /// The amount.
        amount: Decimal,
        /// Unit code, as the PIM spells it.
        unit: Arc<str>,
    },
    /// One of a list.
    Option(OptionValue),
    /// Several of a list.
    Options(Vec<OptionValue>),
    /// A day.
    Date(Date),
    /// Anything else, as the PIM sends it.
    Json(serde_json::Value),
}

/// One choice of a list.
#[derive(Clone, Debug)]
pub struct OptionValue {
    /// Code in the PIM.
    pub code: Arc<str>,
    /// Name for people; the code where the PIM has none.
    pub label: Arc<str>,
}

/// An attribute that tells variants apart, with its values.
#[derive(Clone, Debug)]
pub struct ProductOption {
    /// Attribute code.
    pub code: Arc<str>,
    /// Name for people.
    pub label: Arc<str>,
    /// The values that occur; empty where the PIM does not list them with the product.
    pub values: Vec<Arc<str>>,
}

/// The value a variant has for one option.
#[derive(Clone, Debug)]
pub struct SelectedOption {
    /// Attribute code.
    pub code: Arc<str>,
    /// Name for people.
    pub label: Arc<str>,
    /// The value, for people.
    pub value: Arc<str>,
}

/// A key in another system.
#[derive(Clone, Debug)]
pub struct ExternalId {
    /// The configured name of the system.
    pub system: Arc<str>,
    /// The key there.
    pub value: Arc<str>,
}

/// A unit of measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnitOfMeasure {
    /// Code, such as `PCS`.
    pub code: Arc<str>,
    /// Name for people; the code where the system has none.
    pub name: Arc<str>,
    /// How many decimals a quantity may have.
    pub decimals: u8,
}

/// A picture, film or document.
#[derive(Clone, Debug)]
pub struct Media {
    /// Absolute address.
    pub url: Arc<str>,
    /// What it is.
    pub kind: MediaKind,
    /// Text for those who cannot see it.
    pub alt_text: Option<Arc<str>>,
    /// Width in pixels.
    pub width: Option<u32>,
    /// Height in pixels.
    pub height: Option<u32>,
}

/// What a medium is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A document, such as a data sheet.
    Document,
}

// ---------------------------------------------------------------- references

/// A product: its code, and the content once the PIM has answered.
#[derive(Clone, Debug)]
pub struct Product {
    /// Code in the PIM.
    pub code: ProductCode,
    /// What the PIM knows of it; `None` for a bare reference.
    pub content: Option<Arc<ProductContent>>,
}

/// A variant: its SKU, and the content once the PIM has answered.
#[derive(Clone, Debug)]
pub struct ProductVariant {
    /// Stock keeping unit.
    pub sku: Sku,
    /// Whether a system has named this SKU, so that it surely exists.
    pub known: bool,
    /// What the PIM knows of it; `None` for a bare reference.
    pub content: Option<Arc<VariantContent>>,
}

/// A category: its code, and the content once the PIM has answered.
#[derive(Clone, Debug)]
pub struct Category {
    /// Code in the PIM.
    pub code: CategoryCode,
    /// What the PIM knows of it; `None` for a bare reference.
    pub content: Option<Arc<CategoryContent>>,
}

impl Category {
    /// A reference by code alone.
    pub fn bare(code: CategoryCode) -> Self {
        Self { code, content: None }
    }
}
