//! Products, variants, categories and labels.

use std::sync::Arc;

use skuery_schema::catalog::{
    Attribute, Category, CategoryContent, ExternalId, Product, ProductContent, ProductOption, ProductVariant,
    SelectedOption, VariantContent,
};
use skuery_schema::error::FieldError;
use skuery_schema::ids::{CategoryCode, ProductCode, Sku};
use skuery_schema::lookup;
use skuery_schema::table::Object;

use crate::commerce::questions::Found;
use crate::commerce::request::{CommerceRequest, Next, Step, value};
use crate::engine::{Answer, Ask};
use crate::loader::Want;
use crate::port::{CodedCategory, CodedVariant};

/// No tree of categories is deeper; a cycle ends here.
const PATH: usize = 32;

pub(super) enum CatalogStep {
    Product(ProductCode, Found<Arc<ProductContent>>),
    Variant(Sku, Found<Arc<VariantContent>>),
    Category(CategoryCode, Found<Arc<CategoryContent>>),
    BySlug(Found<(ProductCode, Arc<ProductContent>)>),
    BySku(Found<Arc<VariantContent>>),
    VariantsOf(Found<Variants>),
    Children(Found<Arc<[CodedCategory]>>),
    Path {
        below: Vec<Category>,
        code: CategoryCode,
        found: Found<Arc<CategoryContent>>,
    },
    Label(Arc<str>, Found<Arc<str>>),
}

pub(super) type Variants = Arc<[CodedVariant]>;

impl CatalogStep {
    pub(super) fn waits(&self) -> bool {
        match self {
            Self::Product(_, found) => found.waits(),
            Self::Variant(_, found) | Self::BySku(found) => found.waits(),
            Self::Category(_, found) | Self::Path { found, .. } => found.waits(),
            Self::BySlug(found) => found.waits(),
            Self::VariantsOf(found) => found.waits(),
            Self::Children(found) => found.waits(),
            Self::Label(_, found) => found.waits(),
        }
    }
}

impl From<CatalogStep> for Next {
    fn from(step: CatalogStep) -> Self {
        Self::Then(Step::Catalog(step))
    }
}

