//! What a loader stands before.

use std::time::Duration;

use skuery_schema::ids::SystemName;

use crate::port::{Answer, ByKey, Call, Key};

/// One kind of question that one system answers.
pub trait Source: Send + Sync + 'static {
    /// Everything but the key and the scope that changes the answer.
    type Group: Key;
    /// What one answer is found by.
    type Key: Key;
    /// The answer.
    type Value: Clone + Send + Sync + 'static;

    /// The system that is asked.
    fn system(&self) -> &SystemName;
    /// The lookup's name in metrics and errors.
    fn operation(&self) -> &'static str;
    /// The most keys one call may carry.
    fn max_keys(&self) -> usize;
    /// One call.
    fn fetch<'a>(
        &'a self,
        call: Call,
        group: &'a Self::Group,
        keys: &'a [Self::Key],
    ) -> Answer<'a, ByKey<Self::Key, Self::Value>>;

    /// Whether another source asks the same system in the same way, so that what one keeps is good for the other. A source
    /// that does not say so shares nothing.
    fn is_same(&self, _other: &Self) -> bool {
        false
    }

    /// Whether any system could know this key. One that none can is absent without being asked, so that it cannot spoil
    /// the call of others.
    fn can_exist(&self, _key: &Self::Key) -> bool {
        true
    }

    /// How long this value is fresh, at most `usual`: stock that runs low. Asked once, when the answer lands. Zero means
    /// that the system is asked every time.
    fn fresh_for(&self, _value: &Self::Value, usual: Duration) -> Duration {
        usual
    }

    /// How long from now the value holds at all: past its end, a price is not served even when the system fails. Asked
    /// once, when the answer lands.
    fn good_for(&self, _value: &Self::Value) -> Duration {
        Duration::MAX
    }

    /// Whether one answer may be a good part of all that is kept: pages, and lists of all there is. Their cache is not
    /// divided, for no answer may be larger than the part that it would lie in.
    fn has_large_answers(&self) -> bool {
        false
    }

    /// About how many bytes the value takes.
    fn weight(&self, value: &Self::Value) -> usize;
}
