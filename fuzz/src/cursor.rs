//! Cursors of arbitrary bytes: only what was signed for this question is read, and whatever is signed is read safely.

use skuery_resolvers::fuzzing::{Cursors, rewrite_order_mark};

/// The first byte says how long the question is, the second where a good cursor is changed; the rest is the cursor.
pub fn run(data: &[u8]) {
    let [question, place, rest @ ..] = data else {
        return;
    };
    let (question, rest) = rest.split_at(usize::from(*question).min(rest.len()));
    let question = String::from_utf8_lossy(question);
    let cursors = Cursors::new(b"a secret that only the gateway has");
    forged(&cursors, &question, rest);
    changed(&cursors, &question, rest, usize::from(*place));
    signed(&cursors, &question, rest);
}

/// Whoever has no secret makes no cursor: what is read back was written by the gateway, letter by letter.
fn forged(cursors: &Cursors, question: &str, bytes: &[u8]) {
    let Ok(cursor) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Some(position) = cursors.decode(question, cursor) {
        assert_eq!(cursors.encode(question, position), cursor);
    }
    if let Some(content) = cursors.open(question, cursor) {
        assert_eq!(cursors.seal(question, &content), cursor);
    }
}

/// A cursor of the gateway's, with a letter of it changed or something behind it.
fn changed(cursors: &Cursors, question: &str, bytes: &[u8], place: usize) {
    let position = bytes.len() * 1_000_003 + place;
    let counted = cursors.encode(question, position);
    let sealed = cursors.seal(question, bytes);
    assert_eq!(cursors.decode(question, &counted), Some(position));
    assert_eq!(cursors.open(question, &sealed).as_deref(), Some(bytes));
    let other = format!("{question}!");
    assert_eq!(cursors.decode(&other, &counted), None);
    assert_eq!(cursors.open(&other, &sealed), None);
    assert_eq!(cursors.decode(question, &sealed), None);
    assert_eq!(cursors.open(question, &counted), None);
    let letter = bytes.first().map_or('A', |byte| char::from(byte % 128));
    for good in [counted, sealed] {
        let mut bad: Vec<char> = good.chars().collect();
        let length = bad.len();
        bad[place % length] = letter;
        let bad: String = bad.into_iter().collect();
        if bad != good {
            assert_eq!(cursors.decode(question, &bad), None);
            assert_eq!(cursors.open(question, &bad), None);
        }
        assert_eq!(cursors.decode(question, &format!("{good}{letter}")), None);
        assert_eq!(cursors.open(question, &format!("{good}{letter}")), None);
    }
}

/// What stands in a cursor of orders, once its signature is known to be good.
fn signed(cursors: &Cursors, question: &str, bytes: &[u8]) {
    let content = cursors
        .open(question, &cursors.seal(question, bytes))
        .expect("it was just sealed");
    if let Some(written) = rewrite_order_mark(&content) {
        assert_eq!(
            rewrite_order_mark(&written).as_deref(),
            Some(&*written),
            "written as it is read"
        );
    }
}
