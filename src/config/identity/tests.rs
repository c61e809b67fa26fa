//! What the section refuses at start, with file, line and key.

use super::*;

const REST: &str = "systems: {}\nchannels:\n  se: { languages: [sv], currency: SEK }\n";

/// A section that is right, one key to a line.
const SECTION: [&str; 9] = [
    "identity:",
    "  issuer: https://login.example/realms/shop",
    "  audience: [skuery]",
    "  jwks_url: https://login.example/certs",
    "  algorithms: [RS256, ES256]",
    "  leeway_secs: 30",
    "  max_token_bytes: 8192",
    "  claims: { customer: customer_number, permissions: roles }",
    "  permissions: { approver: [portal-approver], staff: [sales-rep] }",
];

/// What the configuration says with these keys instead; a key without a value is left out.
fn build(changes: &[&str]) -> Result<(), String> {
    let key = |line: &str| line.split(':').next().map(str::to_owned);
    let mut lines: Vec<String> = SECTION.map(str::to_owned).to_vec();
    for change in changes {
        let change = format!("  {change}");
        match lines.iter().position(|line| key(line) == key(&change)) {
            Some(at) if change.ends_with(':') => drop(lines.remove(at)),
            Some(at) => lines[at] = change,
            None => lines.push(change),
        }
    }
    let text = format!("{}\n{REST}", lines.join("\n"));
    let config = Config::parse("skuery.yaml", &text).map_err(|error| error.to_string())?;
    match identity(&config, "skuery.yaml", &text) {
        Ok(verifier) => verifier.map(drop).ok_or_else(|| "no verifier".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// The message has all of the parts; the first is its beginning.
#[track_caller]
fn refused(changes: &[&str], parts: &[&str]) {
    let said = build(changes).expect_err("it must be refused");
    assert!(said.starts_with(parts[0]), "{said}");
    for part in parts {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
}

#[tokio::test]
async fn the_section_is_taken_and_may_be_left_out() {
    build(&[]).expect("right");
    build(&["audience: skuery"]).expect("one needs no list");
    build(&["leeway_secs:", "max_token_bytes:", "claims:", "permissions:"]).expect("these have defaults");
    build(&["algorithms: [RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA]"]).expect("all");
    for here in ["localhost", "127.0.0.1:8080", "127.9.9.9", "\"[::1]:80\""] {
        let here = here.trim_matches('"');
        build(&[&format!("jwks_url: \"http://{here}/certs?kind=all\"")]).expect(here);
    }
    let config = Config::parse("skuery.yaml", REST).expect("right");
    assert!(identity(&config, "skuery.yaml", REST).expect("right").is_none());
}

#[test]
fn algorithms_are_asymmetric_ones() {
    let place = "skuery.yaml:5: identity.algorithms: ";
    refused(&["algorithms: []"], &[place, "at least one", "ES256"]);
    for name in ["HS256", "HS384", "HS512"] {
        let list = format!("algorithms: [RS256, {name}]");
        refused(&[&list], &[place, name, "shared secret", "use RS256"]);
    }
    for name in ["none", "None", "rs256", "ES512", "RSA-OAEP"] {
        let list = format!("algorithms: [{name}]");
        refused(&[&list], &[place, &format!("`{name}` is not allowed"), "EdDSA"]);
    }
}

#[test]
fn what_makes_a_token_ours_must_be_said() {
    refused(&["issuer: ''"], &["skuery.yaml:2: identity.issuer: ", "needed"]);
    for audience in ["[]", "['']", "[skuery, '']"] {
        let line = format!("audience: {audience}");
        refused(&[&line], &["skuery.yaml:3: identity.audience: ", "at least one"]);
    }
    for key in ["issuer", "audience", "algorithms"] {
        refused(&[&format!("{key}:")], &["skuery.yaml:", &format!("`{key}`")]);
    }
    refused(&["audiences: [skuery]"], &["skuery.yaml:", "audiences"]);
    refused(&["claims: { customers: c }"], &["skuery.yaml:8: ", "customers"]);
}

#[test]
fn figures_are_bounded() {
    refused(
        &["leeway_secs: 301"],
        &["skuery.yaml:6: identity.leeway_secs: 301", "0 to 300"],
    );
    refused(&["leeway_secs: -1"], &["skuery.yaml:6: "]);
    for bytes in [0, 255, 32_769] {
        let line = format!("max_token_bytes: {bytes}");
        refused(
            &[&line],
            &["skuery.yaml:7: identity.max_token_bytes: ", "256 to 32768"],
        );
    }
}

#[test]
fn keys_come_from_one_place_and_by_a_safe_way() {
    let place = "skuery.yaml:4: identity.jwks_url: ";
    refused(
        &["jwks_url:"],
        &["skuery.yaml:1: identity.jwks_url: ", "`jwks_file` is needed"],
    );
    refused(
        &["jwks_file: keys.json"],
        &["skuery.yaml:10: identity.jwks_file: ", "only one"],
    );
    for address in [
        "http://login.example/certs",
        "http://10.0.0.1/certs",
        "http://localhost.example/certs",
        "http://127.0.0.1.example/certs",
        "ftp://login.example/certs",
        "file:///keys.json",
    ] {
        refused(&[&format!("jwks_url: {address}")], &[place, "only `https`"]);
    }
    refused(&["jwks_url: certs"], &[place, "not an address"]);
    let said = build(&["jwks_url: https://user:canary@login.example/"]).expect_err("credentials");
    assert!(said.contains("credentials") && !said.contains("canary"), "{said}");
    let absent = ["jwks_url:", "jwks_file: /no/such/keys.json"];
    refused(
        &absent,
        &["skuery.yaml:9: identity.jwks_file: ", "`/no/such/keys.json`"],
    );
    let no_set = [
        "jwks_url:",
        concat!("jwks_file: ", env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
    ];
    refused(&no_set, &["skuery.yaml:9: identity.jwks_file: ", "no JSON"]);
}

#[test]
fn claims_and_words_fit_together() {
    for path in ["''", "a..b", ".a", "a."] {
        let line = format!("claims: {{ customer: {path}, permissions: roles }}");
        refused(&[&line], &["skuery.yaml:8: identity.claims.customer: ", "a path"]);
    }
    refused(
        &["claims: { customer: c }"],
        &["skuery.yaml:9: identity.permissions: ", "claims.permissions"],
    );
    refused(
        &["permissions: { staff: [''] }"],
        &["skuery.yaml:9: identity.permissions: ", "empty word"],
    );
    refused(&["permissions: { boss: [x] }"], &["skuery.yaml:9: ", "boss"]);
}

#[test]
fn no_system_has_the_providers_name() {
    let system = "systems:\n  identity-provider: { connector: rest, url: https://erp.example }\n";
    let text = format!(
        "{}\n{}",
        SECTION.join("\n"),
        REST.replace("systems: {}\n", system)
    );
    let config = Config::parse("skuery.yaml", &text).expect("the form is right");
    let said = identity(&config, "skuery.yaml", &text)
        .expect_err("it must be refused")
        .to_string();
    assert!(
        said.starts_with("skuery.yaml:11: systems.identity-provider: "),
        "{said}"
    );
}
