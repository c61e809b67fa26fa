//! What can go wrong in a transaction, before it is told to the caller.

use skuery_resolvers::checkout::ledger::LedgerError;

/// Why a transaction did not come to its end.
#[derive(Debug)]
pub(super) enum Fault {
    /// It met another one; doing it again from the start is right.
    Again(String),
    /// The store does not answer, or is full.
    Store(String),
    /// Somebody else has taken over.
    Fenced,
    /// What is stored, or is to be stored, cannot be.
    Damaged(String),
}

/// PostgreSQL's words for a transaction that is to be done again: serialization failure and deadlock.
const POSTGRES_AGAIN: [&str; 2] = ["40001", "40P01"];
/// SQLite's for a snapshot that is too old to be written on.
const SQLITE_AGAIN: &str = "517";
/// SQLite's for a file that is no database or a broken one.
const SQLITE_BROKEN: [&str; 2] = ["11", "26"];

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        let text = error.to_string();
        match &error {
            sqlx::Error::Database(known) => match known.code().as_deref() {
                Some(code) if POSTGRES_AGAIN.contains(&code) || code == SQLITE_AGAIN => Fault::Again(text),
                Some(code) if SQLITE_BROKEN.contains(&code) => Fault::Damaged(text),
                _ => Fault::Store(text),
            },
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Fault::Damaged(text),
            _ => Fault::Store(text),
        }
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Fault::Damaged(error.to_string())
    }
}

impl From<Fault> for LedgerError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Again(text) | Fault::Store(text) => LedgerError::Unavailable(text),
            Fault::Fenced => LedgerError::Fenced,
            Fault::Damaged(text) => LedgerError::Damaged(text),
        }
    }
}
