//! Null in the reference's data, where references are gone and where errors end up.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::reference::{Gone, Noted, Notes};

/// A position in a response.
pub(crate) type Path = Vec<Step>;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

/// The path of an entry of `errors`.
pub(crate) fn path_of_error(error: &Json) -> Path {
    let steps = error["path"].as_array().unwrap().iter();
    steps
        .map(|step| match step {
            Json::String(key) => Step::Key(key.clone()),
            index => Step::Index(index.as_u64().unwrap() as usize),
        })
        .collect()
}

/// Puts null where it belongs; `serial` is for mutations. Left in the notes are the errors of what remains.
pub(crate) fn settle(mut data: Json, notes: &mut Notes, serial: bool) -> Json {
    let mut gone: Vec<(Path, Gone)> = notes.gone.drain().collect();
    gone.sort_by_key(|(path, _)| path.len());
    let mut kept: Vec<Path> = Vec::new();
    for (path, gone) in gone {
        if kept.iter().any(|above| path.starts_with(above)) {
            continue;
        }
        // An error beside the reference, at its own position, stays.
        notes
            .errors
            .retain(|error, _| !error.starts_with(&path) || *error == path);
        put_null(&mut data, &path);
        match gone {
            Gone::Failed(message) => notes.error(&path, message, true),
            Gone::Nothing if notes.types[&path].ends_with('!') => notes.error(&path, None, true),
            Gone::Nothing => {}
        }
        kept.push(path);
    }
    if serial {
        stop_at_the_first_failure(&data, notes);
    }
    for (path, _) in notes.errors.iter().filter(|(_, noted)| noted.no_value) {
        let end = nullable(notes, path);
        put_null(&mut data, &path[..end]);
    }
    data
}

/// How much of a path is left where its null ends up.
fn nullable(notes: &Notes, path: &[Step]) -> usize {
    let mut end = path.len();
    while end > 0 && notes.types[&path[..end]].ends_with('!') {
        end -= 1;
    }
    end
}

/// After a mutation's field that leaves no data, none is begun, and each that was not says so: the specification lets
/// siblings of a failed field be left out, and the engine's word is that they are.
fn stop_at_the_first_failure(data: &Json, notes: &mut Notes) {
    let Json::Object(fields) = data else { return };
    let fails = |field: &Path| {
        let errors = notes.errors.iter();
        errors
            .filter(|(path, noted)| noted.no_value && path.starts_with(field))
            .any(|(path, _)| nullable(notes, path) == 0)
    };
    let live: Vec<Path> = fields
        .keys()
        .map(|key| vec![Step::Key(key.clone())])
        .filter(|path| notes.types.contains_key(path))
        .collect();
    let Some(first) = live.iter().position(fails) else {
        return;
    };
    let not_begun = &live[first + 1..];
    let errors = std::mem::take(&mut notes.errors);
    let mut errors: BTreeMap<Path, Noted> = errors
        .into_iter()
        .filter(|(path, _)| !not_begun.iter().any(|begun| path.starts_with(begun)))
        .collect();
    for path in not_begun {
        let noted = Noted {
            message: None,
            no_value: true,
        };
        errors.insert(path.clone(), noted);
    }
    notes.errors = errors;
}

fn put_null(data: &mut Json, path: &[Step]) {
    let mut at = data;
    for step in path {
        at = match (at, step) {
            (Json::Object(fields), Step::Key(key)) => &mut fields[key.as_str()],
            (Json::Array(items), Step::Index(index)) => &mut items[*index],
            _ => return,
        };
    }
    *at = Json::Null;
}
