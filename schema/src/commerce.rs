//! The commerce schema: all its types in one list, with the inputs, enums and scalars that have no table of their own.

use crate::availability::{Address, Availability, DateRange, Location, Pickup, Restock, StockLevel};
use crate::catalog::{
    Attribute, Category, ExternalId, Media, OptionValue, Product, ProductOption, ProductVariant,
    SelectedOption, UnitOfMeasure,
};
use crate::catalog_tables::values;
use crate::customer::{Company, Credit, Customer};
use crate::freshness::Freshness;
use crate::listing::{Facet, FacetValue, PageInfo, ProductConnection, ProductEdge};
use crate::order::{
    Fulfillment, FulfillmentLine, Order, OrderConnection, OrderDocument, OrderEdge, OrderLine, OrderSource,
    Tracking,
};
use crate::order_words::{DocumentKind, FulfillmentStatus, OrderChannel, OrderStatus, PaymentStatus};
use crate::price::{
    Money, Price, PriceChoice, PriceList, PriceRange, PriceTier, QuantityRule, TaxDisplay, TaxedMoney,
};
use crate::query::{Query, SystemHealth};
use crate::table::{
    Argument, EnumType, Field, InputType, InterfaceType, OperationDirective, ScalarType, SchemaTypes, Source,
    UnionType,
};

const fn argument(name: &'static str, ty: &'static str, description: &'static str) -> Argument {
    Argument {
        name,
        description,
        ty,
        default: None,
    }
}

/// All types of the commerce schema.
pub static TYPES: SchemaTypes = SchemaTypes {
    objects: &[
        Query::TABLE,
        Product::TABLE,
        ProductVariant::TABLE,
        Category::TABLE,
        ProductConnection::TABLE,
        ProductEdge::TABLE,
        PageInfo::TABLE,
        Facet::TABLE,
        FacetValue::TABLE,
        ProductOption::TABLE,
        SelectedOption::TABLE,
        ExternalId::TABLE,
        UnitOfMeasure::TABLE,
        Attribute::TABLE,
        &values::TEXT,
        &values::NUMBER,
        &values::BOOLEAN,
        &values::MEASURE,
        OptionValue::TABLE,
        &values::OPTIONS,
        &values::DATE,
        &values::JSON,
        Media::TABLE,
        Money::TABLE,
        TaxedMoney::TABLE,
        Price::TABLE,
        PriceTier::TABLE,
        QuantityRule::TABLE,
        PriceList::TABLE,
        PriceRange::TABLE,
        Availability::TABLE,
        StockLevel::TABLE,
        Restock::TABLE,
        DateRange::TABLE,
        Pickup::TABLE,
        Location::TABLE,
        Address::TABLE,
        Freshness::TABLE,
        SystemHealth::TABLE,
        Customer::TABLE,
        Company::TABLE,
        Credit::TABLE,
        OrderConnection::TABLE,
        OrderEdge::TABLE,
        OrderSource::TABLE,
        Order::TABLE,
        OrderLine::TABLE,
        Fulfillment::TABLE,
        FulfillmentLine::TABLE,
        Tracking::TABLE,
        OrderDocument::TABLE,
    ],
    interfaces: &[InterfaceType {
        name: "Node",
        description: "An object with a global ID (Relay Global Object Identification).",
        fields: &[Field {
            name: "id",
            description: "Opaque global ID; stable.",
            ty: "ID!",
            args: &[],
            source: Source::Own,
        }],
    }],
    unions: &[UnionType {
        name: "AttributeValue",
        description: "The value of an attribute, by its type in the PIM.",
        members: &[
            "TextValue",
            "NumberValue",
            "BooleanValue",
            "MeasureValue",
            "OptionValue",
            "OptionsValue",
            "DateValue",
            "JsonValue",
        ],
    }],
    enums: ENUMS,
    inputs: INPUTS,
    scalars: SCALARS,
    directives: &[OperationDirective {
        name: "inContext",
        description: "The shopper's choices for one operation. What is absent comes from the channel, whose own default \
                      comes from the request header `X-Channel`, then from the configuration. An unknown channel, \
                      language or currency is a request error.",
        args: &[
            argument("channel", "String", "Sales channel, as configured."),
            argument(
                "language",
                "String",
                "BCP 47 tag, such as `sv`; texts fall back along the channel's chain.",
            ),
            argument("currency", "String", "ISO 4217 code; one of the channel's."),
            argument("country", "String", "ISO 3166-1 alpha-2 code of the delivery."),
        ],
    }],
};

