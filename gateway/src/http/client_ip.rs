//! Who is at the other end, when only the operator's own proxies are believed.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
pub use bursar_kernel::Network;

/// The client's address. `X-Forwarded-For` is read from the right, as each proxy appended what it
/// saw; the first address that is not one of ours is the client. What a client wrote itself stands
/// further left and is never reached.
#[must_use]
pub fn client_ip(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[Network]) -> Option<IpAddr> {
    let is_ours = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer?.to_canonical();
    let chain: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .flat_map(|value| value.to_str().unwrap_or("?").split(','))
        .collect();
    for hop in chain.into_iter().rev() {
        if !is_ours(client) {
            break;
        }
        // Some proxies write the port too.
        let hop = hop.trim();
        let address = hop.parse().or_else(|_| hop.parse::<SocketAddr>().map(|address| address.ip()));
        let Ok(address): Result<IpAddr, _> = address else { break };
        client = address.to_canonical();
    }
    Some(client)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn seen(peer: &str, forwarded: &[&'static str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted: Vec<_> = trusted.iter().map(|text| Network::parse(text).unwrap()).collect();
        client_ip(Some(ip(peer)), &headers, &trusted).unwrap().to_string()
    }

    #[test]
    fn a_header_is_believed_only_from_a_trusted_proxy() {
        assert_eq!(seen("198.51.100.7", &["203.0.113.9"], &[]), "198.51.100.7");
        assert_eq!(seen("10.1.2.3", &["203.0.113.9"], &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(seen("::ffff:10.1.2.3", &["203.0.113.9"], &["10.0.0.0/8"]), "203.0.113.9");
    }

    #[test]
    fn what_a_client_wrote_itself_is_never_reached() {
        let forwarded = ["127.0.0.1, 203.0.113.9", "10.9.9.9"];
        assert_eq!(seen("10.1.2.3", &forwarded, &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(seen("10.1.2.3", &["1.1.1.1, garbage"], &["10.0.0.0/8"]), "10.1.2.3");
        assert_eq!(seen("10.1.2.3", &["10.0.0.1, 10.0.0.2"], &["10.0.0.0/8"]), "10.0.0.1");
        assert_eq!(seen("10.1.2.3", &["203.0.113.9:4711"], &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(seen("10.1.2.3", &["[2001:db8::1]:4711"], &["10.0.0.0/8"]), "2001:db8::1");
    }
}
