use std::{fmt, net::IpAddr};

use bursar_kernel::{DomainError, Network, Result};

/// From where a key may be used; none of them: from anywhere. Kept as text with spaces between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<Network>);

bursar_kernel::column_type!(Networks, String, |networks: Networks| networks.to_string(), |text: String| {
    text.split_ascii_whitespace().map(Network::parse).collect::<Option<Vec<_>>>().map(Networks)
});

impl Networks {
    /// The most that a key has: they are looked through at every use.
    pub const MAX: usize = 50;

    /// From what somebody sent: networks such as `10.0.0.0/8`, or single addresses.
    ///
    /// # Errors
    /// `invalid_field` for `allowedCidrs` when there are more than [`Self::MAX`], or one is none.
    pub fn parse(texts: &[String]) -> Result<Self> {
        if texts.len() > Self::MAX {
            let rule = format!("must be at most {} networks", Self::MAX);
            return Err(DomainError::invalid("allowedCidrs", rule));
        }
        let networks: Option<Vec<_>> = texts.iter().map(|text| Network::parse(text)).collect();
        networks
            .map(Self)
            .ok_or_else(|| DomainError::invalid("allowedCidrs", "must be networks such as 10.0.0.0/8"))
    }

    /// Whether a key may be used from an address. One that is not known is in no network.
    #[must_use]
    pub fn permit(&self, address: Option<IpAddr>) -> bool {
        self.0.is_empty()
            || address.is_some_and(|address| self.0.iter().any(|network| network.contains(address)))
    }

    /// Whether they permit nothing that `others` do not.
    #[must_use]
    pub fn are_within(&self, others: &Self) -> bool {
        let is_within = |network: &Network| others.0.iter().any(|other| other.covers(network));
        others.0.is_empty() || (!self.0.is_empty() && self.0.iter().all(is_within))
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = Network> {
        self.0.iter().copied()
    }

    /// Each in its one written form.
    #[must_use]
    pub fn to_strings(&self) -> Vec<String> {
        self.0.iter().map(Network::to_string).collect()
    }
}

/// `10.0.0.0/8 2001:db8::/32`.
impl fmt::Display for Networks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.to_strings().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(texts: &[&str]) -> Networks {
        Networks::parse(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    fn permits(texts: &[&str], address: &str) -> bool {
        networks(texts).permit(Some(address.parse().unwrap()))
    }

    #[test]
    fn a_key_is_used_from_its_networks_and_nowhere_else() {
        let both = ["192.0.2.0/24", "2001:db8::/32"];
        assert!(permits(&both, "192.0.2.7") && permits(&both, "2001:db8::7"));
        assert!(permits(&both, "::ffff:192.0.2.7"), "the same address, written as IPv6");
        assert!(!permits(&both, "198.51.100.1") && !permits(&both, "2001:db9::7"));
        assert!(permits(&["0.0.0.0/0"], "198.51.100.1") && !permits(&["0.0.0.0/0"], "2001:db8::7"));
    }

    #[test]
    fn an_unknown_address_is_in_no_network() {
        assert!(!networks(&["0.0.0.0/0", "::/0"]).permit(None));
        assert!(networks(&[]).permit(None) && permits(&[], "192.0.2.7"));
    }

    #[test]
    fn what_is_no_network_and_what_is_too_many_name_the_field() {
        let fifty = vec!["10.0.0.0/8".to_owned(); 50];
        assert_eq!(Networks::parse(&fifty).unwrap().iter().count(), 50);
        for bad in [vec!["10.0.0.0/8".to_owned(); 51], vec!["home".to_owned()], vec![String::new()]] {
            let refused = Networks::parse(&bad).unwrap_err();
            assert_eq!((refused.code(), refused.get("field")), ("invalid_field", Some("allowedCidrs")));
        }
    }
}
