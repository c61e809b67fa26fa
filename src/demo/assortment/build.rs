//! Makes the products and SKUs of the assortment, position by position.

use super::{Product, Sku, Value, Values, below, mixed};
use crate::demo::attributes::{BRANDS, COLOURS};
use crate::demo::kinds::{Axis, Group, KINDS, Kind, steps};
use crate::demo::languages::LOCALES;
use crate::demo::texts;

const PRODUCTS: usize = 2000;

/// Variants per product, over and over: 1 to 5, 2.5 on average.
const VARIANTS: [usize; 10] = [1, 2, 3, 2, 4, 1, 3, 2, 5, 2];

/// Numbers as real merchants have them, for tests of escaping; each belongs to one of the last products.
const ODD_NUMBERS: [&str; 10] = [
    "MC-D'ARC-M",
    "MC-11991/A&B",
    "MC 11992 X",
    "MC-11993-100%",
    "MC-11994-ÖL",
    "MC-11995-Größe",
    "MC-11996+1",
    "MC-11997#2",
    "MC-11998,5",
    "MC-11999\"X",
];

/// A variant before it has a number of its own.
struct Draft {
    suffix: String,
    size: Option<&'static str>,
    colour: Option<&'static str>,
}

/// All products with their variants.
pub(super) fn products_and_skus() -> (Vec<Product>, Vec<Sku>) {
    let mut products = Vec::with_capacity(PRODUCTS);
    let mut skus = Vec::with_capacity(5000);
    for position in 0..PRODUCTS {
        let kind = &KINDS[below(position, 1, 20) as usize];
        let first = skus.len();
        append_skus(&mut skus, position, kind);
        let mut product = product(position, kind);
        product.skus = first..skus.len();
        let numbers = skus[first..].iter().map(|sku: &Sku| sku.number.clone()).collect();
        product.values.push(("variant_skus", Value::Texts(numbers)));
        products.push(product);
    }
    (products, skus)
}

fn append_skus(skus: &mut Vec<Sku>, position: usize, kind: &Kind) {
    let odd = (PRODUCTS - position <= ODD_NUMBERS.len())
        .then(|| ODD_NUMBERS[position + ODD_NUMBERS.len() - PRODUCTS]);
    let count = if odd.is_some() {
        1
    } else {
        VARIANTS[position % VARIANTS.len()]
    };
    for (step, draft) in drafts(position, kind, count).into_iter().enumerate() {
        let at = skus.len();
        let number = odd.map_or_else(
            || format!("MC-{}-{}", 10_000 + position, draft.suffix),
            str::to_owned,
        );
        let gtin = gtin(at);
        let mut values: Values = vec![
            ("sku", Value::Text(number.clone())),
            ("ean", Value::Text(gtin.clone())),
            (
                "manufacturer_number",
                Value::Text(format!("{:05}.{:02}", 40_000 + position * 3, step + 1)),
            ),
        ];
        values.extend(draft.size.map(|code| ("size", Value::Choice(code))));
        values.extend(draft.colour.map(|code| ("colour", Value::Choice(code))));
        skus.push(Sku {
            number,
            product: position,
            step: i64::try_from(step).unwrap_or(0),
            uuid: format!("{:08x}-5a1e-4c0d-8b2f-{:012x}", at + 1, mixed(at, 2) >> 16),
            gtin,
            enabled: odd.is_some() || at % 157 != 80,
            is_odd: odd.is_some(),
            values,
        });
    }
}

/// The variants of one product: along its axis, in two colours where four or more fit better that way.
fn drafts(position: usize, kind: &Kind, count: usize) -> Vec<Draft> {
    let along = steps(kind.axis);
    let colour = |at: usize| &COLOURS[(below(position, 3, 6) as usize + at) % COLOURS.len()];
    if kind.axis == Axis::Colour {
        let colours = (0..count).map(colour);
        return colours
            .map(|(short, code, _)| Draft {
                suffix: (*short).to_owned(),
                size: None,
                colour: Some(code),
            })
            .collect();
    }
    let is_coloured = matches!(kind.axis, Axis::Letters | Axis::Shoes);
    let per_colour = if is_coloured && count == 4 { 2 } else { count };
    let start = below(
        position,
        4,
        u32::try_from(along.len() - per_colour + 1).unwrap_or(1),
    ) as usize;
    let mut drafts = Vec::new();
    for at in 0..count {
        let size = &along[start + at % per_colour];
        let (short, code, _) = colour(at / per_colour);
        drafts.push(Draft {
            suffix: if is_coloured {
                format!("{short}-{}", size.short)
            } else {
                size.short.to_owned()
            },
            size: Some(size.code),
            colour: is_coloured.then_some(*code),
        });
    }
    drafts
}

fn product(position: usize, kind: &'static Kind) -> Product {
    let (brand_code, brand) = BRANDS[below(position, 5, 12) as usize];
    let title = texts::title(brand, mixed(position, 6) % 144);
    let mut categories = vec![kind.category];
    if position % 23 == 11 {
        categories.push("clearance");
    }
    let percent = 60 + i64::from(below(position, 7, 90));
    Product {
        code: format!("MC-{}", 10_000 + position),
        kind,
        // A few products wait for somebody to classify them, as in every real PIM.
        categories: if position % 331 == 100 {
            Vec::new()
        } else {
            categories
        },
        values: values(position, kind, brand_code, &title),
        title,
        created: moment(position, 8, 2024),
        updated: moment(position, 9, 2026),
        price_cents: kind.price_cents * percent / 100,
        skus: 0..0,
    }
}

