//! The commands of `bursar`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bursar_api_keys::{ApiKeyId, ForeignPrefix, KeyName, Scope};
use bursar_kernel::{Account, UnixTimestamp, UserId};
use bursar_operations::{
    Core, create_service_key, import_api_keys, list_service_keys, revoke_service_key, rotate_signing_key,
    set_account_plan, suspend_user,
};
use clap::{Parser, Subcommand};

use crate::{compose, config::Config, demo, error_table, imported_keys, routes, serve};

/// The file that is read when none is named.
const DEFAULT_FILE: &str = "bursar.toml";

/// Keeps the accounts of an AI product: who its users are, what they have paid, used and have
/// left.
#[derive(Debug, Parser)]
#[command(name = "bursar", version, about)]
pub struct Arguments {
    /// The configuration file [default: ./bursar.toml, if it is there].
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the APIs (what `bursar` alone does).
    Serve {
        /// Makes a demo organization with a month of usage and prints how to use it.
        #[arg(long)]
        demo: bool,
    },
    /// Runs only what follows from requests: webhooks, settlements.
    Worker,
    /// Brings the database up to date.
    Migrate,
    /// Writes the OpenAPI document of each family.
    Openapi {
        /// The folder.
        #[arg(long, value_name = "DIR", default_value = "docs/openapi")]
        out: PathBuf,
    },
    /// Writes the table of all errors in every family's words.
    Errors {
        /// The file.
        #[arg(long, value_name = "FILE", default_value = "docs/errors.md")]
        out: PathBuf,
    },
    /// About the configuration.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Signs access tokens with a new key from now on; those under the old one stay good until
    /// they end.
    RotateSigningKey,
    /// About single people.
    Person {
        #[command(subcommand)]
        command: PersonCommand,
    },
    /// About the plans that accounts are on.
    Plan {
        #[command(subcommand)]
        command: PlanCommand,
    },
    /// About keys of the product that runs beside this deployment.
    ServiceKey {
        #[command(subcommand)]
        command: ServiceKeyCommand,
    },
    /// About people's and organizations' API keys.
    Key {
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Makes the demo organization in a database that no server uses.
    Seed,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Names every fault, or prints the effective configuration without secrets.
    Check,
}

#[derive(Debug, Subcommand)]
enum PersonCommand {
    /// Keeps a person out: its sessions end, its keys are refused.
    Suspend {
        /// `user_…`.
        user: String,
    },
    /// Lets it in again.
    Resume {
        /// `user_…`.
        user: String,
    },
}

#[derive(Debug, Subcommand)]
enum ServiceKeyCommand {
    /// Makes one and prints it, this once.
    Create {
        /// What to call it.
        name: String,
        /// What it may do: read, usage:write, keys:verify; all of these when left out.
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
    },
    /// Shows those that have not been ended.
    List,
    /// Ends one: it is refused from then on.
    Revoke {
        /// `key_…`.
        key: String,
    },
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// Takes keys over from another system by their hashes: whoever holds one goes on using it.
    Import {
        /// One JSON object a line: account (`org_…` or `user_…`), user (`user_…`, as whom it acts),
        /// organizationOwned (true: it acts as nobody, and user made it), name, sha256 (hex), and
        /// scopes, expiresAt, lastFour where they are known.
        file: PathBuf,
        /// What the text of every one of them begins with, such as `pk_live_`.
        #[arg(long)]
        prefix: String,
    },
}

#[derive(Debug, Subcommand)]
enum PlanCommand {
    /// Puts an account on a plan by hand.
    Set {
        /// `org_…` or `user_…`.
        account: String,
        /// Its key in the catalogue, such as `pro`.
        plan: String,
        /// How many seats, where they are sold one by one.
        #[arg(long)]
        seats: Option<u32>,
    },
}

/// Does what the command line says.
///
/// # Errors
/// Whatever stops it, for the person at the terminal.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let load = || {
        let there = Path::new(DEFAULT_FILE);
        let named = std::env::var_os("BURSAR_CONFIG").is_some();
        let found = (!named && there.is_file()).then(|| there.to_path_buf());
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Config::load(arguments.config.clone().or(found).as_deref(), variables)
    };
    match arguments.command.unwrap_or(Command::Serve { demo: false }) {
        Command::Serve { demo } => serve::serve(load()?, demo).await,
        Command::Worker => serve::work(load()?).await,
        Command::Migrate => {
            let opened = compose::open(&load()?).await?;
            compose::migrate(&opened.db).await?;
            say("the database is up to date");
            Ok(())
        }
        Command::Openapi { out } => {
            routes::documents()?.write_to(&out).context("the documents cannot be written")?;
            say(&format!("written to {}", out.display()));
            Ok(())
        }
        Command::Errors { out } => {
            std::fs::write(&out, error_table::document()?).with_context(|| out.display().to_string())?;
            say(&format!("written to {}", out.display()));
            Ok(())
        }
        Command::Config { command: ConfigCommand::Check } => {
            say(load()?.describe().trim_end());
            Ok(())
        }
        Command::RotateSigningKey => {
            let config = load()?;
            let opened = compose::open(&config).await?;
            let (core, _) = compose::core(&config, opened.db.clone())?;
            say(&format!("access tokens are signed with {} from now on", rotate_signing_key(&core).await?));
            Ok(())
        }
        Command::Person { command } => {
            let (user, is_suspended) = match &command {
                PersonCommand::Suspend { user } => (user, true),
                PersonCommand::Resume { user } => (user, false),
            };
            let id: UserId = user.parse().ok().context("the person must be user_…")?;
            let config = load()?;
            let opened = compose::open(&config).await?;
            let (core, _) = compose::core(&config, opened.db.clone())?;
            suspend_user(&core, id, is_suspended).await?;
            say(&format!("{id} is {}", if is_suspended { "suspended" } else { "let in again" }));
            Ok(())
        }
        Command::Plan { command: PlanCommand::Set { account, plan, seats } } => {
            let account = Account::parse(&account).context("the account must be org_… or user_…")?;
            let config = load()?;
            let opened = compose::open(&config).await?;
            let (core, _) = compose::core(&config, opened.db.clone())?;
            core.prepare().await?;
            let set = set_account_plan(&core, account, &plan, seats).await?;
            say(&format!("{account} is on {} now", set.plan.key));
            Ok(())
        }
        Command::ServiceKey { command } => {
            let config = load()?;
            let opened = compose::open(&config).await?;
            let (core, _) = compose::core(&config, opened.db.clone())?;
            service_key(&core, command).await
        }
        Command::Key { command: KeyCommand::Import { file, prefix } } => {
            let keys = imported_keys::read(&file)?;
            let prefix = ForeignPrefix::new(&prefix)?;
            let config = load()?;
            let opened = compose::open(&config).await?;
            let (core, _) = compose::core(&config, opened.db.clone())?;
            let (all, new) = (keys.len(), import_api_keys(&core, &prefix, keys).await?);
            say(&format!("{new} of {all} keys were new; they are good from now on"));
            Ok(())
        }
        Command::Seed => demo::seed(load()?).await,
    }
}

