//! The two stores: how they are opened, and how a transaction on them begins and ends.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use skuery_resolvers::checkout::ledger::LedgerError;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use url::Url;

use crate::ledger::dialect::Session;
use crate::ledger::fault::Fault;

/// How long a caller waits for a connection, or for somebody else's transaction.
const PATIENCE: Duration = Duration::from_secs(5);
/// Connections that read beside the one that writes (SQLite).
const READERS: u32 = 4;
/// Connections to PostgreSQL, of each replica.
const CONNECTIONS: u32 = 16;
/// How often a transaction that met another one is done again.
const TRIES: u32 = 5;
/// The write-ahead file is cut back to this after it was copied into the database.
const KEPT_LOG_BYTES: &str = "67108864";

/// Why a ledger cannot be opened. Never says a password.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Not an address of a ledger.
    #[error("the ledger's address must be sqlite:PATH or postgres://USER@HOST/DATABASE{0}")]
    Address(&'static str),
    /// There is no such directory.
    #[error("the ledger's directory {0} is not there")]
    NoDirectory(PathBuf),
    /// The file cannot be made or opened.
    #[error("the ledger's file {0} cannot be opened: {1}")]
    File(PathBuf, String),
    /// The store does not answer.
    #[error("the ledger's database cannot be used: {0}")]
    Store(String),
    /// A newer version of the gateway has written it.
    #[error("the ledger is of version {found}; this version of skuery knows versions up to {known}")]
    TooNew {
        /// The ledger's.
        found: i64,
        /// The newest that is known here.
        known: i64,
    },
}

/// What becomes of a file that is not there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Absent {
    IsMade,
    IsRefused,
}

/// An open store.
pub(super) enum Store {
    Sqlite { writer: SqlitePool, readers: SqlitePool },
    Postgres(PgPool),
}

impl Store {
    pub(super) async fn open(address: &str, absent: Absent) -> Result<Self, OpenError> {
        if let Some(path) = address.strip_prefix("sqlite:") {
            return open_sqlite(Path::new(path.strip_prefix("//").unwrap_or(path)), absent).await;
        }
        if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            return open_postgres(address).await;
        }
        Err(OpenError::Address(""))
    }

    /// Begins a transaction that writes. In SQLite nobody else writes until it ends.
    pub(super) async fn begin(&self) -> Result<Session, Fault> {
        Ok(match self {
            Store::Sqlite { writer, .. } => Session::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            // Every statement sees what was committed before it, and rows that are read to be changed are locked.
            Store::Postgres(pool) => Session::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
                    .await?,
            ),
        })
    }

    /// Begins a transaction that reads the store as it is now, all its statements alike.
    pub(super) async fn look(&self) -> Result<Session, Fault> {
        Ok(match self {
            Store::Sqlite { readers, .. } => Session::Sqlite(readers.begin_with("BEGIN").await?),
            Store::Postgres(pool) => Session::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?,
            ),
        })
    }
}

async fn open_sqlite(path: &Path, absent: Absent) -> Result<Store, OpenError> {
    if path.as_os_str().is_empty() || path == Path::new(":memory:") {
        return Err(OpenError::Address("; what is in memory only is not kept"));
    }
    let directory = path
        .parent()
        .filter(|directory| !directory.as_os_str().is_empty());
    if let Some(directory) = directory.filter(|directory| !directory.is_dir()) {
        return Err(OpenError::NoDirectory(directory.to_owned()));
    }
    let file_error = |error: String| OpenError::File(path.to_owned(), error);
    // It holds names and addresses: for nobody else's eyes. SQLite's other files follow this one's mode.
    let mut file = OpenOptions::new();
    let opened = file
        .read(true)
        .append(true)
        .create(absent == Absent::IsMade)
        .mode(0o600)
        .open(path);
    drop(opened.map_err(|error| file_error(error.to_string()))?);
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("journal_size_limit", KEPT_LOG_BYTES)
        .foreign_keys(true)
        .busy_timeout(PATIENCE);
    let pool = |most: u32| {
        SqlitePoolOptions::new()
            .max_connections(most)
            .acquire_timeout(PATIENCE)
    };
    let writer = pool(1).connect_with(options.clone()).await;
    let writer = writer.map_err(|error| file_error(error.to_string()))?;
    let readers = pool(READERS).connect_lazy_with(options.pragma("query_only", "ON"));
    Ok(Store::Sqlite { writer, readers })
}

async fn open_postgres(address: &str) -> Result<Store, OpenError> {
    // The parser's words may repeat parts of the address, and so of the password.
    if has_unknown_parameters(address) {
        return Err(OpenError::Address("; it has a parameter that is not known"));
    }
    let options = PgConnectOptions::from_str(address).map_err(|_| OpenError::Address(""))?;
    let options = options.application_name("skuery").options([
        ("synchronous_commit", "on"),
        ("lock_timeout", "5s"),
        ("statement_timeout", "30s"),
        ("idle_in_transaction_session_timeout", "30s"),
    ]);
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(PATIENCE);
    match pool.connect_with(options).await {
        Ok(pool) => Ok(Store::Postgres(pool)),
        Err(error) => Err(OpenError::Store(error.to_string())),
    }
}

/// An unknown parameter would be logged with its value, which may be a mistyped `password`.
fn has_unknown_parameters(address: &str) -> bool {
    let known = [
        "sslmode",
        "sslrootcert",
        "sslcert",
        "sslkey",
        "host",
        "port",
        "dbname",
        "user",
        "password",
        "options",
    ];
    let address = Url::parse(address).ok();
    address.is_some_and(|address| address.query_pairs().any(|(name, _)| !known.contains(&&*name)))
}

/// Counts how often one piece of work was tried.
#[derive(Default)]
pub(super) struct Tries(u32);

impl Tries {
    /// Ends a transaction as its work ended. `None` when it is to be done again from the start.
    pub(super) async fn end<T>(
        &mut self,
        session: Session,
        done: Result<T, Fault>,
    ) -> Option<Result<T, LedgerError>> {
        let fault = match done {
            Ok(value) => match session.commit().await {
                Ok(()) => return Some(Ok(value)),
                Err(fault) => fault,
            },
            Err(fault) => {
                session.roll_back().await;
                fault
            }
        };
        self.0 += 1;
        match fault {
            Fault::Again(_) if self.0 < TRIES => None,
            fault => Some(Err(fault.into())),
        }
    }
}
