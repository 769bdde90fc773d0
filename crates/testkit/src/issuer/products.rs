use serde_json::{Value, json};

use super::{AUDIENCE, AUTHORIZED_PARTY, LocalIssuer, TOKEN_LIFETIME};

/// Claims as products publish them, of a person who is an admin of the organization. Its
/// name, address and picture are in none of them unless a template puts them in.
impl LocalIssuer {
    /// What every token says, for whom it is included.
    #[must_use]
    pub fn claims(&self, subject: &str) -> Value {
        let now = self.issuer.clock.now();
        json!({
            "iss": self.issuer.url,
            "sub": subject,
            "aud": AUDIENCE,
            "iat": now.seconds(),
            "exp": now.after(TOKEN_LIFETIME).seconds(),
        })
    }

    /// Clerk's session token, version 1.
    #[must_use]
    pub fn clerk_v1(&self, subject: &str, organization: Option<&str>) -> Value {
        let mut claims = self.clerk(subject);
        if let Some(organization) = organization {
            claims["org_id"] = json!(organization);
            claims["org_role"] = json!("org:admin");
            claims["org_slug"] = json!("acme");
            claims["org_permissions"] = json!(["org:dashboard:read"]);
        }
        claims
    }

    /// Clerk's session token, version 2.
    #[must_use]
    pub fn clerk_v2(&self, subject: &str, organization: Option<&str>) -> Value {
        let mut claims = self.clerk(subject);
        claims["v"] = json!(2);
        claims["sts"] = json!("active");
        claims["pla"] = json!("u:free");
        claims["fea"] = json!("o:dashboard");
        if let Some(organization) = organization {
            claims["o"] =
                json!({"id": organization, "rol": "admin", "slg": "acme", "per": "read", "fpm": "1"});
        }
        claims
    }

    /// What both versions have: no `aud`, but the origin that asked, and how many minutes ago each
    /// factor was verified.
    fn clerk(&self, subject: &str) -> Value {
        let mut claims = self.claims(subject);
        if let Some(claims) = claims.as_object_mut() {
            claims.remove("aud");
        }
        claims["azp"] = json!(AUTHORIZED_PARTY);
        claims["fva"] = json!([0, -1]);
        claims["jti"] = json!("0d9c2b6f4e8a4d6f9a51");
        claims["nbf"] = json!(self.issuer.clock.now().seconds() - 10);
        claims["sid"] = json!("sess_2vPq6zVqf0Ns4KkqTn8bMGpD8Yk");
        claims
    }

    /// The session token of `WorkOS`, with the `aud` that a template of its dashboard puts in: of itself
    /// it does not say for whom it is.
    #[must_use]
    pub fn workos(&self, subject: &str, organization: Option<&str>) -> Value {
        let mut claims = self.claims(subject);
        claims["sid"] = json!("session_01HQSXZGF8FHF7A9ZZFCW4387R");
        claims["jti"] = json!("01HQSXZXPPFPKMDD32RKTFY6PV");
        claims["entitlements"] = json!(["audit-logs"]);
        if let Some(organization) = organization {
            claims["org_id"] = json!(organization);
            claims["role"] = json!("admin");
            claims["roles"] = json!(["admin"]);
            claims["permissions"] = json!(["posts:read", "posts:write"]);
        }
        claims
    }
}
