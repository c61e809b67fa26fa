//! An argument can never change a request's shape: what the other side parses back is what was put in.

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use url::Url;

use crate::connector::mapping::RequestSpec;
use crate::connector::request::{Prepared, RequestPlan};
use crate::connector::template::{Target, Template};
use crate::connector::vars::{NAMES, Vars};
use crate::door::fault::Fault;

fn base() -> Url {
    Url::parse("https://erp.example/api/").expect("an address")
}

fn vars(members: Json) -> Vars {
    let known = |name: &str| NAMES.into_iter().find(|known| *known == name);
    let members = members.as_object().into_iter().flatten();
    Vars::new(members.map(|(name, value)| (known(name).expect("a variable"), value.clone())))
}

fn prepare(request: &str, members: Json) -> Result<Prepared, Fault> {
    let spec: RequestSpec = serde_saphyr::from_str(request).expect("a request");
    let plan = RequestPlan::rest(
        &spec,
        std::iter::empty(),
        crate::connector::request::Purpose::Write,
    )
    .expect("a plan");
    plan.prepare(&base(), &vars(members))
}

/// Anything, with a liking for what has meaning somewhere.
fn nasty() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{0,12}",
        r#"[a'"/%&?#;=+.\\{}\[\]<>,:\u{0}\r\n\u{2028}\u{202e}ü]{0,10}"#,
        Just("..".to_owned()),
        Just(".".to_owned()),
        Just("%2e%2e".to_owned()),
        Just("' or 1 eq 1 or '".to_owned()),
        Just("{{ settings }}".to_owned()),
        Just("\",\"admin\":true,\"".to_owned()),
    ]
}

/// Reads `(f eq '…' or f eq '…') and g eq '…'` back by OData's rules; `None` when the shape is another.
fn odata(text: &str, keys: usize) -> Option<(Vec<String>, String)> {
    let mut rest = text.strip_prefix('(')?;
    let mut found = Vec::new();
    for index in 0..keys {
        if index > 0 {
            rest = rest.strip_prefix(" or ")?;
        }
        let (literal, after) = literal(rest.strip_prefix("f eq ")?)?;
        found.push(literal);
        rest = after;
    }
    let (last, after) = literal(rest.strip_prefix(") and g eq ")?)?;
    after.is_empty().then_some((found, last))
}

fn literal(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('\'')?;
    let mut value = String::new();
    loop {
        let (before, after) = rest.split_once('\'')?;
        value.push_str(before);
        match after.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                rest = more;
            }
            None => return Some((value, after)),
        }
    }
}