impl CommerceRequest<'_> {
    pub(super) fn ask_catalog(&mut self, ask: &Ask<'_>) -> Result<Next, FieldError> {
        let parent = ask.parent.as_any();
        if let Some(product) = parent.downcast_ref::<Product>() {
            return match ask.lookup {
                lookup::PRODUCT_VARIANTS => self.variants_of(product),
                _ => self.product(&product.code),
            };
        }
        if let Some(variant) = parent.downcast_ref::<ProductVariant>() {
            return match ask.lookup {
                lookup::EXTERNAL_IDS => Ok(self.external_ids(&variant.sku).into()),
                _ => self.variant(&variant.sku),
            };
        }
        if let Some(category) = parent.downcast_ref::<Category>() {
            return match ask.lookup {
                lookup::CATEGORY_CHILDREN => self.children(Some(category.code.clone())),
                lookup::CATEGORY_PATH => self.path(Vec::new(), category.code.clone()),
                _ => self.category(&category.code),
            };
        }
        match attribute_code(ask.parent) {
            Some(code) => self.label(code),
            None => Err(FieldError::bad_input("this field is not served")),
        }
    }

    pub(super) fn go_on_catalog(&mut self, step: CatalogStep) -> Result<Next, FieldError> {
        let questions = self.catalog_role()?;
        let answer = match step {
            CatalogStep::Product(code, found) => value(&questions.products, found)?.map(|content| {
                Answer::object(Product {
                    code,
                    content: Some(content),
                })
            }),
            CatalogStep::Variant(sku, found) => {
                value(&questions.variants, found)?.map(|content| whole_variant(sku, content))
            }
            CatalogStep::Category(code, found) => value(&questions.categories, found)?.map(|content| {
                Answer::object(Category {
                    code,
                    content: Some(content),
                })
            }),
            CatalogStep::BySlug(found) => value(&questions.by_slug, found)?.map(|(code, content)| {
                Answer::object(Product {
                    code,
                    content: Some(content),
                })
            }),
            CatalogStep::BySku(found) => value(&questions.variants, found)?
                .and_then(|content| content.product.clone())
                .map(|code| Answer::object(Product { code, content: None })),
            CatalogStep::VariantsOf(found) => value(&questions.variants_of, found)?.map(|variants| {
                Answer::List(
                    variants
                        .iter()
                        .map(|(sku, content)| whole_variant(sku.clone(), content.clone()))
                        .collect(),
                )
            }),
            CatalogStep::Children(found) => Some(category_list(value(&questions.children, found)?)),
            CatalogStep::Path { below, code, found } => {
                let content = value(&questions.categories, found)?;
                return self.path_above(below, code, content);
            }
            CatalogStep::Label(code, found) => {
                // A label is a nicety: where it cannot be had, the code stands for it.
                let label = value(&questions.labels, found).ok().flatten();
                Some(Answer::Text(label.unwrap_or(code)))
            }
        };
        Ok(answer.unwrap_or(Answer::Null).into())
    }

    fn product(&mut self, code: &ProductCode) -> Result<Next, FieldError> {
        let catalog = self.catalog_role()?;
        let found = catalog.products.ask(&catalog.scoped, code, Want::default());
        Ok(CatalogStep::Product(code.clone(), found).into())
    }

    fn variant(&mut self, sku: &Sku) -> Result<Next, FieldError> {
        let catalog = self.catalog_role()?;
        let found = catalog.variants.ask(&catalog.scoped, sku, Want::default());
        let step = CatalogStep::Variant(sku.clone(), found);
        match step.waits() {
            true => Ok(step.into()),
            false => self.go_on_catalog(step),
        }
    }

    fn category(&mut self, code: &CategoryCode) -> Result<Next, FieldError> {
        let catalog = self.catalog_role()?;
        let found = catalog.categories.ask(&catalog.scoped, code, Want::default());
        Ok(CatalogStep::Category(code.clone(), found).into())
    }

    pub(super) fn product_by_slug(&mut self, slug: Arc<str>) -> Result<Next, FieldError> {
        let catalog = self.catalog_role()?;
        Ok(CatalogStep::BySlug(catalog.by_slug.ask(&catalog.scoped, &slug, Want::default())).into())
    }

    pub(super) fn product_by_sku(&mut self, sku: Sku) -> Result<Next, FieldError> {
        let catalog = self.catalog_role()?;
        Ok(CatalogStep::BySku(catalog.variants.ask(&catalog.scoped, &sku, Want::default())).into())
    }

    /// The PIM may have named the SKUs together with the product; then nothing need be asked.
    fn variants_of(&mut self, product: &Product) -> Result<Next, FieldError> {
        let named = product
            .content
            .as_ref()
            .and_then(|content| content.variants.as_ref());
        if let Some(skus) = named {
            let variant = |sku: &Sku| ProductVariant {
                sku: sku.clone(),
                known: true,
                content: None,
            };
            return Ok(Answer::objects(skus.iter().map(variant)).into());
        }
        Ok(CatalogStep::VariantsOf(self.find_variants(&product.code)?).into())
    }

    pub(super) fn find_variants(&mut self, code: &ProductCode) -> Result<Found<Variants>, FieldError> {
        let catalog = self.catalog_role()?;
        Ok(catalog.variants_of.ask(&catalog.scoped, code, Want::default()))
    }

    pub(super) fn children(&mut self, parent: Option<CategoryCode>) -> Result<Next, FieldError> {
        let catalog = self.catalog_role()?;
        Ok(CatalogStep::Children(catalog.children.ask(&catalog.scoped, &parent, Want::default())).into())
    }

    fn path(&mut self, below: Vec<Category>, code: CategoryCode) -> Result<Next, FieldError> {
        let catalog = self.catalog_role()?;
        let found = catalog.categories.ask(&catalog.scoped, &code, Want::default());
        Ok(CatalogStep::Path { below, code, found }.into())
    }

    fn path_above(
        &mut self,
        mut below: Vec<Category>,
        code: CategoryCode,
        content: Option<Arc<CategoryContent>>,
    ) -> Result<Next, FieldError> {
        let parent = content.as_ref().and_then(|content| content.parent.clone());
        if content.is_some() {
            below.push(Category { code, content });
        }
        match parent {
            Some(parent) if below.len() < PATH => self.path(below, parent),
            _ => Ok(Answer::objects(below.into_iter().rev()).into()),
        }
    }

    fn label(&mut self, code: &Arc<str>) -> Result<Next, FieldError> {
        let catalog = self.catalog_role()?;
        Ok(CatalogStep::Label(
            code.clone(),
            catalog.labels.ask(&catalog.scoped, code, Want::default()),
        )
        .into())
    }

    fn external_ids(&self, sku: &Sku) -> Answer {
        let ids = self.gateway.external_skus(sku);
        Answer::objects(ids.map(|(system, value)| ExternalId {
            system: system.as_str().into(),
            value: value.into(),
        }))
    }
}

fn whole_variant(sku: Sku, content: Arc<VariantContent>) -> Answer {
    Answer::object(ProductVariant {
        sku,
        known: true,
        content: Some(content),
    })
}

fn category_list(children: Option<Arc<[CodedCategory]>>) -> Answer {
    let children = children.iter().flat_map(|children| children.iter());
    Answer::objects(children.map(|(code, content)| Category {
        code: code.clone(),
        content: Some(content.clone()),
    }))
}

fn attribute_code(parent: &dyn Object) -> Option<&Arc<str>> {
    let parent = parent.as_any();
    if let Some(attribute) = parent.downcast_ref::<Attribute>() {
        return Some(&attribute.code);
    }
    if let Some(option) = parent.downcast_ref::<ProductOption>() {
        return Some(&option.code);
    }
    parent.downcast_ref::<SelectedOption>().map(|option| &option.code)
}
