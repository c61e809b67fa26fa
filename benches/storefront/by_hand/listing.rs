//! A page of products with the prices and stock of their variants.

use std::sync::Arc;

use serde::Serialize;

use super::parts::{self, PlainPrice, PlainStock};
use super::{Article, ByHand, is_fresh, written};

impl ByHand {
    pub(super) fn listing(&self, category: &str) -> Vec<u8> {
        let kept = self.listings.get(category).filter(is_fresh).expect("a kept page");
        let page = &kept.value;
        let articles: Vec<_> = page
            .products
            .iter()
            .map(|(code, _)| self.articles_of(code.as_str()))
            .collect();
        let nodes = page
            .products
            .iter()
            .zip(&articles)
            .map(|((_, content), articles)| Node {
                slug: content.slug.as_deref(),
                name: &content.name,
                brand: content.brand.as_deref(),
                media: content
                    .media
                    .iter()
                    .map(|media| Media {
                        url: &media.url,
                        alt_text: media.alt_text.as_ref(),
                    })
                    .collect(),
                variants: articles.iter().map(variant).collect(),
            });
        let products = Products {
            total_count: page.total,
            nodes: nodes.collect(),
            page_info: PageInfo {
                has_next_page: page.products.len() < page.total,
                end_cursor: &page.end_cursor,
            },
        };
        written(Data { products }, 1024 * page.products.len())
    }
}

fn variant(article: &Article) -> Variant<'_> {
    Variant {
        sku: &article.sku,
        price: article.prices.as_ref().and_then(parts::plain_price),
        availability: article.stock.as_ref().map(parts::plain_stock),
    }
}

#[derive(Serialize)]
struct Data<'a> {
    products: Products<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Products<'a> {
    total_count: usize,
    nodes: Vec<Node<'a>>,
    page_info: PageInfo<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo<'a> {
    has_next_page: bool,
    end_cursor: &'a str,
}

#[derive(Serialize)]
struct Node<'a> {
    slug: Option<&'a str>,
    name: &'a str,
    brand: Option<&'a str>,
    media: Vec<Media<'a>>,
    variants: Vec<Variant<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Media<'a> {
    url: &'a str,
    alt_text: Option<&'a Arc<str>>,
}

#[derive(Serialize)]
struct Variant<'a> {
    sku: &'a str,
    price: Option<PlainPrice<'a>>,
    availability: Option<PlainStock>,
}
