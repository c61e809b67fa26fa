//! How stock is shown: a channel's display policy, and what it makes of a figure. It is applied when an answer is put
//! together; what is cached is always the system's own figure.

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;
use skuery_schema::availability::{AvailabilityStatus, QuantityExactness};
use skuery_schema::ids::Language;

/// How a channel shows stock.
#[derive(Clone, Debug, PartialEq)]
pub enum StockDisplay {
    /// The figure itself.
    Exact,
    /// The figure up to a cap, then `cap+`.
    Capped {
        /// The most that is shown.
        cap: Decimal,
    },
    /// Only a word for the status.
    Banded {
        /// The words by language; English words where a language has none.
        words: BTreeMap<Language, StockWords>,
        /// What to print when no figure can be had; nothing where it is empty.
        unknown: Words,
    },
    /// Only a word for the band that the quantity is in.
    Bands {
        /// From the highest to the one from 0.
        bands: Vec<Band>,
        /// What to print when no figure can be had; nothing where it is empty.
        unknown: Words,
    },
    /// Only a symbol for the status, the same in every language.
    Symbols {
        /// The symbols.
        symbols: StockWords,
        /// What to print when no figure can be had.
        unknown: Option<Arc<str>>,
    },
    /// Nothing but the status.
    Hidden,
}

/// One word in several languages.
pub type Words = BTreeMap<Language, Arc<str>>;

/// The word from a quantity up.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// The least quantity, inclusive.
    pub from: Decimal,
    /// The word by language; at least one.
    pub words: Words,
}

/// What to print for each status.
#[derive(Clone, Debug, PartialEq)]
pub struct StockWords {
    /// Enough.
    pub in_stock: Arc<str>,
    /// Few left.
    pub low_stock: Arc<str>,
    /// None.
    pub out_of_stock: Arc<str>,
}

impl Default for StockWords {
    fn default() -> Self {
        Self {
            in_stock: "In stock".into(),
            low_stock: "Few left".into(),
            out_of_stock: "Out of stock".into(),
        }
    }
}

impl StockWords {
    /// The symbols where none are configured.
    pub fn symbols() -> Self {
        Self {
            in_stock: "●●●".into(),
            low_stock: "●".into(),
            out_of_stock: "○".into(),
        }
    }

    fn of(&self, status: AvailabilityStatus) -> &Arc<str> {
        match status {
            AvailabilityStatus::InStock => &self.in_stock,
            AvailabilityStatus::LowStock => &self.low_stock,
            AvailabilityStatus::Backorder | AvailabilityStatus::OutOfStock | AvailabilityStatus::Unknown => {
                &self.out_of_stock
            }
        }
    }
}

impl StockDisplay {
    /// How the quantities are to be read.
    pub(crate) fn exactness(&self) -> QuantityExactness {
        match self {
            Self::Exact => QuantityExactness::Exact,
            Self::Capped { .. } => QuantityExactness::Capped,
            Self::Banded { .. } | Self::Bands { .. } | Self::Symbols { .. } => QuantityExactness::Banded,
            Self::Hidden => QuantityExactness::Hidden,
        }
    }

    /// As much of a figure as may be seen.
    pub(crate) fn quantity(&self, available: Option<Decimal>) -> Option<Decimal> {
        match self {
            Self::Exact => available,
            Self::Capped { cap } => available.map(|quantity| quantity.min(*cap)),
            Self::Banded { .. } | Self::Bands { .. } | Self::Symbols { .. } | Self::Hidden => None,
        }
    }

    /// What to print. `languages` is the asked language and then the channel's fallback.
    pub(crate) fn print(
        &self,
        available: Option<Decimal>,
        status: AvailabilityStatus,
        languages: &[Language],
    ) -> Option<Arc<str>> {
        if status == AvailabilityStatus::Unknown {
            return self.unknown(languages);
        }
        let available = available?;
        match self {
            Self::Exact => Some(available.to_string().into()),
            Self::Capped { cap } if available > *cap => Some(format!("{cap}+").into()),
            Self::Capped { .. } => Some(available.to_string().into()),
            Self::Banded { words, .. } => Some(match first(words, languages) {
                Some(words) => words.of(status).clone(),
                None => StockWords::default().of(status).clone(),
            }),
            Self::Bands { bands, .. } => {
                let band = bands.iter().find(|band| available >= band.from)?;
                any(&band.words, languages)
            }
            Self::Symbols { symbols, .. } => Some(symbols.of(status).clone()),
            Self::Hidden => None,
        }
    }

    fn unknown(&self, languages: &[Language]) -> Option<Arc<str>> {
        match self {
            Self::Banded { unknown, .. } | Self::Bands { unknown, .. } => any(unknown, languages),
            Self::Symbols { unknown, .. } => unknown.clone(),
            Self::Exact | Self::Capped { .. } | Self::Hidden => None,
        }
    }
}

