use std::time::Duration;

use bursar_kernel::UnixTimestamp;
use serde_json::{Map, Value};

use super::{
    organization_claim::{ExternalOrganizationClaim, organization},
    token::Refusal,
};
use crate::email::EmailAddress;

/// How far the issuer's clock may be ahead of ours. An end is an end: for `exp` there is none.
const LEEWAY_SECONDS: i64 = 60;
/// The longest subject that `OpenID` Connect allows.
const MAX_SUBJECT_LENGTH: usize = 255;
/// The longest name that is taken over, as of people who name themselves.
const MAX_NAME_LENGTH: usize = 100;

/// What a good token of an outside issuer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalClaims {
    /// Whose token it is.
    pub issuer: String,
    /// Whom the issuer knows the person as.
    pub subject: String,
    /// The person's address, where the token tells one that is one.
    pub email: Option<EmailAddress>,
    /// Whether the issuer has seen that mail reaches the person there.
    pub email_verified: bool,
    /// What the person is called, fit to be shown.
    pub name: Option<String>,
    /// A picture of the person, unchecked.
    pub picture: Option<String>,
    /// The organization that was chosen at the issuer.
    pub organization: Option<ExternalOrganizationClaim>,
    /// When the token was made.
    pub issued_at: UnixTimestamp,
    /// The second in which it is not good any more.
    pub expires_at: UnixTimestamp,
    /// When the person last proved itself to the issuer.
    pub proved_at: UnixTimestamp,
}

/// For whom a token must be.
pub(crate) struct Addressee<'a> {
    /// One of them must be in `aud`.
    pub(crate) audiences: &'a [String],
    /// One of them must be `azp`.
    pub(crate) parties: &'a [String],
    /// Whether `azp` must be there even where one `aud` says enough.
    pub(crate) needs_party: bool,
}

impl Addressee<'_> {
    fn check(&self, claims: &Claims) -> Result<(), Refusal> {
        if self.audiences.is_empty() && self.parties.is_empty() {
            return Err("nothing says for whom the issuer's tokens are");
        }
        let audiences = claims.audiences()?;
        if !self.audiences.is_empty() && !audiences.iter().any(|one| is_in(self.audiences, one)) {
            return Err("the token is for somebody else");
        }
        let party = match claims.text("azp")? {
            Some(party) => Some(party),
            None => claims.text("client_id")?,
        };
        let parties = if self.parties.is_empty() { self.audiences } else { self.parties };
        let is_needed = audiences.len() > 1 || (self.needs_party && !self.parties.is_empty());
        match party {
            // RFC 7519 §4.1.3: one that says for whom it is, and not for us, is not for us.
            _ if !audiences.is_empty() && self.audiences.is_empty() => Err("the token is for somebody else"),
            None if is_needed => Err("the token does not say who asked for it"),
            Some(party) if (is_needed || !self.parties.is_empty()) && !is_in(parties, party) => {
                Err("somebody else asked for the token")
            }
            _ => Ok(()),
        }
    }
}

fn is_in(allowed: &[String], one: &str) -> bool {
    allowed.iter().any(|allowed| allowed == one)
}

/// The claims of a token whose signature is good.
pub(crate) struct Claims(pub(crate) Map<String, Value>);

impl Claims {
    /// What they say, when the token is of `issuer`, for the addressee, and good at `now`.
    pub(crate) fn read(
        &self,
        issuer: &str,
        addressee: &Addressee<'_>,
        now: UnixTimestamp,
    ) -> Result<ExternalClaims, Refusal> {
        if self.text("iss")? != Some(issuer) {
            return Err("the issuer is another one");
        }
        // Words between an issuer and a service (RFC 8417), and tokens that are good only with a key
        // that nobody shows here (RFC 7800).
        if self.0.contains_key("events") || self.0.contains_key("cnf") {
            return Err("the token is of another kind");
        }
        let subject = self.text("sub")?.ok_or("sub is missing")?;
        if !(1..=MAX_SUBJECT_LENGTH).contains(&subject.chars().count()) {
            return Err("sub is empty or too long");
        }
        let (issued_at, expires_at) = self.period(now)?;
        addressee.check(self)?;
        let email = self.display("email").and_then(|email| EmailAddress::parse(email).ok());
        Ok(ExternalClaims {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            email_verified: email.is_some() && self.is_email_verified(),
            email,
            name: self.name(),
            picture: self.display("picture").map(str::to_owned),
            organization: organization(self)?,
            issued_at,
            expires_at,
            proved_at: self.proved_at(issued_at)?.min(issued_at).min(now),
        })
    }

