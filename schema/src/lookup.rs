//! The lookups of the commerce schema: every field that is answered by asking, by number.

use crate::table::Lookup;

/// A product reference completed by the PIM.
pub const PRODUCT: Lookup = Lookup(1);
/// A variant reference completed by the PIM.
pub const VARIANT: Lookup = Lookup(2);
/// A category reference completed by the PIM.
pub const CATEGORY: Lookup = Lookup(3);
/// A customer reference completed by the CRM or ERP.
pub const CUSTOMER: Lookup = Lookup(4);
/// `Query.node`.
pub const NODE: Lookup = Lookup(10);
/// `Query.nodes`.
pub const NODES: Lookup = Lookup(11);
/// `Query.product`.
pub const PRODUCT_BY: Lookup = Lookup(12);
/// `Query.products`.
pub const PRODUCTS: Lookup = Lookup(13);
/// `Query.variant`.
pub const VARIANT_BY_SKU: Lookup = Lookup(14);
/// `Query.variants`.
pub const VARIANTS: Lookup = Lookup(15);
/// `Query.category`.
pub const CATEGORY_BY: Lookup = Lookup(16);
/// `Query.categories`.
pub const CATEGORY_ROOTS: Lookup = Lookup(17);
/// `Query.location`.
pub const LOCATION: Lookup = Lookup(18);
/// `Query.locations`.
pub const LOCATIONS: Lookup = Lookup(19);
/// `Query.systems`.
pub const SYSTEMS: Lookup = Lookup(20);
/// `Query.viewer`.
pub const VIEWER: Lookup = Lookup(21);
/// `Query.order`.
pub const ORDER_BY: Lookup = Lookup(22);
/// `Query.orders` and `Customer.orders`.
pub const ORDERS: Lookup = Lookup(23);
/// `Product.variants`.
pub const PRODUCT_VARIANTS: Lookup = Lookup(30);
/// `Product.priceRange`.
pub const PRICE_RANGE: Lookup = Lookup(31);
/// `Category.children`.
pub const CATEGORY_CHILDREN: Lookup = Lookup(32);
/// `Category.path`.
pub const CATEGORY_PATH: Lookup = Lookup(33);
/// `Category.products`.
pub const CATEGORY_PRODUCTS: Lookup = Lookup(34);
/// `ProductConnection.facets`.
pub const FACETS: Lookup = Lookup(35);
/// The label of an attribute or option, in the context's language.
pub const ATTRIBUTE_LABEL: Lookup = Lookup(36);
/// `ProductVariant.price`.
pub const PRICE: Lookup = Lookup(37);
/// `ProductVariant.availability`.
pub const AVAILABILITY: Lookup = Lookup(38);
/// `ProductVariant.externalIds`.
pub const EXTERNAL_IDS: Lookup = Lookup(39);
/// `Customer.priceList`.
pub const CUSTOMER_PRICE_LIST: Lookup = Lookup(40);
/// `Customer.credit`.
pub const CREDIT: Lookup = Lookup(41);
/// `Order.fulfillments`.
pub const ORDER_FULFILLMENTS: Lookup = Lookup(42);
/// `Order.documents`.
pub const ORDER_DOCUMENTS: Lookup = Lookup(43);
/// `Mutation.verifyCheckout`.
pub const VERIFY_CHECKOUT: Lookup = Lookup(50);
/// `Mutation.extendCheckout`.
pub const EXTEND_CHECKOUT: Lookup = Lookup(51);
/// `Mutation.releaseCheckout`.
pub const RELEASE_CHECKOUT: Lookup = Lookup(52);
/// `Mutation.placeOrder`.
pub const PLACE_ORDER: Lookup = Lookup(53);
/// `Subscription.availabilityChanged`.
pub const AVAILABILITY_CHANGED: Lookup = Lookup(60);
/// `Subscription.priceChanged`.
pub const PRICE_CHANGED: Lookup = Lookup(61);
/// `OrderPlacement.order`.
pub const PLACED_ORDER: Lookup = Lookup(54);
