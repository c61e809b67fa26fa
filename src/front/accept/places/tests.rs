//! Places as they are taken and given back.

use super::*;
use crate::front::accept::limits::Http2Limits;
use std::time::Duration;

fn limits(connections: usize, connections_per_address: Option<usize>) -> Limits {
    let second = Duration::from_secs(1);
    Limits {
        connections,
        connections_per_address,
        proxies: Proxies::read(&["10.0.0.0/8".to_owned()]).expect("a network"),
        handshake: second,
        header: second,
        idle: second,
        write: second,
        drain_delay: second,
        grace: second,
        http2: Http2Limits {
            streams: 1,
            header_bytes: 1,
            pending_resets: 1,
            faults: 1,
            broken_off: 1,
            ping_after: second,
            ping_timeout: second,
        },
    }
}

fn address(last: u8) -> IpAddr {
    [192, 0, 2, last].into()
}

#[test]
fn one_address_has_its_share_and_all_have_theirs() {
    let places = Arc::new(Places::default());
    let limits = limits(3, Some(2));
    let take = |last| places.take(address(last), &limits);
    let first = take(1).ok();
    let _second = take(1).ok();
    assert_eq!(take(1).err(), Some(Full::OfAddress));
    let third = take(2).ok();
    assert_eq!(take(3).err(), Some(Full::All));
    assert_eq!(places.taken(), 3);
    drop(third);
    assert_eq!(take(1).err(), Some(Full::OfAddress));
    let kept = first.clone();
    drop(first);
    assert_eq!(take(1).err(), Some(Full::OfAddress), "somebody keeps it");
    drop(kept);
    assert!(take(1).is_ok());
}

#[test]
fn nothing_is_remembered_of_who_has_gone() {
    let places = Arc::new(Places::default());
    let limits = limits(1_000, None);
    let all: Vec<_> = (0..255)
        .map(|last| places.take(address(last), &limits).ok())
        .collect();
    assert_eq!(places.by_address().len(), 255);
    drop(all);
    assert_eq!(places.by_address().len(), 0);
    assert_eq!(places.taken(), 0);
}

#[test]
fn a_trusted_proxy_has_no_share_and_its_sockets_are_counted_for_who_asked() {
    let places = Arc::new(Places::default());
    let limits = limits(4, Some(1));
    let through = |client: &str| {
        let place = places.take([10, 0, 0, 1].into(), &limits)?;
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", client.parse().expect("a header"));
        place.of(&headers).for_socket()
    };
    let first = through("192.0.2.1").ok();
    assert_eq!(through("192.0.2.1").err(), Some(Full::OfAddress));
    let second = through("192.0.2.2").ok();
    assert_eq!(places.taken(), 2, "who was refused has no place");
    assert!(first.is_some() && second.is_some());
    assert!(
        places.take(address(1), &limits).is_err(),
        "the same address without the proxy"
    );
    drop((first, second));
    assert_eq!((places.taken(), places.by_address().len()), (0, 0));
}
