//! What the systems hold: products of four variants each, in one category, with three price tiers and three locations.

use std::collections::HashMap;
use std::sync::Arc;

use rust_decimal::Decimal;
use skuery_resolvers::port::{PriceRow, StockFigure};
use skuery_schema::catalog::{
    Attribute, AttributeValue, CategoryContent, Media, MediaKind, ProductContent, ProductOption,
    SelectedOption, VariantContent,
};
use skuery_schema::description::Description;
use skuery_schema::ids::{CategoryCode, Currency, ProductCode, Sku};
use skuery_schema::price::PriceKind;

pub(crate) const CATEGORY: &str = "jackets";
const SIZES: [&str; VARIANTS] = ["S", "M", "L", "XL"];
/// Of each product.
const VARIANTS: usize = 4;

/// As in `gateway.yaml`.
pub(crate) const PLACES: [Place; 3] = [
    place("WH-STO", "Stockholm warehouse", "WAREHOUSE"),
    place("WH-CPH", "Copenhagen warehouse", "WAREHOUSE"),
    place("ST-MAL", "Malmö store", "STORE"),
];

/// Where stock lies.
pub(crate) struct Place {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
}

const fn place(code: &'static str, name: &'static str, kind: &'static str) -> Place {
    Place { code, name, kind }
}

/// Everything the systems know.
pub(crate) struct Assortment {
    pub(crate) articles: HashMap<Sku, Article>,
    /// In the order in which the catalogue lists them.
    pub(crate) products: Vec<(ProductCode, Arc<ProductContent>)>,
}

/// What is known of one SKU.
pub(crate) struct Article {
    pub(crate) content: Arc<VariantContent>,
    pub(crate) prices: Arc<[PriceRow]>,
    pub(crate) stock: Arc<[StockFigure]>,
}

impl Assortment {
    /// An assortment of so many SKUs.
    pub(crate) fn of(skus: usize) -> Self {
        Self {
            articles: (0..skus).map(article).collect(),
            products: (0..skus / VARIANTS).map(product).collect(),
        }
    }

    pub(crate) fn product(&self, code: &ProductCode) -> Option<&(ProductCode, Arc<ProductContent>)> {
        self.products.iter().find(|(known, _)| known == code)
    }

    pub(crate) fn by_slug(&self, slug: &str) -> Option<&(ProductCode, Arc<ProductContent>)> {
        self.products
            .iter()
            .find(|(_, content)| content.slug.as_deref() == Some(slug))
    }

    pub(crate) fn variants_of(&self, code: &ProductCode) -> Vec<(Sku, Arc<VariantContent>)> {
        let product = self.products.iter().position(|(known, _)| known == code);
        let numbers = product
            .into_iter()
            .flat_map(|product| (0..VARIANTS).map(move |size| product * VARIANTS + size));
        numbers
            .filter_map(|number| self.articles.get_key_value(&Sku::new(sku(number))))
            .map(|(sku, article)| (sku.clone(), article.content.clone()))
            .collect()
    }
}

pub(crate) fn sku(number: usize) -> String {
    format!(
        "MC-{:05}-BLK-{}",
        10_000 + number / VARIANTS,
        SIZES[number % VARIANTS]
    )
}

pub(crate) fn slug(product: usize) -> String {
    format!("tour-jacket-270-gen-{product}")
}

pub(crate) fn category() -> CategoryContent {
    CategoryContent {
        slug: Some("motorcycle-jackets".into()),
        name: "Motorcycle jackets".into(),
        parent: None,
    }
}

pub(crate) fn label(code: &str) -> Arc<str> {
    format!("Label of {code}").into()
}

fn product(number: usize) -> (ProductCode, Arc<ProductContent>) {
    let description = "A touring jacket for all seasons, with a removable lining and protectors at shoulders, elbows and back.";
    let content = ProductContent {
        slug: Some(slug(number).into()),
        name: format!("Tour Jacket 270 Gen {number}").into(),
        description: Some(Description::new(format!("<p>{description}</p>").into())),
        brand: Some("Nordic Riders".into()),
        categories: vec![CategoryCode::from(CATEGORY)],
        media: (1..=2).map(|picture| image(number, picture)).collect(),
        attributes: attributes(number),
        options: vec![options("colour", &["Midnight black"]), options("size", &SIZES)],
        variants: None,
        locale_used: "sv_SE".into(),
        updated_at: None,
    };
    (
        ProductCode::new(format!("tour_jacket_270_{number}")),
        Arc::new(content),
    )
}

fn article(number: usize) -> (Sku, Article) {
    let size = SIZES[number % VARIANTS];
    let product = number / VARIANTS;
    let content = VariantContent {
        product: Some(ProductCode::new(format!("tour_jacket_270_{product}"))),
        name: Some(format!("Tour Jacket 270 Gen {product}, black, {size}").into()),
        gtin: Some(format!("73{number:011}").into()),
        options: vec![option("colour", "Midnight black"), option("size", size)],
        attributes: attributes(number),
        ..VariantContent::default()
    };
    let net = Decimal::new(129_900 + 100 * number as i64, 2);
    let article = Article {
        content: Arc::new(content),
        prices: [(1, 100), (10, 90), (50, 80)]
            .map(|(minimum, percent)| row(minimum, net * Decimal::new(percent, 2)))
            .into(),
        stock: PLACES
            .map(|place| figure(place.code, Decimal::from(25 + number)))
            .into(),
    };
    (Sku::new(sku(number)), article)
}

fn attributes(number: usize) -> Vec<Attribute> {
    let weight = AttributeValue::Measure {
        amount: Decimal::new(1_850 + number as i64, 3),
        unit: "KILOGRAM".into(),
    };
    let material = AttributeValue::Text("Cordura 500D, mesh lining".into());
    vec![attribute("material", material), attribute("weight", weight)]
}

fn image(product: usize, picture: usize) -> Media {
    Media {
        url: format!("https://media.example/jackets/{product}/{picture}.webp").into(),
        kind: MediaKind::Image,
        alt_text: Some("The jacket, seen from the front".into()),
        width: Some(1200),
        height: Some(1600),
    }
}

fn options(code: &str, values: &[&str]) -> ProductOption {
    ProductOption {
        code: code.into(),
        label: code.into(),
        values: values.iter().map(|value| Arc::from(*value)).collect(),
    }
}

fn option(code: &str, value: &str) -> SelectedOption {
    SelectedOption {
        code: code.into(),
        label: code.into(),
        value: value.into(),
    }
}

fn attribute(code: &str, value: AttributeValue) -> Attribute {
    Attribute {
        code: code.into(),
        label: code.into(),
        value: Some(value),
        locale_used: None,
    }
}

fn row(minimum: i64, net: Decimal) -> PriceRow {
    PriceRow {
        minimum_quantity: Decimal::from(minimum),
        net: Some(net),
        gross: Some(net * Decimal::new(125, 2)),
        before_discount: None,
        discount_percent: None,
        currency: Currency::parse("SEK").expect("a code"),
        price_quantity: Decimal::ONE,
        unit: Some("PCS".into()),
        kind: PriceKind::PriceList,
        valid_from: None,
        valid_until: None,
    }
}

fn figure(location: &str, available: Decimal) -> StockFigure {
    StockFigure {
        location: location.into(),
        available,
        on_hand: None,
        reserved: None,
        incoming: Vec::new(),
    }
}
