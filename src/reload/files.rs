//! The files that a configuration is made of, and whether they are still what they were.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Files as they were last seen.
pub(super) struct Files(BTreeMap<PathBuf, Seen>);

/// One file; a file that is not there has neither.
#[derive(PartialEq, Eq)]
struct Seen {
    stamp: Option<(SystemTime, u64)>,
    hash: Option<[u8; 32]>,
}

/// Keys whose values are paths, wherever they stand. Those of `server.tls` have a look of their own.
const KEYS: [&str; 3] = ["file", "jwks_file", "manifest"];

/// A configuration's file, and the files that its text names.
pub(super) fn named(path: &Path, text: &str) -> Vec<PathBuf> {
    let mut found = vec![path.to_owned()];
    // Where it cannot be read there is nothing more to watch.
    let mut open: Vec<Value> = serde_saphyr::from_str(text).into_iter().collect();
    while let Some(value) = open.pop() {
        match value {
            Value::Object(entries) => {
                for (key, value) in entries {
                    match value {
                        Value::String(path) if KEYS.contains(&key.as_str()) => found.push(path.into()),
                        other => open.push(other),
                    }
                }
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    found
}

impl Files {
    /// These files as they are now.
    pub(super) fn of(paths: Vec<PathBuf>) -> Self {
        let seen = paths.into_iter().map(|path| {
            let seen = Seen {
                stamp: stamp(&path),
                hash: hash(&path),
            };
            (path, seen)
        });
        Self(seen.collect())
    }

    /// Whether any has other content than when this was last asked. A file that was written anew with what it had has not
    /// changed.
    pub(super) fn have_changed(&mut self) -> bool {
        let mut has_changed = false;
        for (path, seen) in &mut self.0 {
            let stamp = stamp(path);
            if stamp == seen.stamp {
                continue;
            }
            let hash = hash(path);
            has_changed |= hash != seen.hash;
            *seen = Seen { stamp, hash };
        }
        has_changed
    }
}

fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

fn hash(path: &Path) -> Option<[u8; 32]> {
    Some(Sha256::digest(fs::read(path).ok()?).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_a_text_names_is_found() {
        let text = "a: 1.5\nsystems:\n  erp:\n    auth: { password: { file: secret.txt } }\n    mapping: { file: erp.yaml }\n\
            checkout: { token_keys: [{ file: one.key }, { env: TWO }], ledger: { file: ledger.url } }\n\
            identity: { jwks_file: keys.json }\npersisted_documents: { manifest: documents.json }\n";
        let mut found = named(Path::new("skuery.yaml"), text);
        found.sort();
        let expected = [
            "documents.json",
            "erp.yaml",
            "keys.json",
            "ledger.url",
            "one.key",
            "secret.txt",
            "skuery.yaml",
        ];
        assert_eq!(found, expected.map(PathBuf::from));
        assert_eq!(named(Path::new("a"), "{ b: ["), [PathBuf::from("a")]);
    }

    #[test]
    fn a_file_has_changed_when_its_content_has() {
        let path = std::env::temp_dir().join(format!("skuery-files-{}", std::process::id()));
        fs::write(&path, "one").expect("it is written");
        let mut files = Files::of(vec![path.clone()]);
        assert!(!files.have_changed());
        fs::write(&path, "three").expect("it is written");
        assert!(files.have_changed());
        assert!(!files.have_changed());
        fs::remove_file(&path).expect("it is there");
        assert!(files.have_changed(), "it is gone");
        assert!(!files.have_changed());
        fs::write(&path, "three").expect("it is written");
        assert!(files.have_changed(), "it is back");
    }
}
