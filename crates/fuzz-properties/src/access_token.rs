//! Access tokens: none is believed but one that was minted, to the byte, with a published key and
//! while it is good.

use std::{sync::LazyLock, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bursar_identity::{AccessClaims, AccessTokens, PublicKey, SessionId, SigningKey, SigningKeyId};
use bursar_kernel::{OrganizationId, UnixTimestamp, UserId};
use ed25519_dalek::Signer as _;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    choices::Choices,
    edit::{edited, edited_text},
};

const ISSUER: &str = "https://bursar.example";
const AUDIENCE: &str = "bursar";
const HOUR: Duration = Duration::from_hours(1);
const START: UnixTimestamp = UnixTimestamp::from_micros(1_790_000_000_000_000);
/// Headers that tokens of other houses, or of nobody, have.
const HEADERS: [&str; 5] = [
    r#"{"alg":"none"}"#,
    r#"{"alg":"none","kid":"sigkey_00000000000000000000000001"}"#,
    r#"{"alg":"HS256","kid":"sigkey_00000000000000000000000001"}"#,
    r#"{"alg":"EdDSA","kid":"sigkey_00000000000000000000000003"}"#,
    r#"{"alg":"EdDSA","crit":["exp"],"kid":"sigkey_00000000000000000000000001"}"#,
];

static WORLD: LazyLock<World> = LazyLock::new(World::new);

/// A token is believed exactly when it is one of those that were minted, and is not over; then it
/// says what it was made to say. What our own key signed otherwise is believed only as far as it
/// has our issuer, our audience and every claim in its form. Every refusal is the same.
///
/// # Panics
/// When that does not hold.
pub fn holds(input: &[u8]) {
    let mut choices = Choices::new(input);
    let kind = choices.below(5);
    let now = instant(&mut choices);
    let world = &*WORLD;
    match kind {
        0 => world.judged(&choices.rest_as_text(), now),
        1 => {
            let token = &world.tokens[choices.below(world.tokens.len())];
            world.judged(&edited_text(token, &mut choices), now);
        }
        2 => world.judged(&world.spliced(&mut choices), now),
        3 => {
            let header = edited(choices.one_of(&HEADERS).as_bytes(), &mut choices);
            let (_, rest) = world.tokens[0].split_once('.').expect("a token of three parts");
            world.judged(&format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header)), now);
        }
        _ => world.signed(&mut choices, now),
    }
}

fn instant(choices: &mut Choices<'_>) -> UnixTimestamp {
    let moment = Duration::from_micros(1);
    match choices.below(8) {
        0 => START.after(HOUR),
        1 => START.after(HOUR).before(moment),
        2 => START.before(HOUR),
        3 => UnixTimestamp::from_micros(i64::from_be_bytes(choices.bytes())),
        _ => START,
    }
}

struct World {
    ours: AccessTokens,
    keys: Vec<PublicKey>,
    /// Good tokens, each with what it says.
    minted: Vec<(String, AccessClaims)>,
    /// All tokens: the good ones, then those of others.
    tokens: Vec<String>,
    /// The parts of all of them, and of none.
    parts: Vec<String>,
    pair: ed25519_dalek::SigningKey,
}

const fn signing_key_id(number: u128) -> SigningKeyId {
    SigningKeyId::from_uuid(Uuid::from_u128(number))
}

