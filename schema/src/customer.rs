//! Customers: who is asking, with what the CRM or ERP knows of them.

use std::sync::Arc;

use crate::availability::Address;
use crate::freshness::Freshness;
use crate::ids::{CompanyNumber, Currency, CustomerNumber};
use crate::lookup;
use crate::node_id::NodeId;
use crate::object;
use crate::price::Money;
use crate::table::Value;

/// The signed-in customer. Number, currency and price list are known from the request; the rest is asked.
#[derive(Clone, Debug)]
pub struct Customer {
    /// The ERP's customer number.
    pub number: CustomerNumber,
    /// The currency of this request.
    pub currency: Currency,
    /// What the CRM or ERP knows; `None` until it has been asked.
    pub content: Option<Arc<CustomerContent>>,
}

/// What the CRM or ERP knows of a customer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CustomerContent {
    /// Name for people.
    pub name: Option<Arc<str>>,
    /// Where to write to.
    pub email: Option<Arc<str>>,
    /// The company the customer buys for.
    pub company: Option<Company>,
    /// Delivery and invoice addresses.
    pub addresses: Vec<Address>,
}

/// A company.
#[derive(Clone, Debug, PartialEq)]
pub struct Company {
    /// The ERP's number.
    pub number: CompanyNumber,
    /// Name for people.
    pub name: Arc<str>,
    /// VAT identification number.
    pub vat_number: Option<Arc<str>>,
}

/// What a customer may still buy on account.
#[derive(Clone, Debug, PartialEq)]
pub struct Credit {
    /// The most that may be owed.
    pub limit: Money,
    /// What is owed.
    pub used: Money,
    /// What is left; negative where more is owed than allowed.
    pub available: Money,
    /// Whether the system takes no further orders on account.
    pub blocked: bool,
    /// Where it came from and how old it is.
    pub freshness: Freshness,
}

fn content(customer: &Customer) -> Option<&CustomerContent> {
    customer.content.as_deref()
}

object! {
    /// The signed-in customer.
    Customer, "Customer" implements "Node" whole lookup::CUSTOMER, stands true, |customer| customer.content.is_some(), |_| true;
    /// Opaque global ID; stable.
    own id: "ID!" => |customer, _| Value::Text(NodeId::encode("Customer", customer.number.as_str()));
    /// The ERP's customer number.
    own number: "String!" => |customer, _| Value::Str(customer.number.as_str());
    /// Name for people.
    whole name: "String" => |customer, _| Value::text(content(customer).and_then(|content| content.name.as_ref()));
    /// Where to write to.
    whole email: "String" => |customer, _| Value::text(content(customer).and_then(|content| content.email.as_ref()));
    /// The company the customer buys for.
    whole company: "Company" => |customer, _| Value::object(content(customer).and_then(|content| content.company.as_ref()));
    /// The price list this request's prices are from; null where they are the articles' own.
    live priceList: "PriceList" => lookup::CUSTOMER_PRICE_LIST;
    /// The currency of this request's prices.
    own currency: "String!" => |customer, _| Value::Text(customer.currency.to_string());
    /// Delivery and invoice addresses.
    whole addresses: "[Address!]" => |customer, _| content(customer).map_or(Value::Null, |content| Value::List(&content.addresses));
    /// What may still be bought on account; null where no system keeps credit for this customer.
    live credit: "Credit" => lookup::CREDIT;
    /// The customer's orders, newest first, of all systems that keep orders; with the permission, those of the whole company.
    live orders(
        filter: "OrderFilter", "All conditions must hold.";
        first: "Int", "At most this many from the start; at most 100, and 20 without `first` and `last`.";
        after: "String", "Only those after this cursor.";
        last: "Int", "At most this many from the end; at most 100.";
        before: "String", "Only those before this cursor."
    ): "OrderConnection" => lookup::ORDERS;
}

object! {
    /// A company that customers buy for.
    Company, "Company";
    /// The ERP's number.
    own number: "String!" => |company, _| Value::Str(company.number.as_str());
    /// Name for people.
    own name: "String!" => |company, _| Value::Str(&company.name);
    /// VAT identification number.
    own vatNumber: "String" => |company, _| Value::text(company.vat_number.as_ref());
}

object! {
    /// What a customer may still buy on account.
    Credit, "Credit";
    /// The most that may be owed.
    own limit: "Money!" => |credit, _| Value::Object(&credit.limit);
    /// What is owed.
    own used: "Money!" => |credit, _| Value::Object(&credit.used);
    /// What is left; negative where more is owed than allowed.
    own available: "Money!" => |credit, _| Value::Object(&credit.available);
    /// Whether the system takes no further orders on account.
    own blocked: "Boolean!" => |credit, _| Value::Boolean(credit.blocked);
    /// Where it came from and how old it is.
    own freshness: "Freshness!" => |credit, _| Value::Object(&credit.freshness);
}