fn values(position: usize, kind: &Kind, brand: &'static str, title: &str) -> Values {
    let localised = |text: fn(&str, &Kind, usize, usize) -> Option<String>| {
        Value::Localised(
            (0..LOCALES.len())
                .map(|locale| text(title, kind, position, locale))
                .collect(),
        )
    };
    let number = 10_000 + position;
    let mut values: Values = vec![
        ("name", localised(texts::name)),
        ("description", localised(texts::description)),
        ("slug", Value::Text(texts::slug(title, kind, number))),
        ("brand", Value::Choice(brand)),
    ];
    if position % 41 != 40 {
        values.push(("image", Value::Text(picture(number, 1))));
    }
    if position.is_multiple_of(2) {
        values.push(("image_2", Value::Text(picture(number, 2))));
    }
    values.extend(group_values(position, kind));
    // The variants of a fluid are bottles of different size, so the product has no weight of its own.
    if kind.group != Group::Fluid {
        let grams = kind.grams * (80 + i64::from(below(position, 10, 45))) / 100;
        values.push(("weight", Value::Metric(grams)));
        let years = 1 + i64::from(below(position, 11, 5));
        values.push(("warranty_years", Value::Number(years)));
    }
    let release = format!(
        "{}-{:02}-01",
        2019 + below(position, 12, 8),
        1 + below(position, 13, 12)
    );
    values.push(("release_date", Value::Date(release)));
    values
}

/// The attributes that only some kinds have.
fn group_values(position: usize, kind: &Kind) -> Values {
    let waterproof = ("waterproof", Value::Boolean(below(position, 14, 2) == 0));
    match kind.group {
        Group::Gear => vec![
            ("material", Value::Choice(gear_material(position, kind))),
            ("season", Value::Choices(seasons(position))),
            ("certification", Value::Choices(gear_certificates(position, kind))),
            waterproof,
        ],
        Group::Luggage => vec![
            (
                "material",
                Value::Choice(if kind.category == "top_cases" {
                    "aluminium"
                } else {
                    "polyester"
                }),
            ),
            (
                "volume",
                Value::Metric(i64::from(8 + below(position, 15, 48)) * 1000),
            ),
            waterproof,
        ],
        Group::Part => vec![
            (
                "model_year",
                Value::Number(2015 + i64::from(below(position, 16, 12))),
            ),
            ("certification", Value::Choices(vec!["e_mark"])),
        ],
        Group::Fluid if kind.category == "oils" => {
            let grade = ["5W-40", "10W-40", "10W-50", "20W-50"][below(position, 17, 4) as usize];
            vec![("viscosity", Value::Text(grade.to_owned()))]
        }
        Group::Fluid => Vec::new(),
    }
}

fn gear_material(position: usize, kind: &Kind) -> &'static str {
    match kind.family {
        "helmets" => ["polycarbonate", "carbon_fibre"][below(position, 18, 2) as usize],
        "boots" => "cowhide",
        _ if kind.category == "jackets_leather" => "cowhide",
        _ => ["polyester", "cowhide"][below(position, 19, 2) as usize],
    }
}

fn gear_certificates(position: usize, kind: &Kind) -> Vec<&'static str> {
    if kind.family == "helmets" {
        return vec!["ece_22_06"];
    }
    vec![["ce_a", "ce_aa", "ce_aaa"][below(position, 20, 3) as usize]]
}

fn seasons(position: usize) -> Vec<&'static str> {
    match below(position, 21, 4) {
        0 => vec!["summer"],
        1 => vec!["winter"],
        2 => vec!["spring", "summer", "autumn"],
        _ => vec!["spring", "summer", "autumn", "winter"],
    }
}

/// Path of a picture, spread over folders as a PIM does it.
fn picture(number: usize, which: u32) -> String {
    format!(
        "{}/{}/{}/mc-{number}_{which}.svg",
        number / 10_000,
        number / 1000 % 10,
        number / 100 % 10
    )
}

fn moment(position: usize, purpose: u64, year: u32) -> String {
    let of = |salt: u64, limit: u32| below(position, purpose * 100 + salt, limit);
    let (month, day) = (1 + of(1, 9), 1 + of(2, 28));
    format!(
        "{year}-{month:02}-{day:02}T{:02}:{:02}:{:02}",
        6 + of(3, 14),
        of(4, 60),
        of(5, 60)
    )
}

/// A GTIN-13 with the right check digit.
fn gtin(position: usize) -> String {
    let body = format!("735{:09}", 20_000_000 + position * 7);
    let weighted = body
        .bytes()
        .enumerate()
        .map(|(at, digit)| u32::from(digit - b'0') * if at % 2 == 0 { 1 } else { 3 });
    let check = (10 - weighted.sum::<u32>() % 10) % 10;
    format!("{body}{check}")
}
