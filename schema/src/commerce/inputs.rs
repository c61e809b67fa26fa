//! The input objects of the commerce schema.

use crate::table::{Argument, InputType};

pub(super) const fn argument(name: &'static str, ty: &'static str, description: &'static str) -> Argument {
    Argument {
        name,
        description,
        ty,
        default: None,
    }
}

const fn defaulted(
    name: &'static str,
    ty: &'static str,
    default: &'static str,
    description: &'static str,
) -> Argument {
    Argument {
        name,
        description,
        ty,
        default: Some(default),
    }
}

pub(super) const INPUTS: &[InputType] = &[
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
    InputType {
        name: "VerifyCheckoutInput",
        description: "A cart to verify.",
        one_of: false,
        fields: &[
            argument(
                "idempotencyKey",
                "ID!",
                "The caller's own key of this attempt, 1 to 128 characters, no control characters: repeated with the same body it gives the same \
                 answer again, with another body it is refused.",
            ),
            argument(
                "checkoutId",
                "ID!",
                "The caller's own ID of the cart, 1 to 128 characters, no control characters. What the cart holds already never counts against it.",
            ),
            argument("lines", "[CheckoutLineInput!]!", "What is to be ordered."),
            argument("shipTo", "AddressInput", "Where it goes."),
            argument(
                "pickupLocation",
                "String",
                "The code of the location where it is picked up instead.",
            ),
            defaulted(
                "reserve",
                "Boolean",
                "true",
                "Whether stock is to be held until the order is placed.",
            ),
            argument(
                "holdSeconds",
                "Int",
                "For how long; bounded by the configuration, which also says how long when this is absent.",
            ),
        ],
    },
    InputType {
        name: "CheckoutLineInput",
        description: "One line of a cart.",
        one_of: false,
        fields: &[
            argument(
                "lineId",
                "ID!",
                "The caller's own ID of the line; each only once.",
            ),
            argument("sku", "String!", "Stock keeping unit."),
            argument("quantity", "Decimal!", "How many are wanted; above zero."),
            argument(
                "unit",
                "String",
                "Unit of measure code; the sales unit when absent.",
            ),
            argument(
                "expectedUnitPrice",
                "ExpectedPriceInput",
                "The price that the shopper was shown. If it is another one now, the line says so.",
            ),
            defaulted(
                "acceptBackorder",
                "Boolean",
                "false",
                "Whether what is not in stock may be delivered later.",
            ),
            defaulted(
                "acceptPartial",
                "Boolean",
                "false",
                "Whether less than asked will do.",
            ),
        ],
    },
    InputType {
        name: "ExpectedPriceInput",
        description: "A price that a shopper was shown. Only the given sides are compared.",
        one_of: false,
        fields: &[
            argument("net", "Decimal", "Without tax."),
            argument("gross", "Decimal", "With tax."),
            argument("currency", "String!", "ISO 4217 code."),
        ],
    },
    InputType {
        name: "AddressInput",
        description: "A postal address.",
        one_of: false,
        fields: &[
            argument("name", "String", "Person."),
            argument("company", "String", "Company."),
            argument("lines", "[String!]!", "Street and the like, a line each."),
            argument("postalCode", "String", "Postal code."),
            argument("city", "String", "City."),
            argument("region", "String", "State or province."),
            argument("country", "String!", "ISO 3166-1 alpha-2 code."),
        ],
    },
    InputType {
        name: "PlaceOrderInput",
        description: "An order to place.",
        one_of: false,
        fields: &[
            argument(
                "idempotencyKey",
                "ID!",
                "The caller's own key of this order, 1 to 128 characters, no control characters. Repeated with the same body it never makes a second \
                 order and tells how far the first one is.",
            ),
            argument("token", "String!", "From `verifyCheckout`: what was agreed."),
            argument(
                "customerReference",
                "String",
                "The customer's own reference, such as a purchase order number.",
            ),
            argument("billingAddress", "AddressInput", "Who pays."),
            argument(
                "shippingAddress",
                "AddressInput",
                "Where it goes; the verified address when absent.",
            ),
            argument(
                "payment",
                "PaymentInput",
                "The payment that stands behind the order.",
            ),
            argument("note", "String", "A note for those who handle the order."),
        ],
    },
    InputType {
        name: "PaymentInput",
        description: "A payment that a provider has authorised already. Card data never pass through here.",
        one_of: false,
        fields: &[
            argument("provider", "String!", "The provider's system, as configured."),
            argument(
                "authorization",
                "String!",
                "The provider's own number of the authorisation.",
            ),
            argument("amount", "Decimal!", "The amount it is for: the order's total."),
            argument("currency", "String!", "ISO 4217 code."),
        ],
    },
];
