//! Where SQLite and PostgreSQL differ: types, row locks, and how values go in and out. Everything else is written once.

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, AssertSqlSafe, Column, Postgres, Row as _, Sqlite, Transaction, TypeInfo, ValueRef};

use crate::ledger::fault::Fault;

/// One transaction of either store. Dropped without a commit, it changes nothing.
pub(super) enum Session {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// How rows are locked that are read to be changed. SQLite has one writer, which begins by locking everything.
#[derive(Clone, Copy)]
pub(super) enum Lock {
    /// Not at all.
    None,
    /// Wait for who has them.
    Wait,
    /// Leave out those that somebody else has.
    Skip,
}

/// A value of a statement.
pub(super) enum Value {
    Text(Option<String>),
    Integer(Option<i64>),
}

/// A value of an answer.
pub(super) enum Cell {
    Text(String),
    Integer(i64),
    Null,
}

/// A row of an answer, read by position.
pub(super) struct Row(Vec<Cell>);

impl Session {
    /// Runs a statement and says how many rows it changed.
    pub(super) async fn execute(&mut self, sql: &str, values: Vec<Value>) -> Result<u64, Fault> {
        let sql = AssertSqlSafe(sql.to_owned());
        Ok(match self {
            Session::Sqlite(transaction) => {
                let query = sqlx::query_with(sql, sqlite_arguments(values)?);
                query.execute(&mut **transaction).await?.rows_affected()
            }
            Session::Postgres(transaction) => {
                let query = sqlx::query_with(sql, postgres_arguments(values)?);
                query.execute(&mut **transaction).await?.rows_affected()
            }
        })
    }

    /// Runs a query.
    pub(super) async fn fetch(
        &mut self,
        sql: &str,
        values: Vec<Value>,
        lock: Lock,
    ) -> Result<Vec<Row>, Fault> {
        match self {
            Session::Sqlite(transaction) => {
                let query = sqlx::query_with(AssertSqlSafe(sql.to_owned()), sqlite_arguments(values)?);
                let rows = query.fetch_all(&mut **transaction).await?;
                rows.iter().map(sqlite_row).collect()
            }
            Session::Postgres(transaction) => {
                let end = match lock {
                    Lock::None => "",
                    Lock::Wait => " FOR UPDATE",
                    Lock::Skip => " FOR UPDATE SKIP LOCKED",
                };
                let sql = AssertSqlSafe(format!("{sql}{end}"));
                let query = sqlx::query_with(sql, postgres_arguments(values)?);
                let rows = query.fetch_all(&mut **transaction).await?;
                rows.iter().map(postgres_row).collect()
            }
        }
    }

    /// Keeps every other transaction that asks for one of these numbers waiting until this one ends. They are taken in
    /// rising order, so that two transactions never wait for each other.
    pub(super) async fn keep_others_out(&mut self, numbers: &[i64]) -> Result<(), Fault> {
        if matches!(self, Session::Sqlite(_)) {
            return Ok(());
        }
        let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
        // The inner order stands: PostgreSQL calls the function on the sorted rows, one after the other.
        let sql = "SELECT count(pg_advisory_xact_lock(number)) FROM (SELECT DISTINCT number \
             FROM unnest(string_to_array($1, ',')::bigint[]) AS number ORDER BY number) AS sorted";
        self.fetch(sql, vec![numbers.join(",").into()], Lock::None)
            .await?;
        Ok(())
    }

    pub(super) async fn commit(self) -> Result<(), Fault> {
        match self {
            Session::Sqlite(transaction) => transaction.commit().await?,
            Session::Postgres(transaction) => transaction.commit().await?,
        }
        Ok(())
    }

    pub(super) async fn roll_back(self) {
        // An error leaves the transaction to the drop of its connection, which undoes it all the same.
        let _ = match self {
            Session::Sqlite(transaction) => transaction.rollback().await,
            Session::Postgres(transaction) => transaction.rollback().await,
        };
    }

