//! Where a client waits for its code: a program on the person's own machine, reached by a loopback
//! address or by a scheme of its own.

use std::net::{Ipv4Addr, Ipv6Addr};

use bursar_kernel::{DomainError, Result};
use url::{Host, Url};

/// Longer than any address that a program listens on.
const MAX_LENGTH: usize = 2000;

/// An address that a code may be sent to.
#[derive(Clone, Debug)]
pub(crate) struct Callback {
    /// As the client wrote it, and will write it again when it exchanges the code.
    text: String,
    url: Url,
}

impl Callback {
    /// Reads an address as a browser does, so that both mean the same place.
    ///
    /// # Errors
    /// `invalid_field` for any place but a program on this machine.
    pub(crate) fn parse(field: &'static str, text: &str, schemes: &[String]) -> Result<Self> {
        let refused = |rule: &str| DomainError::invalid(field, rule);
        if text.len() > MAX_LENGTH || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refused("must be an address of at most 2000 visible ASCII characters"));
        }
        let url = Url::parse(text).map_err(|_| refused("must be an address"))?;
        let is_loopback = url.scheme() == "http"
            && match url.host() {
                Some(Host::Ipv4(address)) => address == Ipv4Addr::LOCALHOST,
                Some(Host::Ipv6(address)) => address == Ipv6Addr::LOCALHOST,
                Some(Host::Domain(name)) => name == "localhost",
                None => false,
            };
        if !is_loopback && !schemes.iter().any(|scheme| scheme == url.scheme()) {
            return Err(refused(
                "must be http:// on a loopback address, or of a scheme that the operator allows",
            ));
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(refused("must be without a user, a password and a fragment"));
        }
        Ok(Self { text: text.to_owned(), url })
    }

    /// As the client wrote it.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// What a person is shown of it: the machine and the port, or the program's scheme.
    pub(crate) fn place(&self) -> String {
        match (self.url.host_str(), self.url.port()) {
            (Some(host), Some(port)) => format!("{}://{host}:{port}", self.url.scheme()),
            (Some(host), None) => format!("{}://{host}", self.url.scheme()),
            (None, _) => format!("{}:", self.url.scheme()),
        }
    }

    /// What a page's policy calls it: forms that end there need to be allowed it.
    pub(crate) fn form_action(&self) -> String {
        match self.url.host() {
            // A policy has no word for an IPv6 address.
            Some(Host::Ipv4(_) | Host::Domain(_)) if self.url.scheme() == "http" => self.place(),
            _ => format!("{}:", self.url.scheme()),
        }
    }

    /// The address with more in its query.
    pub(crate) fn with(&self, pairs: &[(&str, Option<&str>)]) -> String {
        let mut url = self.url.clone();
        let told = pairs.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
        url.query_pairs_mut().extend_pairs(told);
        url.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Callback> {
        Callback::parse("callback_url", text, &["vscode".to_owned(), "com.example.app".to_owned()])
    }

    #[test]
    fn a_code_goes_to_a_program_on_the_persons_machine_and_nowhere_else() {
        for (good, place, form_action) in [
            ("http://127.0.0.1:4711/callback", "http://127.0.0.1:4711", "http://127.0.0.1:4711"),
            ("http://localhost/cb?a=1", "http://localhost", "http://localhost"),
            ("http://[::1]:9/", "http://[::1]:9", "http:"),
            ("vscode://publisher.extension/auth", "vscode://publisher.extension", "vscode:"),
            ("com.example.app:/cb", "com.example.app:", "com.example.app:"),
        ] {
            let callback = parse(good).unwrap();
            assert_eq!((callback.place().as_str(), callback.form_action().as_str()), (place, form_action));
        }
        for bad in [
            "",
            "/callback",
            "https://127.0.0.1/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://evil.example/cb",
            "http://127.0.0.1@evil.example/cb",
            "http://evil.example\\@127.0.0.1/cb",
            "http://me@127.0.0.1/cb",
            "http://127.0.0.1/cb#fragment",
            "http://127.0.0.2/cb",
            "http://0.0.0.0/cb",
            "//127.0.0.1/cb",
            "javascript:alert(1)",
            "cursor://extension/auth",
            "http://127.0.0.1/a b",
            "http://127.0.0.1/\n",
        ] {
            assert_eq!(parse(bad).unwrap_err().get("field"), Some("callback_url"), "{bad}");
        }
        assert!(parse(&format!("http://127.0.0.1/{}", "a".repeat(2000))).is_err());
    }

    #[test]
    fn what_is_told_stands_behind_what_the_client_wrote() {
        let told = [("code", Some("a b&c")), ("provider", Some("bursar")), ("state", None)];
        let with = |text: &str| parse(text).unwrap().with(&told);
        assert_eq!(with("http://127.0.0.1:9/cb"), "http://127.0.0.1:9/cb?code=a+b%26c&provider=bursar");
        assert_eq!(
            with("http://127.0.0.1:9/cb?x=1"),
            "http://127.0.0.1:9/cb?x=1&code=a+b%26c&provider=bursar"
        );
        assert_eq!(with("vscode://p.e/auth"), "vscode://p.e/auth?code=a+b%26c&provider=bursar");
    }
}
