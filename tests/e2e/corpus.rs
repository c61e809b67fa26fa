//! Requests made to hurt, each with the reason that it must be refused for: public reports on GraphQL servers, what brought
//! down or kept busy the parser and the validator behind this gateway, and what could hide from the screen before them.

use std::fmt::Write as _;

use serde_json::json;

/// A request and its refusal.
pub(crate) struct Attack {
    pub(crate) name: String,
    /// The parameters as they are sent, in JSON.
    pub(crate) payload: String,
    pub(crate) code: &'static str,
    /// The limit that it exceeds; `None` where it is refused for another reason.
    pub(crate) limit: Option<&'static str>,
}

/// Below the longest document and the longest variables that are allowed, so that other limits must do.
const ALLOWED_BYTES: usize = 131_000;
/// Nearly as long as a body may be.
const MEGABYTE: usize = 1_000_000;

pub(crate) fn corpus() -> Vec<Attack> {
    let parts = [nesting(), fragments(), floods(), one_character(), variables()];
    parts.into_iter().flatten().collect()
}

/// A document that exceeds a limit.
fn beyond(limit: &'static str, name: impl Into<String>, document: &str) -> Attack {
    Attack {
        limit: Some(limit),
        ..refused("QUERY_TOO_COMPLEX", name, document)
    }
}

/// A document that is refused for another reason.
fn refused(code: &'static str, name: impl Into<String>, document: &str) -> Attack {
    Attack {
        name: name.into(),
        payload: json!({ "query": document }).to_string(),
        code,
        limit: None,
    }
}

/// Variables, as JSON, that exceed a limit.
fn given(limit: &'static str, name: impl Into<String>, variables: &str) -> Attack {
    Attack {
        name: name.into(),
        payload: format!(
            r#"{{"query":"query($a: [String!]!) {{ variants(skus: $a) {{ sku }} }}","variables":{variables}}}"#
        ),
        code: "BAD_USER_INPUT",
        limit: Some(limit),
    }
}

fn nested(open: &str, inside: &str, close: &str, depth: usize) -> String {
    format!("{}{inside}{}", open.repeat(depth), close.repeat(depth))
}

fn numbered(count: usize, text: &str) -> String {
    (0..count)
        .map(|number| text.replace('#', &number.to_string()))
        .collect()
}

fn nesting() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for depth in [200, 880, 1_600, 18_000] {
        let lists = nested("[", "1", "]", depth);
        let objects = nested("{a:", "1", "}", depth);
        for (what, value) in [
            ("lists", lists.clone()),
            ("objects", objects),
            ("lists without an end", "[".repeat(depth)),
            ("lists behind an open block string", format!("[\"\"\"a\" {lists}")),
            (
                "lists behind an escape in one",
                format!("[\"\"\"\\\"\"\"a\" {lists}"),
            ),
            ("lists behind an open string", format!("\"\n{lists}")),
            ("lists behind a carriage return", format!("#\r{lists}")),
        ] {
            let name = format!("{depth} nested {what}");
            let places = [
                ("in an argument", format!("{{ nothing(a: {value}) }}")),
                (
                    "in a default",
                    format!("query ($a: [Int] = {value}) {{ __typename }}"),
                ),
                ("of a directive", format!("{{ __typename @nothing(a: {value}) }}")),
                (
                    "of a fragment",
                    format!("{{ __typename }} fragment F on Query {{ a(a: {value}) }}"),
                ),
            ];
            let attack = |(place, document): (&str, String)| {
                beyond("literal_nesting", format!("{name} {place}"), &document)
            };
            attacks.extend(places.map(attack));
        }
        let ty = format!("query ($a: {}) {{ __typename }}", nested("[", "Int", "]", depth));
        attacks.push(beyond("literal_nesting", format!("a type of {depth} lists"), &ty));
        for (what, open) in [
            ("fields", "{ a "),
            ("inline fragments", "{ ... "),
            ("braces", "{"),
        ] {
            let document = nested(open, "{ a }", "}", depth);
            attacks.push(beyond(
                "selection_nesting",
                format!("{depth} nested {what}"),
                &document,
            ));
        }
    }
    attacks
}