proptest! {
    #[test]
    fn path_segments_hold_what_was_put_in(key in nasty()) {
        let Ok(prepared) = prepare("path: /items/{{ key }}/price(x={{ key }})", json!({"key": key})) else {
            prop_assert!(matches!(key.as_str(), "." | ".."), "{key:?} was refused");
            return Ok(());
        };
        let url = Url::parse(prepared.url.as_str()).expect("an address");
        prop_assert_eq!(url.host_str(), Some("erp.example"));
        prop_assert_eq!(url.query(), None);
        prop_assert_eq!(url.fragment(), None);
        let segments: Vec<Vec<u8>> = url
            .path_segments()
            .expect("segments")
            .map(decode)
            .collect();
        let last = format!("price(x={key})");
        let expected: [&[u8]; 4] = [b"api", b"items", key.as_bytes(), last.as_bytes()];
        prop_assert_eq!(segments, expected.map(<[u8]>::to_vec).to_vec());
    }

    #[test]
    fn query_values_hold_what_was_put_in(keys in prop::collection::vec(nasty(), 1..4), text in nasty()) {
        let request = "
path: /items
query:
  - [number, { each: '{{ keys }}' }]
  - [text, 'a {{ key }} b']
  - [filter, { json: { key: { in: '{{ keys }}', is: '{{ key }}' } } }]
";
        let prepared = prepare(request, json!({"keys": keys, "key": text})).expect("a request");
        let pairs: Vec<(String, String)> = prepared.url.query_pairs().into_owned().collect();
        let mut expected: Vec<(String, String)> =
            keys.iter().map(|key| ("number".to_owned(), key.clone())).collect();
        expected.push(("text".to_owned(), format!("a {text} b")));
        let filter = pairs.last().expect("a filter").clone();
        prop_assert_eq!(&pairs[..pairs.len() - 1], &expected[..]);
        let filter: Json = serde_json::from_str(&filter.1).expect("JSON");
        prop_assert_eq!(filter, json!({"key": {"in": keys, "is": text}}));
    }

    #[test]
    fn odata_literals_hold_what_was_put_in(keys in prop::collection::vec(nasty(), 1..4), other in nasty()) {
        let request = "
path: /items
query:
  - - $filter
    - odata: \"({% for key in keys %}{% if not loop.first %} or {% endif %}f eq {{ key }}{% endfor %}) and g eq {{ key }}\"
";
        let controls = |text: &String| text.chars().any(char::is_control);
        match prepare(request, json!({"keys": keys, "key": other})) {
            Err(_) => prop_assert!(keys.iter().any(controls) || controls(&other)),
            Ok(prepared) => {
                let pairs: Vec<(String, String)> = prepared.url.query_pairs().into_owned().collect();
                prop_assert_eq!(pairs.len(), 1);
                prop_assert_eq!(odata(&pairs[0].1, keys.len()), Some((keys, other)));
            }
        }
    }

    #[test]
    fn json_bodies_hold_what_was_put_in(keys in prop::collection::vec(nasty(), 0..4), text in nasty()) {
        let request = "
path: /search
body:
  keys: '{{ keys }}'
  text: 'a {{ key }} b'
  inner: { $json: { key: '{{ key }}' } }
  jq: { $jq: '{k: .key, n: (.keys | length)}' }
  gone: '{{ quantity }}'
  number: '{{ date | number }}'
";
        let members = json!({"keys": keys, "key": text, "date": "1.50"});
        let prepared = prepare(request, members).expect("a request");
        let body: Json = serde_json::from_slice(&prepared.body.expect("a body")).expect("JSON");
        let number: Json = serde_json::from_str("1.50").expect("a number");
        let expected = json!({
            "keys": keys,
            "text": format!("a {text} b"),
            "inner": json!({"key": text}).to_string(),
            "jq": {"k": text, "n": keys.len()},
            "number": number,
        });
        prop_assert_eq!(body, expected);
    }

    #[test]
    fn headers_hold_what_was_put_in_or_refuse_it(text in nasty()) {
        let request = "{ path: /x, headers: { X-Key: '{{ key }}' } }";
        if let Ok(prepared) = prepare(request, json!({"key": text})) {
            prop_assert_eq!(prepared.headers["x-key"].as_bytes(), text.as_bytes());
            prop_assert_eq!(prepared.headers.len(), 2);
        }
    }
}

fn decode(segment: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = segment.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match (first, after) {
            (b'%', [high, low, more @ ..]) => {
                let pair = [*high, *low];
                let pair = std::str::from_utf8(&pair).expect("two digits");
                bytes.push(u8::from_str_radix(pair, 16).expect("two digits"));
                rest = more;
            }
            _ => bytes.push(*first),
        }
    }
    bytes
}

#[test]
fn escaping_cannot_be_switched_off() {
    for source in [
        "path: \"/x/{{ key | safe }}\"",
        "path: \"/x/{% autoescape false %}{{ key }}{% endautoescape %}\"",
        "path: \"/x/{% set k %}{{ key }}{% endset %}{{ k }}\"",
    ] {
        let Ok(prepared) = prepare(source, json!({"key": "a/../b?c"})) else {
            continue;
        };
        assert_eq!(prepared.url.query(), None, "{source}");
        assert_eq!(
            prepared.url.path_segments().map(Iterator::count),
            Some(3),
            "{source}"
        );
    }
}

proptest! {
    /// Whether a template is rendered or only put around the one text it knows.
    #[test]
    fn a_template_of_one_text_says_the_same_either_way(
        text in nasty(),
        source in prop::sample::select(vec![
            "https://media.example/{{ value }}",
            "{{value}}",
            "a{{ value }}b",
            "{{ value }}{{ value }}",
            "{{ value|upper }}",
            "{{- value -}}",
            " {{ value }}\n",
            "{# {{ value }} #}",
            "{% if value %}{{ value }}{% endif %}",
            "no value",
            "{{ 'value' }}",
        ]),
        target in prop::sample::select(vec![Target::Text, Target::Segment, Target::Link, Target::Odata, Target::Json]),
    ) {
        let template = Template::new(source, target, &["value"]).expect("a template");
        let rendered = template.text(&minijinja::Value::from_pairs([("value", text.as_str())]));
        prop_assert_eq!(template.filled("value", &text).ok(), rendered.ok());
    }
}
