//! What `check` says of `server` and `cors` where they cannot be used.

use std::path::PathBuf;

use crate::command::check;
use crate::tls::Pair;

const CHANNEL: &str = "systems: {}\nchannels:\n  se: { languages: [sv], currency: SEK }\n";

#[track_caller]
fn refused(name: &str, section: &str, expected: &str) {
    let (valid, said) = check(name, &format!("{CHANNEL}{section}\n"));
    assert!(!valid, "{section}: {said}");
    assert!(
        said.contains(expected),
        "{section}: `{expected}` is not in\n{said}"
    );
}

#[test]
fn bounds_that_mean_nothing_are_refused() {
    for (number, (section, expected)) in [
        (
            "server: { header_timeout_ms: 0 }",
            "FILE:4: server.header_timeout_ms: 0 is not allowed, use 1 to 3600000",
        ),
        (
            "server:\n  idle_timeout_ms: 3600001",
            "FILE:5: server.idle_timeout_ms: 3600001 is not allowed",
        ),
        (
            "server: { connections_per_address: 0 }",
            "server.connections_per_address: 0 is not allowed, use 1 to",
        ),
        (
            "server:\n  trusted_proxies: [10.0.0.0/8, proxy.example]",
            "FILE:5: server.trusted_proxies: `proxy.example` is no address and no network such as 10.0.0.0/8",
        ),
        ("server: { watch_ms: 0 }", "server.watch_ms: 0 is not allowed"),
        (
            "server:\n  http2:\n    streams: 0",
            "FILE:6: server.http2.streams: 0 is not allowed, use 1 to 10000",
        ),
        (
            "server: { http2: { header_bytes: 10 } }",
            "server.http2.header_bytes: 10 is not allowed, use 1024 to 1048576",
        ),
        ("server: { header_timeout: 5 }", "header_timeout"),
        ("server: { drain_delay_ms: -1 }", "FILE:4: invalid u64"),
        (
            "cors: { origins: [] }",
            "FILE:4: cors.origins: name at least one origin",
        ),
        (
            "cors: { origins: ['null'] }",
            "`null` is not an origin as browsers write it",
        ),
        (
            "cors: { origins: ['shop.example'] }",
            "`shop.example` is not an origin",
        ),
        (
            "cors: { origins: ['https://shop.example/'] }",
            "use `https://shop.example`",
        ),
        (
            "cors: { origins: ['https://Shop.example:443'] }",
            "use `https://shop.example`",
        ),
        (
            "cors: { origins: ['https://*.shop.example'] }",
            "cors.origins: `https://*.shop.example` is not an origin as browsers write it, use each origin written out",
        ),
        (
            "cors: { origins: ['*'], credentials: true }",
            "`*` is not allowed with `credentials: true`",
        ),
        (
            "cors: { origins: ['*', 'https://a.example'] }",
            "`*` is any origin, and stands alone",
        ),
        (
            "cors: { origins: ['https://a.example'], headers: ['a b'] }",
            "cors.headers: `a b` is no name of a header",
        ),
        (
            "cors: { origins: ['https://a.example'], headers: ['*'] }",
            "cors.headers: `*`",
        ),
        (
            "cors: { origins: ['https://a.example'], max_age_secs: 86401 }",
            "cors.max_age_secs: 86401",
        ),
        ("cors: { origin: 'https://a.example' }", "origin"),
    ]
    .into_iter()
    .enumerate()
    {
        refused(&format!("server_{number}"), section, expected);
    }
}

#[test]
fn certificates_that_cannot_be_used_are_refused_with_file_and_line() {
    let pair = Pair::make("misconfigured");
    let other = Pair::make("misconfigured_other");
    let nothing = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("misconfigured_nothing.pem");
    std::fs::write(&nothing, "nothing\n").expect("it is written");
    let absent = PathBuf::from("no/such.pem");
    for (number, (certificates, key, expected)) in [
        (
            &absent,
            &pair.key,
            "FILE:6: server.tls.certificates: `no/such.pem`: ",
        ),
        (
            &pair.certificates,
            &absent,
            "FILE:7: server.tls.key: `no/such.pem`: ",
        ),
        (
            &nothing,
            &pair.key,
            "misconfigured_nothing.pem`: no certificate in PEM",
        ),
        (&pair.certificates, &nothing, "FILE:7: server.tls.key: `"),
        (&pair.key, &pair.key, "no certificate in PEM"),
        (&pair.certificates, &pair.certificates, "server.tls.key"),
        (
            &pair.certificates,
            &other.key,
            "`: not the key of the certificate",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let (certificates, key) = (certificates.display(), key.display());
        let section = format!("server:\n  tls:\n    certificates: {certificates}\n    key: {key}");
        refused(&format!("tls_{number}"), &section, expected);
    }
}
