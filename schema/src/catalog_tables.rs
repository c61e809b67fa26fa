//! The field tables of the catalogue.

use std::sync::LazyLock;

use crate::catalog::{
    Attribute, AttributeValue, Category, CategoryContent, ExternalId, Media, MediaKind, OptionValue, Product,
    ProductContent, ProductOption, ProductVariant, SelectedOption, UnitOfMeasure, VariantContent,
};
use crate::description::Description;
use crate::input::Args;
use crate::lookup;
use crate::node_id::NodeId;
use crate::object;
use crate::table::{Object, ObjectType, Value};

static NO_PRODUCT: LazyLock<ProductContent> = LazyLock::new(ProductContent::default);
static NO_VARIANT: LazyLock<VariantContent> = LazyLock::new(VariantContent::default);
static NO_CATEGORY: LazyLock<CategoryContent> = LazyLock::new(CategoryContent::default);

impl Product {
    fn content(&self) -> &ProductContent {
        self.content.as_deref().unwrap_or(&NO_PRODUCT)
    }
}

impl ProductVariant {
    fn content(&self) -> &VariantContent {
        self.content.as_deref().unwrap_or(&NO_VARIANT)
    }
}

impl Category {
    fn content(&self) -> &CategoryContent {
        self.content.as_deref().unwrap_or(&NO_CATEGORY)
    }
}

object! {
    /// What customers look for and compare: a helmet, in all its sizes and colours. From the PIM, in the language of the context.
    Product, "Product" implements "Node" whole lookup::PRODUCT, stands false, |product| product.content.is_some(), |_| false;

    /// Opaque global ID; stable.
    own id: "ID!" => |product, _| Value::Text(NodeId::encode("Product", product.code.as_str()));
    /// The part of an address that names it, such as `"tour-jacket-270"`.
    whole slug: "String" => |product, _| Value::text(product.content().slug.as_ref());
    /// Its name.
    whole name: "String!" => |product, _| Value::Str(&product.content().name);
    /// Description as plain text: markup is removed.
    whole description: "String" => |product, _| Value::text(product.content().description.as_ref().map(Description::text));
    /// Description as HTML that is safe to show: only text markup, no scripts, styles or foreign addresses.
    whole descriptionHtml: "String" => |product, _| Value::text(product.content().description.as_ref().map(Description::html));
    /// Brand, as a label for people.
    whole brand: "String" => |product, _| Value::text(product.content().brand.as_ref());
    /// The categories it is in. One question for all products of a page.
    whole categories: "[Category!]" => |product, _| Value::Items(
        product.content().categories.iter().map(|code| Value::Made(Box::new(Category::bare(code.clone())))).collect()
    );
    /// Pictures, films and documents, the main picture first.
    whole media: "[Media!]!" => |product, _| Value::List(&product.content().media);
    /// Attributes in the PIM's order; with `codes`, only those.
    whole attributes(codes: "[String!]", "Only these attribute codes."): "[Attribute!]!" =>
        |product, args| chosen(&product.content().attributes, args);
    /// One attribute by its code; null when the product has none.
    whole attribute(code: "String!", "Attribute code."): "Attribute" =>
        |product, args| one(&product.content().attributes, args);
    /// What tells the variants apart, such as size and colour.
    whole options: "[ProductOption!]!" => |product, _| Value::List(&product.content().options);
    /// The variants that can be bought.
    live variants: "[ProductVariant!]" => lookup::PRODUCT_VARIANTS;
    /// Lowest and highest price of the variants, one unit each, in the price context of the request.
    live priceRange: "PriceRange" => lookup::PRICE_RANGE;
    /// The PIM's locale that the name is in, after fallback, such as `"sv_SE"`.
    whole localeUsed: "String!" => |product, _| Value::Str(&product.content().locale_used);
    /// When the PIM last changed it.
    whole updatedAt: "DateTime" => |product, _| product.content().updated_at.map_or(Value::Null, Value::DateTime);
}

