//! Languages: ours and the system's names for them, and the choice of the first that has a text.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::connector::node::Node;
use crate::port::Locales;

/// The wanted languages in order, each with the system's locale.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chain(Vec<(Arc<str>, String)>);

impl Chain {
    pub(crate) fn new(wanted: &Locales, names: &BTreeMap<String, String>) -> Self {
        let pairs = wanted.0.iter().map(|language| {
            let theirs = names
                .get(&**language)
                .cloned()
                .unwrap_or_else(|| language.to_string());
            (Arc::clone(language), theirs)
        });
        Self(pairs.collect())
    }

    /// Where a locale of the system stands among them, with our name.
    pub(crate) fn place(&self, theirs: Option<&str>) -> Option<(usize, &Arc<str>)> {
        let place = self
            .0
            .iter()
            .position(|(_, known)| Some(known.as_str()) == theirs)?;
        Some((place, &self.0[place].0))
    }

    /// The system's locales.
    pub(crate) fn theirs(&self) -> Vec<&str> {
        self.0.iter().map(|(_, theirs)| theirs.as_str()).collect()
    }

    /// Our first language, for systems that answer in one language a call.
    pub(crate) fn first(&self) -> Option<&Arc<str>> {
        self.0.first().map(|(ours, _)| ours)
    }

    /// The text of the first wanted language in `{locale: text}`, with our name of it.
    pub(crate) fn pick(&self, texts: Node<'_>) -> Option<(Arc<str>, Arc<str>)> {
        self.0.iter().find_map(|(ours, theirs)| {
            let text = texts.get(theirs)?.as_str().filter(|text| !text.is_empty())?;
            Some((Arc::from(text), Arc::clone(ours)))
        })
    }
}
