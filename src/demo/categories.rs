//! The category tree of the demo assortment, in tree order, with labels in every language.

use super::languages::Labels;

/// One node of the tree.
pub(super) struct Category {
    pub(super) code: &'static str,
    pub(super) parent: Option<&'static str>,
    pub(super) labels: Labels,
}

/// Finds a node by its code.
pub(super) fn find(code: &str) -> Option<&'static Category> {
    CATEGORIES.iter().find(|category| category.code == code)
}

/// Whether `code` is `ancestor` itself or lies below it.
pub(super) fn is_within(code: &str, ancestor: &str) -> bool {
    let mut current = find(code);
    while let Some(category) = current {
        if category.code == ancestor {
            return true;
        }
        current = category.parent.and_then(find);
    }
    false
}

const fn node(code: &'static str, parent: &'static str, labels: Labels) -> Category {
    Category {
        code,
        parent: Some(parent),
        labels,
    }
}

/// All nodes; a parent always stands before its children. Labels in the order of `LOCALES`.
#[rustfmt::skip]
pub(super) static CATEGORIES: [Category; 30] = [
    Category { code: "master", parent: None, labels: ["Sortiment", "Sortiment", "Asortyment", "Sortiment", "Assortment"] },
    node("riding_gear", "master", ["Förarutrustning", "Køreudstyr", "Odzież motocyklowa", "Fahrerausstattung", "Riding gear"]),
    node("helmets", "riding_gear", ["Hjälmar", "Hjelme", "Kaski", "Helme", "Helmets"]),
    node("helmets_full_face", "helmets", ["Integralhjälmar", "Integralhjelme", "Kaski integralne", "Integralhelme", "Full-face helmets"]),
    node("helmets_modular", "helmets", ["Öppningsbara hjälmar", "Flip-up-hjelme", "Kaski szczękowe", "Klapphelme", "Modular helmets"]),
    node("helmets_open_face", "helmets", ["Öppna hjälmar", "Jethjelme", "Kaski otwarte", "Jethelme", "Open-face helmets"]),
    node("jackets", "riding_gear", ["Jackor", "Jakker", "Kurtki", "Jacken", "Jackets"]),
    node("jackets_leather", "jackets", ["Skinnjackor", "Læderjakker", "Kurtki skórzane", "Lederjacken", "Leather jackets"]),
    node("jackets_textile", "jackets", ["Textiljackor", "Tekstiljakker", "Kurtki tekstylne", "Textiljacken", "Textile jackets"]),
    node("trousers", "riding_gear", ["Byxor", "Bukser", "Spodnie", "Hosen", "Trousers"]),
    node("gloves", "riding_gear", ["Handskar", "Handsker", "Rękawice", "Handschuhe", "Gloves"]),
    node("gloves_summer", "gloves", ["Sommarhandskar", "Sommerhandsker", "Rękawice letnie", "Sommerhandschuhe", "Summer gloves"]),
    node("gloves_winter", "gloves", ["Vinterhandskar", "Vinterhandsker", "Rękawice zimowe", "Winterhandschuhe", "Winter gloves"]),
    node("boots", "riding_gear", ["Stövlar", "Støvler", "Buty", "Stiefel", "Boots"]),
    node("boots_touring", "boots", ["Touringstövlar", "Touringstøvler", "Buty turystyczne", "Tourenstiefel", "Touring boots"]),
    node("boots_racing", "boots", ["Racingstövlar", "Racingstøvler", "Buty sportowe", "Rennstiefel", "Racing boots"]),
    node("luggage", "master", ["Packning", "Bagage", "Bagaż", "Gepäck", "Luggage"]),
    node("top_cases", "luggage", ["Toppboxar", "Topbokse", "Kufry centralne", "Topcases", "Top cases"]),
    node("saddlebags", "luggage", ["Sidoväskor", "Sidetasker", "Sakwy", "Satteltaschen", "Saddlebags"]),
    node("tank_bags", "luggage", ["Tankväskor", "Tanktasker", "Torby na bak", "Tankrucksäcke", "Tank bags"]),
    node("parts", "master", ["Reservdelar", "Reservedele", "Części", "Ersatzteile", "Parts"]),
    node("tyres", "parts", ["Däck", "Dæk", "Opony", "Reifen", "Tyres"]),
    node("exhausts", "parts", ["Avgassystem", "Udstødninger", "Wydechy", "Auspuffanlagen", "Exhausts"]),
    node("chains", "parts", ["Kedjor", "Kæder", "Łańcuchy", "Ketten", "Chains"]),
    node("brake_pads", "parts", ["Bromsbelägg", "Bremseklodser", "Klocki hamulcowe", "Bremsbeläge", "Brake pads"]),
    node("lights", "parts", ["Belysning", "Lygter", "Oświetlenie", "Beleuchtung", "Lights"]),
    node("care", "master", ["Vård och underhåll", "Pleje og vedligehold", "Pielęgnacja", "Pflege und Wartung", "Care and maintenance"]),
    node("oils", "care", ["Oljor", "Olier", "Oleje", "Öle", "Oils"]),
    node("cleaners", "care", ["Rengöring", "Rengøring", "Środki czyszczące", "Reiniger", "Cleaners"]),
    node("clearance", "master", ["Utförsäljning", "Udsalg", "Wyprzedaż", "Ausverkauf", "Clearance"]),
];
