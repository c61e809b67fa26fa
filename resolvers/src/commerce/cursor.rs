//! Cursors: opaque, versioned, signed, and bound to the question whose page they belong to.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Signs and reads cursors with the gateway's secret.
pub(crate) struct Cursors {
    secret: Vec<u8>,
}

/// A position in a list that is counted.
const VERSION: u8 = 1;
/// A payload of a list's own.
const SEALED: u8 = 2;
const TAG: usize = 12;
const QUESTION: usize = 8;

impl Cursors {
    pub(crate) fn new(secret: &[u8]) -> Self {
        Self {
            secret: secret.to_vec(),
        }
    }

    /// The cursor of match number `position` (from 0) of a question.
    pub(crate) fn encode(&self, question: &str, position: usize) -> String {
        let mut payload = vec![VERSION];
        payload.extend_from_slice(&digest(question));
        payload.extend_from_slice(&(position as u64).to_be_bytes());
        let tag = self.mac(&payload).finalize().into_bytes();
        payload.extend_from_slice(&tag[..TAG]);
        URL_SAFE_NO_PAD.encode(payload)
    }

    /// The position a cursor names; `None` when it was changed, or belongs to another question.
    pub(crate) fn decode(&self, question: &str, cursor: &str) -> Option<usize> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (payload, tag) = bytes.split_at_checked(1 + QUESTION + 8)?;
        self.mac(payload).verify_truncated_left(tag).ok()?;
        let bound = payload[0] == VERSION && tag.len() == TAG && payload[1..=QUESTION] == digest(question);
        let position = u64::from_be_bytes(payload[1 + QUESTION..].try_into().ok()?);
        bound.then(|| usize::try_from(position).ok())?
    }

    /// A cursor that holds what the list needs, signed but not hidden.
    pub(crate) fn seal(&self, question: &str, content: &[u8]) -> String {
        let mut payload = vec![SEALED];
        payload.extend_from_slice(&digest(question));
        payload.extend_from_slice(content);
        let tag = self.mac(&payload).finalize().into_bytes();
        payload.extend_from_slice(&tag[..TAG]);
        URL_SAFE_NO_PAD.encode(payload)
    }

    /// What a cursor holds; `None` when it was changed, or belongs to another question.
    pub(crate) fn open(&self, question: &str, cursor: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (payload, tag) = bytes.split_at_checked(bytes.len().checked_sub(TAG)?)?;
        self.mac(payload).verify_truncated_left(tag).ok()?;
        let (head, content) = payload.split_at_checked(1 + QUESTION)?;
        let bound = head[0] == SEALED && head[1..] == digest(question);
        bound.then(|| content.to_vec())
    }

    fn mac(&self, payload: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes keys of any length");
        mac.update(payload);
        mac
    }
}

fn digest(question: &str) -> [u8; QUESTION] {
    let mut digest = [0; QUESTION];
    digest.copy_from_slice(&Sha256::digest(question)[..QUESTION]);
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_only_opens_its_own_question_unchanged() {
        let cursors = Cursors::new(b"secret");
        let cursor = cursors.encode("helmets", 24);
        assert_eq!(cursors.decode("helmets", &cursor), Some(24));
        assert_eq!(cursors.decode("jackets", &cursor), None);
        assert_eq!(Cursors::new(b"other").decode("helmets", &cursor), None);
        assert_eq!(cursors.decode("helmets", ""), None);
        for index in 0..cursor.len() {
            let mut changed = cursor.clone().into_bytes();
            changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert_eq!(cursors.decode("helmets", &changed), None, "changed at {index}");
        }
    }
}