    /// From when until when it is good, if `now` lies between.
    fn period(&self, now: UnixTimestamp) -> Result<(UnixTimestamp, UnixTimestamp), Refusal> {
        let expires_at = self.instant("exp")?.ok_or("exp is missing")?;
        if expires_at.seconds() <= now.seconds() {
            return Err("the token has expired");
        }
        let issued_at = self.instant("iat")?.ok_or("iat is missing")?;
        let latest = now.seconds().saturating_add(LEEWAY_SECONDS);
        let begins_at = self.instant("nbf")?.unwrap_or(issued_at);
        if issued_at.seconds() > latest || begins_at.seconds() > latest {
            return Err("the token is not good yet");
        }
        Ok((issued_at, expires_at))
    }

    /// When the person last proved itself: `auth_time`, or as many minutes ago as Clerk says.
    fn proved_at(&self, issued_at: UnixTimestamp) -> Result<UnixTimestamp, Refusal> {
        if let Some(at) = self.instant("auth_time")?
            && !self.0.contains_key("act")
        {
            return Ok(at);
        }
        // Somebody acts for the person, such as who helps it: that is no proof of the person's own.
        if self.0.contains_key("act") {
            return Ok(UnixTimestamp::default());
        }
        let Some(ages) = self.0.get("fva") else { return Ok(issued_at) };
        // Below zero, or what nobody understands: never.
        let minutes = ages.as_array().and_then(|ages| ages.first()).and_then(Value::as_u64);
        let age = minutes.and_then(|minutes| minutes.checked_mul(60)).map(Duration::from_secs);
        Ok(age.map_or_else(UnixTimestamp::default, |age| issued_at.before(age)))
    }

    fn audiences(&self) -> Result<Vec<&str>, Refusal> {
        match self.0.get("aud") {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::String(one)) => Ok(vec![one]),
            Some(Value::Array(several)) => {
                several.iter().map(|one| one.as_str().ok_or("an aud is no text")).collect()
            }
            Some(_) => Err("aud is no text"),
        }
    }

    fn name(&self) -> Option<String> {
        self.shown("name").or_else(|| {
            let (given, family) = (self.shown("given_name"), self.shown("family_name"));
            let whole: Vec<_> = [given, family].into_iter().flatten().collect();
            (!whole.is_empty()).then(|| fit(&whole.join(" ")))
        })
    }

    /// Some issuers write it as a text.
    fn is_email_verified(&self) -> bool {
        match self.0.get("email_verified") {
            Some(Value::Bool(is_verified)) => *is_verified,
            Some(Value::String(text)) => text == "true",
            _ => false,
        }
    }

    /// A text on which something depends: one of another type makes the token no good.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err("a claim is no text"),
        }
    }

    /// A text that is only shown, as it is to be shown.
    pub(crate) fn shown(&self, name: &str) -> Option<String> {
        self.display(name).map(fit).filter(|text| !text.is_empty())
    }

    fn display(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// Seconds since the epoch. A fraction, which few issuers write, is cut off.
    fn instant(&self, name: &str) -> Result<Option<UnixTimestamp>, Refusal> {
        let number = match self.0.get(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Number(number)) => number.to_string(),
            Some(_) => return Err("an instant is no number"),
        };
        let whole = number.split_once('.').map_or(number.as_str(), |(whole, _)| whole);
        let seconds: i64 = whole.parse().map_err(|_| "an instant is out of range")?;
        let micros = seconds.checked_mul(1_000_000).ok_or("an instant is out of range")?;
        Ok(Some(UnixTimestamp::from_micros(micros)))
    }
}

/// As long as a name may be, and without what would break a page.
fn fit(text: &str) -> String {
    let plain: String = text.chars().filter(|char| !char.is_control()).collect();
    let short: String = plain.trim().chars().take(MAX_NAME_LENGTH).collect();
    short.trim_end().to_owned()
}

#[cfg(test)]
mod tests;
