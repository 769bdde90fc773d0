use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::{
    cloudevents::{Fault, Json, Number},
    fields::Fields,
};

bursar_kernel::text_enum! {
    /// What kind of usage an event reports.
    pub enum EventType {
        /// A call of a model.
        Inference = "inference",
        /// Work of the host's engine.
        Engine = "engine",
        /// A service such as speech or search.
        Service = "service",
        /// A log line that was kept.
        Log = "log",
        /// A message.
        Message = "message",
        /// A session.
        Session = "session",
        /// A call of the host's API.
        ApiCall = "api_call",
        /// A webhook that was delivered.
        WebhookDelivery = "webhook_delivery",
        /// A level, not a delta: how many there are now.
        Gauge = "gauge",
        /// A call of a model that the host passes through.
        Runtime = "runtime",
    }
}

bursar_kernel::text_enum! {
    /// Whose contract with the provider a pass-through call runs on.
    pub enum BillingMode {
        /// The host's.
        Standard = "standard",
        /// The customer's own key.
        Byok = "byok",
    }
}

impl EventType {
    /// Whether its rows are shown as usage: what has, or can have, a price.
    #[must_use]
    pub const fn billable(self) -> bool {
        matches!(self, Self::Inference | Self::Engine | Self::Service | Self::Runtime)
    }

    /// The numbers that its data holds and that a meter can add.
    #[must_use]
    pub const fn numbers(self) -> &'static [&'static str] {
        match self {
            Self::Inference => &["promptTokens", "completionTokens", "cachedTokens", "totalTokens"],
            Self::Engine => &["count"],
            Self::Service => &["quantity"],
            Self::Gauge => &["value"],
            Self::Runtime => &["tokensIn", "tokensOut", "benchmarkUsd"],
            Self::Log | Self::Message | Self::Session | Self::ApiCall | Self::WebhookDelivery => &[],
        }
    }

    /// The words that its data holds and that a meter can group by.
    #[must_use]
    pub const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Inference => {
                &["model", "provider", "operation", "modelType", "trafficSource", "generationId"]
            }
            Self::Engine => &["eventType"],
            Self::Service => &["operation"],
            Self::Gauge => &["meter"],
            Self::Runtime => &["provider", "model", "useCase", "billingMode"],
            Self::Log | Self::Message | Self::Session | Self::ApiCall | Self::WebhookDelivery => &[],
        }
    }
}

/// What an event reports, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// A call of a model.
    Inference(Inference),
    /// Work of the host's engine.
    Engine(Engine),
    /// A service.
    Service(Service),
    /// A log line.
    Log,
    /// A message.
    Message,
    /// A session.
    Session,
    /// A call of the host's API.
    ApiCall,
    /// A delivered webhook.
    WebhookDelivery,
    /// A level.
    Gauge(Gauge),
    /// A passed-through call of a model.
    Runtime(Runtime),
}

/// A call of a model. The model and its tokens make the price and must be said; the rest describes
/// and may be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inference {
    /// Which model, as the price list names it.
    pub model: String,
    /// Who ran it; may be empty.
    pub provider: String,
    /// What for: `chat_completion` unless said.
    pub operation: String,
    /// What kind of model; may be empty.
    pub model_type: String,
    /// Tokens in, 0 to 2³¹−1 as every token count.
    pub prompt_tokens: i64,
    /// Tokens out.
    pub completion_tokens: i64,
    /// The part of the tokens in that the provider had kept.
    pub cached_tokens: i64,
    /// The provider's or the host's name of this call: the event's identifier unless said.
    pub generation_id: String,
    /// Where the traffic came from, if said.
    pub traffic_source: Option<String>,
    /// The host's own words about it.
    pub metadata: BTreeMap<String, String>,
}

impl Inference {
    /// Tokens in and out.
    #[must_use]
    pub const fn total_tokens(&self) -> i64 {
        self.prompt_tokens + self.completion_tokens
    }
}

/// Work of the host's engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Engine {
    /// What kind of work.
    pub event_type: String,
    /// How often.
    pub count: i64,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Which one.
    pub operation: String,
    /// How much of it.
    pub quantity: Decimal,
}

/// A level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gauge {
    /// Of what: `agents`, `workspaces`, …
    pub meter: String,
    /// How many there are.
    pub value: Decimal,
}

/// A passed-through call of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runtime {
    /// Who ran it.
    pub provider: String,
    /// Which model.
    pub model: String,
    /// What for; may be empty.
    pub use_case: String,
    /// On whose contract.
    pub billing_mode: BillingMode,
    /// Tokens in.
    pub tokens_in: i64,
    /// Tokens out.
    pub tokens_out: i64,
    /// What it costs by the public price list, in USD.
    pub benchmark_usd: Decimal,
}

impl Payload {
    /// Reads the data of event `index`, whose identifier is `event_id`.
    pub(crate) fn read(
        index: usize,
        event_id: &str,
        event_type: EventType,
        data: &BTreeMap<String, Json>,
    ) -> Result<Self, Vec<Fault>> {
        let mut fields = Fields::new(index, data);
        let payload = match event_type {
            EventType::Inference => Self::inference(&mut fields, event_id),
            EventType::Engine => Self::Engine(Engine {
                event_type: fields.required_text("eventType"),
                count: fields.optional_count("count", 1),
            }),
            EventType::Service => Self::Service(Service {
                operation: fields.required_text("operation"),
                quantity: fields.optional_quantity("quantity", Decimal::ONE),
            }),
            EventType::Log => Self::Log,
            EventType::Message => Self::Message,
            EventType::Session => Self::Session,
            EventType::ApiCall => Self::ApiCall,
            EventType::WebhookDelivery => Self::WebhookDelivery,
            EventType::Gauge => Self::Gauge(Gauge {
                meter: fields.required_text("meter"),
                value: fields.required_quantity("value"),
            }),
            EventType::Runtime => Self::Runtime(Runtime {
                provider: fields.required_text("provider"),
                model: fields.required_text("model"),
                use_case: fields.optional_text("useCase").unwrap_or_default(),
                billing_mode: fields
                    .required_word("billingMode", "must be standard or byok", BillingMode::parse)
                    .unwrap_or(BillingMode::Standard),
                tokens_in: fields.required_count("tokensIn"),
                tokens_out: fields.required_count("tokensOut"),
                benchmark_usd: fields.required_quantity("benchmarkUsd"),
            }),
        };
        fields.finish(payload)
    }

