//! Names and descriptions of the demo products, with planned gaps so that language fallback can be seen.

use super::kinds::{Group, Kind};
use super::languages::{ENGLISH, Labels};

/// Words between brand and noun in a product name.
static SERIES: [&str; 16] = [
    "Vega", "Atlas", "Lynx", "Polar", "Corsa", "Nomad", "Sierra", "Storm", "Rally", "Aero", "Metro", "Delta",
    "Falk", "Orion", "Tornado", "Urban",
];

/// The part of a name before the noun, such as `Nordhelm Vega 3`.
pub(super) fn title(brand: &str, number: u64) -> String {
    let series = SERIES[usize::try_from(number % 16).unwrap_or(0)];
    format!("{brand} {series} {}", 1 + number / 16 % 9)
}

/// The name in one locale, or `None` where the merchant has not translated it yet.
pub(super) fn name(title: &str, kind: &Kind, index: usize, locale: usize) -> Option<String> {
    let missing = match locale {
        0 => index % 101 == 50,
        1 => index % 13 == 5,
        2 => index % 11 == 3,
        3 => index % 17 == 7,
        _ => false,
    };
    (!missing).then(|| format!("{title} {}", kind.noun[locale]))
}

/// The description in one locale as HTML, or `None` where it has not been written.
pub(super) fn description(title: &str, kind: &Kind, index: usize, locale: usize) -> Option<String> {
    let missing = match locale {
        0 => index % 29 == 4,
        1 => index.is_multiple_of(3),
        2 => index % 5 == 1,
        3 => index % 7 == 2,
        _ => index % 53 == 9,
    };
    if missing {
        return None;
    }
    let opening = opening(kind.group)[locale].replace("{name}", &format!("{title} {}", kind.noun[locale]));
    let points = selling_points(kind.group);
    let first = points[index % points.len()][locale];
    let second = points[(index + 1 + index / 7 % (points.len() - 1)) % points.len()][locale];
    Some(format!(
        "<p>{opening}</p><ul><li>{first}</li><li>{second}</li></ul>"
    ))
}

/// The web address of a product: lower-case ASCII words and the product number, so that it is unique.
pub(super) fn slug(title: &str, kind: &Kind, number: usize) -> String {
    let mut slug = String::new();
    for letter in format!("{title} {}", kind.noun[ENGLISH]).to_lowercase().chars() {
        match letter {
            'a'..='z' | '0'..='9' => slug.push(letter),
            'å' | 'ä' => slug.push('a'),
            'ö' => slug.push('o'),
            _ if !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    format!("{slug}-{number}")
}

#[rustfmt::skip]
fn opening(group: Group) -> Labels {
    match group {
        Group::Gear => [
            "{name} är gjord för långa dagar i sadeln och sitter skönt från första milen.",
            "{name} er lavet til lange dage i sadlen og sidder godt fra første kilometer.",
            "{name} powstał z myślą o długich trasach i jest wygodny od pierwszego kilometra.",
            "{name}: gemacht für lange Tage im Sattel und bequem vom ersten Kilometer an.",
            "The {name} is made for long days in the saddle and feels right from the first mile.",
        ],
        Group::Luggage => [
            "{name} rymmer det du behöver och monteras utan verktyg på några sekunder.",
            "{name} rummer det, du har brug for, og monteres uden værktøj på få sekunder.",
            "{name} mieści wszystko, czego potrzebujesz, a montaż bez narzędzi trwa kilka sekund.",
            "{name}: Platz für alles Nötige, in wenigen Sekunden ohne Werkzeug montiert.",
            "The {name} holds what you need and goes on in seconds without tools.",
        ],
        Group::Part => [
            "{name} ersätter originaldelen och håller samma mått, vikt och passform.",
            "{name} erstatter originaldelen og holder samme mål, vægt og pasform.",
            "{name} zastępuje część oryginalną i zachowuje te same wymiary oraz dopasowanie.",
            "{name}: Ersatz für das Originalteil mit gleichen Maßen und gleicher Passform.",
            "The {name} replaces the original part with the same measurements and fit.",
        ],
        Group::Fluid => [
            "{name} för motorcyklar med våtkoppling, provad i nordiskt klimat.",
            "{name} til motorcykler med vådkobling, afprøvet i nordisk klima.",
            "{name} do motocykli z mokrym sprzęgłem, sprawdzony w surowym klimacie.",
            "{name} für Motorräder mit Nasskupplung, erprobt bei Kälte und Hitze.",
            "{name} for motorcycles with a wet clutch, tried in a northern climate.",
        ],
    }
}

/// Two of these stand under a description; seams and spare parts would be odd praise for a bottle of oil.
fn selling_points(group: Group) -> &'static [Labels] {
    match group {
        Group::Gear => &SELLING_POINTS[..5],
        Group::Luggage => &SELLING_POINTS[2..],
        Group::Part | Group::Fluid => &SELLING_POINTS[3..],
    }
}

#[rustfmt::skip]
static SELLING_POINTS: [Labels; 6] = [
    ["Reflekterande detaljer &amp; dolda sömmar", "Reflekterende detaljer &amp; skjulte sømme", "Elementy odblaskowe &amp; ukryte szwy", "Reflektierende Details &amp; verdeckte Nähte", "Reflective details &amp; hidden seams"],
    ["Utvecklad tillsammans med mc-poliser", "Udviklet sammen med motorcykelbetjente", "Opracowany wspólnie z policjantami drogówki", "Gemeinsam mit Motorradpolizisten entwickelt", "Developed together with motorcycle police"],
    ["Reservdelar finns i lager i minst tio år", "Reservedele på lager i mindst ti år", "Części zamienne dostępne co najmniej dziesięć lat", "Ersatzteile mindestens zehn Jahre ab Lager", "Spare parts in stock for at least ten years"],
    ["Fri retur inom 30 dagar", "Fri retur i 30 dage", "Bezpłatny zwrot w ciągu 30 dni", "Kostenlose Rückgabe innerhalb von 30 Tagen", "Free returns within 30 days"],
    ["Förpackning av återvunnen kartong", "Emballage af genbrugspap", "Opakowanie z tektury z recyklingu", "Verpackung aus recycelter Pappe", "Packaging made of recycled board"],
    ["Tål temperaturer ned till –20 °C", "Tåler temperaturer ned til –20 °C", "Odporność na temperatury do –20 °C", "Beständig bis –20 °C", "Withstands temperatures down to –20 °C"],
];