const ENUMS: &[EnumType] = &[
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
            ("PAYMENTS", "Payments."),
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
];

const INPUTS: &[InputType] = &[
    InputType {
        name: "ProductBy",
        description: "Exactly one key of a product.",
        one_of: true,
        fields: &[
            argument("id", "ID", "Global ID."),
            argument("slug", "String", "The part of an address that names it."),
            argument("sku", "String", "The SKU of one of its variants."),
        ],
    },
    InputType {
        name: "CategoryBy",
        description: "Exactly one key of a category.",
        one_of: true,
        fields: &[
            argument("id", "ID", "Global ID."),
            argument("slug", "String", "The part of an address that names it."),
            argument("code", "String", "Code in the PIM."),
        ],
    },
    InputType {
        name: "ProductFilter",
        description: "Conditions on products; all must hold.",
        one_of: false,
        fields: &[
            argument(
                "categories",
                "[String!]",
                "In any of these category codes, descendants included.",
            ),
            argument("brands", "[String!]", "Of any of these brands, by code."),
            argument("attributes", "[AttributeFilter!]", "All must hold."),
            argument("updatedSince", "DateTime", "Changed since."),
        ],
    },
    InputType {
        name: "AttributeFilter",
        description: "A condition on one attribute.",
        one_of: false,
        fields: &[
            argument("code", "String!", "Attribute code."),
            argument("in", "[String!]", "Any of these values, by code."),
            argument("min", "Decimal", "At least; inclusive."),
            argument("max", "Decimal", "At most; inclusive."),
        ],
    },
    InputType {
        name: "OrderBy",
        description: "Exactly one key of an order.",
        one_of: true,
        fields: &[
            argument("id", "ID", "Global ID."),
            argument("number", "String", "Its number in any system that knows it."),
        ],
    },
    InputType {
        name: "OrderFilter",
        description: "Conditions on orders; all must hold.",
        one_of: false,
        fields: &[
            argument("statuses", "[OrderStatus!]", "In any of these."),
            argument("channels", "[OrderChannel!]", "Placed in any of these ways."),
            argument("placedFrom", "DateTime", "Placed at or after."),
            argument("placedTo", "DateTime", "Placed at or before."),
            argument("sku", "String", "With a line of this SKU."),
            argument(
                "query",
                "String",
                "Part of a number or of the customer's reference.",
            ),
        ],
    },
];

const SCALARS: &[ScalarType] = &[
    ScalarType {
        name: "Decimal",
        description: "An exact decimal in plain notation, such as `\"129.9000\"`. Never a float.",
        specified_by: None,
    },
    ScalarType {
        name: "DateTime",
        description: "An instant with zone, RFC 3339, such as `\"2026-11-22T09:30:00Z\"`.",
        specified_by: Some("https://www.rfc-editor.org/rfc/rfc3339"),
    },
    ScalarType {
        name: "Date",
        description: "A day, ISO 8601, such as `\"2026-11-22\"`.",
        specified_by: None,
    },
    ScalarType {
        name: "URL",
        description: "An absolute address.",
        specified_by: Some("https://url.spec.whatwg.org/"),
    },
    ScalarType {
        name: "JSON",
        description: "Any JSON value.",
        specified_by: None,
    },
];
