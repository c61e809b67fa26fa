//! What can be watched: stock and prices, as they change.

use std::sync::Arc;

use crate::availability::Availability;
use crate::catalog::ProductVariant;
use crate::ids::Sku;
use crate::lookup;
use crate::object;
use crate::price::Price;
use crate::table::Value;

/// The subscription root.
pub struct Subscription;

/// What can be had of an article now.
#[derive(Clone, Debug)]
pub struct AvailabilityChange {
    /// The article.
    pub sku: Sku,
    /// As it is now.
    pub availability: Arc<Availability>,
}

/// What an article costs now.
#[derive(Clone, Debug)]
pub struct PriceChange {
    /// The article.
    pub sku: Sku,
    /// As it is now; `None` where it has none.
    pub price: Option<Arc<Price>>,
}

/// The variant that changed. Null when the PIM does not know it.
fn variant(sku: &Sku) -> Value<'static> {
    Value::Made(Box::new(ProductVariant {
        sku: sku.clone(),
        known: false,
        content: None,
    }))
}

object! {
    /// Everything that can be watched. An operation watches with one field. It is told the current state first, of one article at a time, and from then on each difference; a reader that is slow is told the latest state, not each one between.
    Subscription, "Subscription";
    /// The stock of these articles, as the channel shows it. The gateway asks the systems for all subscribers together, more often where something moves; what it shows between is what a query would have shown.
    live availabilityChanged(
        skus: "[String!]!", "The articles.";
        locations: "[String!]", "Only these locations' stock; all that serve the channel where it is not given."
    ): "AvailabilityChange!" => lookup::AVAILABILITY_CHANGED;
    /// The prices of these articles for one piece, in the subscriber's own price context.
    live priceChanged(skus: "[String!]!", "The articles."): "PriceChange!" => lookup::PRICE_CHANGED;
}

object! {
    /// What can be had of an article from now on.
    AvailabilityChange, "AvailabilityChange";
    /// The article.
    own sku: "String!" => |change, _| Value::Str(change.sku.as_str());
    /// The article with everything else that is known of it.
    own variant: "ProductVariant" => |change, _| variant(&change.sku);
    /// What can be had.
    own availability: "Availability!" => |change, _| Value::Object(&*change.availability);
}

object! {
    /// What an article costs from now on.
    PriceChange, "PriceChange";
    /// The article.
    own sku: "String!" => |change, _| Value::Str(change.sku.as_str());
    /// The article with everything else that is known of it.
    own variant: "ProductVariant" => |change, _| variant(&change.sku);
    /// What it costs; null where it has no price.
    own price: "Price" => |change, _| change.price.as_deref().map_or(Value::Null, |price| Value::Object(price));
}
