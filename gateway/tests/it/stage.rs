//! A world with the server in front of it, and the cast that most requests are about.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::Router;
use bursar_api_keys::{CreatedKey, KeyName, Networks, Scope, SpendLimit, SpendWindow};
use bursar_billing_ledger::{CreditPurchase, PaymentId};
use bursar_gateway::{routes, state::Parts};
use bursar_identity::SessionKind;
use bursar_kernel::{Account, Amount, OrganizationId, Page, Secret, UserId};
use bursar_operations::{
    Actor, CreateApiKey, GrantCode, Origin, SignIn, StartCheckout, authenticate, create_api_key, grant_code,
    list_payments, open_cookie_session, refresh_session, sign_in, start_checkout, switch_account,
};
use bursar_orgs_and_membership::{Membership, Role};
use bursar_testkit::{
    TestDb,
    issuer::LocalIssuer,
    world::{GOOD_CARD, Owner, PASSWORD, PUBLIC_URL, Person, STEADY_ISSUER, World, cursors, trusting},
};
use serde_json::{Value, json};

use crate::{
    client::{Ask, Credential, ask, post},
    server::{Answer, config, send},
};

/// What a cast member's organization has bought.
pub(crate) const BOUGHT_CENTS: i64 = 5_000;
/// Where the codes of a client go.
pub(crate) const REDIRECT_URI: &str = "http://127.0.0.1:9/callback";

/// A world with the server in front of it.
pub(crate) struct Stage {
    pub(crate) world: World,
    /// The owner of an organization with credits, on which it acts.
    pub(crate) ada: Owner,
    /// Ada's key on the organization, with every scope.
    pub(crate) key: CreatedKey,
    /// An outside issuer that is trusted.
    pub(crate) issuer: LocalIssuer,
    router: Router,
    /// How many people were asked for who are somebody else each time.
    others: AtomicU32,
}

impl Stage {
    pub(crate) async fn new(test: TestDb) -> Self {
        Self::with(test, &[]).await
    }

    /// One whose configuration says more.
    pub(crate) async fn with(test: TestDb, variables: &[(&str, &str)]) -> Self {
        let issuer = LocalIssuer::start_at(test.clock.clone()).await;
        let world = World::trusting(test, trusting(&issuer)).await;
        let ada = world.funded_org("ada", BOUGHT_CENTS).await;
        let key = world.key(&ada.person).await;
        let parts = Parts {
            config: Arc::new(config(&[&[("BURSAR_PUBLIC_URL", PUBLIC_URL)], variables].concat())),
            db: world.test.db.clone(),
            core: world.core.clone(),
            cursors: cursors(),
            sandbox: Some(world.sandbox.clone()),
            mailbox: Some(world.mailbox.clone()),
            metrics: None,
        };
        let router = routes::router(parts).unwrap();
        Self { world, ada, key, issuer, router, others: AtomicU32::new(0) }
    }

    pub(crate) async fn ask(&self, request: Ask) -> Answer {
        ask(&self.router, &request).await
    }

    /// A page, which has headers of its own.
    pub(crate) async fn ask_page(&self, request: Ask) -> Answer {
        send(&self.router, request.request()).await
    }

    /// As ada, by her access token.
    pub(crate) async fn ada(&self, request: Ask) -> Answer {
        self.ask(request.by(&self.token())).await
    }

    /// By ada's key.
    pub(crate) async fn by_key(&self, request: Ask) -> Answer {
        self.ask(request.by(&self.key())).await
    }

    pub(crate) fn token(&self) -> Credential {
        Credential::Bearer(self.ada.person.access_token.clone())
    }

    pub(crate) fn key(&self) -> Credential {
        Credential::Bearer(self.key.secret.expose().clone())
    }

    pub(crate) const fn user(&self) -> UserId {
        self.ada.person.user
    }

    pub(crate) const fn organization(&self) -> OrganizationId {
        self.ada.organization
    }

    pub(crate) const fn personal(&self) -> Account {
        Account::Personal(self.user())
    }

    pub(crate) const fn organizational(&self) -> Account {
        Account::Organization(self.organization())
    }

