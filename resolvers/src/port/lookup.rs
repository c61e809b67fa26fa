//! The lookups of all ports by name.

/// The lookups of all ports, for limits, metrics and error messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PortLookup {
    /// Products by code.
    Products,
    /// Products by slug.
    ProductsBySlug,
    /// Variants by SKU.
    Variants,
    /// The variants of products.
    VariantsOf,
    /// Categories by code.
    Categories,
    /// Categories below others, or the roots.
    CategoryChildren,
    /// A page of products that match.
    Search,
    /// Labels of attributes.
    AttributeLabels,
    /// Prices by SKU.
    Prices,
    /// Stock by SKU.
    Stock,
    /// Customers by number.
    Customers,
    /// Credit by customer number.
    Credit,
    /// Orders, or those in progress.
    Orders,
    /// Finished orders, where they are kept apart.
    PastOrders,
    /// Shipments by order number.
    OrderFulfillments,
    /// Documents by order number.
    OrderDocuments,
    /// The content of one document.
    Document,
    /// Stock set aside.
    Reserve,
    /// What is set aside under a reference.
    Reservation,
    /// Stock given back.
    ReleaseReservation,
    /// Stock bound to an order.
    CommitReservation,
    /// An order handed over.
    PlaceOrder,
    /// Orders by the number we gave them.
    PlacedOrders,
    /// The last steps of an order.
    FinishOrder,
    /// A payment authorisation.
    Authorization,
    /// A payment taken.
    Capture,
    /// A payment authorisation let go.
    Void,
}

impl PortLookup {
    /// The name in configuration, logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Products => "products",
            Self::ProductsBySlug => "products_by_slug",
            Self::Variants => "variants",
            Self::VariantsOf => "variants_of",
            Self::Categories => "categories",
            Self::CategoryChildren => "category_children",
            Self::Search => "search",
            Self::AttributeLabels => "attribute_labels",
            Self::Prices => "prices",
            Self::Stock => "stock",
            Self::Customers => "customers",
            Self::Credit => "credit",
            Self::Orders => "orders",
            Self::PastOrders => "past_orders",
            Self::OrderFulfillments => "order_fulfillments",
            Self::OrderDocuments => "order_documents",
            Self::Document => "document",
            Self::Reserve => "reserve",
            Self::Reservation => "reservation",
            Self::ReleaseReservation => "release_reservation",
            Self::CommitReservation => "commit_reservation",
            Self::PlaceOrder => "place_order",
            Self::PlacedOrders => "placed_orders",
            Self::FinishOrder => "finish_order",
            Self::Authorization => "authorization",
            Self::Capture => "capture",
            Self::Void => "void",
        }
    }
}
