//! The attributes of the demo PIM: their types, labels and options.

use super::kinds::{BOTTLES, LETTERS, SHOES, Step, TYRES};
use super::languages::Labels;

/// Type of an attribute, named as the PIM names it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Identifier,
    Text,
    Textarea,
    Number,
    Metric,
    Boolean,
    Select,
    MultiSelect,
    Date,
    Image,
    TextCollection,
}

impl Type {
    /// The name on the wire.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Identifier => "pim_catalog_identifier",
            Self::Text => "pim_catalog_text",
            Self::Textarea => "pim_catalog_textarea",
            Self::Number => "pim_catalog_number",
            Self::Metric => "pim_catalog_metric",
            Self::Boolean => "pim_catalog_boolean",
            Self::Select => "pim_catalog_simpleselect",
            Self::MultiSelect => "pim_catalog_multiselect",
            Self::Date => "pim_catalog_date",
            Self::Image => "pim_catalog_image",
            Self::TextCollection => "pim_catalog_text_collection",
        }
    }
}

/// One attribute.
pub(super) struct Attribute {
    pub(super) code: &'static str,
    pub(super) kind: Type,
    pub(super) localisable: bool,
    /// Family and default unit of a metric.
    pub(super) metric: Option<(&'static str, &'static str)>,
    pub(super) labels: Labels,
}

/// One choice of a select attribute.
pub(super) struct Choice {
    pub(super) code: &'static str,
    pub(super) labels: Labels,
}

/// Finds an attribute by its code.
pub(super) fn find(code: &str) -> Option<&'static Attribute> {
    ATTRIBUTES.iter().find(|attribute| attribute.code == code)
}

/// The choices of a select attribute, in their order; empty for other types.
pub(super) fn choices(attribute: &str) -> Vec<Choice> {
    let listed: &[(&'static str, Labels)] = match attribute {
        "brand" => {
            return BRANDS
                .iter()
                .map(|(code, name)| choice(code, [name; 5]))
                .collect();
        }
        "size" => {
            return sizes().map(|step| choice(step.code, [step.label; 5])).collect();
        }
        "colour" => {
            return COLOURS
                .iter()
                .map(|(_, code, labels)| choice(code, *labels))
                .collect();
        }
        "material" => &MATERIALS,
        "season" => &SEASONS,
        "certification" => &CERTIFICATIONS,
        _ => &[],
    };
    listed
        .iter()
        .map(|(code, labels)| choice(code, *labels))
        .collect()
}

fn choice(code: &'static str, labels: Labels) -> Choice {
    Choice { code, labels }
}

fn sizes() -> impl Iterator<Item = &'static Step> {
    LETTERS.iter().chain(&SHOES).chain(&TYRES).chain(&BOTTLES)
}

const fn attribute(code: &'static str, kind: Type, labels: Labels) -> Attribute {
    Attribute {
        code,
        kind,
        localisable: false,
        metric: None,
        labels,
    }
}

const fn localised(code: &'static str, kind: Type, labels: Labels) -> Attribute {
    Attribute {
        localisable: true,
        ..attribute(code, kind, labels)
    }
}

const fn metric(code: &'static str, family: &'static str, unit: &'static str, labels: Labels) -> Attribute {
    Attribute {
        metric: Some((family, unit)),
        ..attribute(code, Type::Metric, labels)
    }
}