    /// Makes time pass, and gives ada a token that is good then.
    pub(crate) async fn later(&mut self, passed: Duration) {
        self.world.test.clock.advance(passed);
        let token = self.sign_in(&self.ada.person.email).await;
        self.ada.person.access_token = token;
    }

    /// The access token of a new session.
    pub(crate) async fn sign_in(&self, email: &str) -> String {
        let signed_in = sign_in(&self.world.core, &Origin::default(), login(email)).await.unwrap();
        signed_in.access_token.expose().clone()
    }

    /// The cookie of a new session.
    pub(crate) async fn cookie(&self, email: &str) -> String {
        let opened = open_cookie_session(&self.world.core, &Origin::default(), login(email)).await.unwrap();
        assert_eq!(opened.0.kind, SessionKind::Cookie);
        opened.1.expose().clone()
    }

    /// A refresh token that nobody used yet.
    pub(crate) async fn refresh_token(&self) -> String {
        let signed_in = sign_in(&self.world.core, &Origin::default(), login(&self.ada.person.email)).await;
        signed_in.unwrap().refresh_token.expose().clone()
    }

    /// A refresh token that was used.
    pub(crate) async fn used_refresh_token(&self) -> String {
        let token = self.refresh_token().await;
        refresh_session(&self.world.core, &Origin::default(), &token).await.unwrap();
        token
    }

    /// A code that nobody used yet.
    pub(crate) async fn code(&self) -> String {
        let cookie = Secret::new(self.cookie(&self.ada.person.email).await);
        let shown = bursar_operations::Credential::Cookie(cookie);
        let actor = authenticate(&self.world.core, Some(&shown), Origin::default()).await.unwrap();
        let command = GrantCode { redirect_uri: REDIRECT_URI.to_owned(), code_challenge: None };
        grant_code(&self.world.core, &actor, command).await.unwrap().expose().clone()
    }

    async fn actor(&self) -> Actor {
        self.world.actor(&self.ada.person.access_token).await
    }

    /// Makes an account ada's active one.
    pub(crate) async fn act_on(&self, account: Account) {
        let actor = self.actor().await;
        switch_account(&self.world.core, &actor, account.organization()).await.unwrap();
    }

    /// What ada is in her organization now.
    pub(crate) async fn own_membership(&self) -> Option<Membership> {
        let core = &self.world.core;
        core.members.of(core.db.reader(), self.organization(), self.user()).await.unwrap()
    }

    /// Makes ada this in her organization, or nothing. Somebody else must own it as well.
    pub(crate) async fn become_in_organization(&self, role: Option<Role>) {
        let core = &self.world.core;
        let known = self.own_membership().await;
        let mut tx = core.db.begin().await.unwrap();
        core.organizations.lock(&mut tx, self.organization()).await.unwrap();
        match (known, role) {
            (Some(known), Some(role)) => drop(core.members.set_role(&mut tx, &known, role).await.unwrap()),
            (None, Some(role)) => {
                core.members.add(&mut tx, self.organization(), self.user(), role).await.unwrap();
                core.active_accounts.set(&mut tx, self.user(), Some(self.organization())).await.unwrap();
            }
            (Some(known), None) => {
                core.members.remove(&mut tx, self.organization(), &[known.id]).await.unwrap();
            }
            (None, None) => {}
        }
        tx.commit().await.unwrap();
    }

    /// A name that nobody has yet.
    pub(crate) fn other_name(&self, what: &str) -> String {
        match self.others.fetch_add(1, Ordering::Relaxed) {
            0 => what.to_owned(),
            nth => format!("{what}{nth}"),
        }
    }

    /// Somebody else, who has just signed up.
    pub(crate) async fn other(&self, what: &str) -> Person {
        let name = self.other_name(what);
        self.world.person(&name).await
    }

    /// A new key of ada's on an account. The organization is the active account afterwards.
    pub(crate) async fn new_key(&self, account: Account, scopes: &[Scope]) -> CreatedKey {
        self.act_on(account).await;
        let command = CreateApiKey {
            scopes: Some(scopes.to_vec()),
            ..CreateApiKey::named(KeyName::new("another").unwrap())
        };
        let key = create_api_key(&self.world.core, &self.actor().await, command).await.unwrap();
        self.act_on(self.organizational()).await;
        key
    }