    fn inference(fields: &mut Fields<'_>, event_id: &str) -> Self {
        let inference = Inference {
            model: fields.required_text("model"),
            provider: fields.optional_text("provider").unwrap_or_default(),
            operation: fields.optional_text("operation").unwrap_or_else(|| "chat_completion".to_owned()),
            model_type: fields.optional_text("modelType").unwrap_or_default(),
            prompt_tokens: fields.required_count("promptTokens"),
            completion_tokens: fields.required_count("completionTokens"),
            cached_tokens: fields.optional_count("cachedTokens", 0),
            generation_id: fields.optional_text("generationId").unwrap_or_else(|| event_id.to_owned()),
            traffic_source: fields.optional_text("trafficSource"),
            metadata: fields.metadata(),
        };
        if inference.cached_tokens > inference.prompt_tokens && fields.is_faultless("promptTokens") {
            fields.fault("cachedTokens", "must not be more than promptTokens, of which it is a part");
        }
        if inference.total_tokens() > i64::from(i32::MAX) {
            fields.fault(
                "completionTokens",
                format!("must not make more than {} tokens with promptTokens", i32::MAX),
            );
        }
        Self::Inference(inference)
    }

    /// What kind it is.
    #[must_use]
    pub const fn event_type(&self) -> EventType {
        match self {
            Self::Inference(_) => EventType::Inference,
            Self::Engine(_) => EventType::Engine,
            Self::Service(_) => EventType::Service,
            Self::Log => EventType::Log,
            Self::Message => EventType::Message,
            Self::Session => EventType::Session,
            Self::ApiCall => EventType::ApiCall,
            Self::WebhookDelivery => EventType::WebhookDelivery,
            Self::Gauge(_) => EventType::Gauge,
            Self::Runtime(_) => EventType::Runtime,
        }
    }

    /// One of [`EventType::numbers`].
    #[must_use]
    pub fn number(&self, name: &str) -> Option<Decimal> {
        match (self, name) {
            (Self::Inference(inference), "promptTokens") => Some(inference.prompt_tokens.into()),
            (Self::Inference(inference), "completionTokens") => Some(inference.completion_tokens.into()),
            (Self::Inference(inference), "cachedTokens") => Some(inference.cached_tokens.into()),
            (Self::Inference(inference), "totalTokens") => Some(inference.total_tokens().into()),
            (Self::Engine(engine), "count") => Some(engine.count.into()),
            (Self::Service(service), "quantity") => Some(service.quantity),
            (Self::Gauge(gauge), "value") => Some(gauge.value),
            (Self::Runtime(runtime), "tokensIn") => Some(runtime.tokens_in.into()),
            (Self::Runtime(runtime), "tokensOut") => Some(runtime.tokens_out.into()),
            (Self::Runtime(runtime), "benchmarkUsd") => Some(runtime.benchmark_usd),
            _ => None,
        }
    }

    /// One of [`EventType::words`].
    #[must_use]
    pub fn word(&self, name: &str) -> Option<&str> {
        match (self, name) {
            (Self::Inference(inference), "model") => Some(&inference.model),
            (Self::Inference(inference), "provider") => Some(&inference.provider),
            (Self::Inference(inference), "operation") => Some(&inference.operation),
            (Self::Inference(inference), "modelType") => Some(&inference.model_type),
            (Self::Inference(inference), "trafficSource") => inference.traffic_source.as_deref(),
            (Self::Inference(inference), "generationId") => Some(&inference.generation_id),
            (Self::Engine(engine), "eventType") => Some(&engine.event_type),
            (Self::Service(service), "operation") => Some(&service.operation),
            (Self::Gauge(gauge), "meter") => Some(&gauge.meter),
            (Self::Runtime(runtime), "provider") => Some(&runtime.provider),
            (Self::Runtime(runtime), "model") => Some(&runtime.model),
            (Self::Runtime(runtime), "useCase") => Some(&runtime.use_case),
            (Self::Runtime(runtime), "billingMode") => Some(runtime.billing_mode.as_str()),
            _ => None,
        }
    }

    /// Its data as JSON text, from which [`Self::restore`] makes it again. An inference is kept in
    /// columns of its own instead.
    pub(crate) fn to_text(&self) -> String {
        let event_type = self.event_type();
        let words = event_type.words().iter().filter_map(|name| {
            self.word(name).filter(|word| !word.is_empty()).map(|word| (*name, Json::Text(word.to_owned())))
        });
        let numbers = event_type.numbers().iter().filter_map(|name| {
            Number::parse(&self.number(name)?.to_string()).map(|number| (*name, Json::Number(number)))
        });
        let mut text = String::new();
        let members = words.chain(numbers).map(|(name, value)| (name.to_owned(), value)).collect();
        Json::Object(members).write_canonical(&mut text);
        text
    }

    /// What [`Self::to_text`] wrote; `None` for anything else.
    pub(crate) fn restore(event_type: EventType, text: &str) -> Option<Self> {
        let Ok(Json::Object(data)) = Json::parse(text) else { return None };
        Self::read(0, "", event_type, &data).ok()
    }
}
