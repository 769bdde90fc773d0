//! The operations that an outside issuer causes.

use bursar_kernel::{Result, Secret};
use bursar_operations::{
    Credential, FinishExternalSignIn, Operation, Origin, authenticate, begin_external_sign_in,
    exchange_external_token, finish_external_sign_in,
};
use bursar_testkit::{issuer::LocalIssuer, world::World};
use serde_json::{Value, json};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::ProvisionPerson,
    Operation::ProvisionOrganization,
    Operation::AdmitMember,
    Operation::ExchangeExternalToken,
    Operation::SignInByIssuer,
];

const CALLBACK: &str = "http://localhost:8080/sign-in/with/local/callback";

pub(super) async fn prepare(world: &World, issuer: &LocalIssuer, operation: Operation) {
    if operation != Operation::ProvisionPerson {
        come(world, issuer, issuer.workos("somebody", None)).await.unwrap();
    }
    if operation == Operation::AdmitMember {
        come(world, issuer, issuer.workos("founder", Some("acme"))).await.unwrap();
    }
}

pub(super) async fn run(world: &World, issuer: &LocalIssuer, operation: Operation) -> Result<()> {
    match operation {
        Operation::ProvisionPerson => come(world, issuer, issuer.workos("somebody", None)).await,
        Operation::ProvisionOrganization | Operation::AdmitMember => {
            come(world, issuer, issuer.workos("somebody", Some("acme"))).await
        }
        Operation::ExchangeExternalToken => {
            let token = issuer.sign(issuer.workos("somebody", None));
            exchange_external_token(&world.core, &Origin::default(), &token).await.map(drop)
        }
        Operation::SignInByIssuer => {
            issuer.set_person(json!({ "sub": "somebody" }));
            let begun = begin_external_sign_in(&world.core, "local", CALLBACK).await?;
            let back = url::Url::parse(&issuer.visit(&begun.url)).unwrap();
            let (_, code) = back.query_pairs().find(|(name, _)| name == "code").unwrap();
            let command = FinishExternalSignIn {
                issuer: "local",
                redirect_uri: CALLBACK,
                code: &code,
                verifier: &begun.verifier,
                nonce: begun.nonce.expose(),
            };
            finish_external_sign_in(&world.core, &Origin::default(), command).await.map(drop)
        }
        _ => unreachable!("{operation} is run elsewhere"),
    }
}

/// Comes with a token of the issuer.
async fn come(world: &World, issuer: &LocalIssuer, claims: Value) -> Result<()> {
    let token = Credential::Token(Secret::new(issuer.sign(claims)));
    authenticate(&world.core, Some(&token), Origin::default()).await.map(drop)
}
