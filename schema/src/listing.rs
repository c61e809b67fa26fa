//! Pages of products: connections (Relay Cursor Connections), facets.

use std::any::Any;
use std::sync::Arc;

use crate::catalog::Product;
use crate::lookup;
use crate::object;
use crate::table::Value;

/// A page of products.
pub struct ProductConnection {
    /// The products with their cursors.
    pub edges: Vec<ProductEdge>,
    /// Where the page stands.
    pub page_info: PageInfo,
    /// Number of all matches, when asked for and known.
    pub total_count: Option<i32>,
    /// The question it answers, for lookups on the connection itself.
    pub question: Arc<dyn Any + Send + Sync>,
}

/// One product of a page.
pub struct ProductEdge {
    /// Its place.
    pub cursor: Arc<str>,
    /// The product.
    pub node: Product,
}

/// Where a page stands.
pub struct PageInfo {
    /// Whether more follow.
    pub has_next_page: bool,
    /// Whether there are earlier ones.
    pub has_previous_page: bool,
    /// Cursor of the first edge.
    pub start_cursor: Option<Arc<str>>,
    /// Cursor of the last edge.
    pub end_cursor: Option<Arc<str>>,
}

/// The values of one property over all matches.
pub struct Facet {
    /// `category`, `brand`, or an attribute code.
    pub code: Arc<str>,
    /// Name for people.
    pub label: Arc<str>,
    /// The values, most frequent first.
    pub values: Vec<FacetValue>,
}

/// One value of a facet.
pub struct FacetValue {
    /// The value's code.
    pub value: Arc<str>,
    /// Name for people.
    pub label: Arc<str>,
    /// How many matches have it.
    pub count: i32,
    /// What to add to the filter.
    pub input: serde_json::Value,
}

object! {
    /// A page of products.
    ProductConnection, "ProductConnection";
    /// The products with their cursors.
    own edges: "[ProductEdge!]!" => |page, _| Value::List(&page.edges);
    /// The products.
    own nodes: "[Product!]!" => |page, _| Value::Items(page.edges.iter().map(|edge| Value::Object(&edge.node)).collect());
    /// Where the page stands.
    own pageInfo: "PageInfo!" => |page, _| Value::Object(&page.page_info);
    /// How many products match in all. Asked of the PIM only when selected; null where it does not tell.
    own totalCount: "Int" => |page, _| page.total_count.map_or(Value::Null, Value::Int);
    /// What the matches have in common, with what to add to the filter. Costs reading all matches once; kept like other catalogue data.
    live facets: "[Facet!]" => lookup::FACETS;
}

object! {
    /// One product of a page.
    ProductEdge, "ProductEdge";
    /// Its place, opaque; only valid with the same arguments.
    own cursor: "String!" => |edge, _| Value::Str(&edge.cursor);
    /// The product.
    own node: "Product!" => |edge, _| Value::Object(&edge.node);
}

object! {
    /// Where a page stands in the whole list.
    PageInfo, "PageInfo";
    /// Whether more follow.
    own hasNextPage: "Boolean!" => |page, _| Value::Boolean(page.has_next_page);
    /// Whether there are earlier ones.
    own hasPreviousPage: "Boolean!" => |page, _| Value::Boolean(page.has_previous_page);
    /// Cursor of the first edge; null on an empty page.
    own startCursor: "String" => |page, _| Value::text(page.start_cursor.as_ref());
    /// Cursor of the last edge; null on an empty page.
    own endCursor: "String" => |page, _| Value::text(page.end_cursor.as_ref());
}

object! {
    /// The values of one property over all matches.
    Facet, "Facet";
    /// `category`, `brand`, or an attribute code.
    own code: "String!" => |facet, _| Value::Str(&facet.code);
    /// Name for people.
    own label: "String!" => |facet, _| Value::Str(&facet.label);
    /// The values, most frequent first.
    own values: "[FacetValue!]!" => |facet, _| Value::List(&facet.values);
}

object! {
    /// One value of a facet.
    FacetValue, "FacetValue";
    /// The value's code.
    own value: "String!" => |value, _| Value::Str(&value.value);
    /// Name for people.
    own label: "String!" => |value, _| Value::Str(&value.label);
    /// How many matches have it.
    own count: "Int!" => |value, _| Value::Int(value.count);
    /// What to add to `filter` to get only those, such as `{"brands": ["norrfjord"]}`.
    own input: "JSON!" => |value, _| Value::Json(&value.input);
}
