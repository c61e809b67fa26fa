//! Proxies whose word is taken for who asks.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

use super::address::Address;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The networks of such proxies.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Arc<[IpNet]>);

impl Proxies {
    /// Reads addresses, and networks such as `10.0.0.0/8`.
    ///
    /// # Errors
    ///
    /// The first that is neither.
    pub fn read(texts: &[String]) -> Result<Self, String> {
        let network = |text: &String| {
            let address = || text.parse::<IpAddr>().map(IpNet::from);
            let read = text.parse::<IpNet>().or_else(|_| address());
            read.map_err(|_| text.clone())
        };
        texts.iter().map(network).collect::<Result<_, _>>().map(Self)
    }

    /// Whether one of them has this address.
    pub(super) fn has(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Who asked the first of them: the last address of `X-Forwarded-For` that is none of theirs. What stands before it
    /// may have been written by anybody. `None` where there is none, or something else.
    ///
    /// <https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/X-Forwarded-For#selecting_an_ip_address>
    pub(super) fn client(&self, headers: &HeaderMap) -> Option<Address> {
        for line in headers.get_all(FORWARDED_FOR).iter().rev() {
            for text in line.to_str().ok()?.rsplit(',') {
                let address = address(text.trim())?;
                if !self.has(address) {
                    return Some(address.into());
                }
            }
        }
        None
    }
}

/// Some proxies write the port, too.
fn address(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse().map(|socket: SocketAddr| socket.ip());
    text.parse().or_else(|_| with_port()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies() -> Proxies {
        let texts = ["10.0.0.0/8", "192.0.2.7", "2001:db8:1::/48"].map(str::to_owned);
        Proxies::read(&texts).expect("networks")
    }

    #[track_caller]
    fn check(lines: &[&str], client: Option<&str>) {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().expect("a header"));
        }
        let client = client.map(|text| Address::from(text.parse::<IpAddr>().expect("an address")));
        assert_eq!(proxies().client(&headers), client, "{lines:?}");
    }

    #[test]
    fn networks_and_addresses_are_read_and_nothing_else() {
        let has = |text: &str| proxies().has(text.parse().expect("an address"));
        assert!(has("10.1.2.3") && has("::ffff:10.1.2.3") && has("192.0.2.7") && has("2001:db8:1::5"));
        assert!(!has("192.0.2.8") && !has("11.0.0.1") && !has("2001:db8:2::5"));
        for wrong in ["", "10.0.0.0/33", "proxy.example", "10.0.0.1:80"] {
            assert_eq!(Proxies::read(&[wrong.to_owned()]).err().as_deref(), Some(wrong));
        }
    }

    #[test]
    fn the_last_address_that_is_no_proxys_is_the_client() {
        check(&["198.51.100.1"], Some("198.51.100.1"));
        check(&["203.0.113.9, 198.51.100.1"], Some("198.51.100.1"));
        check(&["203.0.113.9, 198.51.100.1, 10.0.0.5"], Some("198.51.100.1"));
        check(&["198.51.100.1", "10.0.0.5,192.0.2.7"], Some("198.51.100.1"));
        check(&["2001:db8:2::1"], Some("2001:db8:2::1"));
        check(&["198.51.100.1:4711"], Some("198.51.100.1"));
        check(&["[2001:db8:2::1]:4711"], Some("2001:db8:2::1"));
    }

    #[test]
    fn what_is_no_address_names_nobody() {
        check(&[], None);
        check(&[""], None);
        check(&["10.0.0.5"], None);
        check(&["198.51.100.1, unknown"], None);
        check(&["198.51.100.1,"], None);
    }
}
