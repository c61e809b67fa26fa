//! A gateway over three systems in memory, with the answers of its largest page already in its caches.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::FutureExt;
use rust_decimal::Decimal;
use skuery::config::{self, Config};
use skuery_resolvers::commerce::gateway::{Gateway, GraphqlRequest};
use skuery_resolvers::error::{ErrorKind, LookupError};
use skuery_resolvers::port::{
    Answer, ByKey, Call, Catalog, Locales, Port, PortLookup, PriceGroup, PriceMode, PriceRow, Prices, Search,
    SearchAbilities, SearchPage, Stock, StockFigure, StockGroup,
};
use skuery_schema::catalog::{
    Attribute, AttributeValue, CategoryContent, ProductContent, SelectedOption, VariantContent,
};
use skuery_schema::ids::{CategoryCode, Currency, LocationCode, ProductCode, Sku, SystemName};
use skuery_schema::price::PriceKind;
use tokio::runtime::Runtime;

/// As many as the largest page shows.
const ASSORTMENT: usize = 500;
pub(crate) const PRICE_LIST: &str = "RETAIL-SEK";
const LOCATIONS: [&str; 3] = ["WH-STO", "WH-CPH", "ST-MAL"];
const QUERY: &str = include_str!("page.graphql");
const CONFIGURATION: &str = include_str!("gateway.yaml");

/// The gateway, and what its systems hold.
pub(crate) struct Shop {
    runtime: Runtime,
    gateway: Gateway,
    pub(crate) articles: Arc<Assortment>,
}

/// Everything the systems know, by SKU.
pub(crate) type Assortment = HashMap<Sku, Article>;

pub(crate) struct Article {
    pub(crate) content: Arc<VariantContent>,
    pub(crate) prices: Arc<[PriceRow]>,
    pub(crate) stock: Arc<[StockFigure]>,
}

/// The request for a page of this many variants.
pub(crate) fn request(products: usize) -> GraphqlRequest {
    let skus: Vec<String> = (0..products).map(sku).collect();
    let variables = [("skus".to_owned(), skus.into())].into_iter().collect();
    GraphqlRequest {
        query: QUERY.to_owned(),
        variables,
        ..GraphqlRequest::default()
    }
}

impl Shop {
    /// Starts the gateway and fills its caches.
    pub(crate) fn open() -> Self {
        let articles: Arc<Assortment> = Arc::new((0..ASSORTMENT).map(article).collect());
        let config = Config::parse("gateway.yaml", CONFIGURATION).expect("the configuration is valid");
        let mut parts = config::build(&config, "gateway.yaml", CONFIGURATION, &|_| {
            Some("unused".to_owned())
        })
        .expect("the configuration is valid");
        for system in &mut parts.systems {
            let memory = Arc::new(Memory {
                system: system.name.clone(),
                articles: articles.clone(),
                locations: LOCATIONS.map(LocationCode::from).to_vec(),
            });
            system.catalog = system.catalog.take().map(|_| memory.clone() as _);
            system.prices = system.prices.take().map(|_| memory.clone() as _);
            system.stock = system.stock.take().map(|_| memory as _);
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime");
        let shop = Self {
            runtime,
            gateway: Gateway::new(parts),
            articles,
        };
        let filled = shop.runtime.block_on(shop.gateway.execute(&request(ASSORTMENT)));
        filled.expect("the request is valid");
        shop
    }

    /// The response body, out of the caches.
    #[inline(never)]
    pub(crate) fn answer(&self, request: &GraphqlRequest) -> Vec<u8> {
        let response = self.gateway.execute(request).now_or_never();
        let response = response.expect("everything is in the caches");
        response.expect("the request is valid").body
    }
}

fn sku(number: usize) -> String {
    format!("MC-{:05}-BLK-L", 10_000 + number)
}

fn article(number: usize) -> (Sku, Article) {
    let content = VariantContent {
        name: Some(format!("Tour Jacket 270 Gen {number}, black, L").into()),
        options: vec![option("colour", "Midnight black"), option("size", "L")],
        attributes: vec![
            attribute(
                "material",
                AttributeValue::Text("Cordura 500D, mesh lining".into()),
            ),
            attribute(
                "weight",
                AttributeValue::Measure {
                    amount: Decimal::new(1_850 + number as i64, 3),
                    unit: "KILOGRAM".into(),
                },
            ),
        ],
        ..VariantContent::default()
    };
    let net = Decimal::new(129_900 + 100 * number as i64, 2);
    let article = Article {
        content: Arc::new(content),
        prices: [(1, 100), (10, 90), (50, 80)]
            .map(|(minimum, percent)| row(minimum, net * Decimal::new(percent, 2)))
            .into(),
        stock: LOCATIONS
            .map(|location| figure(location, Decimal::from(25 + number)))
            .into(),
    };
    (Sku::new(sku(number)), article)
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

// ---------------------------------------------------------------- the systems

struct Memory {
    system: SystemName,
    articles: Arc<Assortment>,
    locations: Vec<LocationCode>,
}

impl Memory {
    fn known<'a, V: Send + 'a>(
        &'a self,
        keys: &'a [Sku],
        part: fn(&Article) -> V,
    ) -> Answer<'a, ByKey<Sku, V>> {
        let known = keys.iter().filter_map(|sku| self.articles.get_key_value(sku));
        let answers = known
            .map(|(sku, article)| (sku.clone(), Ok(part(article))))
            .collect();
        Box::pin(async move { Ok(answers) })
    }

    fn unasked<'a, T: Send + 'a>(&'a self) -> Answer<'a, T> {
        let error = LookupError::new(
            ErrorKind::Unsupported,
            &self.system,
            "unasked",
            "the page does not ask it",
        );
        Box::pin(async move { Err(error) })
    }
}

impl Port for Memory {
    fn system(&self) -> &SystemName {
        &self.system
    }

    fn max_keys(&self, _: PortLookup) -> usize {
        ASSORTMENT
    }
}

impl Prices for Memory {
    fn price_mode(&self) -> PriceMode {
        PriceMode::Rows
    }

    fn prices<'a>(
        &'a self,
        _: Call,
        _: &'a PriceGroup,
        keys: &'a [Sku],
    ) -> Answer<'a, ByKey<Sku, Arc<[PriceRow]>>> {
        self.known(keys, |article| article.prices.clone())
    }
}