/// Fragments that each spread the next twice.
fn doubling(levels: usize, on: &str, spreads: &str, last: &str) -> String {
    let mut fragments = String::new();
    for level in 0..levels {
        let set = spreads.replace('#', &(level + 1).to_string());
        write!(fragments, " fragment F{level} on {on} {{ {set} }}").expect("a string takes it");
    }
    format!("{fragments} fragment F{levels} on {on} {{ {last} }}")
}

fn fragments() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for levels in [12, 18, 20, 22, 25, 30, 49] {
        let document = format!(
            "{{ ...F0 }} {}",
            doubling(levels, "Query", "...F# ...F#", "__typename")
        );
        attacks.push(beyond(
            "selections",
            format!("fragments that double {levels} times"),
            &document,
        ));
    }
    let document = format!(
        "{{ ...F0 }} {}",
        doubling(400, "Query", "...F# ...F#", "__typename")
    );
    attacks.push(beyond("document_fragments", "400 fragments", &document));
    let objects = doubling(14, "Category", "children { ...F# ...F# }", "id");
    let document = format!("{{ categories {{ ...F0 }} }} {objects}");
    attacks.push(beyond("selections", "fragments that double objects", &document));
    let chain = doubling(30, "Query", "... { ...F# }", "__typename");
    attacks.push(beyond(
        "selection_nesting",
        "a deep chain",
        &format!("{{ ...F0 }} {chain}"),
    ));
    let flood = format!(
        "{{ systems {{ {} }} }} fragment F on SystemHealth {{ {} }}",
        "...F ".repeat(4),
        numbered(30, "a#: name ")
    );
    attacks.push(beyond("aliases", "aliases behind a fragment", &flood));
    let roots = format!(
        "{{ ...F ...F }} fragment F on Query {{ {} }}",
        "__typename ".repeat(15)
    );
    attacks.push(beyond(
        "root_fields",
        "fields of the root behind a fragment",
        &roots,
    ));
    for (name, document) in [
        (
            "a circle of one",
            "{ ...A } fragment A on Query { ...A }".to_owned(),
        ),
        (
            "a circle and what stands beside it",
            "{ ...A __typename } fragment A on Query { __typename ...B __typename } \
             fragment B on Query { ... { ...A } __typename }"
                .to_owned(),
        ),
        (
            "a circle that doubles",
            format!(
                "{{ ...F0 }} {}",
                doubling(40, "Query", "...F# ...F#", "...F0 ...F0")
            ),
        ),
    ] {
        attacks.push(refused("GRAPHQL_VALIDATION_FAILED", name, &document));
    }
    let circles = format!(
        "{{ __schema {{ types {{ {} }} }} }}",
        nested("fields { type { ", "name", "} } ", 6)
    );
    attacks.push(refused("QUERY_TOO_COMPLEX", "introspection in circles", &circles));
    let hidden = "{ ...on #\n Query { __typename } } fragment on on Query { __typename }";
    attacks.push(refused("GRAPHQL_PARSE_FAILED", "a fragment called on", hidden));
    attacks
}

