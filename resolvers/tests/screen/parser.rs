//! Documents that the parser reads stay exactly within the limits that they just reach, and exceed those that are lower
//! by one.

use async_graphql::parser::parse_query;
use proptest::collection::vec;
use proptest::prelude::*;
use skuery_resolvers::screen::{self, Limits};

use crate::counts;
use crate::documents::{Written, write};

/// 3 000 documents per property, unless `PROPTEST_CASES` says otherwise (256, its own default, does not).
fn config() -> ProptestConfig {
    let mut config = ProptestConfig::default();
    if config.cases == 256 {
        config.cases = 3_000;
    }
    config.max_shrink_iters = 20_000;
    config.failure_persistence = None;
    config
}

type Limit = fn(&mut Limits) -> &mut usize;

/// Every limit on documents.
const LIMITS: [(&str, Limit); 13] = [
    ("document_bytes", |limits| &mut limits.document_bytes),
    ("tokens", |limits| &mut limits.tokens),
    ("selection_nesting", |limits| &mut limits.selection_nesting),
    ("literal_nesting", |limits| &mut limits.literal_nesting),
    ("keys", |limits| &mut limits.keys),
    ("aliases", |limits| &mut limits.aliases),
    ("root_fields", |limits| &mut limits.root_fields),
    ("directives_per_place", |limits| &mut limits.directives_per_place),
    ("directives", |limits| &mut limits.directives),
    ("selections", |limits| &mut limits.selections),
    ("document_operations", |limits| &mut limits.document_operations),
    ("document_fragments", |limits| &mut limits.document_fragments),
    ("variables", |limits| &mut limits.variables),
];

fn check(document: &str, most: &Limits) {
    let screened = screen::document(document, most);
    assert_eq!(screened, Ok(()), "{document:?} holds {most:?}");
    for (name, limit) in LIMITS {
        let mut less = *most;
        let found = *limit(&mut less);
        let Some(allowed) = found.checked_sub(1) else {
            continue;
        };
        *limit(&mut less) = allowed;
        let refused = screen::document(document, &less);
        let excess = refused.err().and_then(|refused| refused.excess);
        let excess = excess.map(|excess| (excess.limit, excess.allowed, excess.found));
        assert_eq!(excess, Some((name, allowed, found)), "{document:?}");
    }
}

fn check_written(written: &Written) {
    let parsed = parse_query(&written.document).unwrap_or_else(|error| panic!("{error}"));
    let mut most = counts::count(&parsed);
    most.document_bytes = written.document.len();
    most.tokens = written.tokens;
    check(&written.document, &most);
}

/// A part of a hostile value. None is an item of a list by itself where it makes one, so that tokens tell them apart.
const PARTS: [&str; 16] = [
    "\"", "\"\"", "\"\"\"", "\\", "\\\"\"\"", "\\\"", "[", "]", "#", "\n", "\r", "a", "0", "-", ",",
    "\u{feff}",
];

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_document_is_counted_right(tape in vec(any::<u16>(), 0..400)) {
        check_written(&write(&tape));
    }

    /// Nearly all of these are broken; those that are not show that nothing hides in texts and comments.
    #[test]
    fn what_hides_from_the_screen_hides_from_the_parser(parts in vec(0..PARTS.len(), 0..16)) {
        let value: String = parts.iter().map(|part| PARTS[*part]).collect();
        let document = format!("{{ a(x: [{value}]) }}");
        let _ = screen::document(&document, &Limits::default());
        if let Ok(parsed) = parse_query(&document) {
            eprintln!("ACC {}", document.len()); let found = counts::count(&parsed);
            for (name, limit) in [LIMITS[3], LIMITS[4]] {
                let found = *limit(&mut found.clone());
                let Some(allowed) = found.checked_sub(1) else { continue };
                let mut less = Limits::default();
                *limit(&mut less) = allowed;
                let refused = screen::document(&document, &less).err().and_then(|refused| refused.excess);
                let refused = refused.map(|excess| (excess.limit, excess.found));
                prop_assert_eq!(refused, Some((name, found)), "{:?}", document);
            }
        }
    }

    #[test]
    fn any_text_is_screened(text in ".*", start in 0..4_usize) {
        let document = ["", "{ a(", "fragment F on T {", "query ($a: ["][start].to_owned() + &text;
        let _ = screen::document(&document, &Limits::default());
        let _ = screen::variables(&document, &Limits::default());
    }
}