impl World {
    fn new() -> Self {
        let ours = AccessTokens::new(ISSUER, AUDIENCE, HOUR);
        let personal = AccessClaims {
            user: UserId::from_uuid(Uuid::from_u128(7)),
            session: SessionId::from_uuid(Uuid::from_u128(8)),
            issued_at: START,
            expires_at: START.after(HOUR),
            organization: None,
            organization_role: None,
        };
        let member = AccessClaims {
            organization: Some(OrganizationId::from_uuid(Uuid::from_u128(9))),
            organization_role: Some("org:owner".to_owned()),
            ..personal.clone()
        };
        let key = |id, seed| SigningKey::from_seed(signing_key_id(id), [seed; 32]);
        let mint = |tokens: &AccessTokens, key: &SigningKey, claims: &AccessClaims| {
            tokens.mint(key, claims).expect("a token")
        };
        let minted = vec![
            (mint(&ours, &key(1, 1), &member), member.clone()),
            (mint(&ours, &key(1, 1), &personal), personal.clone()),
            (mint(&ours, &key(2, 2), &personal), personal),
        ];
        let others = [
            // Our identifier on a key of somebody else, and a key of ours that is retired.
            mint(&ours, &key(1, 66), &member),
            mint(&ours, &key(3, 3), &member),
            mint(&AccessTokens::new("https://bursar.example/", AUDIENCE, HOUR), &key(1, 1), &member),
            mint(&AccessTokens::new(ISSUER, "other", HOUR), &key(1, 1), &member),
        ];
        let tokens: Vec<_> = minted.iter().map(|(token, _)| token.clone()).chain(others).collect();
        let encoded = HEADERS.iter().map(|header| URL_SAFE_NO_PAD.encode(header));
        let parts = tokens.iter().flat_map(|token| token.split('.')).map(str::to_owned).chain(encoded);
        Self {
            keys: vec![key(2, 2).public(), key(1, 1).public()],
            parts: parts.chain([String::new()]).collect(),
            minted,
            tokens,
            ours,
            pair: ed25519_dalek::SigningKey::from_bytes(&[1; 32]),
        }
    }

    /// Parts of several tokens, in their places or not.
    fn spliced(&self, choices: &mut Choices<'_>) -> String {
        let count = choices.one_of(&[3, 3, 3, 2, 4]);
        let mut parts = Vec::new();
        for place in 0..count {
            let in_its_place = (choices.below(self.tokens.len()) * 3 + place).min(self.parts.len() - 1);
            let any = choices.below(self.parts.len());
            parts.push(self.parts[if choices.one_in(8) { any } else { in_its_place }].as_str());
        }
        let token = parts.join(".");
        if choices.one_in(4) { edited_text(&token, choices) } else { token }
    }

    fn judged(&self, token: &str, now: UnixTimestamp) {
        let good = self.minted.iter().find(|(minted, _)| minted == token).map(|(_, claims)| claims);
        let good = good.filter(|claims| now.seconds() < claims.expires_at.seconds());
        match self.ours.verify(&self.keys, token, now) {
            Ok(claims) => assert_eq!(Some(&claims), good, "{token:?} is believed"),
            Err(refused) => {
                assert_eq!(good, None, "{token:?} is refused: {refused:?}");
                assert_eq!(refused.code(), "invalid_token");
                assert_eq!(refused.to_string(), "Could not validate credentials");
            }
        }
    }

    /// Whatever our own key signed: what the claims' reader makes of it.
    fn signed(&self, choices: &mut Choices<'_>, now: UnixTimestamp) {
        let claims = if choices.one_in(2) {
            choices.rest().to_vec()
        } else {
            let (_, rest) = self.tokens[0].split_once('.').expect("a token of three parts");
            let (claims, _) = rest.split_once('.').expect("a token of three parts");
            edited(&URL_SAFE_NO_PAD.decode(claims).expect("base64"), choices)
        };
        let (header, _) = self.tokens[0].split_once('.').expect("a token of three parts");
        let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(&claims));
        let signature = URL_SAFE_NO_PAD.encode(self.pair.sign(message.as_bytes()).to_bytes());
        let Ok(read) = self.ours.verify(&self.keys, &format!("{message}.{signature}"), now) else { return };
        // What is unknown is passed over by the token's reader, however deep or large; here it is not.
        let Ok(sent) = serde_json::from_slice::<Value>(&claims) else { return };
        let text = |name: &str| sent[name].as_str().map(str::to_owned);
        let seconds = |name: &str| sent[name].as_i64().expect("a whole number");
        assert_eq!((sent["iss"].as_str(), sent["aud"].as_str()), (Some(ISSUER), Some(AUDIENCE)));
        assert_eq!(text("sub"), Some(read.user.to_string()));
        assert_eq!(text("sid"), Some(read.session.to_string()));
        assert_eq!(text("org_id"), read.organization.map(|organization| organization.to_string()));
        assert_eq!(text("org_role"), read.organization_role);
        assert_eq!((seconds("iat"), seconds("exp")), (read.issued_at.seconds(), read.expires_at.seconds()));
        assert!(now.seconds() < seconds("exp"));
    }
}
