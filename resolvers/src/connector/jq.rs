//! jq filters, for what a path cannot say. They pick and reshape; arithmetic on them is binary and so refused for money.

use std::fmt;

use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, data, unwrap_valr};
use jaq_json::{Num, Val, read};
use serde_json::Value as Json;

use crate::connector::node::{Node, View};
use crate::door::fault::Fault;

/// A compiled filter with its source.
pub(crate) struct Jq {
    filter: jaq_core::compile::Filter<jaq_core::Native<data::JustLut<Val>>>,
    source: String,
}

impl Jq {
    /// Compiles; the message names the unknown function or the place that cannot be read.
    pub(crate) fn new(source: &str) -> Result<Self, String> {
        let defs = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
        let funs = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
        let arena = Arena::default();
        let file = File {
            code: source,
            path: (),
        };
        let modules = Loader::new(defs)
            .load(&arena, file)
            .map_err(|_| format!("`{source}` is not a jq filter"))?;
        let filter = Compiler::default()
            .with_funs(funs)
            .compile(modules)
            .map_err(|errors| {
                let names: Vec<String> = errors
                    .into_iter()
                    .flat_map(|(_, errors)| errors)
                    .map(|(name, _)| format!("`{name}`"))
                    .collect();
                format!("`{source}` uses unknown {}", names.join(", "))
            })?;
        Ok(Self {
            filter,
            source: source.to_owned(),
        })
    }

    /// Whether the filter spells this name out; of `a.b`, its last part.
    pub(crate) fn uses(&self, name: &str) -> bool {
        name.split('.')
            .next_back()
            .is_some_and(|part| self.source.contains(part))
    }

    /// The first output; `None` where there is none. Runs on a copy, since jq has its own values.
    pub(crate) fn first<'a>(&self, input: impl Into<Node<'a>>) -> Result<Option<Json>, Fault> {
        let input =
            copy(input.into()).ok_or_else(|| Fault::invalid_answer("a value cannot be given to jq"))?;
        let context = Ctx::<data::JustLut<Val>>::new(&self.filter.lut, Vars::new([]));
        let Some(output) = self.filter.id.run((context, input)).map(unwrap_valr).next() else {
            return Ok(None);
        };
        let output = output.map_err(|_| Fault::invalid_answer("a jq filter does not fit the answer"))?;
        if matches!(output, Val::Num(Num::Float(_))) {
            return Err(Fault::invalid_value(
                "jq arithmetic gave a rounded number: use a path",
            ));
        }
        serde_json::from_str(&output.to_string())
            .map(Some)
            .map_err(|_| Fault::invalid_answer("a jq filter gave something that is not JSON"))
    }
}

/// As one of jq's values; a number keeps its digits. Many filters run once a row, so nothing is written out and parsed.
fn copy(value: Node<'_>) -> Option<Val> {
    Some(match value.view() {
        View::Null => Val::Null,
        View::Bool(switch) => Val::Bool(switch),
        View::Number(digits) => Val::Num(read::parse_single_num(digits.as_bytes())?),
        View::Text(text) => Val::utf8_str(text.to_owned().into_bytes()),
        View::List(items) => items.map(copy).collect::<Option<Val>>()?,
        View::Object(members) => {
            let member = |(name, member): (&str, Node<'_>)| {
                let name = Val::utf8_str(name.to_owned().into_bytes());
                Some((name, copy(member)?))
            };
            Val::obj(members.map(member).collect::<Option<_>>()?)
        }
    })
}

impl fmt::Debug for Jq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jq")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_out_as_it_went_in() {
        let text =
            r#"{"b":[1,-0.10,12345678901234567890.123456789,1e400,true,null,"å\n\"\u0001"],"a":{},"":[]}"#;
        let json: Json = serde_json::from_str(text).expect("JSON");
        let same = Jq::new(".").expect("a filter").first(&json).expect("it runs");
        assert_eq!(same.expect("an output"), json);
    }
}
