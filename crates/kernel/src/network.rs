use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Bits of an IPv6 address before the IPv4 address that is written in it.
const MAPPED_BITS: u8 = 96;

/// A network such as `10.0.0.0/8`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// With nothing beyond the prefix: one network has one form.
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// From its text; `None` when it is none. IPv4 written as IPv6 counts as IPv4.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u8>().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(longest);
        if prefix > longest {
            return None;
        }
        Some(match (address, address.to_canonical(), prefix.checked_sub(MAPPED_BITS)) {
            // Addresses are seen in their canonical form, so that it would never contain one.
            (IpAddr::V6(_), mapped @ IpAddr::V4(_), Some(prefix)) => Self::new(mapped, prefix),
            _ => Self::new(address, prefix),
        })
    }

    fn new(address: IpAddr, prefix: u8) -> Self {
        let address = match address {
            IpAddr::V4(address) => {
                // Shifting out all bits is no shift: a prefix of 0 keeps none.
                let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
                Ipv4Addr::from(u32::from(address) & mask).into()
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
                Ipv6Addr::from(u128::from(address) & mask).into()
            }
        };
        Self { address, prefix }
    }

    /// Whether the address is in it. An IPv4 address written as IPv6 counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.begins(address.to_canonical())
    }

    /// Whether every address of the other one is in it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.prefix <= other.prefix && self.begins(other.address)
    }

    fn begins(&self, address: IpAddr) -> bool {
        self.address.is_ipv4() == address.is_ipv4() && Self::new(address, self.prefix).address == self.address
    }
}

/// `10.0.0.0/8`; an address alone stands without its prefix.
impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let longest = if self.address.is_ipv4() { 32 } else { 128 };
        if self.prefix == longest {
            self.address.fmt(formatter)
        } else {
            write!(formatter, "{}/{}", self.address, self.prefix)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        Network::parse(text).unwrap()
    }

    fn contains(text: &str, address: &str) -> bool {
        network(text).contains(address.parse().unwrap())
    }

    #[test]
    fn a_network_covers_its_prefix_and_nothing_else() {
        assert!(contains("0.0.0.0/0", "203.0.113.9") && contains("::/0", "2001:db8::1"));
        assert!(contains("192.0.2.128/25", "192.0.2.200") && !contains("192.0.2.128/25", "192.0.2.1"));
        assert!(contains("2001:db8::/32", "2001:db8:ffff::1") && !contains("2001:db8::/32", "2001:db9::1"));
        assert!(contains("192.0.2.1", "192.0.2.1") && !contains("0.0.0.0/0", "2001:db8::1"));
        for none in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/x", "10.0.0.0/", "10.0.0.0/8/8"] {
            assert!(Network::parse(none).is_none(), "{none}");
        }
    }

    #[test]
    fn an_ipv4_address_written_as_ipv6_is_the_same_address() {
        assert!(contains("192.0.2.0/24", "::ffff:192.0.2.7") && !contains("::/0", "::ffff:192.0.2.7"));
        assert_eq!(network("::ffff:192.0.2.0/120"), network("192.0.2.0/24"));
        assert!(contains("::ffff:192.0.2.7", "192.0.2.7") && !contains("::ffff:192.0.2.7", "192.0.2.8"));
    }

    #[test]
    fn a_network_is_written_in_one_form_and_read_again() {
        for (text, written) in [
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("192.0.2.1/32", "192.0.2.1"),
            ("2001:DB8:0::1/32", "2001:db8::/32"),
            ("::1", "::1"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("::1/0", "::/0"),
        ] {
            assert_eq!(network(text).to_string(), written);
            assert_eq!(network(written), network(text));
        }
    }

    #[test]
    fn a_network_covers_those_that_lie_in_it() {
        for (outer, inner) in
            [("10.0.0.0/8", "10.0.0.0/8"), ("10.0.0.0/8", "10.9.0.0/16"), ("::/0", "2001:db8::1")]
        {
            assert!(network(outer).covers(&network(inner)), "{outer} {inner}");
        }
        for (outer, inner) in
            [("10.9.0.0/16", "10.0.0.0/8"), ("10.0.0.0/8", "11.0.0.0/8"), ("::/0", "10.0.0.0/8")]
        {
            assert!(!network(outer).covers(&network(inner)), "{outer} {inner}");
        }
    }
}
