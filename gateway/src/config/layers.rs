use std::path::Path;

use figment::{
    Figment,
    providers::{Format, Serialized, Toml},
    value::{Dict, Num, Value},
};

use super::DEFAULTS;

/// Keys whose values are never shown.
const SECRETS: &[&str] = &[
    "master_key",
    "older_master_keys",
    "operator_token",
    "stripe.secret_key",
    "stripe.webhook_secret",
    "mail.smtp_url",
];

/// The defaults under the file under the environment, once every key and every type is known to
/// be right: the defaults name all keys, and a value has the type of its default.
pub(super) fn merge(file: Option<&Path>, variables: &[(String, String)]) -> Result<Dict, Vec<String>> {
    let defaults = read(Toml::string(DEFAULTS), "config.default.toml")?;
    let mut figment = Figment::from(Serialized::defaults(&defaults));
    let mut faults = Vec::new();
    if let Some(path) = file {
        if path.is_file() {
            let stated = read(Toml::file(path), &path.display().to_string())?;
            compare("", &stated, &defaults, &mut faults);
            figment = figment.merge(Serialized::defaults(stated));
        } else {
            faults.push(format!("the file {} is not there", path.display()));
        }
    }
    let keys = flatten("", &defaults);
    for (name, text) in variables {
        let Some((key, default)) = keys.iter().find(|(key, _)| variable(key) == *name) else {
            faults.push(format!("{name} names no key of the configuration"));
            continue;
        };
        match typed(text, default) {
            Some(value) => figment = figment.merge(Serialized::default(key, value)),
            None => faults.push(format!("{name} must be {}", kind(default))),
        }
    }
    if faults.is_empty() { figment.extract().map_err(|error| vec![error.to_string()]) } else { Err(faults) }
}

/// `database.url` is `BURSAR_DATABASE_URL`.
fn variable(key: &str) -> String {
    format!("BURSAR_{}", key.replace('.', "_").to_uppercase())
}

fn read<F: Format>(provider: figment::providers::Data<F>, name: &str) -> Result<Dict, Vec<String>> {
    Figment::from(provider).extract().map_err(|error| vec![format!("{name}: {error}")])
}

fn compare(prefix: &str, stated: &Dict, defaults: &Dict, faults: &mut Vec<String>) {
    for (name, value) in stated {
        let key = join(prefix, name);
        match (value, defaults.get(name)) {
            (_, None) => faults.push(format!("{key} is no key of the configuration")),
            (Value::Dict(_, stated), Some(Value::Dict(_, defaults))) => {
                compare(&key, stated, defaults, faults);
            }
            (value, Some(default)) if kind(value) != kind(default) => {
                faults.push(format!("{key} must be {}", kind(default)));
            }
            _ => {}
        }
    }
}

fn flatten(prefix: &str, values: &Dict) -> Vec<(String, Value)> {
    values
        .iter()
        .flat_map(|(name, value)| match value {
            Value::Dict(_, inner) => flatten(&join(prefix, name), inner),
            value => vec![(join(prefix, name), value.clone())],
        })
        .collect()
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

/// The text of a variable as a value of its default's type. A password that reads `true` stays
/// text.
fn typed(text: &str, default: &Value) -> Option<Value> {
    Some(match default {
        Value::Bool(..) => Value::from(text.parse::<bool>().ok()?),
        Value::Num(..) => Value::from(text.parse::<i64>().ok()?),
        Value::Array(..) => Value::from(
            text.split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(Value::from)
                .collect::<Vec<_>>(),
        ),
        _ => Value::from(text),
    })
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(..) | Value::Char(..) => "a text",
        Value::Bool(..) => "true or false",
        Value::Num(_, Num::F32(_) | Num::F64(_)) => "a decimal number",
        Value::Num(..) => "a whole number",
        Value::Array(..) => "a list",
        Value::Dict(..) => "a section",
        Value::Empty(..) => "nothing",
    }
}

/// `key = value` lines. Secrets show only whether they are set; a database address loses its
/// password.
pub(super) fn describe(values: &Dict) -> String {
    let lines = flatten("", values).into_iter().map(|(key, value)| {
        let shown = if SECRETS.contains(&key.as_str()) {
            match &value {
                Value::String(_, text) if text.is_empty() => "\"\"".to_owned(),
                Value::Array(_, items) if items.is_empty() => "[]".to_owned(),
                _ => "[secret]".to_owned(),
            }
        } else {
            show(&key, &value)
        };
        format!("{key} = {shown}\n")
    });
    lines.collect()
}

fn show(key: &str, value: &Value) -> String {
    match value {
        Value::String(_, text) if key == "database.url" => format!("{:?}", without_password(text)),
        Value::String(_, text) => format!("{text:?}"),
        Value::Bool(_, flag) => flag.to_string(),
        Value::Num(_, number) => number.to_i128().map_or_else(String::new, |number| number.to_string()),
        // Of an issuer only who it is: its client's secret stands beside.
        Value::Dict(_, entry) => {
            entry.get("name").map_or_else(String::new, |name| format!("{{ name = {}, … }}", show(key, name)))
        }
        Value::Array(_, items) => {
            format!("[{}]", items.iter().map(|item| show(key, item)).collect::<Vec<_>>().join(", "))
        }
        _ => String::new(),
    }
}

/// `postgres://user:…@host/db`, and no query, where a password may stand too.
pub(super) fn without_password(url: &str) -> String {
    let url = url.split('?').next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let Some((credentials, host)) = rest.rsplit_once('@') else { return url.to_owned() };
    let user = credentials.split(':').next().unwrap_or_default();
    format!("{scheme}://{user}:…@{host}")
}
