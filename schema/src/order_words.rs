//! The words of orders: closed lists, with the name of each value on the wire.

use crate::macros::words;

words! {
    /// How an order was placed.
    OrderChannel {
        /// In the web shop.
        Web = "WEB",
        /// In the portal for companies.
        B2bPortal = "B2B_PORTAL",
        /// At a till.
        Pos = "POS",
        /// By a sales representative.
        SalesRep = "SALES_REP",
        /// By customer service, such as by phone.
        CustomerService = "CUSTOMER_SERVICE",
        /// By electronic data interchange.
        Edi = "EDI",
        /// On a marketplace.
        Marketplace = "MARKETPLACE",
        /// Otherwise, or the system does not tell.
        Other = "OTHER",
    }
}

words! {
    /// How far an order is.
    OrderStatus {
        /// It has arrived.
        Received = "RECEIVED",
        /// It will be delivered.
        Confirmed = "CONFIRMED",
        /// It is being worked on.
        Processing = "PROCESSING",
        /// Nothing is left to do.
        Completed = "COMPLETED",
        /// It will not be delivered.
        Cancelled = "CANCELLED",
        /// It waits for something.
        OnHold = "ON_HOLD",
        /// The system does not tell, or uses a word that is not mapped.
        Unknown = "UNKNOWN",
    }
}

words! {
    /// Whether an order is paid.
    PaymentStatus {
        /// No payment yet.
        None = "NONE",
        /// The amount is reserved.
        Authorized = "AUTHORIZED",
        /// Paid in full.
        Paid = "PAID",
        /// Paid in part.
        PartiallyPaid = "PARTIALLY_PAID",
        /// To be paid by invoice.
        Invoiced = "INVOICED",
        /// Paid back.
        Refunded = "REFUNDED",
        /// The system does not tell, or uses a word that is not mapped.
        Unknown = "UNKNOWN",
    }
}

words! {
    /// Whether an order, or a shipment of it, is delivered.
    FulfillmentStatus {
        /// Nothing has left.
        Unfulfilled = "UNFULFILLED",
        /// Some of it has left.
        PartiallyFulfilled = "PARTIALLY_FULFILLED",
        /// All of it has left.
        Fulfilled = "FULFILLED",
        /// It can be collected.
        ReadyForPickup = "READY_FOR_PICKUP",
        /// It has arrived.
        Delivered = "DELIVERED",
        /// It came back.
        Returned = "RETURNED",
        /// The system does not tell, or uses a word that is not mapped.
        Unknown = "UNKNOWN",
    }
}

words! {
    /// What a document is.
    DocumentKind {
        /// An order confirmation.
        OrderConfirmation = "ORDER_CONFIRMATION",
        /// A delivery note.
        DeliveryNote = "DELIVERY_NOTE",
        /// An invoice.
        Invoice = "INVOICE",
        /// A credit note.
        CreditNote = "CREDIT_NOTE",
        /// A receipt.
        Receipt = "RECEIPT",
    }
}
