//! The demo organization: somebody to sign in as, credits, a key and a month of usage, made
//! through the same operations that callers use. Made again, it adds only the days since.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use bursar_api_keys::KeyName;
use bursar_billing_ledger::CreditPurchase;
use bursar_identity::EmailAddress;
use bursar_kernel::{Account, Relay, Secret, UnixTimestamp};
use bursar_operations::{
    Actor, Core, CreateApiKey, Credential, Ingest, Origin, SignIn, SignUp, SignedIn, StartCheckout,
    authenticate, create_api_key, delete_api_key, ingest_events, list_api_keys, read_balance, sign_in,
    sign_up, start_checkout,
};
use bursar_orgs_and_membership::OrganizationName;
use bursar_usage_metering::{ContentMode, UsageEvent};
use serde_json::json;

use crate::{
    cli::say,
    compose::{self, Server},
    config::Config,
    telemetry,
};

const EMAIL: &str = "demo@example.com";
const PASSWORD: &str = "tidy-otter-counts-coins";
const ORGANIZATION: &str = "Demo";
const KEY_NAME: &str = "demo";
/// 100 USD.
const CENTS: i64 = 10_000;
/// The test card that pays.
const CARD: &str = "4242424242424242";
/// Days of usage before today: inside the 35 days that events may be old.
const DAYS: u64 = 30;
const EVENTS_A_DAY: u64 = 12;
const DAY: Duration = Duration::from_hours(24);
/// How often the outbox is asked whether the credits have come: it takes two deliveries.
const SETTLEMENT_TRIES: u32 = 100;
const SETTLEMENT_PAUSE: Duration = Duration::from_millis(100);

/// `bursar seed`: makes the demo in a database that no server uses.
///
/// # Errors
/// In production, or when the database cannot be used.
pub(crate) async fn seed(config: Config) -> anyhow::Result<()> {
    let config = Arc::new(config);
    telemetry::start_logs(&config)?;
    let opened = compose::open(&config).await?;
    compose::migrate(&opened.db).await?;
    let server = compose::server(config.clone(), &opened.db, None)?;
    server.core.prepare().await?;
    let instructions = make(&config, &server).await?;
    say(&format!(
        "\nThe demo is in the database. `bursar serve` serves it at {}. Then:\n\n{instructions}",
        config.public_url
    ));
    server.core.drain().await;
    opened.db.clone().close().await.context("the database does not close")
}

/// Makes the demo for a server that is already listening, and prints how to use it.
///
/// # Errors
/// In production, or when an operation fails.
pub(crate) async fn run(config: &Config, server: &Server) -> anyhow::Result<()> {
    let instructions = make(config, server).await?;
    let (name, url) = (&config.product_name, &config.public_url);
    say(&format!("\n{name} is ready at {url} (browse {url}/docs). Ctrl+C stops it.\n\n{instructions}"));
    Ok(())
}

/// Makes the demo and answers how to use it.
async fn make(config: &Config, server: &Server) -> anyhow::Result<String> {
    if !config.serves_sandbox() {
        bail!("the demo has a known password: it is made in development with the sandbox provider only");
    }
    let core = &server.core;
    say("demo: signing in");
    let person = person(core).await?;
    let token = Secret::new(person.access_token.expose().clone());
    let actor = actor(core, Credential::Token(token)).await?;
    say("demo: buying credits with a test card");
    let balance = buy(server, &actor).await?;
    say("demo: making a key");
    let key = key(core, &actor).await?;
    say("demo: reporting a month of usage");
    let reported = report_usage(core, &actor, &key).await?;
    say(&format!("demo: {reported} new events; the balance before them was {balance}"));
    Ok(explain(&config.public_url, &actor, &person, &key))
}

async fn actor(core: &Core, credential: Credential) -> anyhow::Result<Actor> {
    Ok(authenticate(core, Some(&credential), Origin::default()).await?)
}

