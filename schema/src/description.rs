//! Product texts from a PIM are somebody's HTML: nobody sees one that is not sanitised.

use std::sync::{Arc, LazyLock, OnceLock};

use ammonia::Builder;

/// Leaves no markup at all. Made once: its tables cost as much as sanitising a text.
static TEXT_ONLY: LazyLock<Builder<'_>> = LazyLock::new(Builder::empty);

/// A description as the PIM holds it. It is sanitised when it is first shown, once for all who share it: a listing that
/// shows no descriptions sanitises none.
#[derive(Clone, Debug)]
pub struct Description {
    raw: Arc<str>,
    html: OnceLock<Arc<str>>,
    text: OnceLock<Arc<str>>,
}

impl Description {
    /// Takes whatever HTML a system sent.
    pub fn new(raw: Arc<str>) -> Self {
        Self {
            raw,
            html: OnceLock::new(),
            text: OnceLock::new(),
        }
    }

    /// Only text markup: no scripts, styles or foreign addresses.
    pub fn html(&self) -> &Arc<str> {
        self.html.get_or_init(|| ammonia::clean(&self.raw).into())
    }

    /// Without markup.
    pub fn text(&self) -> &Arc<str> {
        self.text.get_or_init(|| plain_text(&self.raw).into())
    }

    /// Bytes that it takes at most, about: what was sent, and both ways to show it.
    pub fn weight(&self) -> usize {
        self.raw.len() * 3
    }
}

/// Tags become spaces, so that words of neighbouring blocks stay apart.
fn plain_text(html: &str) -> String {
    let spaced = html.replace('<', " <");
    let stripped = TEXT_ONLY.clean(&spaced).to_string();
    let text = unescape(&stripped);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// ammonia escapes exactly these in text.
fn unescape(text: &str) -> String {
    text.replace("&nbsp;", "\u{a0}")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_and_markup_are_removed_and_text_is_kept() {
        let raw = "<p>A &amp; B</p><p onclick=x>2 &lt; 3</p><script>alert(1)</script>";
        let description = Description::new(raw.into());
        assert_eq!(&**description.text(), "A & B 2 < 3");
        assert_eq!(&**description.html(), "<p>A &amp; B</p><p>2 &lt; 3</p>");
    }
}
