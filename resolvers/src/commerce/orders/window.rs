//! Which part of the list is asked for (Relay Cursor Connections).

use std::sync::Arc;

use skuery_schema::error::FieldError;
use skuery_schema::input::Args;

use crate::commerce::orders::cursor::Mark;
use crate::commerce::orders::position::Way;

/// The page when its size is not said.
pub(crate) const USUAL_PAGE: usize = 20;

/// A part of the list between two cursors.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    pub(crate) after: Option<Mark>,
    pub(crate) before: Option<Mark>,
    pub(crate) size: usize,
    /// Its last orders, not its first.
    pub(crate) is_last: bool,
}

impl Window {
    /// Reads `first, after, last, before`, which stand in this order from argument number `at` on. `page` is the largest, and
    /// `open` reads a cursor.
    pub(crate) fn read(
        args: &Args,
        at: usize,
        page: usize,
        open: impl Fn(&str) -> Option<Mark>,
    ) -> Result<Self, FieldError> {
        let first = page_size("first", args.int(at), page)?;
        let after = mark("after", args.text(at + 1), &open)?;
        let last = page_size("last", args.int(at + 2), page)?;
        let before = mark("before", args.text(at + 3), &open)?;
        if first.is_some() && last.is_some() {
            return Err(FieldError::bad_input("last: not together with `first`"));
        }
        Ok(Self {
            after,
            before,
            size: first.or(last).unwrap_or(USUAL_PAGE.min(page)),
            is_last: last.is_some(),
        })
    }

    /// In which direction it is read. The end of the list has no cursor to go backwards from, so it is read from the other
    /// side.
    pub(crate) fn way(&self) -> Way {
        match self.is_last && self.before.is_some() {
            true => Way::Newer,
            false => Way::Older,
        }
    }

    /// Whether everything is read and only the last of it shown.
    pub(crate) fn keeps_last(&self) -> bool {
        self.is_last && self.before.is_none()
    }

    /// Where reading begins.
    pub(crate) fn from(&self) -> Option<&Mark> {
        match self.way() {
            Way::Older => self.after.as_ref(),
            Way::Newer => self.before.as_ref(),
        }
    }

    /// Where reading ends.
    pub(crate) fn to(&self) -> Option<&Mark> {
        match self.way() {
            Way::Older => self.before.as_ref(),
            Way::Newer => self.after.as_ref(),
        }
    }

    /// The cursor from which one who goes this way has come.
    pub(crate) fn origin(&self, way: Way) -> Option<&Mark> {
        match way {
            Way::Older => self.after.as_ref(),
            Way::Newer => self.before.as_ref(),
        }
    }
}

fn page_size(name: &str, size: Option<i32>, page: usize) -> Result<Option<usize>, FieldError> {
    let Some(size) = size else { return Ok(None) };
    match usize::try_from(size) {
        Ok(size) if (1..=page).contains(&size) => Ok(Some(size)),
        _ => Err(FieldError::bad_input(format!(
            "{name}: {size} is not between 1 and {page} (limits.page_size)"
        ))),
    }
}

fn mark(
    name: &str,
    cursor: Option<&Arc<str>>,
    open: impl Fn(&str) -> Option<Mark>,
) -> Result<Option<Mark>, FieldError> {
    let Some(cursor) = cursor else { return Ok(None) };
    match open(cursor) {
        Some(mark) => Ok(Some(mark)),
        None => Err(FieldError::bad_input(format!(
            "{name}: not a cursor of this list (the same customer and filter are needed)"
        ))),
    }
}