impl Stock for Memory {
    fn per_location(&self) -> bool {
        false
    }

    fn locations(&self) -> &[LocationCode] {
        &self.locations
    }

    fn stock<'a>(
        &'a self,
        _: Call,
        _: &'a StockGroup,
        keys: &'a [Sku],
    ) -> Answer<'a, ByKey<Sku, Arc<[StockFigure]>>> {
        self.known(keys, |article| article.stock.clone())
    }
}

impl Catalog for Memory {
    fn variants<'a>(
        &'a self,
        _: Call,
        _: &'a Locales,
        keys: &'a [Sku],
    ) -> Answer<'a, ByKey<Sku, Arc<VariantContent>>> {
        self.known(keys, |article| article.content.clone())
    }

    fn products<'a>(
        &'a self,
        _: Call,
        _: &'a Locales,
        _: &'a [ProductCode],
    ) -> Answer<'a, ByKey<ProductCode, Arc<ProductContent>>> {
        self.unasked()
    }

    fn products_by_slug<'a>(
        &'a self,
        _: Call,
        _: &'a Locales,
        _: &'a [Arc<str>],
    ) -> Answer<'a, ByKey<Arc<str>, (ProductCode, Arc<ProductContent>)>> {
        self.unasked()
    }

    fn variants_of<'a>(
        &'a self,
        _: Call,
        _: &'a Locales,
        _: &'a [ProductCode],
    ) -> Answer<'a, ByKey<ProductCode, Vec<(Sku, Arc<VariantContent>)>>> {
        self.unasked()
    }

    fn categories<'a>(
        &'a self,
        _: Call,
        _: &'a Locales,
        _: &'a [CategoryCode],
    ) -> Answer<'a, ByKey<CategoryCode, Arc<CategoryContent>>> {
        self.unasked()
    }

    fn category_children<'a>(
        &'a self,
        _: Call,
        _: &'a Locales,
        _: &'a [Option<CategoryCode>],
    ) -> Answer<'a, ByKey<Option<CategoryCode>, Vec<(CategoryCode, Arc<CategoryContent>)>>> {
        self.unasked()
    }

    fn attribute_labels<'a>(
        &'a self,
        _: Call,
        _: &'a Locales,
        _: &'a [Arc<str>],
    ) -> Answer<'a, ByKey<Arc<str>, Arc<str>>> {
        self.unasked()
    }

    fn search<'a>(&'a self, _: Call, _: &'a Locales, _: &'a Search) -> Answer<'a, SearchPage> {
        self.unasked()
    }

    fn search_abilities(&self) -> SearchAbilities {
        SearchAbilities::default()
    }
}
