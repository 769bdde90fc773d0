//! What stands in the form of a key, one to make or one to change, as somebody typed it.

use std::time::Duration;

use bursar_api_keys::{ApiKey, KeyName, Networks, Scope, SpendLimit, SpendWindow};
use bursar_kernel::{DomainError, Result, UnixTimestamp};
use bursar_operations::CreateApiKey;
use serde::Deserialize;

use super::row::dollars;
use crate::{api::key_shape, http::decimal::Usd};

const DAY: Duration = Duration::from_hours(24);

/// The end stays as it is.
pub(super) const KEEP: &str = "keep";
/// There is to be none.
pub(super) const NEVER: &str = "never";
/// In so many days.
pub(super) const DAYS: &[(&str, u32)] = &[("30", 30), ("90", 90), ("365", 365)];

/// What was typed. A checkbox that is not ticked is not sent, and several of one name are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Vec<(String, String)>")]
pub(super) struct Fields {
    pub(super) name: String,
    pub(super) scopes: Vec<String>,
    /// [`KEEP`], [`NEVER`] or a number of [`DAYS`].
    pub(super) ends: String,
    /// The last day; it counts before `ends`.
    pub(super) day: String,
    /// One a line.
    pub(super) networks: String,
    pub(super) uses: String,
    pub(super) amount: String,
    pub(super) window: String,
    /// What the page knew when it showed the form: whoever sends it again is found out by it.
    pub(super) seen: String,
}

impl From<Vec<(String, String)>> for Fields {
    fn from(pairs: Vec<(String, String)>) -> Self {
        let mut fields = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "name" => fields.name = value,
                "scope" => fields.scopes.push(value),
                "ends" => fields.ends = value,
                "day" => fields.day = value,
                "networks" => fields.networks = value,
                "uses" => fields.uses = value,
                "amount" => fields.amount = value,
                "window" => fields.window = value,
                "seen" => fields.seen = value,
                _ => {}
            }
        }
        fields
    }
}

/// When a key is to end.
pub(super) enum End {
    Kept,
    Never,
    At(UnixTimestamp),
}

/// What the fields say, once they are read.
pub(super) struct Wanted {
    pub(super) name: KeyName,
    pub(super) scopes: Vec<Scope>,
    pub(super) end: End,
    pub(super) networks: Networks,
    pub(super) per_minute: Option<u32>,
    pub(super) spend_limit: Option<SpendLimit>,
}

impl Fields {
    /// Of a key that nobody has thought about yet: it reads, and no more.
    pub(super) fn fresh() -> Self {
        Self {
            scopes: vec![Scope::Read.as_str().to_owned()],
            ends: NEVER.to_owned(),
            window: SpendWindow::Month.as_str().to_owned(),
            ..Self::default()
        }
    }

    /// As a key is now.
    pub(super) fn of(key: &ApiKey) -> Self {
        let limit = key.spend_limit;
        Self {
            name: key.name.clone(),
            scopes: key.scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
            ends: KEEP.to_owned(),
            networks: key.networks.to_strings().join("\n"),
            uses: key.per_minute.map(|uses| uses.to_string()).unwrap_or_default(),
            amount: limit.map(|limit| dollars(limit.amount)).unwrap_or_default(),
            window: limit.map_or(SpendWindow::Month, |limit| limit.window).as_str().to_owned(),
            ..Self::default()
        }
    }

    /// These, unless there are none.
    pub(super) fn or(self, otherwise: impl FnOnce() -> Self) -> Self {
        if self == Self::default() { otherwise() } else { self }
    }

    /// The pairs of a query that shows the form filled in like this.
    pub(super) fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("name", &self.name);
        for scope in &self.scopes {
            query.append_pair("scope", scope);
        }
        for (name, value) in [
            ("ends", &self.ends),
            ("day", &self.day),
            ("networks", &self.networks),
            ("uses", &self.uses),
            ("amount", &self.amount),
            ("window", &self.window),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }

