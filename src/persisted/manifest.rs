//! Reads a manifest in any of its forms, with line and key of what is wrong.

use std::collections::HashMap;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// What Apollo's tools write into `format`.
const APOLLO: &str = "apollo-persisted-query-manifest";

/// Documents by id.
#[derive(Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Its file, for messages.
    pub file: String,
    /// In the order of the file.
    pub documents: Vec<PersistedDocument>,
}

/// One document of a manifest.
#[derive(Debug, PartialEq, Eq)]
pub struct PersistedDocument {
    /// How clients name it.
    pub id: String,
    /// The only client that names it so; `None` is every client.
    pub client: Option<String>,
    /// The operation that is meant, where the manifest says so.
    pub operation: Option<String>,
    /// The text.
    pub document: String,
    /// Where it stands in the file, such as `operations[3]`.
    pub key: String,
    /// The line of that, from 1.
    pub line: usize,
}

/// A file that is no manifest.
#[derive(Debug, PartialEq, Eq)]
pub struct ManifestError {
    /// From 1.
    pub line: usize,
    /// The key, and what is wrong with it.
    pub problem: String,
}

impl Manifest {
    /// Reads a text; `file` is for messages.
    ///
    /// # Errors
    ///
    /// At the first place that is not as one of the forms has it.
    pub fn parse(file: &str, text: &str) -> Result<Self, ManifestError> {
        let reader = Reader::new(text);
        let top: Members<'_> = serde_json::from_str(text).map_err(|error| ManifestError {
            line: error.line(),
            problem: without_place(&error),
        })?;
        let documents = match top.get("format") {
            Some(format) => reader.apollo(&top, format)?,
            None => reader.texts(&top)?,
        };
        let manifest = Self {
            file: file.to_owned(),
            documents,
        };
        manifest.check_ids()?;
        Ok(manifest)
    }

    fn check_ids(&self) -> Result<(), ManifestError> {
        let mut seen: HashMap<(&str, Option<&str>), &PersistedDocument> = HashMap::new();
        for document in &self.documents {
            let refuse = |problem: String| {
                Err(ManifestError {
                    line: document.line,
                    problem: format!("{}: {problem}", document.key),
                })
            };
            if document.id.is_empty() {
                return refuse("an empty id names nothing".to_owned());
            }
            if let Some(first) = seen.insert((&document.id, document.client.as_deref()), document) {
                let id = &document.id;
                return refuse(format!("the id `{id}` stands on line {} already", first.line));
            }
        }
        Ok(())
    }
}

struct Reader<'a> {
    text: &'a str,
    /// Where each line but the first begins.
    lines: Vec<usize>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self {
            text,
            lines: breaks.map(|(at, _)| at + 1).collect(),
        }
    }

    fn apollo(
        &self,
        top: &Members<'a>,
        format: &'a RawValue,
    ) -> Result<Vec<PersistedDocument>, ManifestError> {
        if self.text_of("format", format)? != APOLLO {
            return Err(self.wrong("format", format, &format!("only `{APOLLO}` is known")));
        }
        let version = top.need("version", 1, "")?;
        if version.get() != "1" {
            return Err(self.wrong("version", version, "only 1 is known"));
        }
        let operations = top.need("operations", 1, "")?;
        let items: Vec<&RawValue> = serde_json::from_str(operations.get())
            .map_err(|_| self.wrong("operations", operations, "must be a list"))?;
        let items = items.into_iter().enumerate();
        items
            .map(|(index, item)| self.operation(&format!("operations[{index}]"), item))
            .collect()
    }

    fn operation(&self, key: &str, item: &'a RawValue) -> Result<PersistedDocument, ManifestError> {
        let members: Members<'a> = serde_json::from_str(item.get())
            .map_err(|_| self.wrong(key, item, "must be an object with id, name, type and body"))?;
        let line = self.line(item);
        let read = |name: &str| {
            let value = members.need(name, line, key)?;
            self.text_of(&format!("{key}.{name}"), value)
        };
        let ty = read("type")?;
        if !matches!(&*ty, "query" | "mutation" | "subscription") {
            let value = members.need("type", line, key)?;
            let problem = format!("`{ty}` is unknown, use query, mutation or subscription");
            return Err(self.wrong(&format!("{key}.type"), value, &problem));
        }
        let client = match members.get("clientName") {
            Some(client) if client.get() != "null" => {
                Some(self.text_of(&format!("{key}.clientName"), client)?)
            }
            _ => None,
        };
        Ok(PersistedDocument {
            id: read("id")?,
            client,
            operation: Some(read("name")?),
            document: read("body")?,
            key: key.to_owned(),
            line,
        })
    }

    /// Relay's and GraphQL Code Generator's form.
    fn texts(&self, top: &Members<'a>) -> Result<Vec<PersistedDocument>, ManifestError> {
        let entries = top.0.iter().map(|(id, value)| {
            Ok(PersistedDocument {
                id: id.clone(),
                client: None,
                operation: None,
                document: self.text_of(id, value)?,
                key: id.clone(),
                line: self.line(value),
            })
        });
        entries.collect()
    }

    fn text_of(&self, key: &str, value: &RawValue) -> Result<String, ManifestError> {
        serde_json::from_str(value.get()).map_err(|_| self.wrong(key, value, "must be a text"))
    }

    fn wrong(&self, key: &str, value: &RawValue, problem: &str) -> ManifestError {
        ManifestError {
            line: self.line(value),
            problem: format!("{key}: {problem}"),
        }
    }

    /// A raw value is a part of the text, so its address says where it stands.
    fn line(&self, value: &RawValue) -> usize {
        let at = value.get().as_ptr().addr() - self.text.as_ptr().addr();
        self.lines.partition_point(|begin| *begin <= at) + 1
    }
}

/// The members of an object in their order, a name that stands twice too.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Members<'a> {
    fn get(&self, name: &str) -> Option<&'a RawValue> {
        let found = self.0.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| *value)
    }

    fn need(&self, name: &str, line: usize, within: &str) -> Result<&'a RawValue, ManifestError> {
        let key = match within {
            "" => name.to_owned(),
            within => format!("{within}.{name}"),
        };
        self.get(name).ok_or_else(|| ManifestError {
            line,
            problem: format!("{key}: is missing"),
        })
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ReadMembers).map(Members)
    }
}

struct ReadMembers;

impl<'de> Visitor<'de> for ReadMembers {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object: a manifest of Apollo, or documents by id as Relay and GraphQL Code Generator write them")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

/// The line is told apart from the text.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests;