    /// A key of ada's on her organization with a limit of each kind.
    pub(crate) async fn limited_key(&self) -> CreatedKey {
        let command = CreateApiKey {
            scopes: Some(vec![Scope::Read, Scope::UsageWrite]),
            networks: Networks::parse(&["203.0.113.0/24".to_owned()]).unwrap(),
            per_minute: Some(60),
            spend_limit: Some(SpendLimit {
                amount: Amount::from_cents(100).unwrap(),
                window: SpendWindow::Day,
            }),
            ..CreateApiKey::named(KeyName::new("limited").unwrap())
        };
        create_api_key(&self.world.core, &self.actor().await, command).await.unwrap()
    }

    /// The key that came with ada's organization.
    pub(crate) async fn primary_key(&self) -> String {
        let core = &self.world.core;
        let key = core.organization_keys.current(core.db.reader(), self.organization()).await.unwrap();
        key.unwrap().secret.expose().clone()
    }

    /// What the outside issuer says of somebody.
    pub(crate) fn outside_claims(&self, subject: &str, organization: Option<&str>) -> Value {
        let mut claims = self.issuer.workos(subject, organization);
        claims["iss"] = json!(STEADY_ISSUER);
        claims
    }

    /// A token of the outside issuer, of somebody with an address.
    pub(crate) fn outside_token(&self, subject: &str, organization: Option<&str>) -> String {
        let mut claims = self.outside_claims(subject, organization);
        claims["email"] = json!(format!("{subject}@outside.example"));
        claims["email_verified"] = json!(true);
        claims["name"] = json!("Somebody Outside");
        self.issuer.sign(claims)
    }

    /// A payment that was made for an account, the last one.
    pub(crate) async fn payment(&self, account: Account) -> PaymentId {
        let actor = self.actor().await;
        let paid = list_payments(&self.world.core, &actor, account, Page::new(None, None)).await.unwrap();
        if let Some(payment) = paid.items.first() {
            return payment.id;
        }
        let command = StartCheckout {
            account,
            purchase: CreditPurchase::new(BOUGHT_CENTS).unwrap(),
            success_url: None,
            cancel_url: None,
            idempotency_key: None,
        };
        let started = start_checkout(&self.world.core, &actor, command).await.unwrap();
        self.world.sandbox.pay(&started.session_id, GOOD_CARD).await.unwrap();
        self.world.settle().await;
        started.payment
    }

    /// Reports one call of the model whose sums are exact.
    pub(crate) async fn report(&self, account: Account, id: &str) {
        let key = self.new_key(account, &[Scope::UsageWrite]).await;
        let request = post("/api/v1/events").json(&event(account, id));
        let answer = self.ask(request.by(&Credential::Bearer(key.secret.expose().clone()))).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    }
}

fn login(email: &str) -> SignIn {
    SignIn { email: email.to_owned(), password: Secret::new(PASSWORD.to_owned()), code: None }
}

/// 1 000 tokens in and 500 out of the model whose sums are exact: 2 500 micro-USD.
pub(crate) fn event(account: Account, id: &str) -> Value {
    json!({
        "specversion": "1.0",
        "id": id,
        "source": "test",
        "type": "inference",
        "subject": account.to_string(),
        "data": {
            "model": "bursar/echo",
            "provider": "bursar",
            "promptTokens": 1000,
            "completionTokens": 500,
            "metadata": { "project": "north" },
        },
    })
}

/// The identifiers of ours in a text: a prefix and 26 letters.
pub(crate) fn ids_in(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let is_id = |word: &&str| {
        let parts = word.split_once('_');
        parts.is_some_and(|(prefix, rest)| {
            ["inv", "key", "mbr", "org", "pay", "ses", "user"].contains(&prefix) && rest.len() == 26
        })
    };
    words.filter(is_id).map(str::to_owned).collect()
}