object! {
    /// One sellable article with a SKU. Descriptive fields come from the PIM and are null while it cannot answer; price and availability come live from the systems that own them.
    ProductVariant, "ProductVariant" implements "Node" whole lookup::VARIANT, stands true, |variant| variant.content.is_some(), |variant| variant.known;

    /// Opaque global ID; stable.
    own id: "ID!" => |variant, _| Value::Text(NodeId::encode("ProductVariant", variant.sku.as_str()));
    /// Stock keeping unit, exactly as the merchant writes it.
    own sku: "String!" => |variant, _| Value::Str(variant.sku.as_str());
    /// The product it is a variant of.
    whole product: "Product" => |variant, _| match &variant.content().product {
        Some(code) => Value::Made(Box::new(Product { code: code.clone(), content: None })),
        None => Value::Null,
    };
    /// Its name, in the language of the context.
    whole name: "String" => |variant, _| Value::text(variant.content().name.as_ref());
    /// GTIN (EAN or UPC).
    whole gtin: "String" => |variant, _| Value::text(variant.content().gtin.as_ref());
    /// The manufacturer's own number.
    whole manufacturerNumber: "String" => |variant, _| Value::text(variant.content().manufacturer_number.as_ref());
    /// The unit it is sold in.
    whole unit: "UnitOfMeasure" => |variant, _| Value::object(variant.content().unit.as_ref());
    /// The option values that make it this variant.
    whole options: "[SelectedOption!]" => |variant, _| Value::List(&variant.content().options);
    /// Pictures of its own.
    whole media: "[Media!]" => |variant, _| Value::List(&variant.content().media);
    /// Attributes in the PIM's order; with `codes`, only those.
    whole attributes(codes: "[String!]", "Only these attribute codes."): "[Attribute!]" =>
        |variant, args| chosen(&variant.content().attributes, args);
    /// Its keys in the connected systems.
    live externalIds: "[ExternalId!]!" => lookup::EXTERNAL_IDS;
    /// The price for the asked quantity in the price context of the request: live, with its freshness. Null when the ERP has no price.
    live price(
        quantity: "Decimal" = "\"1\"", "How many are asked for; decides the tier.";
        unit: "String", "Unit of measure code; the sales unit when absent.";
        at: "DateTime", "Price at this time; now when absent.";
        maxAge: "Int", "The oldest answer accepted, in seconds; 0 asks the system itself."
    ): "Price" => lookup::PRICE;
    /// What can be had where: live, with its freshness.
    live availability(
        locations: "[String!]", "Only these location codes, out of those that serve the channel.";
        maxAge: "Int", "The oldest answer accepted, in seconds; 0 asks the system itself."
    ): "Availability" => lookup::AVAILABILITY;
}

object! {
    /// A node of the assortment's tree.
    Category, "Category" implements "Node" whole lookup::CATEGORY, stands false, |category| category.content.is_some(), |_| false;

    /// Opaque global ID; stable.
    own id: "ID!" => |category, _| Value::Text(NodeId::encode("Category", category.code.as_str()));
    /// Code in the PIM.
    own code: "String!" => |category, _| Value::Str(category.code.as_str());
    /// The part of an address that names it.
    whole slug: "String" => |category, _| Value::text(category.content().slug.as_ref());
    /// Its name, in the language of the context.
    whole name: "String!" => |category, _| Value::Str(&category.content().name);
    /// The category above; null for a root.
    whole parent: "Category" => |category, _| match &category.content().parent {
        Some(code) => Value::Made(Box::new(Category::bare(code.clone()))),
        None => Value::Null,
    };
    /// The categories directly below.
    live children: "[Category!]" => lookup::CATEGORY_CHILDREN;
    /// From the root down to this category.
    live path: "[Category!]" => lookup::CATEGORY_PATH;
    /// The products in it and below it.
    live products(
        first: "Int", "At most this many from the start; at most 100.";
        after: "String", "Only those after this cursor.";
        last: "Int", "At most this many from the end; at most 100.";
        before: "String", "Only those before this cursor.";
        sort: "ProductSort" = "RELEVANCE", "Order."
    ): "ProductConnection" => lookup::CATEGORY_PRODUCTS;
}

