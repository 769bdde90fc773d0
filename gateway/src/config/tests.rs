use super::*;

const OWN_KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

fn load(variables: &[(&str, &str)]) -> Result<Config, Faults> {
    Config::load(None, variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())))
}

fn faults(variables: &[(&str, &str)]) -> String {
    load(variables).unwrap_err().to_string()
}

#[test]
fn the_defaults_are_a_development_server_on_loopback() {
    let config = Config::development().unwrap();
    assert_eq!(config.environment, Environment::Development);
    assert_eq!(config.public_url, "http://127.0.0.1:8080");
    assert!(config.serves_sandbox() && config.database.migrate_on_start);
}

#[test]
fn the_environment_overrides_the_file_and_the_file_the_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bursar.toml");
    std::fs::write(
        &path,
        "product_name = \"File\"\nlisten = \"127.0.0.1:9\"\n[http]\nmax_body_bytes = 2048\n",
    )
    .unwrap();
    let config =
        Config::load(Some(&path), [("BURSAR_PRODUCT_NAME".to_owned(), "Environment".to_owned())]).unwrap();
    assert_eq!(config.product_name, "Environment");
    assert_eq!((config.listen.port(), config.http.max_body_bytes), (9, 2048));
}

#[test]
fn every_fault_is_named_at_once_and_unknown_keys_are_faults() {
    let said = faults(&[
        ("BURSAR_LISTEN", "nowhere"),
        ("BURSAR_MASTER_KEY", "short"),
        ("BURSAR_PAYMENTS_PROVIDER", "shells"),
    ]);
    for part in ["listen must be", "master_key must be", "payments.provider must be"] {
        assert!(said.contains(part), "{said}");
    }
    assert!(faults(&[("BURSAR_LISTNE", "x")]).contains("BURSAR_LISTNE names no key"));
    assert!(faults(&[("BURSAR_HTTP_MAX_BODY_BYTES", "much")]).contains("must be a whole number"));
}

#[test]
fn production_refuses_every_development_default() {
    let said = faults(&[("BURSAR_ENVIRONMENT", "production")]);
    for part in ["master_key must be your own", "must not be sandbox", "public_url must be https"] {
        assert!(said.contains(part), "{said}");
    }
    let config = load(&[
        ("BURSAR_ENVIRONMENT", "production"),
        ("BURSAR_MASTER_KEY", OWN_KEY),
        ("BURSAR_PAYMENTS_PROVIDER", "none"),
        ("BURSAR_PUBLIC_URL", "https://pay.example.com/"),
    ])
    .unwrap();
    assert!(config.is_https() && !config.serves_sandbox());
    assert_eq!(config.public_url, "https://pay.example.com");
}

#[test]
fn a_listener_beyond_this_machine_needs_a_stated_environment() {
    assert!(faults(&[("BURSAR_LISTEN", "0.0.0.0:8080")]).contains("environment must be"));
    let open = [("BURSAR_LISTEN", "0.0.0.0:8080"), ("BURSAR_ENVIRONMENT", "development")];
    assert!(!load(&open).unwrap().serves_sandbox());
    let exposed = [open[0], open[1], ("BURSAR_SANDBOX_EXPOSED", "true")];
    assert!(load(&exposed).unwrap().serves_sandbox());
}

#[test]
fn a_database_that_may_lose_what_it_acknowledged_is_for_development_only() {
    assert!(Config::development().unwrap().database.durable);
    let careless = ("BURSAR_DATABASE_DURABLE", "false");
    assert!(!load(&[careless]).unwrap().db_options().durable);
    assert!(
        faults(&[careless, ("BURSAR_ENVIRONMENT", "production")]).contains("database.durable must be true")
    );
}

#[test]
fn hashing_passwords_leaves_a_core_unless_it_is_told_otherwise() {
    let permits = |config: Config| config.sign_in.password_permits;
    let cores = std::thread::available_parallelism().unwrap().get();
    let by_default = permits(Config::development().unwrap());
    assert!((1..cores.max(2)).contains(&by_default), "{by_default} of {cores}");
    assert_eq!(permits(load(&[("BURSAR_SIGN_IN_PASSWORD_PERMITS", "7")]).unwrap()), 7);
}

#[test]
fn a_code_is_sent_to_schemes_of_programs_only() {
    let with = |schemes: &str| load(&[("BURSAR_SIGN_IN_CALLBACK_SCHEMES", schemes)]);
    assert_eq!(
        with("vscode,com.example.app").unwrap().sign_in.callback_schemes,
        ["vscode", "com.example.app"]
    );
    for bad in ["https", "javascript", "VSCode", "vscode:", "1password", "a b"] {
        let Err(faults) = with(bad) else { panic!("{bad}") };
        assert!(faults.to_string().contains("sign_in.callback_schemes"), "{faults}");
    }
}

#[test]
fn a_public_url_that_was_not_set_follows_the_port_that_the_system_chose() {
    let taken = "127.0.0.1:4711".parse().unwrap();
    let free = load(&[("BURSAR_LISTEN", "127.0.0.1:0")]).unwrap().listening_on(taken);
    assert_eq!((free.listen, free.public_url.as_str()), (taken, "http://127.0.0.1:4711"));
    let named = load(&[("BURSAR_LISTEN", "127.0.0.1:0"), ("BURSAR_PUBLIC_URL", "http://shop.example")]);
    assert_eq!(named.unwrap().listening_on(taken).public_url, "http://shop.example");
}

#[test]
fn no_secret_is_ever_shown() {
    let config = load(&[
        ("BURSAR_MASTER_KEY", OWN_KEY),
        ("BURSAR_OPERATOR_TOKEN", "hush-hush-hush-hush-hush-hush-hush"),
        ("BURSAR_DATABASE_URL", "postgres://bursar:hush@db.internal/bursar?password=hush"),
        ("BURSAR_STRIPE_SECRET_KEY", "sk_test_hush"),
        ("BURSAR_MAIL_SMTP_URL", "smtps://mail:hush@mail.internal"),
    ])
    .unwrap();
    let shown = format!("{}{config:?}", config.describe());
    assert!(!shown.contains("hush") && !shown.contains(OWN_KEY), "{shown}");
    assert!(config.describe().contains("postgres://bursar:…@db.internal/bursar"));
}
