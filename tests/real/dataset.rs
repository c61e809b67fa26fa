//! The data set that the real systems are filled with, and what it says a price and a stock must be.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Dataset {
    pub(crate) products: Vec<Product>,
    pub(crate) price_lists: Vec<PriceList>,
    pub(crate) customers: Vec<Customer>,
    pub(crate) orders: Vec<Order>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Product {
    pub(crate) sku: String,
    pub(crate) family_name: String,
    pub(crate) gtin: String,
    pub(crate) category: String,
    list_price_cents: i64,
    pub(crate) active: bool,
    stock: BTreeMap<String, i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PriceList {
    pub(crate) code: String,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    #[serde(default)]
    sku: Option<String>,
    #[serde(default)]
    category: Option<String>,
    min_qty: i64,
    #[serde(default)]
    fixed_cents: Option<i64>,
    #[serde(default)]
    percent: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Customer {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) country: String,
    pub(crate) price_list: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Order {
    /// Tryton's `reference`; its own numbers are counted when a sale is quoted.
    pub(crate) number: String,
    pub(crate) customer: String,
    pub(crate) date: String,
    pub(crate) state: String,
    pub(crate) warehouse: String,
    pub(crate) lines: Vec<OrderLine>,
}

#[derive(Deserialize)]
pub(crate) struct OrderLine {
    pub(crate) sku: String,
    pub(crate) quantity: i64,
}

impl Dataset {
    pub(crate) fn read() -> Self {
        serde_json::from_str(include_str!("dataset.json")).expect("the data set")
    }

    /// The first matching line wins. Exact to four places, as Tryton answers it.
    pub(crate) fn expected_price(&self, product: &Product, list: Option<&str>, quantity: i64) -> Decimal {
        let list = list.and_then(|code| self.price_lists.iter().find(|list| list.code == code));
        let line = list.and_then(|list| {
            list.lines.iter().find(|line| {
                quantity >= line.min_qty
                    && line.sku.as_ref().is_none_or(|sku| *sku == product.sku)
                    && line
                        .category
                        .as_ref()
                        .is_none_or(|category| *category == product.category)
            })
        });
        let ten_thousandths = match line {
            Some(Line {
                fixed_cents: Some(cents),
                ..
            }) => cents * 100,
            Some(Line {
                percent: Some(percent),
                ..
            }) => product.list_price_cents * percent,
            _ => product.list_price_cents * 100,
        };
        Decimal::new(ten_thousandths, 4)
    }

    /// What a customer pays for a line: Tryton rounds each to cents, half to even.
    pub(crate) fn expected_amount(&self, order: &Order, line: &OrderLine) -> Decimal {
        let product = self.products.iter().find(|product| product.sku == line.sku);
        let customer = self
            .customers
            .iter()
            .find(|customer| customer.code == order.customer);
        let list = customer.expect("a customer").price_list.as_deref();
        let price = self.expected_price(product.expect("a product"), list, line.quantity);
        let amount = price * Decimal::from(line.quantity);
        amount.round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven)
    }

    /// On hand, less what confirmed and processing orders have promised from that warehouse; never below nothing.
    pub(crate) fn expected_available(&self, product: &Product, warehouse: &str) -> i64 {
        let on_hand = product.stock.get(warehouse).copied().unwrap_or(0);
        let promised: i64 = self
            .orders
            .iter()
            .filter(|order| order.warehouse == warehouse)
            .filter(|order| matches!(order.state.as_str(), "confirmed" | "processing"))
            .flat_map(|order| &order.lines)
            .filter(|line| line.sku == product.sku)
            .map(|line| line.quantity)
            .sum();
        (on_hand - promised).max(0)
    }
}