/// The attributes whose codes are asked for, in the PIM's order.
fn chosen<'a>(attributes: &'a Vec<Attribute>, args: &Args) -> Value<'a> {
    match args.texts(0) {
        None => Value::List(attributes),
        Some(codes) => Value::Items(
            attributes
                .iter()
                .filter(|attribute| codes.contains(&attribute.code))
                .map(|a| Value::Object(a))
                .collect(),
        ),
    }
}

fn one<'a>(attributes: &'a [Attribute], args: &Args) -> Value<'a> {
    let code = args.text(0);
    Value::object(attributes.iter().find(|attribute| Some(&attribute.code) == code))
}

object! {
    /// What tells the variants of a product apart.
    ProductOption, "ProductOption";
    /// Attribute code, such as `"size"`.
    own code: "String!" => |option, _| Value::Str(&option.code);
    /// Name for people.
    live label: "String!" => lookup::ATTRIBUTE_LABEL;
    /// The values that occur; empty where the PIM does not list them with the product.
    own values: "[String!]!" => |option, _| Value::texts(&option.values);
}

object! {
    /// The value a variant has for one option.
    SelectedOption, "SelectedOption";
    /// Attribute code, such as `"size"`.
    own code: "String!" => |option, _| Value::Str(&option.code);
    /// Name of the attribute, for people.
    live label: "String!" => lookup::ATTRIBUTE_LABEL;
    /// The value, for people.
    own value: "String!" => |option, _| Value::Str(&option.value);
}

object! {
    /// A key of the same article in a connected system.
    ExternalId, "ExternalId";
    /// The system's configured name.
    own system: "String!" => |id, _| Value::Str(&id.system);
    /// The key there.
    own value: "String!" => |id, _| Value::Str(&id.value);
}

object! {
    /// A unit of measure.
    UnitOfMeasure, "UnitOfMeasure";
    /// Code, such as `"PCS"`.
    own code: "String!" => |unit, _| Value::Str(&unit.code);
    /// Name for people; the code where the system has none.
    own name: "String!" => |unit, _| Value::Str(&unit.name);
    /// How many decimals a quantity may have.
    own decimals: "Int!" => |unit, _| Value::Int(unit.decimals.into());
}

object! {
    /// A property of a product or variant, as the PIM defines it.
    Attribute, "Attribute";
    /// Code in the PIM, such as `"weight"`.
    own code: "String!" => |attribute, _| Value::Str(&attribute.code);
    /// Name for people, in the language of the context; the code where the PIM has none.
    live label: "String!" => lookup::ATTRIBUTE_LABEL;
    /// The value by type; null where it is empty in every wanted language.
    own value: "AttributeValue" => |attribute, _| match &attribute.value {
        Some(value) => Value::Object(value),
        None => Value::Null,
    };
    /// The PIM's locale that the value is in; null where it has no language.
    own localeUsed: "String" => |attribute, _| Value::text(attribute.locale_used.as_ref());
}

object! {
    /// A picture, film or document.
    Media, "Media";
    /// Absolute address.
    own url: "URL!" => |media, _| Value::Str(&media.url);
    /// What it is.
    own kind: "MediaKind!" => |media, _| Value::Name(match media.kind {
        MediaKind::Image => "IMAGE",
        MediaKind::Video => "VIDEO",
        MediaKind::Document => "DOCUMENT",
    });
    /// Text for those who cannot see it.
    own altText: "String" => |media, _| Value::text(media.alt_text.as_ref());
    /// Width in pixels.
    own width: "Int" => |media, _| pixels(media.width);
    /// Height in pixels.
    own height: "Int" => |media, _| pixels(media.height);
}

