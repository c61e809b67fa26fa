//! What `check` says of locations, displays and links that cannot be used: file, line, key, and what is allowed.

use crate::command::check;

/// One key of a section, wrong, with what must be said of it.
type Case<'a> = (&'a str, &'a str, &'a [&'a str]);

#[track_caller]
fn check_all(name: &str, template: &str, cases: &[Case<'_>]) {
    for (index, (what, line, parts)) in cases.iter().enumerate() {
        let (valid, said) = check(&format!("{name}_{index}"), &template.replace("${it}", line));
        assert!(!valid, "{what}: {said}");
        for part in *parts {
            assert!(said.contains(part), "{what}: `{part}` is not in\n{said}");
        }
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[test]
fn a_display_that_does_not_fit_is_refused() {
    let template = "systems: {}\nchannels:\n  se:\n    languages: [sv]\n    currency: SEK\n    stock_display:\n      kind: banded\n      ${it}\n";
    check_all(
        "display",
        template,
        &[
            (
                "rising",
                "bands: [ { from: 1, words: { sv: A } }, { from: 50, words: { sv: B } }, { from: 0, words: { sv: C } } ]",
                &["FILE:8: channels.se.stock_display.bands: from 50 after from 1: the thresholds go down"],
            ),
            (
                "twice",
                "bands: [ { from: 0, words: { sv: A } }, { from: 0, words: { sv: B } } ]",
                &["FILE:8: channels.se.stock_display.bands: from 0 after from 0"],
            ),
            (
                "not_to_0",
                "bands: [ { from: 50, words: { sv: A } }, { from: 1, words: { sv: B } } ]",
                &["FILE:8: channels.se.stock_display.bands: the last band is from 1; it must be from 0"],
            ),
            (
                "none",
                "bands: []",
                &["FILE:8: channels.se.stock_display.bands: at least the band from 0 is needed"],
            ),
            (
                "silent",
                "bands: [ { from: 0, words: {} } ]",
                &["FILE:8: channels.se.stock_display.bands: the band from 0 has no words"],
            ),
            (
                "both",
                "words: {}\n      bands: [ { from: 0, words: { sv: A } } ]",
                &[
                    "FILE:9: channels.se.stock_display.bands: use either `words` for the status or `bands` by quantity, not both",
                ],
            ),
            (
                "below_0",
                "bands: [ { from: -1, words: { sv: A } } ]",
                &["FILE", "expected u32"],
            ),
        ],
    );
}

#[test]
fn a_delivery_that_cannot_be_is_refused() {
    let template = "systems: {}\nchannels:\n  se: { languages: [sv], currency: SEK }\nlocations:\n  WH:\n    name: W\n    delivery:\n      ${it}\n";
    let with = |line: &str| {
        let (key, _) = line.split_once(':').expect("a key");
        let usual = [
            ("cut_off", "cut_off: '15:00'"),
            ("transit_days", "transit_days: { SE: [1, 2] }"),
        ];
        let others = usual.iter().filter(|(other, _)| *other != key);
        others.fold(line.to_owned(), |all, (_, other)| format!("{all}\n      {other}"))
    };
    let time = "is not a time of day such as `15:00`";
    let cases = [
        (
            "late",
            "cut_off: '24:00'",
            ["FILE:8: locations.WH.delivery.cut_off: `24:00`", time],
        ),
        (
            "minutes",
            "cut_off: '15:60'",
            ["FILE:8: locations.WH.delivery.cut_off: `15:60`", time],
        ),
        (
            "short",
            "cut_off: '9:00'",
            ["FILE:8: locations.WH.delivery.cut_off: `9:00`", time],
        ),
        (
            "seconds",
            "cut_off: '15:00:00'",
            ["FILE:8: locations.WH.delivery.cut_off", time],
        ),
        (
            "signed",
            "cut_off: '+9:00'",
            ["FILE:8: locations.WH.delivery.cut_off", time],
        ),
        (
            "idle",
            "working_days: []",
            [
                "FILE:8: locations.WH.delivery.working_days: at least one day",
                "mon",
            ],
        ),
        (
            "day",
            "working_days: [monday]",
            ["FILE", "unknown variant `monday`"],
        ),
        ("holiday", "holidays: [2026-02-30]", ["FILE", "line 8"]),
        (
            "slow",
            "handling_days: 366",
            [
                "FILE:8: locations.WH.delivery.handling_days: 366 is not allowed",
                "0 to 365",
            ],
        ),
        (
            "order",
            "transit_days: { SE: [2, 1] }",
            [
                "FILE:8: locations.WH.delivery.transit_days: SE: [2, 1]",
                "in this order",
            ],
        ),
        (
            "far",
            "transit_days: { SE: [1, 366] }",
            ["FILE:8: locations.WH.delivery.transit_days: SE", "at most 365"],
        ),
        ("one", "transit_days: { SE: [1] }", ["FILE", "line 8"]),
        (
            "country",
            "transit_days: { se: [1, 2] }",
            [
                "FILE:8: locations.WH.delivery.transit_days: `se` is not a country",
                "`default`",
            ],
        ),
        (
            "nowhere",
            "transit_days: {}",
            [
                "FILE:8: locations.WH.delivery.transit_days: at least one country",
                "`default`",
            ],
        ),
        ("key", "cutoff: '15:00'", ["FILE", "unknown field `cutoff`"]),
    ];
    for (what, line, parts) in &cases {
        check_all(
            &format!("delivery_{what}"),
            template,
            &[(what, &with(line), parts)],
        );
    }
    let zone = template.replace("delivery:\n      ${it}", "${it}");
    check_all(
        "zone",
        &zone,
        &[(
            "zone",
            "time_zone: Mars/Olympus",
            &["FILE:7: locations.WH.time_zone: `Mars/Olympus` is not an IANA time zone"],
        )],
    );
}

#[test]
fn a_link_that_could_not_be_followed_is_refused() {
    let template = "${it}\nsystems: {}\nchannels:\n  se: { languages: [sv], currency: SEK }\n";
    let address = "use an absolute address with http or https and no query";
    let cases = [
        "shop.example",
        "/api",
        "ftp://shop.example",
        "https://shop.example?a=b",
        "https://shop.example#a",
        "https://me:secret@shop.example",
        "'https://'",
        "''",
    ];
    for case in cases {
        let line = format!("public_url: {case}");
        check_all(
            "public_url",
            template,
            &[(case, &line, &["FILE:1: public_url: ", address])],
        );
        let (_, said) = check("public_url_said", &template.replace("${it}", &line));
        assert!(!said.contains("secret"), "{said}");
    }
    for secs in [0, 9, 86_401] {
        let line = format!("documents: {{ link_secs: {secs} }}");
        let told = format!("FILE:1: documents.link_secs: {secs} is not allowed, use 10 to 86400");
        check_all("link_secs", template, &[("link_secs", &line, &[&told])]);
    }
}

#[test]
fn a_secret_that_could_be_guessed_is_refused() {
    let file = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("short.secret");
    std::fs::write(&file, "123456789012345\n").expect("the directory for tests takes a file");
    let yaml = format!(
        "cursor_secret: {{ file: '{}' }}\nsystems: {{}}\nchannels:\n  se: {{ languages: [sv], currency: SEK }}\n",
        file.display()
    );
    let told = "FILE:1: cursor_secret: the secret is too short: use 16 random characters or more";
    check_all("short_secret", "${it}", &[("short_secret", &yaml, &[told])]);
    std::fs::write(&file, "1234567890123456\n").expect("the directory for tests takes a file");
    let (valid, said) = check("long_secret", &yaml);
    assert!(valid, "{said}");
}

#[test]
fn settings_of_requests_that_mean_nothing_are_refused() {
    let template = "systems: {}\nchannels:\n  se: { languages: [sv], currency: SEK }\n${it}\n";
    check_all(
        "requests",
        template,
        &[
            (
                "no_requests",
                "batching: { most: 0 }",
                &["FILE:4: batching.most: 0 is not allowed, use 1 to 100"],
            ),
            (
                "too_many_requests",
                "batching:\n  most: 101",
                &["FILE:5: batching.most: 101 is not allowed, use 1 to 100"],
            ),
            ("batching_without_bound", "batching: {}", &["FILE:4:", "most"]),
            (
                "batching_misspelt",
                "batching: { max: 5 }",
                &["FILE:4:", "max", "most"],
            ),
            (
                "only_nothing",
                "persisted_documents: { only: true }",
                &["FILE:4: persisted_documents.only: needs a `manifest`"],
            ),
            (
                "only_and_others",
                "persisted_documents:\n  manifest: m.json\n  only: true\n  apq: true",
                &["FILE:7: persisted_documents.apq: no other document is answered"],
            ),
            (
                "no_room",
                "persisted_documents: { apq_mib: 0 }",
                &["FILE:4: persisted_documents.apq_mib: 0 is not allowed, use 1 or more"],
            ),
            (
                "persisted_misspelt",
                "persisted_documents: { manifst: m.json }",
                &["FILE:4:", "manifst", "manifest"],
            ),
            (
                "long_urls",
                "limits: { url_bytes: 1000000 }",
                &["FILE:4: limits.url_bytes: 1000000 is not allowed, use 1 to 49152"],
            ),
            ("production_of_what", "production: maybe", &["FILE:4:", "boolean"]),
        ],
    );
}
