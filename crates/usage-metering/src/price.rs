use std::collections::BTreeMap;

use bursar_kernel::Rate;
use rust_decimal::Decimal;
use serde::Deserialize;
use toml::Spanned;

use crate::catalogue::{CatalogueFault, Source};

/// No model costs more than a dollar a token. With at most nine decimals below it, the cost of any
/// event has an exact decimal and fits 64 bits of nano-USD.
const MAX_USD_PER_MILLION: i64 = 1_000_000;
const MAX_DECIMALS: u32 = 9;

/// What a model's tokens cost.
#[expect(clippy::struct_field_names, reason = "the unit of a price stands in its name")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelPrice {
    /// A million tokens in.
    pub input_usd_per_million: Rate,
    /// A million tokens out.
    pub output_usd_per_million: Rate,
    /// A million tokens in that the provider had kept; as other tokens in when there is none.
    pub cached_usd_per_million: Option<Rate>,
}

/// The prices of models. A model that is not listed is counted and costs nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceList {
    models: BTreeMap<String, ModelPrice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    model: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    model: Spanned<String>,
    input_usd_per_million: Spanned<String>,
    output_usd_per_million: Spanned<String>,
    cached_usd_per_million: Option<Spanned<String>>,
}

impl PriceList {
    /// Reads `prices.toml`. Prices are texts, since a TOML number is a float.
    ///
    /// # Errors
    /// The first fault, with its line.
    pub fn parse(text: &str) -> Result<Self, CatalogueFault> {
        let source = Source::new(text);
        let file: File = source.read()?;
        let mut models = BTreeMap::new();
        for entry in file.model {
            let price = ModelPrice {
                input_usd_per_million: rate(&source, &entry.input_usd_per_million)?,
                output_usd_per_million: rate(&source, &entry.output_usd_per_million)?,
                cached_usd_per_million: entry
                    .cached_usd_per_million
                    .map(|value| rate(&source, &value))
                    .transpose()?,
            };
            let span = entry.model.span();
            let model = entry.model.into_inner();
            if model.is_empty() {
                return Err(source.fault(span, "a model needs a name"));
            }
            if models.contains_key(&model) {
                return Err(source.fault(span, format!("`{model}` has a price already")));
            }
            models.insert(model, price);
        }
        Ok(Self { models })
    }

    /// The price of a model.
    #[must_use]
    pub fn get(&self, model: &str) -> Option<&ModelPrice> {
        self.models.get(model)
    }

    /// Every model that has a price, with it.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ModelPrice)> {
        self.models.iter().map(|(model, price)| (model.as_str(), price))
    }
}

fn rate(source: &Source<'_>, value: &Spanned<String>) -> Result<Rate, CatalogueFault> {
    value
        .get_ref()
        .parse::<Rate>()
        .ok()
        .filter(|rate| {
            rate.decimal().scale() <= MAX_DECIMALS && rate.decimal() <= Decimal::from(MAX_USD_PER_MILLION)
        })
        .ok_or_else(|| {
            source.fault(
                value.span(),
                format!(
                    "`{}` is not a price from 0 to {MAX_USD_PER_MILLION} USD with at most {MAX_DECIMALS} decimals",
                    value.get_ref()
                ),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_its_line() {
        let good =
            "[[model]]\nmodel = \"a\"\ninput_usd_per_million = \"1\"\noutput_usd_per_million = \"3\"\n";
        assert!(PriceList::parse(good).is_ok());
        for (text, line, word) in [
            (good.replace("\"1\"", "\"-1\""), 3, "-1"),
            (good.replace("\"3\"", "\"0.0000000001\""), 4, "decimals"),
            (good.replace("\"3\"", "\"1000001\""), 4, "1000000 USD"),
            (good.replace("\"3\"", "3.5"), 4, "string"),
            (format!("{good}{good}"), 6, "already"),
            (format!("{good}colour = 1\n"), 5, "colour"),
            (good.replace("model = \"a\"\n", ""), 1, "model"),
        ] {
            let fault = PriceList::parse(&text).unwrap_err();
            assert_eq!(fault.line, line, "{fault}");
            assert!(fault.rule.contains(word), "{fault}");
        }
    }

    #[test]
    fn the_shipped_list_prices_the_models_of_the_examples() {
        let list = PriceList::parse(include_str!("../../../gateway/catalogue/prices.toml")).unwrap();
        let echo = list.get("bursar/echo").unwrap();
        assert_eq!(echo.input_usd_per_million.to_string(), "1");
        assert_eq!(echo.output_usd_per_million.to_string(), "3");
        assert_eq!(list.get("bursar/nano").unwrap().input_usd_per_million.to_string(), "0.15");
        assert_eq!(list.get("bursar/echo "), None);
    }
}
