//! When two configurations of a system come to the same.

use super::build;

const SYSTEM: &str = r#"
connector: rest
url: https://erp.example
auth: { login: "1.10", password: { env: PASSWORD } }
settings: { depot: 7 }
locations: { NORTH: 1, SOUTH: 2 }
upstream: { concurrency: 4 }
mapping:
  inline:
    summary: an ERP
    protocol: rest
    auth: basic
    headers: { Api-Version: "1.10" }
    settings:
      depot: { default: 1 }
    lookups:
      stock:
        request:
          path: /stock
          query:
            - [sku, { each: "{{ keys }}" }]
          body: { sort: { free: asc, age: desc } }
        answer:
          items: rows
          key: { path: sku }
          fields:
            location: { path: place }
            available: { path: free, absent: [0] }
"#;

fn is_same(other: &str) -> bool {
    let [one, other] = [SYSTEM, other].map(|yaml| build(yaml).expect("a good configuration"));
    assert_eq!(one.is_same(&other), other.is_same(&one));
    one.is_same(&other)
}

fn changed(from: &str, to: &str) -> String {
    assert_eq!(SYSTEM.matches(from).count(), 1, "{from}");
    SYSTEM.replace(from, to)
}

#[tokio::test]
async fn how_it_is_written_does_not_count() {
    assert!(is_same(SYSTEM));
    for (from, to) in [
        ("connector: rest", "# a note\n'connector': rest"),
        ("{ NORTH: 1, SOUTH: 2 }", "{ SOUTH: 0x2, NORTH: 1 }"),
        ("{ depot: 7 }", "\n  depot: 7"),
        ("\"1.10\", password", "1.10, password"),
        ("https://erp.example", "\"https://erp.example\""),
    ] {
        assert!(is_same(&changed(from, to)), "{to}");
    }
}

#[tokio::test]
async fn whatever_it_means_counts() {
    for (from, to) in [
        ("https://erp.example", "https://erp.example/v2"),
        ("login: \"1.10\"", "login: 1.1"),
        ("env: PASSWORD", "env: OTHER"),
        ("depot: 7", "depot: \"7\""),
        ("depot: 7", "depot: 8"),
        ("SOUTH: 2", "SOUTH: 3"),
        (", SOUTH: 2", ""),
        ("concurrency: 4", "concurrency: 5"),
        ("Api-Version: \"1.10\"", "Api-Version: 1.1"),
        ("default: 1", "default: 2"),
        ("path: /stock\n", "path: /stocks\n"),
        ("absent: [0]", "absent: [\"0\"]"),
        ("{ free: asc, age: desc }", "{ age: desc, free: asc }"),
    ] {
        assert!(!is_same(&changed(from, to)), "{to}");
    }
}
