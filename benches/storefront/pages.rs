//! The pages that are measured: what a storefront asks for, as documents and variables.

use serde_json::json;
use skuery_resolvers::commerce::gateway::GraphqlRequest;

use crate::assortment;

/// One page of the storefront.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// 24 products of a category with the prices and stock of their variants.
    Listing,
    /// One product with everything there is of it and its variants.
    Detail,
    /// The name, price and stock of 20 SKUs.
    Cart,
    /// The price and stock of 100 SKUs.
    Skus,
    /// So many variants with names, options, attributes, prices with tiers, and stock by location.
    Variants(usize),
}

/// In the order they are shown.
pub(crate) const PAGES: [Page; 7] = [
    Page::Listing,
    Page::Detail,
    Page::Cart,
    Page::Skus,
    Page::Variants(1),
    Page::Variants(50),
    Page::Variants(500),
];

impl Page {
    /// Its name in tables and in `benches/instructions.json`.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Listing => "listing (24 products)".to_owned(),
            Self::Detail => "detail".to_owned(),
            Self::Cart => "cart (20 SKUs)".to_owned(),
            Self::Skus => "100 SKUs".to_owned(),
            Self::Variants(1) => "1 variant".to_owned(),
            Self::Variants(number) => format!("{number} variants"),
        }
    }

    pub(crate) fn document(self) -> &'static str {
        match self {
            Self::Listing => include_str!("pages/listing.graphql"),
            Self::Detail => include_str!("pages/detail.graphql"),
            Self::Cart => include_str!("pages/cart.graphql"),
            Self::Skus => include_str!("pages/skus.graphql"),
            Self::Variants(_) => include_str!("pages/variants.graphql"),
        }
    }

    /// A document that nobody has sent before, asking for nothing: what is left is making it ready.
    pub(crate) fn unprepared(number: usize) -> GraphqlRequest {
        let page = Self::Variants(0);
        GraphqlRequest {
            query: page
                .document()
                .replace("query Page", &format!("query Page{number:04}")),
            ..page.request()
        }
    }

    /// The request, as a transport would have read it.
    pub(crate) fn request(self) -> GraphqlRequest {
        let variable = match self {
            Self::Listing => ("category", json!(assortment::CATEGORY)),
            Self::Detail => ("slug", json!(assortment::slug(7))),
            Self::Cart => ("skus", skus(20)),
            Self::Skus => ("skus", skus(100)),
            Self::Variants(number) => ("skus", skus(number)),
        };
        let (name, value) = variable;
        GraphqlRequest {
            query: self.document().to_owned(),
            variables: [(name.to_owned(), value)].into_iter().collect(),
            ..GraphqlRequest::default()
        }
    }
}

fn skus(number: usize) -> serde_json::Value {
    (0..number).map(assortment::sku).collect()
}
