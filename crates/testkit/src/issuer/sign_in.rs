use std::collections::HashMap;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::{Url, form_urlencoded};

use super::{CLIENT_ID, CLIENT_SECRET, Issuer, TOKEN_LIFETIME, locked, merged};

/// A code that a browser was sent away with. It is good once.
pub(crate) struct Code {
    code: String,
    redirect_uri: String,
    nonce: Option<String>,
    challenge: String,
    /// Whose token it is good for: who was signed in when it was made.
    person: Value,
}

/// A refusal of the token endpoint: status and error.
pub(crate) type Refusal = (u16, &'static str);

type Fields = HashMap<String, String>;

fn fields(text: &str) -> Fields {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

impl Issuer {
    /// Where a browser is sent that came with this query: back at once, with a code.
    pub(crate) fn authorize(&self, query: &str) -> Result<String, &'static str> {
        let asked = fields(query);
        let field = |name: &str| asked.get(name).cloned().ok_or("a field of the sign-in is missing");
        let is_known = asked.get("client_id").is_some_and(|id| id == CLIENT_ID);
        let is_ours = field("response_type")? == "code"
            && field("code_challenge_method")? == "S256"
            && field("scope")?.split(' ').any(|scope| scope == "openid");
        if !is_known || !is_ours {
            return Err("this is no sign-in with OpenID Connect, a code and PKCE");
        }
        let redirect_uri = field("redirect_uri")?;
        let mut back = Url::parse(&redirect_uri).map_err(|_| "the redirect address is none")?;
        let mut codes = locked(&self.codes);
        let code = format!("code/{}+{}", codes.len() + 1, self.clock.now().micros());
        back.query_pairs_mut().append_pair("code", &code).append_pair("state", &field("state")?);
        codes.push(Code {
            code,
            redirect_uri,
            nonce: asked.get("nonce").cloned(),
            challenge: field("code_challenge")?,
            person: locked(&self.person).clone(),
        });
        Ok(back.into())
    }

    /// What the token endpoint answers to a form.
    pub(crate) fn exchange(&self, authorization: Option<&str>, body: &str) -> Result<Value, Refusal> {
        let asked = fields(body);
        let field = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
        if !authorization.is_some_and(is_client) {
            return Err((401, "invalid_client"));
        }
        if field("grant_type") != "authorization_code" {
            return Err((400, "unsupported_grant_type"));
        }
        let refused = (400, "invalid_grant");
        let mut codes = locked(&self.codes);
        let at = codes.iter().position(|code| code.code == field("code")).ok_or(refused)?;
        // Taken away first: a code is good once, also when it was shown wrongly.
        let code = codes.remove(at);
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(field("code_verifier")));
        if code.redirect_uri != field("redirect_uri") || code.challenge != challenge {
            return Err(refused);
        }
        let now = self.clock.now();
        let usual = json!({
            "iss": self.url,
            "aud": CLIENT_ID,
            "nonce": code.nonce,
            "iat": now.seconds(),
            "exp": now.after(TOKEN_LIFETIME).seconds(),
        });
        let claims = merged(usual, &code.person);
        Ok(json!({
            "id_token": locked(&self.keys).sign(&json!({}), &claims),
            "access_token": "opaque",
            "token_type": "Bearer",
            "expires_in": TOKEN_LIFETIME.as_secs(),
        }))
    }
}

/// Whether the header is the client's name and secret, each encoded as in a form.
fn is_client(authorization: &str) -> bool {
    let pair = authorization.strip_prefix("Basic ").and_then(|pair| STANDARD.decode(pair).ok());
    let Some(pair) = pair.and_then(|pair| String::from_utf8(pair).ok()) else { return false };
    let decoded = |text: &str| {
        let field = form_urlencoded::parse(text.as_bytes()).next();
        field.map(|(name, _)| name.into_owned()).unwrap_or_default()
    };
    pair.split_once(':')
        .is_some_and(|(id, secret)| decoded(id) == CLIENT_ID && decoded(secret) == CLIENT_SECRET)
}
