//! How long the systems alone take: the fewest calls an item can be answered with, sent by themselves. All calls of a wave
//! leave at the same time, and the next wave when the last of them has answered. Nothing is read from the answers.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Failure;
use crate::by_hand::calls::{Call, Systems};
use crate::by_hand::wire::SHOWN;

const RETAIL: [&str; 4] = [
    "RETAIL-SEK",
    "CAMP-SEASON-26-SEK",
    "CAMP-AUTUMN-25-SEK",
    "CAMP-SPRING-29-SEK",
];
const DEALER: [&str; 1] = ["DEALER-SEK"];

/// The calls of one request, wave by wave.
pub(crate) struct Waves(Vec<Vec<Call>>);

impl Waves {
    /// Of the item with this name; what the second wave asks for is taken from the right answer.
    pub(crate) fn of(
        systems: &Systems,
        item: &str,
        variables: &Value,
        answer: &Value,
    ) -> Result<Self, Failure> {
        let text = |name: &str| variables[name].as_str().unwrap_or_default();
        let asked = texts(&variables["skus"]);
        let waves = match item {
            "listing" => {
                let nodes = answer["data"]["products"]["nodes"]
                    .as_array()
                    .into_iter()
                    .flatten();
                let skus: Vec<&str> = nodes.flat_map(|product| skus_of(&product["variants"])).collect();
                let live = vec![systems.prices(&RETAIL, &skus)?, systems.stock(&skus)?];
                vec![vec![systems.listing(text("category"))?], live]
            }
            "detail" => {
                let skus = skus_of(&answer["data"]["product"]["variants"]);
                let live = vec![
                    systems.attributes(&SHOWN)?,
                    systems.variants(&skus)?,
                    systems.prices(&RETAIL, &skus)?,
                    systems.stock(&skus)?,
                ];
                vec![vec![systems.products(&[text("slug")])?], live]
            }
            _ => {
                let lists: &[&str] = if item == "hundred" { &DEALER } else { &RETAIL };
                let all = vec![
                    systems.variants(&asked)?,
                    systems.prices(lists, &asked)?,
                    systems.stock(&asked)?,
                ];
                vec![all]
            }
        };
        Ok(Self(waves))
    }

    /// The fewest calls that answer it.
    pub(crate) fn calls(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    /// Sends them; how long that takes.
    pub(crate) async fn walk(&self, systems: &Systems) -> Result<Duration, Failure> {
        let begun = Instant::now();
        for wave in &self.0 {
            let calls = wave.iter().map(|call| systems.send(call.clone()));
            futures_util::future::try_join_all(calls).await?;
        }
        Ok(begun.elapsed())
    }
}

fn skus_of(variants: &Value) -> Vec<&str> {
    let variants = variants.as_array().into_iter().flatten();
    variants.filter_map(|variant| variant["sku"].as_str()).collect()
}

fn texts(list: &Value) -> Vec<&str> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(Value::as_str).collect()
}
