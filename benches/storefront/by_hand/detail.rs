//! One product with everything there is of it and its variants.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::Serialize;
use skuery_resolvers::port::{PriceRow, StockFigure};
use skuery_schema::catalog::{CategoryContent, ProductContent};
use skuery_schema::ids::CategoryCode;

use super::articles::PriceFreshness;
use super::parts::{self, Age, Amount, Money, Taxed, decimal};
use super::{Article, ByHand, Kept, age_ms, is_fresh, written};
use crate::assortment::PLACES;
use crate::shop::PRICE_LIST;

impl ByHand {
    pub(super) fn detail(&self, slug: &str) -> Vec<u8> {
        let kept = self.products.get(slug).filter(is_fresh).expect("a kept product");
        let (code, content) = &kept.value;
        let articles = self.articles_of(code.as_str());
        let categories: Vec<_> = content
            .categories
            .iter()
            .filter_map(|code| self.category(code))
            .collect();
        let product = self.product(content, &categories, &articles);
        written(Data { product }, 8192)
    }

    fn category(&self, code: &CategoryCode) -> Option<Arc<CategoryContent>> {
        Some(self.categories.get(code.as_str()).filter(is_fresh)?.value)
    }

    fn label(&self, code: &Arc<str>) -> Arc<str> {
        let label = self.labels.get(code).filter(is_fresh);
        label.map_or_else(|| code.clone(), |label| label.value)
    }

    fn product<'a>(
        &self,
        content: &'a ProductContent,
        categories: &'a [Arc<CategoryContent>],
        articles: &'a [Article],
    ) -> Product<'a> {
        let media = content.media.iter().map(|media| Media {
            url: &media.url,
            alt_text: media.alt_text.as_deref(),
            width: media.width,
            height: media.height,
        });
        let options = content.options.iter().map(|option| ProductOption {
            code: &option.code,
            label: self.label(&option.code),
            values: option.values.iter().map(|value| &**value).collect(),
        });
        let categories = categories.iter().map(|category| Category {
            slug: category.slug.as_deref(),
            name: &category.name,
        });
        Product {
            slug: content.slug.as_deref(),
            name: &content.name,
            brand: content.brand.as_deref(),
            description: content
                .description
                .as_ref()
                .map(|description| &**description.text()),
            categories: categories.collect(),
            media: media.collect(),
            attributes: self.attributes(&content.attributes),
            options: options.collect(),
            price_range: range(articles),
            variants: articles.iter().map(|article| self.variant(article)).collect(),
        }
    }

    fn attributes<'a>(&self, attributes: &'a [skuery_schema::catalog::Attribute]) -> Vec<Attribute<'a>> {
        let attribute = |attribute: &'a skuery_schema::catalog::Attribute| Attribute {
            code: &attribute.code,
            label: self.label(&attribute.code),
            value: attribute.value.as_ref().map(parts::value),
        };
        attributes.iter().map(attribute).collect()
    }

    fn variant<'a>(&self, article: &'a Article) -> Variant<'a> {
        let content = article.content.as_ref().expect("came with its product");
        let options = content.options.iter().map(|option| SelectedOption {
            code: &option.code,
            label: self.label(&option.code),
            value: &option.value,
        });
        Variant {
            sku: &article.sku,
            name: content.name.as_deref(),
            gtin: content.gtin.as_deref(),
            options: options.collect(),
            attributes: self.attributes(&content.attributes),
            price: article.prices.as_ref().and_then(price),
            availability: article.stock.as_ref().map(availability),
        }
    }
}

fn range<'a>(articles: &'a [Article]) -> Option<Range<'a>> {
    let prices = articles
        .iter()
        .filter_map(|article| parts::lowest(&article.prices.as_ref()?.value, Decimal::ONE));
    let gross = |row: &'a PriceRow| Gross {
        gross: row.gross.map(|amount| parts::money(amount, row)),
    };
    Some(Range {
        minimum: gross(prices.clone().min_by_key(|row| row.net)?),
        maximum: gross(prices.max_by_key(|row| row.net)?),
    })
}

fn price(kept: &Kept<Arc<[PriceRow]>>) -> Option<Price<'_>> {
    let rows = &kept.value;
    let best = parts::lowest(rows, Decimal::ONE)?;
    let tiers = rows.iter().filter_map(|row| {
        let tier = parts::lowest(rows, row.minimum_quantity)?;
        Some(Tier {
            minimum_quantity: row.minimum_quantity,
            unit_price: Amounts {
                net: tier.net.map(|amount| Amount { amount }),
                gross: tier.gross.map(|amount| Amount { amount }),
            },
        })
    });
    Some(Price {
        unit_price: parts::taxed(best),
        price_quantity: best.price_quantity,
        unit: Code {
            code: best.unit.as_deref().unwrap_or("C62"),
        },
        tiers: tiers.collect(),
        quantity_rule: QuantityRule {
            minimum: best.minimum_quantity.max(Decimal::ONE),
            increment: Decimal::ONE,
        },
        price_list: Code { code: PRICE_LIST },
        kind: "PRICE_LIST",
        freshness: PriceFreshness {
            system: "erp",
            fetched_at: kept.fetched_at,
            age_ms: age_ms(kept),
            state: "CACHED",
        },
    })
}

