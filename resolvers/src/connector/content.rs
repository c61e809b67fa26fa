//! Catalogue records out of rows: products, variants, categories.

use std::sync::Arc;

use rust_decimal::prelude::ToPrimitive;
use skuery_schema::catalog::{CategoryContent, ProductContent, UnitOfMeasure, VariantContent};
use skuery_schema::description::Description;
use skuery_schema::ids::{CategoryCode, ProductCode, Sku};

use crate::connector::reader::Reader;
use crate::door::fault::Fault;

/// A product. Without a name in any wanted language it is called by its code: a page with a bare code is better than none.
pub(crate) fn product(reader: &Reader<'_>, code: &str) -> Result<Arc<ProductContent>, Fault> {
    let (name, language) = reader
        .localized("name")?
        .unwrap_or_else(|| (Arc::from(code), None));
    let locale_used = language
        .or_else(|| reader.chain.first().cloned())
        .unwrap_or_default();
    Ok(Arc::new(ProductContent {
        slug: reader.filled("slug")?,
        name,
        description: reader.filled("description_html")?.map(Description::new),
        brand: reader.filled("brand")?,
        categories: categories(reader)?,
        media: reader.media()?,
        attributes: reader.attributes(),
        options: reader.options(),
        variants: reader
            .list("variants")?
            .map(|skus| skus.into_iter().map(Sku::new).collect()),
        locale_used,
        updated_at: reader.timestamp("updated_at")?,
    }))
}

pub(crate) fn variant(reader: &Reader<'_>) -> Result<Arc<VariantContent>, Fault> {
    Ok(Arc::new(VariantContent {
        product: reader.filled("product")?.map(ProductCode::new),
        name: reader.filled("name")?,
        gtin: reader.filled("gtin")?,
        manufacturer_number: reader.filled("manufacturer_number")?,
        unit: unit(reader)?,
        options: reader.selected_options(),
        media: reader.media()?,
        attributes: reader.attributes(),
    }))
}

pub(crate) fn category(reader: &Reader<'_>, code: &str) -> Result<Arc<CategoryContent>, Fault> {
    Ok(Arc::new(CategoryContent {
        slug: reader.filled("slug")?,
        name: reader.filled("name")?.unwrap_or_else(|| Arc::from(code)),
        parent: reader.filled("parent")?.map(CategoryCode::new),
    }))
}

fn categories(reader: &Reader<'_>) -> Result<Vec<CategoryCode>, Fault> {
    let codes = reader.list("categories")?.unwrap_or_default();
    Ok(codes.into_iter().map(CategoryCode::new).collect())
}

/// The unit of a quantity.
pub(crate) fn unit(reader: &Reader<'_>) -> Result<Option<UnitOfMeasure>, Fault> {
    let Some(code) = reader.filled("unit")? else {
        return Ok(None);
    };
    let name = reader.filled("unit_name")?.unwrap_or_else(|| Arc::clone(&code));
    let decimals = match reader.decimal("unit_decimals")? {
        Some(decimals) => decimals
            .to_u8()
            .ok_or_else(|| Fault::invalid_value("a unit has an odd number of decimals"))?,
        None => 0,
    };
    Ok(Some(UnitOfMeasure { code, name, decimals }))
}
