//! Prepares the documents of a manifest, so that their first requests find them prepared.

use std::fmt;

use skuery_resolvers::engine::{Engine, RequestError};

use super::{Manifest, PersistedDocument};

/// What came of preparing a manifest's documents.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Warmed {
    /// The operations that are prepared.
    pub operations: u64,
    /// How many of them are kept.
    pub kept: u64,
    /// What all of them weigh, in bytes; estimated.
    pub weight: u64,
    /// Those that cannot be served, with file, line, operation and what is wrong.
    pub refused: Vec<String>,
}

impl Manifest {
    /// Prepares all documents in an engine that has served nobody yet.
    pub async fn warm(&self, engine: &Engine) -> Warmed {
        let mut warmed = Warmed::default();
        for document in &self.documents {
            match engine
                .warm(&document.document, document.operation.as_deref())
                .await
            {
                Ok(operations) => {
                    warmed.operations += operations.len() as u64;
                    warmed.kept += operations.iter().filter(|operation| operation.kept).count() as u64;
                    warmed.weight += operations.iter().map(|operation| operation.weight).sum::<u64>();
                }
                Err(errors) => {
                    let told = errors.iter().map(|error| self.told(document, error));
                    warmed.refused.extend(told);
                }
            }
        }
        // The later ones may have pushed earlier ones out.
        warmed.kept = warmed.kept.saturating_sub(engine.kept().evicted);
        warmed
    }

    /// Prepares them all and says so in the log; refuses them where one cannot be served.
    ///
    /// # Errors
    ///
    /// The documents that cannot be served, and why.
    pub async fn warm_or_refuse(&self, engine: &Engine) -> Result<(), String> {
        let warmed = self.warm(engine).await;
        if !warmed.refused.is_empty() {
            let problem = "persisted documents that cannot be served";
            let (count, list) = (warmed.refused.len(), warmed.refused.join("\n"));
            return Err(format!("{count} {problem}:\n{list}"));
        }
        tracing::info!("persisted documents: {warmed}");
        if let Some(problem) = warmed.too_large(self) {
            tracing::warn!("{problem}");
        }
        Ok(())
    }

    fn told(&self, document: &PersistedDocument, error: &RequestError) -> String {
        let name = match &document.operation {
            Some(name) => format!("{} `{name}`", document.key),
            None => document.key.clone(),
        };
        let places: Vec<String> = error
            .locations
            .iter()
            .map(|(line, column)| format!("{line}:{column}"))
            .collect();
        let place = match places.is_empty() {
            true => String::new(),
            false => format!(" (at {} of the document)", places.join(", ")),
        };
        format!(
            "{}:{}: {name}: {}{place}",
            self.file, document.line, error.message
        )
    }
}

impl Warmed {
    /// What to say where the room for prepared operations does not hold them all.
    pub fn too_large(&self, manifest: &Manifest) -> Option<String> {
        (self.kept < self.operations).then(|| {
            format!(
                "{}: {self}; those that are not kept are prepared for each request: raise limits.operations_mib",
                manifest.file
            )
        })
    }
}

impl fmt::Display for Warmed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kib = self.weight.div_ceil(1024);
        write!(
            f,
            "{} operations of {kib} KiB, {} of them kept",
            self.operations, self.kept
        )
    }
}