fn availability(kept: &Kept<Arc<[StockFigure]>>) -> Availability<'_> {
    let quantity = parts::sum(&kept.value);
    let levels = kept.value.iter().map(|figure| {
        let available = parts::sellable(figure);
        let place = PLACES.iter().find(|place| place.code == figure.location.as_str());
        Level {
            location: Location {
                code: figure.location.as_str(),
                name: place.map_or("", |place| place.name),
                kind: place.map_or("", |place| place.kind),
            },
            status: parts::status(available),
            available,
            freshness: parts::age(kept),
        }
    });
    Availability {
        status: parts::status(quantity),
        orderable: quantity > Decimal::ZERO,
        quantity,
        exactness: "EXACT",
        levels: levels.collect(),
        freshness: SystemAge {
            system: "wms",
            age_ms: age_ms(kept),
            state: "CACHED",
        },
    }
}

#[derive(Serialize)]
struct Data<'a> {
    product: Product<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Product<'a> {
    slug: Option<&'a str>,
    name: &'a str,
    brand: Option<&'a str>,
    description: Option<&'a str>,
    categories: Vec<Category<'a>>,
    media: Vec<Media<'a>>,
    attributes: Vec<Attribute<'a>>,
    options: Vec<ProductOption<'a>>,
    price_range: Option<Range<'a>>,
    variants: Vec<Variant<'a>>,
}

#[derive(Serialize)]
struct Category<'a> {
    slug: Option<&'a str>,
    name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Media<'a> {
    url: &'a str,
    alt_text: Option<&'a str>,
    width: Option<u32>,
    height: Option<u32>,
}

#[derive(Serialize)]
struct Attribute<'a> {
    code: &'a str,
    label: Arc<str>,
    value: Option<Option<parts::Value<'a>>>,
}

#[derive(Serialize)]
struct ProductOption<'a> {
    code: &'a str,
    label: Arc<str>,
    values: Vec<&'a str>,
}

#[derive(Serialize)]
struct SelectedOption<'a> {
    code: &'a str,
    label: Arc<str>,
    value: &'a str,
}

#[derive(Serialize)]
struct Range<'a> {
    minimum: Gross<'a>,
    maximum: Gross<'a>,
}

#[derive(Serialize)]
struct Gross<'a> {
    gross: Option<Money<'a>>,
}

#[derive(Serialize)]
struct Variant<'a> {
    sku: &'a str,
    name: Option<&'a str>,
    gtin: Option<&'a str>,
    options: Vec<SelectedOption<'a>>,
    attributes: Vec<Attribute<'a>>,
    price: Option<Price<'a>>,
    availability: Option<Availability<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Price<'a> {
    unit_price: Taxed<'a>,
    #[serde(serialize_with = "decimal")]
    price_quantity: Decimal,
    unit: Code<'a>,
    tiers: Vec<Tier>,
    quantity_rule: QuantityRule,
    price_list: Code<'a>,
    kind: &'static str,
    freshness: PriceFreshness,
}

#[derive(Serialize)]
struct Code<'a> {
    code: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tier {
    #[serde(serialize_with = "decimal")]
    minimum_quantity: Decimal,
    unit_price: Amounts,
}

#[derive(Serialize)]
struct Amounts {
    net: Option<Amount>,
    gross: Option<Amount>,
}

#[derive(Serialize)]
struct QuantityRule {
    #[serde(serialize_with = "decimal")]
    minimum: Decimal,
    #[serde(serialize_with = "decimal")]
    increment: Decimal,
}

#[derive(Serialize)]
struct Availability<'a> {
    status: &'static str,
    orderable: bool,
    #[serde(serialize_with = "decimal")]
    quantity: Decimal,
    exactness: &'static str,
    levels: Vec<Level<'a>>,
    freshness: SystemAge,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SystemAge {
    system: &'static str,
    age_ms: u128,
    state: &'static str,
}

#[derive(Serialize)]
struct Level<'a> {
    location: Location<'a>,
    status: &'static str,
    #[serde(serialize_with = "decimal")]
    available: Decimal,
    freshness: Age,
}

#[derive(Serialize)]
struct Location<'a> {
    code: &'a str,
    name: &'a str,
    kind: &'a str,
}