fn pixels(number: Option<u32>) -> Value<'static> {
    number
        .and_then(|number| i32::try_from(number).ok())
        .map_or(Value::Null, Value::Int)
}

// ---------------------------------------------------------------- attribute values

/// The tables of the members of the union `AttributeValue`, one per variant of the enum.
pub mod values {
    use crate::catalog::OptionValue;
    use crate::table::{Argument, Field, ObjectType, Source};

    const NONE: &[Argument] = &[];

    const fn field(name: &'static str, ty: &'static str, description: &'static str) -> Field {
        Field {
            name,
            description,
            ty,
            args: NONE,
            source: Source::Own,
        }
    }

    const fn object(name: &'static str, description: &'static str, fields: &'static [Field]) -> ObjectType {
        ObjectType {
            name,
            description,
            implements: &[],
            whole: None,
            stands_bare: true,
            fields,
        }
    }

    /// `TextValue`.
    pub static TEXT: ObjectType = object(
        "TextValue",
        "Free text.",
        &[field("text", "String!", "The text.")],
    );
    /// `NumberValue`.
    pub static NUMBER: ObjectType = object(
        "NumberValue",
        "A number.",
        &[field("number", "Decimal!", "The number.")],
    );
    /// `BooleanValue`.
    pub static BOOLEAN: ObjectType = object(
        "BooleanValue",
        "Yes or no.",
        &[field("boolean", "Boolean!", "Yes or no.")],
    );
    /// `MeasureValue`.
    pub static MEASURE: ObjectType = object(
        "MeasureValue",
        "An amount with a unit.",
        &[
            field("amount", "Decimal!", "The amount."),
            field("unit", "String!", "Unit code, as the PIM spells it."),
        ],
    );
    /// `OptionsValue`.
    pub static OPTIONS: ObjectType = object(
        "OptionsValue",
        "Several of a list.",
        &[field("options", "[OptionValue!]!", "The choices.")],
    );
    /// `DateValue`.
    pub static DATE: ObjectType = object("DateValue", "A day.", &[field("date", "Date!", "The day.")]);
    /// `JsonValue`.
    pub static JSON: ObjectType = object(
        "JsonValue",
        "Anything else, as the PIM sends it.",
        &[field("json", "JSON!", "The value.")],
    );

    /// `OptionValue` has a Rust type of its own, because `OptionsValue` lists it.
    pub static OPTION: &ObjectType = OptionValue::TABLE;
}

impl Object for AttributeValue {
    fn object_type(&self) -> &'static ObjectType {
        match self {
            Self::Text(_) => &values::TEXT,
            Self::Number(_) => &values::NUMBER,
            Self::Boolean(_) => &values::BOOLEAN,
            Self::Measure { .. } => &values::MEASURE,
            Self::Option(_) => values::OPTION,
            Self::Options(_) => &values::OPTIONS,
            Self::Date(_) => &values::DATE,
            Self::Json(_) => &values::JSON,
        }
    }

    fn read<'a>(&'a self, field: usize, args: &Args) -> Value<'a> {
        match self {
            Self::Text(text) => Value::Str(text),
            Self::Number(number) => Value::Decimal(*number),
            Self::Boolean(boolean) => Value::Boolean(*boolean),
            Self::Measure { amount, .. } if field == 0 => Value::Decimal(*amount),
            Self::Measure { unit, .. } => Value::Str(unit),
            Self::Option(option) => option.read(field, args),
            Self::Options(options) => Value::List(options),
            Self::Date(date) => Value::Date(*date),
            Self::Json(json) => Value::Json(json),
        }
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

object! {
    /// One choice of a list.
    OptionValue, "OptionValue";
    /// Code in the PIM.
    own code: "String!" => |option, _| Value::Str(&option.code);
    /// Name for people; the code where the PIM has none.
    own label: "String!" => |option, _| Value::Str(&option.label);
}
