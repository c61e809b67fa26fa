//! Documents against serde_json's own value: whatever it reads is read here, and nothing else.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;

/// How serde_json names the one member of a number that keeps its digits.
const NUMBER: &str = "$serde_json::private::Number";

fn read(body: &str) -> Option<Json> {
    let document = Document::new(body.to_owned()).ok()?;
    Some(document.root().to_json())
}

/// As serde_json reads it, and with the same order of members, which its equality does not look at.
fn check(body: &str) {
    let expected: Option<Json> = serde_json::from_str(body).ok();
    let document = Document::new(body.to_owned()).ok();
    let is_it = document
        .as_ref()
        .zip(expected.as_ref())
        .is_none_or(|(document, json)| document.root().is(json));
    assert!(is_it, "{body}");
    let found = document.map(|document| document.root().to_json());
    assert_eq!(found, expected, "{body}");
    assert_eq!(
        found.map(|json| json.to_string()),
        expected.map(|json| json.to_string()),
        "{body}"
    );
}

/// JSON texts, with names that come twice, odd digits, escapes and space between.
fn body() -> impl Strategy<Value = String> {
    let number = "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,4})?";
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        number.prop_map(|digits| digits),
        any::<String>().prop_map(|text| json!(text).to_string()),
        Just(r#""\u00e5\ud83d\ude00\/\b""#.to_owned()),
    ];
    let name = prop_oneof![
        "[a-c]{0,1}".prop_map(|name| json!(name).to_string()),
        Just(r#""\u0061""#.to_owned()),
        "[a-z\"\\\\]{0,3}".prop_map(|name| json!(name).to_string()),
    ];
    leaf.prop_recursive(5, 120, 24, move |inner| {
        let member = (name.clone(), inner.clone()).prop_map(|(name, value)| format!("{name} : {value}"));
        prop_oneof![
            vec(inner, 0..6).prop_map(|items| format!("[ {}\n]", items.join(","))),
            vec(member, 0..24).prop_map(|members| format!("{{{}}}", members.join(" ,\t"))),
        ]
    })
}

/// A list of rows that are nearly alike, as systems send them: compact, with a name here and there that lacks, comes twice
/// or elsewhere.
fn rows() -> impl Strategy<Value = String> {
    let names = || prop::sample::select(vec!["a", "b", "id", "unit", "\\u0061", "", "zz"]);
    let inner = vec((names(), 0..3_u8), 0..3).prop_map(|members| row(&members));
    let row = (
        vec(any::<bool>(), 6),
        vec((names(), 0..3_u8), 0..2),
        any::<prop::sample::Index>(),
        inner,
    )
        .prop_map(|(kept, more, place, inner)| {
            let usual = [("a", 1), ("b", 2), ("id", 0), ("unit", 1), ("x", 2), ("y", 0)];
            let mut members: Vec<(&str, u8)> = usual
                .into_iter()
                .zip(kept)
                .filter(|it| it.1)
                .map(|it| it.0)
                .collect();
            let place = place.index(members.len() + 1);
            members.splice(place..place, more);
            row(&members).replace("\"#\"", &inner)
        });
    vec(row, 0..8).prop_map(|rows| format!("[{}]", rows.join(",")))
}

fn row(members: &[(&str, u8)]) -> String {
    let value = |kind| ["12.50", "\"#\"", "\"a\\tb\""][usize::from(kind)];
    let members = members
        .iter()
        .map(|(name, kind)| format!("\"{name}\":{}", value(*kind)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

proptest! {
    #[test]
    fn rows_that_are_alike_come_back_as_they_are(rows in rows()) {
        check(&rows);
    }

    #[test]
    fn rows_with_a_byte_too_many_or_too_few_are_as_serde_json_has_them(
        rows in rows(),
        at in any::<prop::sample::Index>(),
        other in prop::sample::select(vec!["", "\"", ",", ":", "{", "}", "[", "]", " ", "\\", "1", "a", "\n"]),
        replaces in any::<bool>(),
    ) {
        let at = at.index(rows.len());
        check(&format!("{}{other}{}", &rows[..at], &rows[at + usize::from(replaces)..]));
    }

    #[test]
    fn any_value_comes_back_as_it_is(body in body()) {
        check(&body);
    }

    #[test]
    fn a_body_cut_off_or_followed_by_more_is_as_serde_json_has_it(body in body(), cut in any::<prop::sample::Index>()) {
        let cut = cut.index(body.len() + 1);
        if body.is_char_boundary(cut) {
            check(&body[..cut]);
        }
        check(&format!("{body}]"));
    }

    #[test]
    fn members_are_found_by_name_in_small_and_large_objects(
        members in vec(("[a-h]{1,3}", any::<bool>()), 0..60),
        is_plain in any::<bool>(),
    ) {
        let value = |at: usize, is_list: bool| if is_list && !is_plain { json!([at]) } else { json!(at) };
        let object = members.iter().enumerate().map(|(at, (name, is_list))| (name.clone(), value(at, *is_list)));
        let object = Json::Object(object.collect());
        let document = Document::new(object.to_string()).expect("JSON");
        for name in members.iter().map(|(name, _)| name.as_str()).chain(["", "zzz"]) {
            let found = document.root().get(name).map(Node::to_json);
            prop_assert_eq!(found.as_ref(), object.get(name), "{}", name);
        }
        prop_assert!(document.root().is(&object));
    }
}

#[test]
fn of_members_with_one_name_the_last_counts_at_the_place_of_the_first() {
    check(r#"{"a":1,"b":2,"a":3}"#);
    check(r#"[{"a":1,"\u0061":{"b":1,"b":2}}]"#);
    let many: Vec<String> = (0..40).map(|at| format!("\"{}\":{at}", at % 30)).collect();
    check(&format!("{{{}}}", many.join(",")));
}

#[test]
fn nesting_is_bounded_as_serde_json_bounds_it() {
    for depth in [1, 126, 127, 128, 129, 100_000] {
        let lists = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        check(&lists);
        let objects = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        check(&objects);
    }
    assert_eq!(read(&format!("{}{}", "[".repeat(128), "]".repeat(128))), None);
}

#[test]
fn what_is_no_json_comes_back_as_it_was() {
    for body in [
        "",
        "[1",
        "[1]]",
        "{\"a\"}",
        "NaN",
        "01",
        "\u{feff}1",
        "\"\u{1}\"",
        "\"\\ud800\"",
    ] {
        let refused = Document::new(body.to_owned()).map(|document| document.root().to_json());
        assert_eq!(refused, Err(body.to_owned()));
    }
}

#[test]
fn one_member_can_be_kept_alone() {
    let document = Document::new(r#"{"id":1,"result":{"a":[1,{"b":null}]},"more":2}"#.to_owned());
    let result = document.expect("JSON").only("result").expect("a result");
    assert_eq!(result.root().to_json(), json!({"a": [1, {"b": null}]}));
    assert!(result.only("b").is_none());
    assert!(Document::null().root().is_null());
}

#[test]
fn a_member_named_like_serde_jsons_numbers_is_a_member() {
    let body = format!(r#"{{"{NUMBER}":"12"}}"#);
    let document = Document::new(body).expect("JSON");
    assert_eq!(document.root().get(NUMBER).and_then(Node::as_str), Some("12"));
}
