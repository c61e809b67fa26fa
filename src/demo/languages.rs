//! The languages of the demo assortment and the shape of a label in all of them.

/// The activated locales; every `Labels` follows this order.
pub(super) const LOCALES: [&str; 5] = ["sv_SE", "da_DK", "pl_PL", "de_DE", "en_GB"];

/// Position of English in `LOCALES`; slugs are made from it.
pub(super) const ENGLISH: usize = 4;

/// One text in every locale.
pub(super) type Labels = [&'static str; 5];

/// Writes labels as the object a PIM answers.
pub(super) fn labels_json(labels: &Labels) -> serde_json::Value {
    let pairs = LOCALES.iter().zip(labels);
    pairs
        .map(|(locale, label)| ((*locale).to_owned(), serde_json::Value::from(*label)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
