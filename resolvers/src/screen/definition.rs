//! Operations and fragments as the screen knows them.

use crate::screen::{Excess, Limits, within};

/// What of a definition's size depends on its fragments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) selections: usize,
    pub(super) aliases: usize,
    pub(super) root_fields: usize,
    pub(super) nesting: usize,
    pub(super) introspection: Circles,
}

/// How many of the introspection schema's lists that lead back to types nest in each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Circles {
    /// Within an introspection field of the definition.
    pub(super) known: usize,
    /// Should the definition stand in an introspection field.
    pub(super) possible: usize,
}

pub(super) struct Definition<'d> {
    pub(super) at: usize,
    /// The name of a fragment; operations are not looked for.
    pub(super) fragment: Option<&'d str>,
    /// Without what its spreads bring.
    pub(super) size: Size,
    pub(super) spreads: Vec<Spread<'d>>,
    pub(super) variables: usize,
}

pub(super) struct Spread<'d> {
    pub(super) fragment: &'d str,
    pub(super) at: usize,
    /// Around it.
    pub(super) set: Set,
    /// The selection sets around it.
    pub(super) nesting: usize,
}

impl Definition<'_> {
    /// Checks a size of the definition. The root of a fragment is wherever it is spread.
    pub(super) fn check(&self, limits: &Limits, size: Size) -> Result<(), Excess> {
        within("selections", limits.selections, size.selections)?;
        within("aliases", limits.aliases, size.aliases)?;
        within("selection_nesting", limits.selection_nesting, size.nesting)?;
        match self.fragment {
            Some(_) => Ok(()),
            None => within("root_fields", limits.root_fields, size.root_fields),
        }
    }
}

/// What is known of a selection set from what surrounds it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Set {
    /// Whether it is selected of a field, and not at the definition's root.
    pub(super) in_field: bool,
    /// Whether that field or one around it is an introspection field.
    pub(super) in_introspection: bool,
    /// The circling lists around it.
    pub(super) circles: usize,
}

/// The lists of the introspection schema that lead back to types: each level multiplies the answer.
const CIRCLES: [&str; 5] = ["fields", "possibleTypes", "interfaces", "inputFields", "types"];

impl Set {
    pub(super) fn of(self, field: &str) -> Self {
        let in_introspection = self.in_introspection || matches!(field, "__schema" | "__type");
        Self {
            in_field: true,
            in_introspection,
            circles: self.circles + usize::from(CIRCLES.contains(&field)),
        }
    }
}
