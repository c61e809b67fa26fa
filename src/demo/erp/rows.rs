//! The tables of the demo ERP that are about articles, and what tables, columns and rows are.

use std::cmp::Ordering;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::Refusal;
use crate::demo::answers::number;
use crate::demo::assortment::{Assortment, mixed};
use crate::demo::ledger::{self, Order};
use crate::demo::prices::{self, Source};
use crate::demo::stock;

/// What can be listed.
pub(super) struct Table {
    /// The last part of the address.
    pub(super) name: &'static str,
    pub(super) fields: &'static [Field],
    /// The columns that questions are keyed by: the first that a filter pins down is counted.
    pub(super) keys: &'static [&'static str],
    /// What may be expanded, and whether it is always shown.
    pub(super) part: Option<(&'static str, bool)>,
    pub(super) content: Content,
}

/// Where the rows of a table come from.
#[derive(Clone, Copy)]
pub(super) enum Content {
    /// From the assortment, article by article; the key is the SKU.
    Articles(fn(&Assortment, usize) -> Vec<Row>),
    /// From the book of orders, oldest first.
    Book(fn(&[&Order]) -> Vec<Row>),
}

/// Type of a column, which decides what it may be compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Number,
    Boolean,
    /// Days and moments; their texts sort like their times.
    Date,
}

/// A column.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Type,
}

/// The content of one column in one row.
pub(super) enum Cell {
    Text(String),
    Number(Decimal),
    Boolean(bool),
}

/// One row; cells in the order of the columns.
pub(super) struct Row {
    pub(super) cells: Vec<Cell>,
    /// Lines of a document, or addresses of a customer.
    pub(super) parts: Vec<Value>,
}

impl Table {
    /// The position of a column.
    pub(super) fn column(&self, name: &str) -> Result<usize, Refusal> {
        let column = self.fields.iter().position(|field| field.name == name);
        column.ok_or_else(|| unknown(name))
    }

    /// The name of a column as it is kept here.
    pub(super) fn field(&self, name: &str) -> Result<&'static str, Refusal> {
        Ok(self.fields[self.column(name)?].name)
    }
}

/// The refusal of a column that does not exist.
pub(super) fn unknown(name: &str) -> Refusal {
    Refusal::bad(format!("Could not find a property named '{name}'."))
}

impl Row {
    /// The row as JSON, cut down to the selected columns.
    pub(super) fn json(&self, fields: &[Field], selected: Option<&[&str]>) -> Value {
        let mut shown = Map::new();
        if let Some(Cell::Text(id)) = self.cells.first() {
            shown.insert("@odata.etag".to_owned(), json!(format!("W/\"{}\"", &id[..8])));
        }
        for (field, cell) in fields.iter().zip(&self.cells) {
            if selected.is_none_or(|selected| selected.contains(&field.name)) {
                shown.insert(field.name.to_owned(), cell.json());
            }
        }
        shown.into()
    }
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Cells of one column are of one type.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Text(text), Self::Text(other)) => text.cmp(other),
            (Self::Number(number), Self::Number(other)) => number.cmp(other),
            (Self::Boolean(truth), Self::Boolean(other)) => truth.cmp(other),
            _ => Ordering::Equal,
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Number(value) => number(*value),
            Self::Boolean(truth) => json!(truth),
        }
    }
}

fn items(assortment: &Assortment, position: usize) -> Vec<Row> {
    let sku = &assortment.skus[position];
    let product = assortment.product_of(sku);
    let levels = stock::levels(assortment, position, &crate::demo::system::Counts::new()).unwrap_or_default();
    let inventory: i64 = levels.iter().map(|level| level.on_hand).sum();
    let has_price = !prices::lines(assortment, position).is_empty();
    let price = if has_price {
        prices::home_price(assortment, sku)
    } else {
        Decimal::ZERO
    };
    let cells = vec![
        Cell::Text(id(position, 0)),
        Cell::Text(sku.number.clone()),
        Cell::Text(ledger::name(assortment, position)),
        Cell::Text("Inventory".to_owned()),
        Cell::Text(product.kind.category.to_uppercase()),
        Cell::Boolean(!sku.enabled),
        Cell::Text(sku.gtin.clone()),
        Cell::Number(Decimal::from(inventory)),
        Cell::Number(price),
        Cell::Boolean(true),
        Cell::Text("PCS".to_owned()),
        Cell::Text(format!("{}Z", product.updated)),
    ];
    vec![Row {
        cells,
        parts: Vec::new(),
    }]
}

