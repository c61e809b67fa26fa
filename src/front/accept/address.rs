//! Whom connections are counted for: an IPv4 address, or the /64 of an IPv6 address, which one customer has to themselves.

use std::net::{IpAddr, Ipv6Addr};

/// Who connects, as far as connections are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::front) struct Address(IpAddr);

/// The part of an IPv6 address that tells networks apart.
const NETWORK: u128 = !0 << 64;

impl From<IpAddr> for Address {
    fn from(address: IpAddr) -> Self {
        // One that listens on both sees IPv4 addresses inside IPv6.
        Self(match address.to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & NETWORK).into(),
            v4 => v4,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(a: &str, b: &str, same: bool) {
        let address = |text: &str| Address::from(text.parse::<IpAddr>().expect("an address"));
        assert_eq!(address(a) == address(b), same, "{a} {b}");
    }

    #[test]
    fn addresses_are_counted_by_whom_they_belong_to() {
        check("192.0.2.1", "192.0.2.1", true);
        check("192.0.2.1", "192.0.2.2", false);
        check("192.0.2.1", "::ffff:192.0.2.1", true);
        check("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", true);
        check("2001:db8:0:1::1", "2001:db8:0:2::1", false);
    }
}