    pub(super) fn has(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|word| word == scope.as_str())
    }

    /// # Errors
    /// `invalid_field` for the first that breaks a rule.
    pub(super) fn wanted(&self, now: UnixTimestamp) -> Result<Wanted> {
        Ok(Wanted {
            name: KeyName::new(&self.name)?,
            scopes: self.scopes()?,
            end: self.end(now)?,
            networks: self.networks()?,
            per_minute: self.per_minute()?,
            spend_limit: self.spend_limit()?,
        })
    }

    fn scopes(&self) -> Result<Vec<Scope>> {
        if self.scopes.is_empty() {
            return Err(DomainError::invalid("scopes", "must be one thing at least"));
        }
        self.scopes.iter().map(|word| Scope::named(word)).collect()
    }

    fn end(&self, now: UnixTimestamp) -> Result<End> {
        let day = self.day.trim();
        if !day.is_empty() {
            let begins = UnixTimestamp::parse(&format!("{day}T00:00:00Z"));
            let no_day = || DomainError::invalid("expiresAt", "must be a day, such as 2030-12-31");
            return begins.map(|begins| End::At(begins.after(DAY))).ok_or_else(no_day);
        }
        if self.ends == KEEP {
            return Ok(End::Kept);
        }
        if self.ends == NEVER {
            return Ok(End::Never);
        }
        let days = DAYS.iter().find(|(word, _)| *word == self.ends);
        days.map(|(_, days)| End::At(now.after(DAY * *days)))
            .ok_or_else(|| DomainError::invalid("expiresAt", "must be one of the choices"))
    }

    fn networks(&self) -> Result<Networks> {
        let texts: Vec<String> =
            self.networks.split([' ', ',', ';', '\t', '\r', '\n']).map(str::to_owned).collect();
        let texts: Vec<String> = texts.into_iter().filter(|text| !text.is_empty()).collect();
        // Which one is wrong is told: there may be fifty.
        for text in &texts {
            if Networks::parse(std::slice::from_ref(text)).is_err() {
                let rule =
                    format!("must be addresses or networks such as 203.0.113.0/24: “{text}” is neither");
                return Err(DomainError::invalid("allowedCidrs", rule));
            }
        }
        Networks::parse(&texts)
    }

    fn per_minute(&self) -> Result<Option<u32>> {
        match self.uses.trim() {
            "" => Ok(None),
            text => {
                let uses = text.parse();
                let uses = uses.map_err(|_| DomainError::invalid("perMinuteLimit", "must be a whole number"));
                key_shape::per_minute(uses?).map(Some)
            }
        }
    }

    fn spend_limit(&self) -> Result<Option<SpendLimit>> {
        let amount = self.amount.trim().trim_start_matches('$').trim_start();
        if amount.is_empty() {
            return Ok(None);
        }
        let no_number = || DomainError::invalid("amountUsd", "must be a number of USD, such as 25 or 0.50");
        let amount: Usd = serde_json::from_str(amount).map_err(|_| no_number())?;
        let window = SpendWindow::parse(&self.window)
            .ok_or_else(|| DomainError::invalid("amountUsd", "must be for a day, for a month or in all"))?;
        SpendLimit::new(amount.amount("amountUsd")?, window).map(Some)
    }
}

impl From<Wanted> for CreateApiKey {
    fn from(wanted: Wanted) -> Self {
        Self {
            name: wanted.name,
            expires_at: match wanted.end {
                End::At(end) => Some(end),
                End::Kept | End::Never => None,
            },
            scopes: Some(wanted.scopes),
            networks: wanted.networks,
            per_minute: wanted.per_minute,
            spend_limit: wanted.spend_limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::query;

    fn fields(change: impl FnOnce(&mut Fields)) -> Fields {
        let mut fields = Fields { name: "ci".to_owned(), ..Fields::fresh() };
        change(&mut fields);
        fields
    }

    fn wanted(change: impl FnOnce(&mut Fields)) -> Result<Wanted> {
        fields(change).wanted(UnixTimestamp::parse("2026-11-25T12:00:00Z").unwrap())
    }

    #[test]
    fn fields_come_back_from_their_query() {
        let typed = fields(|it| {
            it.scopes.push("usage:write".to_owned());
            it.networks = "10.0.0.0/8\r\n::1".to_owned();
            it.day = "2030-12-31".to_owned();
        });
        assert_eq!(query::parse::<Fields>(&format!("done=again&{}", typed.query())).unwrap(), typed);
        assert_eq!(query::parse::<Fields>("done=again").unwrap().or(Fields::fresh), Fields::fresh());
    }

    #[test]
    fn a_day_counts_before_the_choice_and_is_included() {
        let end = |wanted: Result<Wanted>| match wanted.unwrap().end {
            End::At(end) => end.rfc3339(),
            End::Never => NEVER.to_owned(),
            End::Kept => KEEP.to_owned(),
        };
        assert_eq!(end(wanted(|_| {})), NEVER);
        assert_eq!(end(wanted(|it| it.ends = "30".to_owned())), "2026-12-25T12:00:00Z");
        assert_eq!(end(wanted(|it| it.day = "2030-12-31".to_owned())), "2031-01-01T00:00:00Z");
    }

    #[test]
    fn networks_are_taken_however_they_are_separated_and_a_wrong_one_is_named() {
        let networks =
            wanted(|it| it.networks = " 10.1.2.3/8,\r\n\r\n192.0.2.7 ".to_owned()).unwrap().networks;
        assert_eq!(networks.to_strings(), ["10.0.0.0/8", "192.0.2.7"]);
        let refused = wanted(|it| it.networks = "10.0.0.0/8\nhome".to_owned()).err().unwrap();
        assert!(refused.to_string().ends_with("“home” is neither"), "{refused}");
    }

    #[test]
    fn an_amount_is_read_as_people_write_it_and_nothing_is_guessed() {
        let micros = |text: &str| {
            let wanted = wanted(|it| it.amount = text.to_owned());
            wanted.map(|it| it.spend_limit.map(|limit| limit.amount.micros())).ok()
        };
        assert_eq!(micros(" "), Some(None));
        for (text, amount) in [("25", 25_000_000), ("$ 0.50", 500_000), ("0.000001", 1)] {
            assert_eq!(micros(text), Some(Some(amount)), "{text}");
        }
        for text in ["0", "-1", "1,000", "1,5", "ten", "0.0000001", "[1]"] {
            assert_eq!(micros(text), None, "{text}");
        }
    }
}
