//! The entry points: most only make references, which the next step completes.

use std::sync::Arc;

use skuery_schema::availability::Location;
use skuery_schema::catalog::{Category, Product, ProductVariant};
use skuery_schema::error::FieldError;
use skuery_schema::ids::{CategoryCode, ProductCode, Sku};
use skuery_schema::input::Input;
use skuery_schema::lookup;
use skuery_schema::node_id::NodeId;

use crate::commerce::request::{CommerceRequest, Next, no_system};
use crate::engine::{Answer, Ask};

impl<'g> CommerceRequest<'g> {
    pub(super) fn ask_root(&mut self, ask: &Ask<'_>) -> Result<Next, FieldError> {
        let answer = match ask.lookup {
            lookup::NODE => return self.node(ask.args.text(0)),
            lookup::NODES => return self.nodes(&ask.args.texts(0).unwrap_or_default()),
            lookup::PRODUCT_BY => return self.product_by(ask),
            lookup::VARIANT_BY_SKU => ask.args.text(0).map_or(Answer::Null, |sku| variant(sku.clone())),
            lookup::VARIANTS => {
                let skus = ask.args.texts(0).unwrap_or_default();
                Answer::List(skus.into_iter().map(variant).collect())
            }
            lookup::CATEGORY_BY => category_by(ask)?,
            lookup::CATEGORY_ROOTS => return self.children(None),
            lookup::LOCATION => ask.args.text(0).map_or(Answer::Null, |code| self.location(code)),
            lookup::LOCATIONS => self.locations(ask.args.texts(0)),
            lookup::SYSTEMS => Answer::objects(self.gateway.health()),
            _ => return Err(FieldError::bad_input("this field is not served")),
        };
        Ok(answer.into())
    }

    fn node(&mut self, id: Option<&Arc<str>>) -> Result<Next, FieldError> {
        let Some(id) = id.and_then(|id| NodeId::decode(id)) else {
            return Ok(Answer::Null.into());
        };
        let answer = match id.type_name.as_str() {
            "Product" => product(&id.key),
            "ProductVariant" => variant(id.key),
            "Category" => category(&id.key),
            "Location" => self.location(&id.key),
            "Customer" => self.own_customer(&id.key),
            // Nobody's order is known to who has not signed in: an ID alone says nothing about what exists.
            "Order" if self.context.identity.is_none() => Answer::Null,
            "Order" => return self.order_by_key(&id.key),
            _ => Answer::Null,
        };
        Ok(answer.into())
    }

    fn nodes(&mut self, ids: &[Arc<str>]) -> Result<Next, FieldError> {
        let mut slots = Vec::with_capacity(ids.len());
        for id in ids {
            let next = self.node(Some(id));
            slots.push(self.slot(next));
        }
        self.go_on_ready_nodes(slots)
    }

    /// Customers are only shown to themselves.
    fn own_customer(&self, number: &str) -> Answer {
        match self.own_number() {
            Some(own) if own.as_str() == number => self.viewer(),
            _ => Answer::Null,
        }
    }

    fn product_by(&mut self, ask: &Ask<'_>) -> Result<Next, FieldError> {
        let by = ask.args.get(0);
        let key = |name| by.and_then(|by| by.field(name)).and_then(Input::as_text).cloned();
        if let Some(id) = key("id") {
            return Ok(typed(&id, "Product")
                .map_or(Answer::Null, |key| product(&key))
                .into());
        }
        if let Some(slug) = key("slug") {
            return self.product_by_slug(slug);
        }
        match key("sku") {
            Some(sku) => self.product_by_sku(Sku::new(sku)),
            None => Ok(Answer::Null.into()),
        }
    }

    fn location(&self, code: &str) -> Answer {
        match self.gateway.location(code) {
            Some(location) => Answer::Object(location.clone()),
            None => Answer::Null,
        }
    }

    fn locations(&self, kinds: Option<Vec<Arc<str>>>) -> Answer {
        let wanted = |location: &Arc<Location>| match &kinds {
            Some(kinds) => kinds.iter().any(|kind| **kind == *location.kind.name()),
            None => true,
        };
        let locations = self
            .gateway
            .locations()
            .iter()
            .filter(|location| wanted(location));
        Answer::List(
            locations
                .map(|location| Answer::Object(location.clone()))
                .collect(),
        )
    }

    pub(super) fn catalog_role(&mut self) -> Result<&mut super::CatalogQuestions<'g>, FieldError> {
        self.catalog.as_mut().ok_or_else(|| no_system("CATALOG"))
    }
}

fn typed(id: &str, type_name: &str) -> Option<String> {
    NodeId::decode(id)
        .filter(|id| id.type_name == type_name)
        .map(|id| id.key)
}

fn product(code: &str) -> Answer {
    Answer::object(Product {
        code: ProductCode::from(code),
        content: None,
    })
}

fn variant(sku: impl Into<Arc<str>>) -> Answer {
    Answer::object(ProductVariant {
        sku: Sku::new(sku),
        known: false,
        content: None,
    })
}

fn category(code: &str) -> Answer {
    Answer::object(Category::bare(CategoryCode::from(code)))
}

fn category_by(ask: &Ask<'_>) -> Result<Answer, FieldError> {
    let by = ask.args.get(0);
    let key = |name| by.and_then(|by| by.field(name)).and_then(Input::as_text);
    if let Some(id) = key("id") {
        return Ok(typed(id, "Category").map_or(Answer::Null, |key| category(&key)));
    }
    match key("code") {
        Some(code) => Ok(category(code)),
        None => Err(FieldError::bad_input(
            "by: this PIM cannot find categories by slug; use `code` or `id`",
        )),
    }
}
