use std::net::{IpAddr, Ipv6Addr};

/// What one subscriber of the internet holds, for limits by address: an IPv4 address, however it is
/// written, or the first 64 bits of an IPv6 one.
#[must_use]
pub fn subscriber(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}