fn floods() -> Vec<Attack> {
    let root = |inside: &str| format!("{{ {inside} }}");
    let within = |inside: &str| format!("{{ systems {{ {inside} }} }}");
    let operations = |count| numbered(count, "query Q#{__typename}");
    let declared = |count| format!("query ({}) {{ __typename }}", numbered(count, "$v#:Int "));
    vec![
        beyond(
            "document_bytes",
            "50 000 aliases",
            &root(&numbered(50_000, "a#: __typename ")),
        ),
        beyond(
            "aliases",
            "5 000 aliases",
            &within(&numbered(5_000, "a#: __typename ")),
        ),
        beyond(
            "document_bytes",
            "50 000 fields twice",
            &root(&"__typename ".repeat(50_000)),
        ),
        beyond(
            "root_fields",
            "10 000 fields twice",
            &root(&"__typename ".repeat(10_000)),
        ),
        beyond(
            "selections",
            "10 000 fields twice within",
            &within(&"__typename ".repeat(10_000)),
        ),
        beyond("document_operations", "5 000 operations", &operations(5_000)),
        beyond("document_bytes", "20 000 variables", &declared(20_000)),
        beyond("variables", "9 000 variables", &declared(9_000)),
        beyond(
            "directives_per_place",
            "20 000 directives",
            &root(&format!("__typename {}", "@aa".repeat(20_000))),
        ),
        beyond(
            "directives",
            "2 000 directives",
            &within(&"__typename @aa ".repeat(2_000)),
        ),
        beyond(
            "keys",
            "10 000 keys",
            &format!("{{ variants(skus: [{}]) {{ sku }} }}", "\"a\" ".repeat(10_000)),
        ),
        beyond(
            "tokens",
            "10 000 words without a space",
            &root(&format!("a(b: [{}])", "true".repeat(10_000))),
        ),
        beyond(
            "tokens",
            "10 000 arguments",
            &root(&format!("a({})", numbered(10_000, "a#:1 "))),
        ),
    ]
}

fn one_character() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for (text, reason) in [
        ("{", beyond("selection_nesting", "", "")),
        ("[", beyond("literal_nesting", "", "")),
        ("(", beyond("literal_nesting", "", "")),
        ("}", beyond("tokens", "", "")),
        ("...", beyond("tokens", "", "")),
        ("\"", beyond("tokens", "", "")),
        ("\"\\", refused("GRAPHQL_PARSE_FAILED", "", "")),
        ("å", beyond("tokens", "", "")),
        ("\u{0}", beyond("tokens", "", "")),
        ("@", beyond("directives_per_place", "", "")),
        ("a", refused("GRAPHQL_PARSE_FAILED", "", "")),
        ("#", refused("GRAPHQL_PARSE_FAILED", "", "")),
        (",", refused("GRAPHQL_PARSE_FAILED", "", "")),
        ("\n", refused("GRAPHQL_PARSE_FAILED", "", "")),
        ("\u{feff}", refused("GRAPHQL_PARSE_FAILED", "", "")),
    ] {
        let document = text.repeat(ALLOWED_BYTES / text.len());
        attacks.push(Attack {
            name: format!("{text:?} all along"),
            payload: json!({ "query": document }).to_string(),
            ..reason
        });
        let written = json!(text).to_string().len() - 2;
        let document = text.repeat((MEGABYTE - 100) / written);
        if document.len() > ALLOWED_BYTES + 100 {
            attacks.push(beyond(
                "document_bytes",
                format!("a megabyte of {text:?}"),
                &document,
            ));
        }
    }
    attacks
}

fn variables() -> Vec<Attack> {
    let member = |value: &str| format!("{{\"a\":{value}}}");
    let members = |count| format!("{{{}\"a\":[]}}", numbered(count, "\"v#\":1,"));
    vec![
        given(
            "variables_nesting",
            "lists 60 000 deep",
            &member(&nested("[", "1", "]", 60_000)),
        ),
        given(
            "variables_nesting",
            "objects 20 000 deep",
            &member(&nested("{\"a\":", "1", "}", 20_000)),
        ),
        given(
            "variables_bytes",
            "lists 100 000 deep",
            &member(&nested("[", "1", "]", 100_000)),
        ),
        given(
            "variables_bytes",
            "a text of a megabyte",
            &member(&json!("a".repeat(MEGABYTE - 200)).to_string()),
        ),
        given("variables_bytes", "80 000 variables", &members(80_000)),
        given("variables", "9 000 variables given", &members(9_000)),
        given(
            "keys",
            "60 000 keys",
            &member(&format!("[{}1]", "1,".repeat(60_000))),
        ),
        given(
            "keys",
            "10 000 keys in an object",
            &format!("{{\"a\":[],\"b\":{{\"c\":[{}1]}}}}", "1,".repeat(10_000)),
        ),
    ]
}