fn price_lines(assortment: &Assortment, position: usize) -> Vec<Row> {
    let number = &assortment.skus[position].number;
    let mut rows = Vec::new();
    for (at, line) in prices::lines(assortment, position).into_iter().enumerate() {
        let (source_type, source) = match line.source {
            Source::Everybody => ("All_x0020_Customers", ""),
            Source::PriceGroup(group) => ("Customer_x0020_Price_x0020_Group", group),
            Source::Campaign(campaign) => ("Campaign", campaign),
            Source::Customer(number) => ("Customer", number),
        };
        let text = |text: &str| Cell::Text(text.to_owned());
        let cells = vec![
            Cell::Text(id(position, at + 1)),
            Cell::Text(line.list),
            text(source_type),
            text(source),
            text("Item"),
            text(number),
            text(""),
            text("PCS"),
            Cell::Number(Decimal::from(line.minimum)),
            text(line.starting),
            text(line.ending),
            text(line.currency),
            Cell::Number(line.price),
            Cell::Boolean(line.includes_vat),
            Cell::Number(Decimal::from(line.discount_percent)),
            Cell::Boolean(!line.includes_vat),
        ];
        rows.push(Row {
            cells,
            parts: Vec::new(),
        });
    }
    rows
}

fn id(position: usize, line: usize) -> String {
    let mixed = mixed(position, 71 + line as u64);
    format!("{:08x}-{line:04x}-4b1c-9a00-{:012x}", mixed >> 32, position + 1)
}

pub(super) const fn field(name: &'static str, kind: Type) -> Field {
    Field { name, kind }
}

/// Articles.
pub(super) static ITEMS: Table = Table {
    name: "items",
    fields: &ITEM_FIELDS,
    keys: &["number"],
    part: None,
    content: Content::Articles(items),
};

/// Rows of price lists.
pub(super) static PRICE_LIST_LINES: Table = Table {
    name: "priceListLines",
    fields: &PRICE_FIELDS,
    keys: &["assetNo"],
    part: None,
    content: Content::Articles(price_lines),
};

static ITEM_FIELDS: [Field; 12] = [
    field("id", Type::Text),
    field("number", Type::Text),
    field("displayName", Type::Text),
    field("type", Type::Text),
    field("itemCategoryCode", Type::Text),
    field("blocked", Type::Boolean),
    field("gtin", Type::Text),
    field("inventory", Type::Number),
    field("unitPrice", Type::Number),
    field("priceIncludesTax", Type::Boolean),
    field("baseUnitOfMeasureCode", Type::Text),
    field("lastModifiedDateTime", Type::Date),
];

static PRICE_FIELDS: [Field; 16] = [
    field("id", Type::Text),
    field("priceListCode", Type::Text),
    field("sourceType", Type::Text),
    field("sourceNo", Type::Text),
    field("assetType", Type::Text),
    field("assetNo", Type::Text),
    field("variantCode", Type::Text),
    field("unitOfMeasureCode", Type::Text),
    field("minimumQuantity", Type::Number),
    field("startingDate", Type::Date),
    field("endingDate", Type::Date),
    field("currencyCode", Type::Text),
    field("unitPrice", Type::Number),
    field("priceIncludesVAT", Type::Boolean),
    field("lineDiscountPercent", Type::Number),
    field("allowLineDisc", Type::Boolean),
];
