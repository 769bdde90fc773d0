use bursar_kernel::{CostNanos, DomainError, Rate, Result, codes};
use rust_decimal::Decimal;

use crate::{
    payload::{Inference, Payload},
    price::{ModelPrice, PriceList},
};

/// What an event costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rated {
    /// In USD, exact.
    pub cost_usd: Decimal,
    /// It should have a price and has none: counted, at no cost.
    pub unpriced: bool,
}

impl Rated {
    /// Costs nothing, and should.
    pub const FREE: Self = Self { cost_usd: Decimal::ZERO, unpriced: false };

    /// The unit of `costUsd`: 10⁻⁸ USD, rounded half-even.
    ///
    /// # Errors
    /// `amount_out_of_range` when it does not fit.
    pub fn cost_e8(&self) -> Result<i64> {
        Rate::scaled(self.cost_usd, 8)
    }

    /// Nano-USD, rounded half-even: what is charged.
    ///
    /// # Errors
    /// `amount_out_of_range` when it does not fit.
    pub fn nanos(&self) -> Result<CostNanos> {
        Rate::nanos(self.cost_usd)
    }
}

/// What this usage costs by this list.
///
/// # Errors
/// `amount_out_of_range`, which the limits of [`PriceList`] and of token counts rule out.
pub fn rate(prices: &PriceList, payload: &Payload) -> Result<Rated> {
    let Payload::Inference(inference) = payload else { return Ok(Rated::FREE) };
    let Some(price) = prices.get(&inference.model) else {
        return Ok(Rated { unpriced: true, ..Rated::FREE });
    };
    Ok(Rated { cost_usd: cost_of(inference, price)?, unpriced: false })
}

fn cost_of(inference: &Inference, price: &ModelPrice) -> Result<Decimal> {
    let input = price.input_usd_per_million;
    let (cached_tokens, cached) = match price.cached_usd_per_million {
        Some(cached) => (inference.cached_tokens, cached),
        None => (0, input),
    };
    let parts = [
        input.times(Decimal::from(inference.prompt_tokens - cached_tokens))?,
        cached.times(Decimal::from(cached_tokens))?,
        price.output_usd_per_million.times(Decimal::from(inference.completion_tokens))?,
    ];
    let millionth = Decimal::new(1, 6);
    parts
        .into_iter()
        .try_fold(Decimal::ZERO, Decimal::checked_add)
        .and_then(|total| total.checked_mul(millionth))
        .map(|cost| cost.normalize())
        .ok_or_else(|| DomainError::from(&codes::AMOUNT_OUT_OF_RANGE))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    const LIST: &str = r#"
        [[model]]
        model = "bursar/echo"
        input_usd_per_million = "1"
        output_usd_per_million = "3"
        [[model]]
        model = "bursar/nano"
        input_usd_per_million = "0.15"
        output_usd_per_million = "0.6"
        [[model]]
        model = "bursar/cache"
        input_usd_per_million = "2"
        output_usd_per_million = "0"
        cached_usd_per_million = "0.5"
        [[model]]
        model = "bursar/dear"
        input_usd_per_million = "1000000"
        output_usd_per_million = "999999.999999999"
    "#;

    fn inference(model: &str, prompt_tokens: i64, completion_tokens: i64, cached_tokens: i64) -> Payload {
        Payload::Inference(Inference {
            model: model.to_owned(),
            provider: String::new(),
            operation: "chat_completion".to_owned(),
            model_type: String::new(),
            prompt_tokens,
            completion_tokens,
            cached_tokens,
            generation_id: String::new(),
            traffic_source: None,
            metadata: BTreeMap::new(),
        })
    }

    #[test]
    fn tokens_cost_exactly_what_the_list_says() {
        let list = PriceList::parse(LIST).unwrap();
        for (model, prompt, completion, cached, usd, e8, nanos) in [
            ("bursar/echo", 1000, 500, 0, "0.0025", 250_000, 2_500_000),
            ("bursar/echo", 1000, 500, 1000, "0.0025", 250_000, 2_500_000),
            ("bursar/nano", 3, 0, 0, "0.00000045", 45, 450),
            ("bursar/nano", 1, 0, 0, "0.00000015", 15, 150),
            ("bursar/cache", 1000, 0, 400, "0.0014", 140_000, 1_400_000),
            ("bursar/echo", 0, 0, 0, "0", 0, 0),
        ] {
            let rated = rate(&list, &inference(model, prompt, completion, cached)).unwrap();
            assert_eq!(rated.cost_usd, Decimal::from_str_exact(usd).unwrap(), "{model} {prompt}");
            assert_eq!(rated.cost_e8().unwrap(), e8, "{model} {prompt}");
            assert_eq!(rated.nanos().unwrap().nanos(), nanos, "{model} {prompt}");
            assert!(!rated.unpriced);
        }
    }

    #[test]
    fn a_model_without_a_price_costs_nothing_and_says_so() {
        let list = PriceList::parse(LIST).unwrap();
        let rated = rate(&list, &inference("unheard/of", 1_000_000, 1_000_000, 0)).unwrap();
        assert_eq!(rated, Rated { cost_usd: Decimal::ZERO, unpriced: true });
        assert_eq!(rate(&list, &Payload::Log).unwrap(), Rated::FREE);
    }

    #[test]
    fn the_dearest_event_there_can_be_is_still_exact() {
        let list = PriceList::parse(LIST).unwrap();
        let most = i64::from(i32::MAX);
        let rated = rate(&list, &inference("bursar/dear", most, most, 0)).unwrap();
        let exact =
            Decimal::from(most) + Decimal::from_str_exact("0.999999999999999").unwrap() * Decimal::from(most);
        assert_eq!(rated.cost_usd, exact);
        assert!(rated.nanos().is_ok());
    }

    proptest! {
        /// In integers of 10⁻¹⁵ USD: tokens × price in 10⁻⁹ USD per million.
        #[test]
        fn the_cost_is_the_exact_sum_of_its_parts(
            prompt in 0..=i32::MAX, completion in 0..=i32::MAX, cached_share in 0..=100_i64,
            input in 0..=1_000_000_000_000_000_i64, output in 0..=1_000_000_000_000_000_i64,
            cached in proptest::option::of(0..=1_000_000_000_000_000_i64),
        ) {
            let price = |nanos: i64| Rate::new(Decimal::new(nanos, 9)).unwrap();
            let cached_tokens = i64::from(prompt) * cached_share / 100;
            let Payload::Inference(usage) = inference("x", prompt.into(), completion.into(), cached_tokens)
            else { unreachable!() };
            let model = ModelPrice {
                input_usd_per_million: price(input),
                output_usd_per_million: price(output),
                cached_usd_per_million: cached.map(price),
            };
            let exact = (i128::from(prompt) - i128::from(cached_tokens)) * i128::from(input)
                + i128::from(cached_tokens) * i128::from(cached.unwrap_or(input))
                + i128::from(completion) * i128::from(output);
            prop_assert_eq!(cost_of(&usage, &model).unwrap(), Decimal::from_i128_with_scale(exact, 15));
        }
    }
}
