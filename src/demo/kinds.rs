//! The kinds of goods the wholesaler sells: their words, variants, price level and weight.

use super::languages::Labels;

/// What distinguishes the variants of one product.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    /// Clothing sizes, in one or two colours.
    Letters,
    /// Shoe sizes, in one or two colours.
    Shoes,
    /// Tyre dimensions.
    Tyre,
    /// Contents of a bottle.
    Bottle,
    /// Colour only.
    Colour,
}

/// Which further attributes and sentences suit a kind.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    Gear,
    Luggage,
    Part,
    Fluid,
}

/// One kind of goods; its category is a leaf of the tree.
pub(super) struct Kind {
    pub(super) category: &'static str,
    pub(super) family: &'static str,
    /// The word for it, written as it stands inside a product name.
    pub(super) noun: Labels,
    pub(super) axis: Axis,
    pub(super) group: Group,
    /// Typical consumer price in euro cents, VAT included.
    pub(super) price_cents: i64,
    pub(super) grams: i64,
}

/// A variant value: what stands in the SKU, the option code and the label.
pub(super) struct Step {
    pub(super) short: &'static str,
    pub(super) code: &'static str,
    pub(super) label: &'static str,
}

/// The values along an axis; empty when a kind varies by colour only.
pub(super) fn steps(axis: Axis) -> &'static [Step] {
    match axis {
        Axis::Letters => &LETTERS,
        Axis::Shoes => &SHOES,
        Axis::Tyre => &TYRES,
        Axis::Bottle => &BOTTLES,
        Axis::Colour => &[],
    }
}

const fn step(short: &'static str, code: &'static str, label: &'static str) -> Step {
    Step { short, code, label }
}

pub(super) static LETTERS: [Step; 6] = [
    step("XS", "xs", "XS"),
    step("S", "s", "S"),
    step("M", "m", "M"),
    step("L", "l", "L"),
    step("XL", "xl", "XL"),
    step("XXL", "xxl", "XXL"),
];

pub(super) static SHOES: [Step; 7] = [
    step("39", "eu_39", "39"),
    step("40", "eu_40", "40"),
    step("41", "eu_41", "41"),
    step("42", "eu_42", "42"),
    step("43", "eu_43", "43"),
    step("44", "eu_44", "44"),
    step("45", "eu_45", "45"),
];

pub(super) static TYRES: [Step; 5] = [
    step("110-80-19", "t110_80_19", "110/80 R19"),
    step("120-70-17", "t120_70_17", "120/70 ZR17"),
    step("160-60-17", "t160_60_17", "160/60 ZR17"),
    step("180-55-17", "t180_55_17", "180/55 ZR17"),
    step("190-50-17", "t190_50_17", "190/50 ZR17"),
];

pub(super) static BOTTLES: [Step; 5] = [
    step("500ML", "ml_500", "500 ml"),
    step("1L", "l_1", "1 l"),
    step("4L", "l_4", "4 l"),
    step("10L", "l_10", "10 l"),
    step("20L", "l_20", "20 l"),
];

#[rustfmt::skip]
const fn kind(category: &'static str, family: &'static str, axis: Axis, group: Group, price_cents: i64, grams: i64, noun: Labels) -> Kind {
    Kind { category, family, noun, axis, group, price_cents, grams }
}

/// Every kind; nouns in the order of `LOCALES`.
#[rustfmt::skip]
pub(super) static KINDS: [Kind; 20] = [
    kind("helmets_full_face", "helmets", Axis::Letters, Group::Gear, 28_900, 1_450, ["integralhjälm", "integralhjelm", "kask integralny", "Integralhelm", "full-face helmet"]),
    kind("helmets_modular", "helmets", Axis::Letters, Group::Gear, 34_900, 1_690, ["öppningsbar hjälm", "flip-up-hjelm", "kask szczękowy", "Klapphelm", "modular helmet"]),
    kind("helmets_open_face", "helmets", Axis::Letters, Group::Gear, 15_900, 1_080, ["jethjälm", "jethjelm", "kask otwarty", "Jethelm", "open-face helmet"]),
    kind("jackets_leather", "jackets", Axis::Letters, Group::Gear, 39_900, 3_200, ["skinnjacka", "læderjakke", "kurtka skórzana", "Lederjacke", "leather jacket"]),
    kind("jackets_textile", "jackets", Axis::Letters, Group::Gear, 24_900, 2_100, ["textiljacka", "tekstiljakke", "kurtka tekstylna", "Textiljacke", "textile jacket"]),
    kind("trousers", "trousers", Axis::Letters, Group::Gear, 18_900, 1_500, ["mc-byxa", "mc-bukser", "spodnie motocyklowe", "Motorradhose", "riding trousers"]),
    kind("gloves_summer", "gloves", Axis::Letters, Group::Gear, 5_990, 210, ["sommarhandske", "sommerhandske", "rękawice letnie", "Sommerhandschuh", "summer gloves"]),
    kind("gloves_winter", "gloves", Axis::Letters, Group::Gear, 8_990, 340, ["vinterhandske", "vinterhandske", "rękawice zimowe", "Winterhandschuh", "winter gloves"]),
    kind("boots_touring", "boots", Axis::Shoes, Group::Gear, 19_900, 2_050, ["touringstövel", "touringstøvle", "buty turystyczne", "Tourenstiefel", "touring boots"]),
    kind("boots_racing", "boots", Axis::Shoes, Group::Gear, 27_900, 1_900, ["racingstövel", "racingstøvle", "buty sportowe", "Rennstiefel", "racing boots"]),
    kind("top_cases", "luggage", Axis::Colour, Group::Luggage, 21_900, 4_300, ["toppbox", "topboks", "kufer centralny", "Topcase", "top case"]),
    kind("saddlebags", "luggage", Axis::Colour, Group::Luggage, 16_900, 2_700, ["sidoväskor", "sidetasker", "sakwy boczne", "Satteltaschen", "saddlebags"]),
    kind("tank_bags", "luggage", Axis::Colour, Group::Luggage, 9_900, 950, ["tankväska", "tanktaske", "torba na bak", "Tankrucksack", "tank bag"]),
    kind("tyres", "tyres", Axis::Tyre, Group::Part, 13_900, 5_200, ["mc-däck", "mc-dæk", "opona motocyklowa", "Motorradreifen", "motorcycle tyre"]),
    kind("exhausts", "exhausts", Axis::Colour, Group::Part, 42_900, 3_600, ["slip-on-ljuddämpare", "slip-on-lydpotte", "tłumik slip-on", "Slip-on-Schalldämpfer", "slip-on silencer"]),
    kind("chains", "chains", Axis::Colour, Group::Part, 8_490, 1_850, ["x-ringskedja", "x-ringskæde", "łańcuch x-ring", "X-Ring-Kette", "x-ring chain"]),
    kind("brake_pads", "brake_pads", Axis::Colour, Group::Part, 3_490, 280, ["bromsbelägg", "bremseklodser", "klocki hamulcowe", "Bremsbeläge", "brake pads"]),
    kind("lights", "lights", Axis::Colour, Group::Part, 7_990, 620, ["extraljus", "ekstralygter", "lampy dodatkowe", "Zusatzscheinwerfer", "auxiliary lights"]),
    kind("oils", "fluids", Axis::Bottle, Group::Fluid, 1_490, 930, ["motorolja", "motorolie", "olej silnikowy", "Motoröl", "engine oil"]),
    kind("cleaners", "fluids", Axis::Bottle, Group::Fluid, 1_190, 760, ["avfettning", "affedtning", "odtłuszczacz", "Entfetter", "degreaser"]),
];