/// Every attribute; labels in the order of `LOCALES`.
#[rustfmt::skip]
pub(super) static ATTRIBUTES: [Attribute; 22] = [
    attribute("sku", Type::Identifier, ["Artikelnummer", "Varenummer", "Numer katalogowy", "Artikelnummer", "SKU"]),
    localised("name", Type::Text, ["Namn", "Navn", "Nazwa", "Name", "Name"]),
    localised("description", Type::Textarea, ["Beskrivning", "Beskrivelse", "Opis", "Beschreibung", "Description"]),
    attribute("slug", Type::Text, ["Webbadress", "Webadresse", "Adres strony", "Webadresse", "Web address"]),
    attribute("brand", Type::Select, ["Varumärke", "Mærke", "Marka", "Marke", "Brand"]),
    attribute("image", Type::Image, ["Bild", "Billede", "Zdjęcie", "Bild", "Image"]),
    attribute("image_2", Type::Image, ["Bild 2", "Billede 2", "Zdjęcie 2", "Bild 2", "Image 2"]),
    attribute("variant_skus", Type::TextCollection, ["Variantnummer", "Variantnumre", "Numery wariantów", "Variantennummern", "Variant SKUs"]),
    attribute("ean", Type::Text, ["EAN", "EAN", "EAN", "EAN", "EAN"]),
    attribute("manufacturer_number", Type::Text, ["Tillverkarens nummer", "Producentens nummer", "Numer producenta", "Herstellernummer", "Manufacturer number"]),
    attribute("size", Type::Select, ["Storlek", "Størrelse", "Rozmiar", "Größe", "Size"]),
    attribute("colour", Type::Select, ["Färg", "Farve", "Kolor", "Farbe", "Colour"]),
    attribute("material", Type::Select, ["Material", "Materiale", "Materiał", "Material", "Material"]),
    attribute("season", Type::MultiSelect, ["Säsong", "Sæson", "Sezon", "Saison", "Season"]),
    attribute("certification", Type::MultiSelect, ["Certifiering", "Certificering", "Certyfikat", "Zertifizierung", "Certification"]),
    attribute("waterproof", Type::Boolean, ["Vattentät", "Vandtæt", "Wodoodporny", "Wasserdicht", "Waterproof"]),
    metric("weight", "Weight", "KILOGRAM", ["Vikt", "Vægt", "Waga", "Gewicht", "Weight"]),
    metric("volume", "Volume", "LITER", ["Volym", "Volumen", "Pojemność", "Volumen", "Volume"]),
    attribute("warranty_years", Type::Number, ["Garanti (år)", "Garanti (år)", "Gwarancja (lata)", "Garantie (Jahre)", "Warranty (years)"]),
    attribute("model_year", Type::Number, ["Årsmodell", "Modelår", "Rok modelowy", "Modelljahr", "Model year"]),
    attribute("viscosity", Type::Text, ["Viskositet", "Viskositet", "Lepkość", "Viskosität", "Viscosity"]),
    attribute("release_date", Type::Date, ["Lanseringsdatum", "Lanceringsdato", "Data premiery", "Erscheinungsdatum", "Release date"]),
];

/// The invented brands: option code and name.
pub(super) static BRANDS: [(&str, &str); 12] = [
    ("nordhelm", "Nordhelm"),
    ("fjordline", "Fjordline"),
    ("kestrel_moto", "Kestrel Moto"),
    ("vistula", "Vistula"),
    ("bergfink", "Bergfink"),
    ("ravenna_corse", "Ravenna Corse"),
    ("osterlen", "Österlen"),
    ("blaklint", "Blåklint"),
    ("tundra_works", "Tundra Works"),
    ("zefir", "Zefir"),
    ("hanseat", "Hanseat"),
    ("redline_supply", "Redline Supply"),
];

/// Colours: what stands in the SKU, option code, labels.
#[rustfmt::skip]
pub(super) static COLOURS: [(&str, &str, Labels); 6] = [
    ("BLK", "black", ["Svart", "Sort", "Czarny", "Schwarz", "Black"]),
    ("WHT", "white", ["Vit", "Hvid", "Biały", "Weiß", "White"]),
    ("RED", "red", ["Röd", "Rød", "Czerwony", "Rot", "Red"]),
    ("GRY", "grey", ["Grå", "Grå", "Szary", "Grau", "Grey"]),
    ("BLU", "blue", ["Blå", "Blå", "Niebieski", "Blau", "Blue"]),
    ("YEL", "yellow", ["Gul", "Gul", "Żółty", "Gelb", "Yellow"]),
];

#[rustfmt::skip]
static MATERIALS: [(&str, Labels); 6] = [
    ("polycarbonate", ["Polykarbonat", "Polykarbonat", "Poliwęglan", "Polycarbonat", "Polycarbonate"]),
    ("carbon_fibre", ["Kolfiber", "Kulfiber", "Włókno węglowe", "Kohlefaser", "Carbon fibre"]),
    ("cowhide", ["Nötskinn", "Okselæder", "Skóra bydlęca", "Rindsleder", "Cowhide"]),
    ("polyester", ["Polyester", "Polyester", "Poliester", "Polyester", "Polyester"]),
    ("aluminium", ["Aluminium", "Aluminium", "Aluminium", "Aluminium", "Aluminium"]),
    ("steel", ["Stål", "Stål", "Stal", "Stahl", "Steel"]),
];

#[rustfmt::skip]
static SEASONS: [(&str, Labels); 4] = [
    ("spring", ["Vår", "Forår", "Wiosna", "Frühling", "Spring"]),
    ("summer", ["Sommar", "Sommer", "Lato", "Sommer", "Summer"]),
    ("autumn", ["Höst", "Efterår", "Jesień", "Herbst", "Autumn"]),
    ("winter", ["Vinter", "Vinter", "Zima", "Winter", "Winter"]),
];

static CERTIFICATIONS: [(&str, Labels); 5] = [
    ("ece_22_06", ["ECE 22.06"; 5]),
    ("ce_a", ["CE A"; 5]),
    ("ce_aa", ["CE AA"; 5]),
    ("ce_aaa", ["CE AAA"; 5]),
    (
        "e_mark",
        [
            "E-märkt",
            "E-mærket",
            "Homologacja E",
            "E-Prüfzeichen",
            "E-marked",
        ],
    ),
];
