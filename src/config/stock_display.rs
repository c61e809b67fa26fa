//! `channels.….stock_display`: how a channel shows stock, and its check.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Deserialize;
use skuery_resolvers::commerce::stock_display::{Band, StockDisplay, StockWords, Words};
use skuery_schema::ids::Language;

/// How a channel shows stock.
#[derive(Debug, Default, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum StockDisplayConfig {
    /// The figure itself.
    #[default]
    Exact,
    /// The figure up to a cap.
    Capped {
        /// The most that is shown.
        cap: u32,
    },
    /// Only a word: for the status, or for bands of the channel's own.
    Banded {
        /// Words for the status by language; English ones where a language has none.
        #[serde(default)]
        words: Option<BTreeMap<Language, StockWordsConfig>>,
        /// Words by quantity instead, from the highest threshold to 0.
        #[serde(default)]
        bands: Option<Vec<BandConfig>>,
        /// What to print when no figure can be had, by language; nothing without it.
        #[serde(default)]
        unknown: BTreeMap<Language, String>,
    },
    /// Only a symbol, the same in every language.
    Symbols {
        /// The symbols for the status.
        #[serde(default)]
        symbols: SymbolsConfig,
    },
    /// Nothing but the status.
    Hidden,
}

/// What to print for each status.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StockWordsConfig {
    /// Enough.
    pub in_stock: String,
    /// Few left.
    pub low_stock: String,
    /// None.
    pub out_of_stock: String,
}

/// The word from a quantity up.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BandConfig {
    /// The least quantity, inclusive.
    pub from: u32,
    /// The word by language.
    pub words: BTreeMap<Language, String>,
}

/// Symbols for the status; what is left out is the usual one.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SymbolsConfig {
    /// Enough.
    pub in_stock: Option<String>,
    /// Few left.
    pub low_stock: Option<String>,
    /// None.
    pub out_of_stock: Option<String>,
    /// When no figure can be had; nothing without it.
    pub unknown: Option<String>,
}

/// The key within the section, and what is wrong with it.
type Problem = (&'static str, String);

/// Checks a channel's display.
pub(super) fn stock_display(config: &StockDisplayConfig) -> Result<StockDisplay, Problem> {
    Ok(match config {
        StockDisplayConfig::Exact => StockDisplay::Exact,
        StockDisplayConfig::Capped { cap } => StockDisplay::Capped {
            cap: Decimal::from(*cap),
        },
        StockDisplayConfig::Hidden => StockDisplay::Hidden,
        StockDisplayConfig::Banded {
            words: Some(_),
            bands: Some(_),
            ..
        } => {
            let problem = "use either `words` for the status or `bands` by quantity, not both";
            return Err(("bands", problem.to_owned()));
        }
        StockDisplayConfig::Banded {
            bands: Some(bands),
            unknown,
            ..
        } => StockDisplay::Bands {
            bands: self::bands(bands)?,
            unknown: by_language(unknown),
        },
        StockDisplayConfig::Banded {
            words,
            bands: None,
            unknown,
        } => StockDisplay::Banded {
            words: words
                .iter()
                .flatten()
                .map(|(language, words)| (language.clone(), stock_words(words)))
                .collect(),
            unknown: by_language(unknown),
        },
        StockDisplayConfig::Symbols { symbols } => {
            let usual = StockWords::symbols();
            let or = |own: &Option<String>, usual| own.as_deref().map_or(usual, Into::into);
            StockDisplay::Symbols {
                symbols: StockWords {
                    in_stock: or(&symbols.in_stock, usual.in_stock),
                    low_stock: or(&symbols.low_stock, usual.low_stock),
                    out_of_stock: or(&symbols.out_of_stock, usual.out_of_stock),
                },
                unknown: symbols.unknown.as_deref().map(Into::into),
            }
        }
    })
}

fn bands(config: &[BandConfig]) -> Result<Vec<Band>, Problem> {
    for (higher, lower) in config.iter().zip(config.iter().skip(1)) {
        if higher.from <= lower.from {
            let problem = format!(
                "from {} after from {}: the thresholds go down",
                lower.from, higher.from
            );
            return Err(("bands", problem));
        }
    }
    match config.last() {
        None => return Err(("bands", "at least the band from 0 is needed".to_owned())),
        Some(last) if last.from != 0 => {
            let problem = format!("the last band is from {}; it must be from 0", last.from);
            return Err(("bands", problem));
        }
        Some(_) => {}
    }
    if let Some(band) = config.iter().find(|band| band.words.is_empty()) {
        let problem = format!("the band from {} has no words", band.from);
        return Err(("bands", problem));
    }
    let band = |band: &BandConfig| Band {
        from: band.from.into(),
        words: by_language(&band.words),
    };
    Ok(config.iter().map(band).collect())
}

fn by_language(words: &BTreeMap<Language, String>) -> Words {
    words
        .iter()
        .map(|(language, word)| (language.clone(), word.as_str().into()))
        .collect()
}

fn stock_words(words: &StockWordsConfig) -> StockWords {
    StockWords {
        in_stock: words.in_stock.as_str().into(),
        low_stock: words.low_stock.as_str().into(),
        out_of_stock: words.out_of_stock.as_str().into(),
    }
}
