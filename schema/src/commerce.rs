//! The commerce schema: all its types in one list, with the scalars that have no table of their own.

mod enums;
mod inputs;

use crate::availability::{Address, Availability, DateRange, Location, Pickup, Restock, StockLevel};
use crate::catalog::{
    Attribute, Category, ExternalId, Media, OptionValue, Product, ProductOption, ProductVariant,
    SelectedOption, UnitOfMeasure,
};
use crate::catalog_tables::values;
use crate::checkout::{
    Allocation, Alternative, CheckoutVerification, OrderPlacement, PlaceOrderPayload, ReleaseCheckoutPayload,
    UserError, VerifiedLine, VerifyCheckoutPayload, Warning,
};
use crate::commerce::enums::ENUMS;
use crate::commerce::inputs::{INPUTS, argument};
use crate::customer::{Company, Credit, Customer};
use crate::freshness::Freshness;
use crate::listing::{Facet, FacetValue, PageInfo, ProductConnection, ProductEdge};
use crate::mutation::Mutation;
use crate::order::{
    Fulfillment, FulfillmentLine, Order, OrderConnection, OrderDocument, OrderEdge, OrderLine, OrderSource,
    Tracking,
};
use crate::price::{Money, Price, PriceList, PriceRange, PriceTier, QuantityRule, TaxedMoney};
use crate::query::{Query, SystemHealth};
use crate::subscription::{AvailabilityChange, PriceChange, Subscription};
use crate::table::{Field, InterfaceType, OperationDirective, ScalarType, SchemaTypes, Source, UnionType};

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
        Mutation::TABLE,
        VerifyCheckoutPayload::TABLE,
        CheckoutVerification::TABLE,
        VerifiedLine::TABLE,
        Allocation::TABLE,
        Alternative::TABLE,
        ReleaseCheckoutPayload::TABLE,
        PlaceOrderPayload::TABLE,
        OrderPlacement::TABLE,
        UserError::TABLE,
        Warning::TABLE,
        Subscription::TABLE,
        AvailabilityChange::TABLE,
        PriceChange::TABLE,
    ],
    mutation: Some(Mutation::TABLE),
    subscription: Some(Subscription::TABLE),
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
