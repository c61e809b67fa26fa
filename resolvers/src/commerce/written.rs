//! Keys that a client writes. What no system can know is absent without being asked, so that it cannot spoil the call of
//! others: a control character has no place in an address or a query literal, and 10 KB of text are no SKU.

use std::sync::Arc;

use skuery_schema::ids::{CategoryCode, ProductCode, Sku};

/// The longest key that is asked for, in bytes.
const LONGEST: usize = 255;

/// A key as text.
pub(crate) trait Written {
    /// Whether any system could know it.
    fn is_writable(&self) -> bool;
}

impl Written for str {
    fn is_writable(&self) -> bool {
        !self.is_empty() && self.len() <= LONGEST && !self.chars().any(char::is_control)
    }
}

impl Written for Arc<str> {
    fn is_writable(&self) -> bool {
        (**self).is_writable()
    }
}

impl Written for Sku {
    fn is_writable(&self) -> bool {
        self.as_str().is_writable()
    }
}

impl Written for ProductCode {
    fn is_writable(&self) -> bool {
        self.as_str().is_writable()
    }
}

impl Written for CategoryCode {
    fn is_writable(&self) -> bool {
        self.as_str().is_writable()
    }
}

impl Written for Option<CategoryCode> {
    fn is_writable(&self) -> bool {
        self.as_ref().is_none_or(Written::is_writable)
    }
}
