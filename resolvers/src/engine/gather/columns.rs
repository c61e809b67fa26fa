//! Questions that a walk has met, to be asked field by field.

use skuery_schema::table::Object;

use super::open::Open;

/// Questions of objects that live as long as the walk.
#[derive(Default)]
pub(super) struct Columns<'o, 'p>(Vec<Later<'o, 'p>>);

struct Later<'o, 'p> {
    /// The field's place among those of its type that are asked for.
    column: usize,
    object: &'o dyn Object,
    open: Open<'p>,
}

impl<'o, 'p> Columns<'o, 'p> {
    pub(super) fn add(&mut self, column: usize, object: &'o dyn Object, open: Open<'p>) {
        self.0.push(Later { column, object, open });
    }

    /// The same field of all objects, in the order in which the walk met them, before the next.
    pub(super) fn by_field(mut self) -> impl Iterator<Item = (&'o dyn Object, Open<'p>)> {
        self.0.sort_by_key(|later| later.column);
        self.0.into_iter().map(|later| (later.object, later.open))
    }
}