async fn person(core: &Core) -> anyhow::Result<SignedIn> {
    let made = sign_up(
        core,
        &Origin::default(),
        SignUp {
            email: EmailAddress::parse(EMAIL)?,
            password: Secret::new(PASSWORD.to_owned()),
            display_name: Some(ORGANIZATION.to_owned()),
            organization: Some(OrganizationName::new(ORGANIZATION)?),
        },
    )
    .await;
    match made {
        Ok(None) => bail!("the demo signs in with its password: set sign_in.require_verified_email to false"),
        Ok(Some(made)) => Ok(made),
        Err(error) if error.is(&bursar_identity::error::EMAIL_TAKEN) => {
            let known =
                SignIn { email: EMAIL.to_owned(), password: Secret::new(PASSWORD.to_owned()), code: None };
            Ok(sign_in(core, &Origin::default(), known).await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// Buys credits when there are none, and waits until the webhook has brought them.
async fn buy(server: &Server, actor: &Actor) -> anyhow::Result<bursar_kernel::Amount> {
    let core = &server.core;
    let balance = read_balance(core, actor, actor.account).await?;
    if balance.is_positive() {
        return Ok(balance);
    }
    let sandbox = server.sandbox.as_ref().context("the sandbox is not the payment provider")?;
    let command = StartCheckout {
        account: actor.account,
        purchase: CreditPurchase::new(CENTS)?,
        success_url: None,
        cancel_url: None,
        idempotency_key: None,
    };
    let checkout = start_checkout(core, actor, command).await?;
    sandbox.pay(&checkout.session_id, CARD).await?;
    let relay = Relay::new(core.db.clone(), server.subscribers.clone());
    for _ in 0..SETTLEMENT_TRIES {
        relay.deliver_due().await?;
        let balance = read_balance(core, actor, actor.account).await?;
        if balance.is_positive() {
            return Ok(balance);
        }
        tokio::time::sleep(SETTLEMENT_PAUSE).await;
    }
    bail!("the credits that were paid for have not come")
}

/// A new key in the place of the demo's last one, whose secret nobody knows any more.
async fn key(core: &Core, actor: &Actor) -> anyhow::Result<Secret<String>> {
    let name = KeyName::new(KEY_NAME)?;
    for old in list_api_keys(core, actor).await?.into_iter().filter(|key| key.name == KEY_NAME) {
        delete_api_key(core, actor, old.id, None).await?;
    }
    Ok(create_api_key(core, actor, CreateApiKey::named(name)).await?.secret)
}

async fn report_usage(core: &Core, actor: &Actor, key: &Secret<String>) -> anyhow::Result<u64> {
    let reporter = self::actor(core, Credential::ApiKey(key.clone())).await?;
    let mut accepted = 0;
    for days_ago in (1..=DAYS).rev() {
        let body = serde_json::to_vec(&day_of_usage(core.db.clock().now(), days_ago, actor.account))?;
        let events = UsageEvent::read(ContentMode::Batch, &[], &body)
            .map_err(|faults| anyhow::anyhow!("the demo's events are wrong: {faults:?}"))?;
        let ingest = Ingest { events, bytes: body.len(), idempotency: None };
        accepted += ingest_events(core, &reporter, ingest).await?.accepted;
    }
    Ok(accepted)
}

/// A day's events are the same whenever they are made, so that a second time they are duplicates.
fn day_of_usage(now: UnixTimestamp, days_ago: u64, account: Account) -> Vec<serde_json::Value> {
    let midnight = now.seconds().div_euclid(86_400) * 86_400_000_000;
    let start = UnixTimestamp::from_micros(midnight).before(DAY * u32::try_from(days_ago).unwrap_or(0));
    let day = start.seconds().div_euclid(86_400).unsigned_abs();
    let event = |nth: u64| {
        // Spread over the working hours, of many sizes, and always the same.
        let at = start.after(Duration::from_mins(8 * 60 + nth * 50));
        let size = (day * 31 + nth * 17) % 97;
        let model = if nth.is_multiple_of(3) { "bursar/nano" } else { "bursar/echo" };
        json!({
            "specversion": "1.0",
            "id": format!("demo-{day}-{nth}"),
            "source": "bursar-demo",
            "type": "inference",
            "subject": account.to_string(),
            "time": at.rfc3339(),
            "data": {
                "model": model,
                "provider": "bursar",
                "operation": "chat_completion",
                "promptTokens": 400 + size * 90,
                "completionTokens": 100 + size * 25,
                "cachedTokens": 0,
                "generationId": format!("gen-{day}-{nth}"),
            },
        })
    };
    (0..EVENTS_A_DAY).map(event).collect()
}

fn explain(url: &str, actor: &Actor, person: &SignedIn, key: &Secret<String>) -> String {
    let (account, key, user) = (actor.account, key.expose(), person.user.id);
    let balance_path = match account {
        Account::Organization(organization) => format!("organizations/{organization}/balance"),
        Account::Personal(_) => format!("users/{user}/balance"),
    };
    // In the order in which a person writes one.
    let event = format!(
        r#"{{"specversion":"1.0","id":"hello-1","source":"curl","type":"inference","subject":"{account}","data":{{"model":"bursar/echo","promptTokens":1000,"completionTokens":500}}}}"#
    );
    format!(
        "  sign in as   {EMAIL} with the password {PASSWORD}\n  API key      {key}\n\n\
         Paste these into another terminal.\n\n\
         What is left, in millionths of a dollar:\n\n  curl -s {url}/api/v1/{balance_path} -H 'Authorization: Bearer {key}'\n\n\
         Report usage that costs 0.0025 USD, once however often it is sent:\n\n  curl -s {url}/api/v1/events -H 'Authorization: Bearer {key}' -H 'Content-Type: application/cloudevents+json' -d '{event}'\n\n\
         Sign in:\n\n  curl -s {url}/auth/login -H 'Content-Type: application/json' -d '{{\"email\":\"{EMAIL}\",\"password\":\"{PASSWORD}\"}}'\n"
    )
}