/// Of the first language that has an entry; English comes last.
fn first<'a, T>(by_language: &'a BTreeMap<Language, T>, languages: &[Language]) -> Option<&'a T> {
    let own = languages.iter().find_map(|language| by_language.get(language));
    own.or_else(|| {
        let mut entries = by_language.iter();
        entries
            .find(|(language, _)| language.as_str() == "en")
            .map(|(_, entry)| entry)
    })
}

/// A word in a foreign language still says more than none.
fn any(words: &Words, languages: &[Language]) -> Option<Arc<str>> {
    first(words, languages).or_else(|| words.values().next()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[(&str, &str)]) -> Words {
        let word = |(language, word): &(&str, &str)| (Language::from(*language), Arc::from(*word));
        words.iter().map(word).collect()
    }

    fn bands() -> StockDisplay {
        let band = |from: u32, sv: &str, en: &str| Band {
            from: from.into(),
            words: words(&[("sv", sv), ("en", en)]),
        };
        StockDisplay::Bands {
            bands: vec![
                band(50, "Gott om", "Plenty"),
                band(1, "Finns", "Some"),
                band(0, "Slut", "None"),
            ],
            unknown: words(&[("sv", "Okänt")]),
        }
    }

    fn print(display: &StockDisplay, available: &str, languages: &[&str]) -> String {
        let available: Decimal = available.parse().expect("a number");
        let status = match available {
            quantity if quantity > Decimal::from(5) => AvailabilityStatus::InStock,
            quantity if quantity > Decimal::ZERO => AvailabilityStatus::LowStock,
            _ => AvailabilityStatus::OutOfStock,
        };
        let languages: Vec<Language> = languages.iter().map(|language| (*language).into()).collect();
        let printed = display.print(Some(available), status, &languages);
        printed.as_deref().unwrap_or("-").to_owned()
    }

    #[test]
    fn a_band_begins_at_its_threshold() {
        for (available, word) in [
            ("50", "Gott om"),
            ("49.99", "Finns"),
            ("1", "Finns"),
            ("0.5", "Slut"),
            ("0", "Slut"),
        ] {
            assert_eq!(print(&bands(), available, &["sv"]), word, "{available}");
        }
    }

    #[test]
    fn a_word_falls_back_along_the_chain_then_to_english_then_to_any() {
        assert_eq!(print(&bands(), "50", &["da", "sv"]), "Gott om");
        assert_eq!(print(&bands(), "50", &["da", "de"]), "Plenty");
        let swedish = StockDisplay::Bands {
            bands: vec![Band {
                from: Decimal::ZERO,
                words: words(&[("sv", "Fråga")]),
            }],
            unknown: Words::new(),
        };
        assert_eq!(print(&swedish, "7", &["da"]), "Fråga");
    }

    #[test]
    fn three_words_fall_back_along_the_chain_then_to_the_usual_english() {
        let polish = StockWords {
            in_stock: "Dostępny".into(),
            ..StockWords::default()
        };
        let display = StockDisplay::Banded {
            words: BTreeMap::from([("pl".into(), polish)]),
            unknown: Words::new(),
        };
        assert_eq!(print(&display, "7", &["de", "pl"]), "Dostępny");
        assert_eq!(print(&display, "7", &["de"]), "In stock");
    }

    #[test]
    fn symbols_are_the_same_in_every_language() {
        let display = StockDisplay::Symbols {
            symbols: StockWords::symbols(),
            unknown: None,
        };
        assert_eq!(
            ["6", "5", "0"].map(|available| print(&display, available, &["sv"])),
            ["●●●", "●", "○"]
        );
        assert_eq!(display.exactness(), QuantityExactness::Banded);
        assert_eq!(display.quantity(Some(Decimal::TEN)), None);
    }

    #[test]
    fn unknown_prints_only_the_word_configured_for_it() {
        let status = AvailabilityStatus::Unknown;
        let languages = ["en".into()];
        assert_eq!(bands().print(None, status, &languages).as_deref(), Some("Okänt"));
        let symbols = |unknown: Option<&str>| StockDisplay::Symbols {
            symbols: StockWords::symbols(),
            unknown: unknown.map(Arc::from),
        };
        let printed = symbols(Some("?")).print(None, status, &languages);
        assert_eq!(printed.as_deref(), Some("?"));
        let silent = [
            symbols(None),
            StockDisplay::Exact,
            StockDisplay::Hidden,
            StockDisplay::Banded {
                words: BTreeMap::new(),
                unknown: Words::new(),
            },
        ];
        for display in silent {
            assert_eq!(display.print(None, status, &languages), None, "{display:?}");
        }
    }
}
