//! The enums of the commerce schema.

use crate::checkout::{
    AlternativeKind, CheckoutOutcome, HoldKind, LineStatus, PlacementState, StockPromise, UserErrorCode,
};
use crate::order_words::{DocumentKind, FulfillmentStatus, OrderChannel, OrderStatus, PaymentStatus};
use crate::price::{PriceChoice, TaxDisplay};
use crate::table::EnumType;

pub(super) const ENUMS: &[EnumType] = &[
    EnumType {
        name: "ProductSort",
        description: "The order of a product list.",
        values: &[
            ("RELEVANCE", "The PIM's own order."),
            ("NAME", "By name, in the language of the context."),
            ("NEWEST", "Last changed first."),
            ("SKU", "By the first variant's SKU."),
        ],
    },
    EnumType {
        name: "MediaKind",
        description: "What a medium is.",
        values: &[
            ("IMAGE", "A picture."),
            ("VIDEO", "A film."),
            ("DOCUMENT", "A document, such as a data sheet."),
        ],
    },
    EnumType {
        name: "PriceKind",
        description: "What kind of agreement a price stems from.",
        values: &[
            ("BASE", "The article's own price."),
            ("GROUP", "A customer group's price."),
            ("PRICE_LIST", "A price list's price."),
            ("CONTRACT", "A contract's price."),
            ("CAMPAIGN", "A campaign's price."),
        ],
    },
    EnumType {
        name: "PriceChoice",
        description: "Who chose a price among those that apply, and how.",
        values: PriceChoice::VALUES,
    },
    EnumType {
        name: "TaxDisplay",
        description: "Which side of its prices a channel shows.",
        values: TaxDisplay::VALUES,
    },
    EnumType {
        name: "AvailabilityStatus",
        description: "Availability in a word.",
        values: &[
            ("IN_STOCK", "Enough."),
            ("LOW_STOCK", "Few left."),
            ("BACKORDER", "None, but it can be ordered."),
            ("PREORDER", "Not out yet, but it can be ordered."),
            ("OUT_OF_STOCK", "None."),
            ("DISCONTINUED", "No longer sold."),
            ("UNKNOWN", "No figure can be had; never read it as zero."),
        ],
    },
    EnumType {
        name: "QuantityExactness",
        description: "How to read a quantity.",
        values: &[
            ("EXACT", "The system's own figure."),
            ("CAPPED", "Never more than the channel's cap."),
            ("BANDED", "Only a word or a symbol is shown."),
            ("HIDDEN", "Nothing is shown."),
        ],
    },
    EnumType {
        name: "LocationKind",
        description: "What a location is.",
        values: &[
            ("WAREHOUSE", "A warehouse."),
            ("STORE", "A store."),
            ("SUPPLIER", "A supplier's own stock."),
        ],
    },
    EnumType {
        name: "FreshnessState",
        description: "How a live value was served.",
        values: &[
            ("LIVE", "Asked of the system for this request."),
            ("CACHED", "From the gateway's cache, within its time."),
            (
                "STALE",
                "Past its time: the system did not answer, or is being asked again.",
            ),
        ],
    },
    EnumType {
        name: "SystemRole",
        description: "What a system is asked.",
        values: &[
            ("CATALOG", "Products, variants, categories."),
            ("PRICES", "Prices."),
            ("STOCK", "Stock."),
            ("ORDERS", "Orders."),
            ("PAYMENTS", "Payment authorisations."),
            ("CUSTOMERS", "Customers."),
            ("CONTENT", "Pages."),
        ],
    },
    EnumType {
        name: "OrderChannel",
        description: "How an order was placed.",
        values: OrderChannel::VALUES,
    },
    EnumType {
        name: "OrderStatus",
        description: "How far an order is.",
        values: OrderStatus::VALUES,
    },
    EnumType {
        name: "PaymentStatus",
        description: "Whether an order is paid.",
        values: PaymentStatus::VALUES,
    },
    EnumType {
        name: "FulfillmentStatus",
        description: "Whether an order, or a shipment of it, is delivered.",
        values: FulfillmentStatus::VALUES,
    },
    EnumType {
        name: "DocumentKind",
        description: "What a document is.",
        values: DocumentKind::VALUES,
    },
    EnumType {
        name: "SystemState",
        description: "How a system is doing, judged by its latest answers.",
        values: &[
            ("UP", "It answers."),
            ("DEGRADED", "Some of its latest answers failed."),
            ("DOWN", "Its latest answers all failed."),
            ("UNKNOWN", "It has not been asked yet."),
        ],
    },
    EnumType {
        name: "CheckoutOutcome",
        description: "What a verification came to, in a word.",
        values: CheckoutOutcome::VALUES,
    },
    EnumType {
        name: "LineStatus",
        description: "What became of one line, in a word.",
        values: LineStatus::VALUES,
    },
    EnumType {
        name: "HoldKind",
        description: "Who holds stock.",
        values: HoldKind::VALUES,
    },
    EnumType {
        name: "StockPromise",
        description: "What the systems behind a location can promise of its stock.",
        values: StockPromise::VALUES,
    },
    EnumType {
        name: "AlternativeKind",
        description: "How an alternative differs from what was asked.",
        values: AlternativeKind::VALUES,
    },
    EnumType {
        name: "PlacementState",
        description: "How far an order is.",
        values: PlacementState::VALUES,
    },
    EnumType {
        name: "UserErrorCode",
        description: "What a storefront can branch on.",
        values: UserErrorCode::VALUES,
    },
];
