//! What the screen counts and refuses, document by document. `resolvers/tests/screen` holds it against the parser.

use std::fmt::Write as _;

use skuery_schema::error::ErrorCode;

use super::lexer::Lexer;
use super::{Excess, Limits, document, variables};
use crate::engine::RequestError;

/// The key of the limit that is exceeded, and what was found.
fn exceeded(screened: Result<(), RequestError>) -> Option<(&'static str, usize)> {
    let refused = screened.err()?;
    let excess = refused
        .excess
        .unwrap_or_else(|| panic!("no limit: {}", refused.message));
    Some((excess.limit, excess.found))
}

fn by_default(text: &str) -> Option<(&'static str, usize)> {
    exceeded(document(text, &Limits::default()))
}

fn refused(text: &str) -> RequestError {
    document(text, &Limits::default()).expect_err("a refusal")
}

fn tokens(document: &str) -> Vec<String> {
    let mut lexer = Lexer::new(document);
    let tokens = std::iter::from_fn(|| lexer.token());
    let bytes = document.as_bytes();
    tokens
        .map(|token| String::from_utf8_lossy(&bytes[token.from..token.to]).into_owned())
        .collect()
}

// ---------------------------------------------------------------- tokens

#[test]
fn tokens_are_those_of_the_specification() {
    let document = "\u{feff}{a(b:-1.5e-3,c:[\"x\" \"\"\"y\"\"\"])...F@d} # {";
    let expected = "{ a ( b : -1.5e-3 c : [ \"x\" \"\"\"y\"\"\" ] ) ... F @ d }";
    assert_eq!(tokens(document), expected.split(' ').collect::<Vec<_>>());
    assert_eq!(
        tokens("00 -01 1.x 1e+ 1..2"),
        [
            "0", "0", "-0", "1", "1", ".", "x", "1", "e", "+", "1", ".", ".", "2"
        ]
    );
    assert_eq!(
        tokens("$ ! | & = \u{0} é å").len(),
        8,
        "one for what is none of GraphQL's"
    );
}

#[test]
fn each_byte_is_read_a_bounded_number_of_times() {
    let pieces = [
        "{", "\"", "\"\"", "\"\"\"", "\\", "\\\"\"\"", "#", "\n", ",", "...", ".", "-", "0", "1e", "a", "é",
        "\u{feff}",
    ];
    let mut patterns: Vec<String> = vec![String::new()];
    for _ in 0..3 {
        let longer = patterns
            .iter()
            .flat_map(|begin| pieces.map(|piece| format!("{begin}{piece}")));
        patterns = longer.collect();
        for pattern in &patterns {
            // Where it is written once, the rest of the text is another one's.
            for text in [
                pattern.repeat(3_000 / pattern.len()),
                format!("{pattern}{}", "\\\"\"\"".repeat(700)),
            ] {
                let mut lexer = Lexer::new(&text);
                while lexer.token().is_some() {}
                let reads = lexer.reads.get();
                assert!(
                    reads <= 8 * text.len() + 8,
                    "{reads} reads of {} bytes: {pattern:?}",
                    text.len()
                );
            }
        }
    }
}

#[test]
fn nothing_hides_behind_a_text_without_an_end() {
    let deep = "[".repeat(1_600);
    let too_deep = Some(("literal_nesting", 17));
    for hidden in [
        // The parser reads an empty string and goes on with the next.
        format!("{{ a(x: \"\"\"a\" {deep}"),
        format!("{{ a(x: [\"\"\"\" {deep}"),
        format!("{{ a(x: \"\"\"\"\\\"\" {deep}"),
        format!("{{ a(x: \"\n{deep}"),
        format!("{{ a(x: \"\r{deep}"),
        format!("{{ a(x: \"\\\n{deep}"),
        format!("{{ a(x: \"\") }} {{ b(x: {deep}"),
        format!("{{ a(x: #\"\n {deep}"),
        format!("{{ a(x: #\r {deep}"),
    ] {
        assert_eq!(by_default(&hidden), too_deep, "{:?}", &hidden[..20]);
    }
    for hidden in [
        format!("{{ a(x: \"{deep}\") }} # {deep}"),
        format!("{{ a(x: \"\"\"{deep} \\\"\"\" {deep}\"\"\") }}"),
        format!("{{ a(x: \"\\\"{deep}\") }}"),
    ] {
        assert_eq!(by_default(&hidden), None, "{:?}", &hidden[..20]);
    }
}

// ---------------------------------------------------------------- documents

#[test]
fn a_refusal_names_limit_value_and_place() {
    let refused = refused(&format!("{{\r\n  åäö: a(x: {}", "[".repeat(100)));
    assert_eq!(refused.code, ErrorCode::QueryTooComplex);
    assert_eq!(
        refused.message,
        "limits.literal_nesting: at least 17, and at most 16 are allowed"
    );
    assert_eq!(refused.locations, [(2, 13 + 16)]);
    let excess = Excess {
        limit: "literal_nesting",
        allowed: 16,
        found: 17,
    };
    assert_eq!(refused.excess, Some(excess));
}

