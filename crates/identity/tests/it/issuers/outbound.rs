use bursar_identity::{MAX_ANSWER_BYTES, Outbound as _, OutboundPolicy, WebOutbound};
use bursar_kernel::DomainError;
use bursar_testkit::issuer::{JwksAnswer, LocalIssuer};
use url::Url;

use super::{World, web};

/// What sockets hold between two programs, amply.
const IN_FLIGHT_BYTES: usize = 32 * 1024 * 1024;

async fn refusal(outbound: &WebOutbound, url: &str) -> DomainError {
    let refused = outbound.get(&Url::parse(url).unwrap()).await.unwrap_err();
    assert_eq!(refused.code(), "issuer_unavailable", "{url}: {refused:?}");
    refused
}

#[tokio::test]
async fn an_answer_without_an_end_is_read_to_the_cap_and_no_further() {
    let local = LocalIssuer::start().await;
    local.serve_jwks_as(JwksAnswer::Endless);
    refusal(&web(), &local.jwks_url()).await;
    assert!(local.sent_bytes() < IN_FLIGHT_BYTES, "{}", local.sent_bytes());
    local.serve_jwks_as(JwksAnswer::Body(vec![b' '; MAX_ANSWER_BYTES + 1]));
    refusal(&web(), &local.jwks_url()).await;
    local.serve_jwks_as(JwksAnswer::Body(vec![b' '; MAX_ANSWER_BYTES]));
    let whole = web().get(&Url::parse(&local.jwks_url()).unwrap()).await.unwrap();
    assert_eq!(whole.len(), MAX_ANSWER_BYTES);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (world, elsewhere) = (World::new().await, LocalIssuer::start().await);
    world.local.serve_jwks_as(JwksAnswer::Redirect(elsewhere.jwks_url()));
    assert_eq!(world.refusal(&world.long_token()).await, Some("issuer_unavailable"));
    assert_eq!((world.local.jwks_fetches(), elsewhere.connections()), (1, 0));
}

#[tokio::test]
async fn a_refusal_says_the_status_and_nothing_of_the_body() {
    let local = LocalIssuer::start().await;
    local.serve_jwks_as(JwksAnswer::Status(503));
    let refused = refusal(&web(), &local.jwks_url()).await;
    assert_eq!(refused.get("status"), Some("503"));
    assert!(!format!("{refused:?}").contains("not now"), "{refused:?}");
    local.serve_jwks_as(JwksAnswer::Status(204));
    assert_eq!(refusal(&web(), &local.jwks_url()).await.get("status"), Some("204"), "only 200 is an answer");
}

#[tokio::test]
async fn nothing_of_the_own_network_is_connected_to() {
    let local = LocalIssuer::start().await;
    let port = Url::parse(&local.url()).unwrap().port().unwrap();
    let public_alone = WebOutbound::new(OutboundPolicy::default()).unwrap();
    for host in
        ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.0.0.1", "[::ffff:127.0.0.1]", "0.0.0.0"]
    {
        refusal(&public_alone, &format!("https://{host}:{port}/jwks")).await;
        refusal(&public_alone, &format!("http://{host}:{port}/jwks")).await;
    }
    refusal(&public_alone, "https://169.254.169.254/latest/meta-data/").await;
    assert_eq!(local.connections(), 0);
    for host in ["127.0.0.1", "localhost"] {
        refusal(&web(), &format!("https://{host}:{port}/jwks")).await;
    }
    assert!(local.connections() >= 2, "where it may, it does, and finds no TLS");
}

#[tokio::test]
async fn an_address_of_another_kind_or_with_a_password_is_not_asked() {
    let local = LocalIssuer::start().await;
    let with_password = local.jwks_url().replace("http://", "http://ada:secret@");
    for url in [with_password.as_str(), "file:///etc/passwd", "ftp://127.0.0.1/", "data:application/json,{}"]
    {
        refusal(&web(), url).await;
    }
    assert_eq!(local.connections(), 0);
}
