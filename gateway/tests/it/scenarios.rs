//! One valid call of every documented operation. The sweeps send the same calls with other
//! credentials.

use bursar_api_keys::Scope;
use bursar_kernel::Account;
use bursar_testkit::world::{GOOD_CARD, PASSWORD};
use serde_json::json;

use crate::{
    client::{Ask, Credential, delete, get, patch, post, put},
    stage::{BOUGHT_CENTS, REDIRECT_URI, Stage, event},
};

mod organizational;
mod proving;

use organizational::organizational;
use proving::proving;

/// A call that must succeed.
pub(crate) struct Scene {
    /// Without its credential.
    pub(crate) ask: Ask,
    pub(crate) by: Credential,
}

/// The scene of an operation, in a world that is ready for it; `None` when nobody wrote one.
#[expect(clippy::too_many_lines, reason = "one table")]
pub(crate) async fn scene(stage: &Stage, operation: &str) -> Option<Scene> {
    let by_ada = |ask: Ask| Scene { ask, by: stage.token() };
    let by_key = |ask: Ask| Scene { ask, by: stage.key() };
    let by_nobody = |ask: Ask| Scene { ask, by: Credential::Nothing };
    let of_user = |rest: &str| get(format!("/api/v1/users/{}/{rest}", stage.user()));
    let of_organization = |rest: &str| get(format!("/api/v1/organizations/{}{rest}", stage.organization()));
    let checkout = json!({
        "amountCents": 2500,
        "successUrl": "https://shop.example/thanks",
        "cancelUrl": "https://shop.example/cart",
    });
    Some(match operation {
        // Accounts: people and organizations.
        "getMe" => by_ada(get("/api/v1/users/me")),
        "acceptTerms" => by_ada(post("/api/v1/users/me/accept-terms")),
        "putActiveAccount" => {
            let body = json!({ "organizationId": stage.organization().to_string() });
            by_ada(put("/api/v1/users/active-account").json(&body))
        }
        "createOrganization" => {
            by_ada(post("/api/v1/organizations").json(&json!({ "name": "Difference Engines" })))
        }
        "getOrganization" => by_ada(of_organization("")),
        "updateMe"
        | "deleteMe"
        | "getMyRemoteConfig"
        | "updateOrganization"
        | "deleteOrganization"
        | "getOrganizationRemoteConfig"
        | "getOrganizationApiKeys"
        | "putProviderApiKeys"
        | "getOrganizationMetrics"
        | "listMembers"
        | "removeMembers"
        | "listAvailableRoles"
        | "setMemberRole"
        | "listMemberUsages"
        | "listInvites"
        | "createInvites"
        | "countInvites"
        | "revokeInvite"
        | "acceptInvite"
        | "listPlans"
        | "getAuditLog" => return organizational(stage, operation).await,
        // Accounts: money.
        "getUserBalance" => {
            stage.payment(stage.personal()).await;
            by_ada(of_user("balance"))
        }
        "getOrganizationBalance" => {
            stage.report(stage.organizational(), "spent").await;
            by_ada(of_organization("/balance"))
        }
        "checkoutUserCredits" => {
            by_ada(post("/api/v1/users/credits/checkout").header("idempotency-key", "buy-1").json(&checkout))
        }
        "checkoutOrganizationCredits" => {
            let path = format!("/api/v1/organizations/{}/credits/checkout", stage.organization());
            by_ada(post(path).header("idempotency-key", "buy-1").json(&checkout))
        }
        "listUserPayments" => {
            stage.payment(stage.personal()).await;
            by_ada(of_user("payments"))
        }
        "getUserPayment" | "getUserPaymentStatus" | "getUserProviderPayment" => {
            let payment = stage.payment(stage.personal()).await;
            by_ada(of_user(&match operation {
                "getUserPayment" => format!("payments/{payment}"),
                "getUserPaymentStatus" => format!("payments/{payment}/status"),
                _ => format!("payments/provider/{payment}"),
            }))
        }
        "listOrganizationPayments" => by_ada(of_organization("/payments?limit=10")),
        "getOrganizationPayment" | "getOrganizationPaymentStatus" | "getOrganizationProviderPayment" => {
            let payment = stage.payment(stage.organizational()).await;
            by_ada(of_organization(&match operation {
                "getOrganizationPayment" => format!("/payments/{payment}"),
                "getOrganizationPaymentStatus" => format!("/payments/{payment}/status"),
                _ => format!("/payments/provider/{payment}"),
            }))
        }
        // Accounts: usage.
        "listUserUsages" => {
            stage.report(stage.personal(), "one").await;
            by_ada(of_user("usages"))
        }
        "listOrganizationUsages" => {
            stage.report(stage.organizational(), "one").await;
            stage.report(stage.organizational(), "two").await;
            by_ada(of_organization("/usages?limit=1"))
        }
        // Accounts: keys.
        "listApiKeys" => by_ada(get("/api/v1/api-keys")),
        "createApiKey" => {
            let body = json!({
                "name": "the product",
                "expiresAt": "2027-01-01T00:00:00+02:00",
                "scopes": ["usage:write", "read"],
            });
            by_ada(post("/api/v1/api-keys").json(&body))
        }
        "createOrganizationApiKey" => {
            let body = json!({
                "name": "the billing job",
                "allowedCidrs": ["203.0.113.0/24", "2001:db8::/32"],
                "perMinuteLimit": 600,
                "spendLimit": { "amountUsd": 12.5, "window": "month" },
            });
            by_ada(post(format!("/api/v1/organizations/{}/api-keys", stage.organization())).json(&body))
        }
        "updateApiKey" => {
            let key = stage.new_key(stage.organizational(), &[Scope::Read, Scope::UsageWrite]).await.key.id;
            let body = json!({
                "name": "narrower",
                "scopes": ["read"],
                "expiresAt": "2027-01-01T00:00:00Z",
                "allowedCidrs": ["203.0.113.7"],
                "perMinuteLimit": 60,
                "spendLimit": { "amountUsd": 0.000_001, "window": "total" },
            });
            by_ada(patch(format!("/api/v1/api-keys/{key}")).json(&body))
        }
        "rotateApiKey" => {
            let key = stage.new_key(stage.organizational(), &[Scope::Read]).await.key.id;
            by_ada(post(format!("/api/v1/api-keys/{key}/rotate")).json(&json!({ "overlapSeconds": 3600 })))
        }
        // Organization.
        "getOwnOrganization" => by_ada(get("/api/organization")),
        "regenerateOrganizationKey" => by_ada(post("/api/organization/regenerate-key")),
        "deleteApiKey" => {
            let key = stage.new_key(stage.organizational(), &[Scope::Read]).await.key.id;
            by_ada(delete(format!("/api/v1/api-keys/{key}")))
        }
        // Accounts: sign-in of existing clients.
        "authorize" => by_nobody(get(
            "/api/v1/auth/authorize?client_type=extension&callback_url=http%3A%2F%2F127.0.0.1%3A9%2Fcallback&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcallback&state=s-1",
        )),
        "exchangeCode" => {
            let body = json!({
                "grantType": "authorization_code",
                "code": stage.code().await,
                "client_type": "extension",
                "redirect_uri": REDIRECT_URI,
                "provider": "bursar",
            });
            by_nobody(post("/api/v1/auth/token").json(&body))
        }
        "exchangeExternalToken" => {
            let body = json!({
                "accessToken": format!("workos:{}", stage.outside_token("grace", None)),
                "refreshToken": "the issuer's own business",
            });
            by_nobody(post("/api/v1/auth/register").json(&body))
        }
        "refreshTokens" => {
            let body = json!({ "refreshToken": stage.refresh_token().await, "grantType": "refresh_token" });
            by_nobody(post("/api/v1/auth/refresh").json(&body))
        }
        // Sign-in.
        "register" => by_nobody(post("/auth/register").json(&json!({
            "email": "Grace@Example.com",
            "password": PASSWORD,
            "organization_name": "Compilers & Sons",
            "display_name": "Grace",
        }))),
        "login" => by_nobody(
            post("/auth/login").json(&json!({ "email": stage.ada.person.email, "password": PASSWORD })),
        ),
        "refresh" => {
            let body = json!({ "refresh_token": stage.refresh_token().await });
            by_nobody(post("/auth/refresh").json(&body))
        }
        "logout" => Scene {
            ask: post("/auth/logout"),
            by: Credential::Bearer(stage.sign_in(&stage.ada.person.email).await),
        },
        "openSession" => by_nobody(
            post("/auth/session").json(&json!({ "email": stage.ada.person.email, "password": PASSWORD })),
        ),
        "closeSession" => Scene {
            ask: delete("/auth/session"),
            by: Credential::Cookie(stage.cookie(&stage.ada.person.email).await),
        },
        "me" => by_ada(get("/auth/me")),
        "jwks" => by_nobody(get("/.well-known/jwks.json")),
        "listSessions"
        | "endSession"
        | "stepUp"
        | "forgotPassword"
        | "resetPassword"
        | "changePassword"
        | "requestEmailVerification"
        | "verifyEmail"
        | "requestEmailChange"
        | "changeEmail"
        | "requestMagicLink"
        | "redeemMagicLink"
        | "getSecondFactor"
        | "beginSecondFactor"
        | "confirmSecondFactor"
        | "renewRecoveryCodes"
        | "removeSecondFactor" => return proving(stage, operation).await,
        // Platform.
        "ingestEvents" => {
            let batch = json!([event(stage.organizational(), "a"), event(stage.organizational(), "b")]);
            by_key(
                post("/api/v1/events")
                    .body("application/cloudevents-batch+json; charset=UTF-8", batch.to_string()),
            )
        }
        "queryMeter" => {
            stage.report(stage.organizational(), "metered").await;
            let organization: Account = stage.organizational();
            by_ada(get(format!(
                "/api/v1/meters/tokens/query?subject={organization}&from=2026-10-01T00:00:00Z&to=2026-10-02T00:00:00Z&windowSize=DAY&groupBy=model"
            )))
        }
        "verifyApiKey" => {
            let shown = stage.limited_key().await;
            let body = json!({
                "key": shown.secret.expose(),
                "permissions": ["usage:write"],
                "cost": 0.25,
                "ip": "::ffff:203.0.113.9",
            });
            by_key(post("/api/v1/api-keys/verify").json(&body))
        }
        // Webhooks.
        "receiveProviderEvent" => {
            let session = stage.world.checkout(&stage.ada, BOUGHT_CENTS).await;
            stage.world.sandbox.pay(&session, GOOD_CARD).await.unwrap();
            let (signature, body) = stage.world.next_webhook().await;
            by_nobody(
                post("/webhooks/stripe").header("stripe-signature", signature).body("application/json", body),
            )
        }
        _ => return None,
    })
}