    /// Runs a script of a migration, in which `{text}` and `{sequence}` stand for what each store calls them. Text is
    /// compared byte by byte in both.
    pub(super) async fn script(&mut self, script: &str) -> Result<(), Fault> {
        match self {
            Session::Sqlite(transaction) => {
                let script = script
                    .replace("{text}", "TEXT")
                    .replace("{sequence}", "INTEGER PRIMARY KEY AUTOINCREMENT");
                sqlx::raw_sql(AssertSqlSafe(script))
                    .execute(&mut **transaction)
                    .await?;
            }
            Session::Postgres(transaction) => {
                let script = script
                    .replace("{text}", "TEXT COLLATE \"C\"")
                    .replace("{sequence}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY");
                sqlx::raw_sql(AssertSqlSafe(script))
                    .execute(&mut **transaction)
                    .await?;
            }
        }
        Ok(())
    }
}

fn sqlite_arguments(values: Vec<Value>) -> Result<SqliteArguments, Fault> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        match value {
            Value::Text(text) => arguments.add(text),
            Value::Integer(integer) => arguments.add(integer),
        }
        .map_err(|error| Fault::Store(error.to_string()))?;
    }
    Ok(arguments)
}

fn postgres_arguments(values: Vec<Value>) -> Result<PgArguments, Fault> {
    let mut arguments = PgArguments::default();
    for value in values {
        match value {
            Value::Text(text) => arguments.add(text),
            Value::Integer(integer) => arguments.add(integer),
        }
        .map_err(|error| Fault::Store(error.to_string()))?;
    }
    Ok(arguments)
}

fn sqlite_row(row: &SqliteRow) -> Result<Row, Fault> {
    let cells = row.columns().iter().map(|column| {
        let raw = row.try_get_raw(column.ordinal())?;
        Ok(match (raw.is_null(), raw.type_info().name()) {
            (true, _) => Cell::Null,
            (false, "TEXT") => Cell::Text(row.try_get_unchecked(column.ordinal())?),
            (false, "INTEGER") => Cell::Integer(row.try_get_unchecked(column.ordinal())?),
            (false, other) => return Err(odd(column.name(), other)),
        })
    });
    cells.collect::<Result<_, Fault>>().map(Row)
}

fn postgres_row(row: &PgRow) -> Result<Row, Fault> {
    let cells = row.columns().iter().map(|column| {
        let raw = row.try_get_raw(column.ordinal())?;
        Ok(match (raw.is_null(), raw.type_info().name()) {
            (true, _) => Cell::Null,
            (false, "TEXT") => Cell::Text(row.try_get(column.ordinal())?),
            (false, "INT8") => Cell::Integer(row.try_get(column.ordinal())?),
            (false, other) => return Err(odd(column.name(), other)),
        })
    });
    cells.collect::<Result<_, Fault>>().map(Row)
}

fn odd(column: &str, kind: &str) -> Fault {
    Fault::Damaged(format!("column {column} holds a value of type {kind}"))
}

impl Row {
    /// The text at a position; damaged when there is none.
    pub(super) fn text(&self, at: usize) -> Result<&str, Fault> {
        match self.0.get(at) {
            Some(Cell::Text(text)) => Ok(text),
            _ => Err(Fault::Damaged(format!("no text in column {at}"))),
        }
    }

    /// The value at a position in words; `None` where there is none.
    pub(super) fn shown(&self, at: usize) -> Option<String> {
        match self.0.get(at)? {
            Cell::Text(text) => Some(text.clone()),
            Cell::Integer(integer) => Some(integer.to_string()),
            Cell::Null => None,
        }
    }

    /// The number at a position; damaged when there is none.
    pub(super) fn integer(&self, at: usize) -> Result<i64, Fault> {
        self.integer_or_none(at)?
            .ok_or_else(|| Fault::Damaged(format!("no number in column {at}")))
    }

    /// The number at a position, where there is one.
    pub(super) fn integer_or_none(&self, at: usize) -> Result<Option<i64>, Fault> {
        match self.0.get(at) {
            Some(Cell::Integer(integer)) => Ok(Some(*integer)),
            Some(Cell::Null) => Ok(None),
            _ => Err(Fault::Damaged(format!("no number in column {at}"))),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(Some(text.to_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(Some(text))
    }
}

impl From<i64> for Value {
    fn from(integer: i64) -> Self {
        Value::Integer(Some(integer))
    }
}

impl From<Option<i64>> for Value {
    fn from(integer: Option<i64>) -> Self {
        Value::Integer(integer)
    }
}
