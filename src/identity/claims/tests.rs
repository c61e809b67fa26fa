//! To the second: when a token begins and ends, and which times are none.

use super::*;

const NOW: i64 = 1_800_000_000;

fn rules(leeway_secs: i64) -> Rules {
    Rules {
        issuer: "us".to_owned(),
        audience: vec!["shop".to_owned()],
        algorithms: vec![Algorithm::RS256],
        leeway: SignedDuration::from_secs(leeway_secs),
        max_token_bytes: 8_192,
        claims: ClaimPaths {
            customer: ClaimPath::parse("https://shop.example/claims.customer"),
            company: ClaimPath::parse("org.unit.number"),
            permissions: ClaimPath::parse("scope"),
            ..ClaimPaths::default()
        },
        words: Words {
            approver: vec!["approve".to_owned()],
            staff: vec!["sales".to_owned()],
        },
    }
}

/// The identity of a token with these further members.
fn identity(leeway_secs: i64, members: &str) -> Result<Identity, Reason> {
    let payload = format!("{{\"iss\":\"us\",\"aud\":\"shop\",\"sub\":\"s\",{members}}}");
    let claims = Claims::read(payload.as_bytes())?;
    let now = Timestamp::from_second(NOW).expect("a time");
    rules(leeway_secs).identity(&claims, now)
}

#[track_caller]
fn check(leeway_secs: i64, members: &str, expected: Result<(), Reason>) {
    assert_eq!(identity(leeway_secs, members).map(|_| ()), expected, "{members}");
}

#[test]
fn a_token_ends_when_the_leeway_has_passed() {
    for leeway in [0, 30, 300] {
        check(leeway, &format!("\"exp\":{}", NOW - leeway + 1), Ok(()));
        check(leeway, &format!("\"exp\":{}", NOW - leeway), Err(Reason::Expired));
        check(
            leeway,
            &format!("\"exp\":{}", NOW - leeway - 1),
            Err(Reason::Expired),
        );
    }
    let end = identity(30, &format!("\"exp\":{NOW}"))
        .expect("within the leeway")
        .expires;
    assert_eq!(
        end.as_second(),
        NOW + 30,
        "a connection lasts as long as its token is accepted"
    );
}

#[test]
fn a_token_begins_the_leeway_earlier() {
    let nbf = |time: i64| format!("\"exp\":{},\"nbf\":{time}", NOW + 60);
    check(30, &nbf(NOW + 30), Ok(()));
    check(30, &nbf(NOW + 31), Err(Reason::NotYetValid));
    check(0, &nbf(NOW), Ok(()));
    check(0, &nbf(NOW + 1), Err(Reason::NotYetValid));
}

#[test]
fn a_token_is_issued_five_minutes_ahead_at_most() {
    let iat = |time: i64| format!("\"exp\":{},\"iat\":{time}", NOW + 6_000);
    check(30, &iat(NOW + 330), Ok(()));
    check(30, &iat(NOW + 331), Err(Reason::NotYetValid));
    check(0, &iat(0), Ok(()));
}

#[test]
fn times_are_numbers_within_the_calendar() {
    for good in [
        "1800000060",
        "1800000060.9",
        "1.80000006e9",
        "1.80000006E+9",
        "253402207200",
    ] {
        check(0, &format!("\"exp\":{good}"), Ok(()));
    }
    check(0, "\"exp\":1800000000.9", Err(Reason::Expired));
    for bad in [
        "\"1800000060\"",
        "-1",
        "-0.5",
        "1e400",
        "1e20",
        "99999999999999999999999999999999999999",
        "253402300800",
        "null",
        "true",
        "[]",
        "{}",
    ] {
        check(0, &format!("\"exp\":{bad}"), Err(Reason::UnusableClaim));
    }
    check(0, "\"nbf\":0", Err(Reason::MissingClaim));
}

#[test]
fn a_path_takes_the_longest_name_that_is_there() {
    let read = |members: &str| {
        let identity = identity(0, &format!("\"exp\":{},{members}", NOW + 60))?;
        let customer = identity.customer.map(|number| number.as_str().to_owned());
        let company = identity.company.map(|number| number.as_str().to_owned());
        Ok((customer, company))
    };
    let text = |text: &str| Some(text.to_owned());
    for (members, expected) in [
        (
            "\"https://shop.example/claims.customer\":\"1\"",
            Ok((text("1"), None)),
        ),
        (
            "\"https://shop.example/claims\":{\"customer\":\"2\"}",
            Ok((text("2"), None)),
        ),
        (
            "\"https://shop\":{\"example/claims\":{\"customer\":\"3\"}}",
            Ok((text("3"), None)),
        ),
        ("\"org\":{\"unit\":{\"number\":\"C\"}}", Ok((None, text("C")))),
        ("\"org.unit\":{\"number\":\"D\"},\"org\":5", Ok((None, text("D")))),
        ("\"org\":{\"unit\":null}", Ok((None, None))),
        ("\"org\":null", Ok((None, None))),
        ("\"org\":{\"unit\":\"C\"}", Err(Reason::UnusableClaim)),
        (
            "\"org\":{\"unit\":{\"number\":\"C\",\"number\":\"D\"}}",
            Err(Reason::UnusableClaim),
        ),
    ] {
        assert_eq!(read(members), expected, "{members}");
    }
}

#[test]
fn words_are_permissions_only_as_a_whole() {
    let permissions = |words: &str| {
        let found = identity(0, &format!("\"exp\":{},\"scope\":{words}", NOW + 60));
        let found = found.expect("an identity").permissions;
        (found.approver, found.staff)
    };
    assert_eq!(permissions("\"openid sales\""), (false, true));
    assert_eq!(permissions("[\"approve\",\"sales\"]"), (true, true));
    assert_eq!(permissions("[\"approve sales\"]"), (false, false));
    assert_eq!(permissions("\"presales Sales sales-rep\""), (false, false));
    assert_eq!(permissions("\"\""), (false, false));
    assert_eq!(permissions("null"), (false, false));
}

#[test]
fn staff_act_for_one_customer_with_nothing_of_their_own() {
    let exp = NOW + 60;
    let own = "\"https://shop.example/claims.customer\":\"1\",\"org\":{\"unit\":{\"number\":\"C\"}}";
    let staff = identity(0, &format!("\"exp\":{exp},\"scope\":\"sales approve\",{own}")).expect("staff");
    let acting = crate::identity::act_for(&staff, "20002").expect("a customer number");
    assert_eq!(
        acting.customer.as_ref().map(|number| number.as_str()),
        Some("20002")
    );
    assert_eq!((&acting.company, &acting.price_list), (&None, &None));
    assert_eq!(
        acting.permissions,
        Permissions {
            approver: false,
            staff: true
        }
    );
    assert_eq!((&acting.subject, acting.expires), (&staff.subject, staff.expires));
}
