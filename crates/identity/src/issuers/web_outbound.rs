use std::{net::SocketAddr, sync::Arc, time::Duration};

use bursar_kernel::{DomainError, Result, Secret};
use reqwest::{
    Client, RequestBuilder, StatusCode,
    dns::{Addrs, Name, Resolve, Resolving},
    header::CONTENT_TYPE,
    redirect,
};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use url::{Host, Url, form_urlencoded};

use super::{
    outbound::{MAX_ANSWER_BYTES, Outbound, STATUS, unavailable},
    public_address::is_public,
};

/// The longest that a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest that a question may take, with its answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Whom [`WebOutbound`] may ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboundPolicy {
    /// Also addresses of the own network, and those without TLS: for development.
    pub allow_private: bool,
}

/// [`Outbound`] over the web.
///
/// It connects to nothing but public addresses (whatever a name resolves to is looked at where the
/// connection is made, so a name cannot change its mind), takes the certificates of the public
/// authorities, and listens to no proxy of the environment.
#[derive(Clone, Debug)]
pub struct WebOutbound {
    client: Client,
    policy: OutboundPolicy,
}

impl WebOutbound {
    /// One under a policy.
    ///
    /// # Errors
    /// `internal` when TLS cannot be set up.
    pub fn new(policy: OutboundPolicy) -> Result<Self> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(DomainError::internal)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(Resolver { policy })
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .https_only(!policy.allow_private)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .build()
            .map_err(DomainError::internal)?;
        Ok(Self { client, policy })
    }

    /// Refuses what is not even to be resolved. An address that stands in the URL itself is never
    /// resolved, so it is looked at here.
    fn admit(&self, url: &Url) -> Result<()> {
        let is_web = url.scheme() == "https" || (url.scheme() == "http" && self.policy.allow_private);
        if !is_web || !url.username().is_empty() || url.password().is_some() {
            return Err(unavailable("the address is not one of https"));
        }
        let is_admitted = match url.host() {
            Some(Host::Ipv4(address)) => self.policy.allow_private || is_public(address.into()),
            Some(Host::Ipv6(address)) => self.policy.allow_private || is_public(address.into()),
            Some(Host::Domain(_)) => true,
            None => false,
        };
        is_admitted.then_some(()).ok_or_else(|| unavailable("the address is not public"))
    }

    async fn answer(&self, url: &Url, request: RequestBuilder) -> Result<Vec<u8>> {
        self.admit(url)?;
        let mut response = request.send().await.map_err(failed)?;
        let status = response.status();
        if status != StatusCode::OK {
            return Err(unavailable(format!("the issuer answered {status}")).param(STATUS, status.as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            // Before it is kept: what a body says of its own length is not asked.
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(unavailable("the answer is too large"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

#[async_trait::async_trait]
impl Outbound for WebOutbound {
    async fn get(&self, url: &Url) -> Result<Vec<u8>> {
        self.answer(url, self.client.get(url.clone())).await
    }

    async fn post_form(
        &self,
        url: &Url,
        fields: &[(&str, &str)],
        basic: Option<(&str, &Secret<String>)>,
    ) -> Result<Vec<u8>> {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request = self
            .client
            .post(url.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form);
        if let Some((name, password)) = basic {
            // As in a form: RFC 6749 §2.3.1.
            let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            request = request.basic_auth(encoded(name), Some(encoded(password.expose())));
        }
        self.answer(url, request).await
    }
}

/// Without the address: its query could hold what is nobody's business.
fn failed(cause: reqwest::Error) -> DomainError {
    unavailable(cause.without_url())
}

/// Resolves names to addresses that may be connected to.
struct Resolver {
    policy: OutboundPolicy,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.policy.allow_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let admitted: Vec<SocketAddr> =
                found.filter(|address| allow_private || is_public(address.ip())).collect();
            if admitted.is_empty() {
                return Err("the name leads to no public address".into());
            }
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}