#[test]
fn each_limit_is_reached_and_not_exceeded() {
    let some = |count: usize, text: &str| text.repeat(count);
    let numbered = |count: usize, text: &str| -> String {
        (0..count)
            .map(|number| text.replace('#', &number.to_string()))
            .collect()
    };
    let set = |inside: String| format!("{{ a {{ {inside} }} }}");
    type Text<'a> = Box<dyn Fn(usize) -> String + 'a>;
    let cases: [(&str, usize, Text<'_>); 12] = [
        ("document_bytes", 131_072, Box::new(|n| some(n, ","))),
        ("tokens", 5_000, Box::new(|n| some(n, "!"))),
        (
            "selection_nesting",
            20,
            Box::new(|n| format!("{}{}", some(n, "{ a "), some(n, "}"))),
        ),
        (
            "literal_nesting",
            16,
            Box::new(|n| format!("{{ a(x: {}1{}) }}", some(n, "{a:"), "}".repeat(n))),
        ),
        (
            "keys",
            250,
            Box::new(|n| format!("query ($a: T = [{}]) {{ a }}", some(n, "1 "))),
        ),
        ("aliases", 100, Box::new(|n| set(numbered(n, "a#: b ")))),
        (
            "root_fields",
            20,
            Box::new(|n| format!("{{ ... {{ {} }} }}", some(n, "a "))),
        ),
        (
            "directives_per_place",
            8,
            Box::new(|n| format!("{{ a(x: 1) {} }}", some(n, "@d(y: [1]) "))),
        ),
        ("directives", 50, Box::new(|n| set(some(n, "a @d ")))),
        ("selections", 2_000, Box::new(|n| set(some(n - 1, "a ")))),
        (
            "document_operations",
            10,
            Box::new(|n| numbered(n, "query Q# { a }")),
        ),
        (
            "document_fragments",
            50,
            Box::new(|n| format!("{{ a }}{}", numbered(n, "fragment F# on T { a }"))),
        ),
    ];
    for (limit, allowed, text) in cases {
        assert_eq!(by_default(&text(allowed)), None, "{limit}");
        assert_eq!(
            by_default(&text(allowed + 1)),
            Some((limit, allowed + 1)),
            "{limit}"
        );
    }
    let declared = |n| format!("query ({}) {{ a }}", numbered(n, "$v#: T "));
    assert_eq!(by_default(&declared(100)), None);
    assert_eq!(by_default(&declared(101)), Some(("variables", 101)));
}

#[test]
fn counts_begin_anew_where_they_should() {
    let eight = "@d ".repeat(8);
    let places = format!(
        "query ($a: T {eight} $b: T) {eight} {{ a {eight} b {eight} {{ c }} ... {eight} {{ d }} ...F {eight} }}"
    );
    let limits = Limits {
        directives: 100,
        ..Limits::default()
    };
    assert_eq!(exceeded(document(&places, &limits)), None);
    let fields = "a ".repeat(20);
    assert_eq!(
        by_default(&format!("query A {{ {fields} }} query B {{ {fields} }}")),
        None
    );
}

#[test]
fn fragments_count_wherever_they_are_spread() {
    let aliases: String = (0..30).map(|number| format!("a{number}: b ")).collect();
    let many =
        format!("{{ a {{ ...F }} b {{ ...F }} c {{ ...F }} d {{ ...F }} }} fragment F on T {{ {aliases} }}");
    assert_eq!(by_default(&many), Some(("aliases", 120)));
    let roots = "{ ...F ...G } fragment F on Q { ...G ...G ...G } fragment G on Q { a a a a a a }";
    assert_eq!(by_default(roots), Some(("root_fields", 24)));
    let in_field =
        "{ a { ...F ...G } } fragment F on Q { ...G ...G } fragment G on Q { a a a a a a a a a a }";
    assert_eq!(by_default(in_field), None);
    let deep = format!(
        "{{ {0} ...F {1} }} fragment F on T {{ {0} ...G {1} }} fragment G on T {{ a }}",
        "a {".repeat(9),
        "}".repeat(9)
    );
    assert_eq!(by_default(&deep), Some(("selection_nesting", 21)));
    assert_eq!(
        refused(&deep).locations,
        [(1, 31)],
        "the spread that makes it so deep"
    );
}

#[test]
fn doubling_fragments_have_a_size_without_being_expanded() {
    for levels in [12, 30, 49] {
        let mut text = "{ a { ...F0 } }".to_owned();
        for level in 0..levels {
            write!(text, " fragment F{level} on T {{ ...F{0} ...F{0} }}", level + 1)
                .expect("a string takes it");
        }
        write!(text, " fragment F{levels} on T {{ a }}").expect("a string takes it");
        let limits = Limits {
            selection_nesting: 64,
            ..Limits::default()
        };
        let (limit, found) = exceeded(document(&text, &limits)).expect("a refusal");
        assert_eq!(limit, "selections");
        assert!((2_001..=4_000).contains(&found), "{found}");
        let unlimited = Limits {
            selections: usize::MAX,
            selection_nesting: usize::MAX,
            ..Limits::default()
        };
        assert_eq!(exceeded(document(&text, &unlimited)), None);
    }
}

#[test]
fn fragments_in_circles_are_refused() {
    for text in [
        "{ ...A } fragment A on Q { ...A }",
        "{ a } fragment A on Q { ...B } fragment B on Q { a { ...A } }",
        "{ ...A b } fragment A on Q { a { ...B b } } fragment B on Q { ... { ...A } b }",
    ] {
        let refused = refused(text);
        assert_eq!(refused.code, ErrorCode::GraphqlValidationFailed, "{text}");
        assert!(refused.message.ends_with("spreads itself"), "{}", refused.message);
        assert_eq!(refused.locations.len(), 1);
    }
    assert_eq!(by_default("{ ...Unknown }"), None, "for validation to refuse");
}

#[test]
fn introspection_in_circles_is_refused() {
    let field = |depth: usize| format!("{}name{}", "fields { type { ".repeat(depth), " } }".repeat(depth));
    let around = |inside: &str| format!("{{ __schema {{ types {{ {inside} }} }} }}");
    assert_eq!(by_default(&around(&field(2))), None);
    assert_eq!(refused(&around(&field(3))).code, ErrorCode::QueryTooComplex);
    let spread = format!(
        "{} fragment F on __Type {{ {} }}",
        around("fields { type { ...F } }"),
        field(2)
    );
    assert_eq!(refused(&spread).code, ErrorCode::QueryTooComplex);
    let at_root = format!(
        "{{ ...F }} fragment F on Query {{ __type(name: \"A\") {{ {} }} }}",
        field(4)
    );
    assert_eq!(refused(&at_root).code, ErrorCode::QueryTooComplex);
    let elsewhere = format!("{{ a {{ ...F }} }} fragment F on T {{ {} }}", field(4));
    assert_eq!(by_default(&elsewhere), None, "other types may have such fields");
    let aliased = format!("{{ a: __schema {{ types: fields {{ {} }} }} }}", field(2));
    assert_eq!(by_default(&aliased), None, "an alias is no field");
    let aliased = format!("{{ a: __schema {{ a: types {{ {} }} }} }}", field(3));
    assert_eq!(refused(&aliased).code, ErrorCode::QueryTooComplex);
}

#[test]
fn a_document_is_read_as_the_parser_reads_it() {
    let glued = format!("queryA{{ ...F }} fragmentF on Q {{ {} }}", "a ".repeat(21));
    assert_eq!(by_default(&glued), Some(("root_fields", 21)));
    let words = format!("{{ a(x: [{}]) }}", "true".repeat(251));
    assert_eq!(by_default(&words), Some(("keys", 251)));
    // `... on #` and a new line in front of a name spreads it, to the parser.
    for named_on in ["fragment on on Q { a }", "fragmenton on Q { a }"] {
        let refused = refused(&format!("{{ ...on #\n Q {{ a }} }} {named_on}"));
        assert_eq!(refused.code, ErrorCode::GraphqlParseFailed);
    }
}

// ---------------------------------------------------------------- variables

#[test]
fn variables_are_screened_as_text() {
    let limits = Limits::default();
    let by_default = |json: &str| exceeded(variables(json, &limits));
    let nested = |open: &str, close: &str, depth: usize| {
        format!("{{\"a\":{}1{}}}", open.repeat(depth), close.repeat(depth))
    };
    for (open, close) in [("[", "]"), ("{\"b\":", "}")] {
        assert_eq!(by_default(&nested(open, close, 31)), None);
        assert_eq!(
            by_default(&nested(open, close, 32)),
            Some(("variables_nesting", 33))
        );
        assert_eq!(
            by_default(&nested(open, close, 20_000)),
            Some(("variables_nesting", 33))
        );
    }
    let list = |count: usize| format!("{{\"a\":[{}1]}}", "1,".repeat(count - 1));
    assert_eq!(by_default(&list(250)), None);
    assert_eq!(by_default(&list(251)), Some(("keys", 251)));
    let members = |count: usize| {
        let members: Vec<String> = (0..count)
            .map(|number| format!("\"v{number}\":{{\"b\":1}}"))
            .collect();
        format!("{{{}}}", members.join(","))
    };
    assert_eq!(by_default(&members(100)), None);
    assert_eq!(by_default(&members(101)), Some(("variables", 101)));
    let long = |bytes: usize| format!("{{\"a\":\"{}\"}}", "a".repeat(bytes - 8));
    assert_eq!(by_default(&long(131_072)), None);
    assert_eq!(by_default(&long(131_073)), Some(("variables_bytes", 131_073)));
    let texts = format!(
        "{{\"a\":\"{0}\\\"{0}\\\\\",\"b\":[\"{1}\"]}}",
        "[{".repeat(100),
        ",:".repeat(300)
    );
    assert_eq!(by_default(&texts), None);
    let refused = variables(&list(251), &limits).expect_err("a refusal");
    assert_eq!(refused.code, ErrorCode::BadUserInput);
    assert_eq!(
        refused.message,
        "limits.keys: at least 251, and at most 250 are allowed"
    );
}
