//! Product texts from a PIM are somebody's HTML: made safe once, when they are loaded, not at every reader.

use std::sync::{Arc, LazyLock};

use ammonia::Builder;
use skuery_schema::catalog::ProductContent;

/// Leaves no markup at all. Made once: its tables cost as much as cleaning a text.
static TEXT_ONLY: LazyLock<Builder<'_>> = LazyLock::new(Builder::empty);

/// Sanitises the description and derives its plain text.
pub(crate) fn clean(content: &mut Arc<ProductContent>) {
    let Some(raw) = &content.description_html else {
        return;
    };
    let html: Arc<str> = ammonia::clean(raw).into();
    let plain: Arc<str> = plain_text(raw).into();
    let content = Arc::make_mut(content);
    content.description_html = Some(html);
    content.description = Some(plain);
}

/// Text without markup: tags become spaces, so that words of neighbouring blocks stay apart.
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
        let mut content = Arc::new(ProductContent {
            description_html: Some(
                "<p>A &amp; B</p><p onclick=x>2 &lt; 3</p><script>alert(1)</script>".into(),
            ),
            ..ProductContent::default()
        });
        clean(&mut content);
        assert_eq!(content.description.as_deref(), Some("A & B 2 < 3"));
        assert_eq!(
            content.description_html.as_deref(),
            Some("<p>A &amp; B</p><p>2 &lt; 3</p>")
        );
    }
}