async fn service_key(core: &Core, command: ServiceKeyCommand) -> anyhow::Result<()> {
    match command {
        ServiceKeyCommand::Create { name, scopes } => {
            let scopes: Vec<Scope> =
                scopes.iter().map(|word| Scope::named(word)).collect::<bursar_kernel::Result<_>>()?;
            let created = create_service_key(core, KeyName::new(&name)?, &scopes).await?;
            say(&format!("{}  {}  {}", created.key.id, created.key.scopes, created.secret.expose()));
            say("this is the only time that it is shown");
        }
        ServiceKeyCommand::List => {
            for key in list_service_keys(core).await? {
                let used = key.last_used_at.map_or_else(|| "never used".to_owned(), UnixTimestamp::rfc3339);
                say(&format!(
                    "{}  {}…{}  {}  {used}  {}",
                    key.id, key.prefix, key.last_four, key.scopes, key.name
                ));
            }
        }
        ServiceKeyCommand::Revoke { key } => {
            let id: ApiKeyId = key.parse().ok().context("the key must be key_…")?;
            revoke_service_key(core, id).await?;
            say(&format!("{id} is refused from now on"));
        }
    }
    Ok(())
}

/// To the terminal.
#[expect(clippy::print_stdout, reason = "what the person at the terminal asked for")]
pub(crate) fn say(text: &str) {
    println!("{text}");
}

/// Why a command failed, with the causes of the cause.
#[expect(clippy::print_stderr, reason = "what the person at the terminal must know")]
pub fn complain(error: &anyhow::Error) {
    eprintln!("bursar: {error:#}");
}
