use bursar_api_keys::{CreatedKey, KeyName, Scope};
use bursar_billing_ledger::CreditPurchase;
use bursar_identity::EmailAddress;
use bursar_kernel::{Account, Amount, OrganizationId, Secret, UserId};
use bursar_operations::{
    Actor, CreateApiKey, Credential, InviteTo, Origin, SignUp, StartCheckout, accept_invite, authenticate,
    create_api_key, create_invites, create_organization, read_balance, set_account_plan, sign_up,
    start_checkout, switch_account,
};
use bursar_orgs_and_membership::{MembershipId, OrganizationName, Role};

use super::World;

/// The password of everybody in a world.
pub const PASSWORD: &str = "correct horse battery staple";
/// The sandbox card that pays.
pub const GOOD_CARD: &str = "4242424242424242";

/// A signed-in person.
pub struct Person {
    /// Who.
    pub user: UserId,
    /// Its address.
    pub email: String,
    /// As it was when it signed up.
    pub actor: Actor,
    /// Its access token.
    pub access_token: String,
    /// Its refresh token.
    pub refresh_token: String,
}

/// A person with an organization of its own, which is its active account.
pub struct Owner {
    /// The person, acting on the organization.
    pub person: Person,
    /// The organization.
    pub organization: OrganizationId,
}

impl World {
    /// A person who has just signed up as `<name>@example.com`.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn person(&self, name: &str) -> Person {
        let email = format!("{name}@example.com");
        let command = SignUp {
            email: EmailAddress::parse(&email).expect("the address is one"),
            password: Secret::new(PASSWORD.to_owned()),
            display_name: Some(name.to_owned()),
            organization: None,
        };
        let signed_in = sign_up(&self.core, &Origin::default(), command).await.expect("a person signs up");
        let signed_in = signed_in.expect("it is let in at once");
        let access_token = signed_in.access_token.expose().clone();
        Person {
            user: signed_in.user.id,
            email,
            actor: self.actor(&access_token).await,
            access_token,
            refresh_token: signed_in.refresh_token.expose().clone(),
        }
    }

    /// A person named `<name>` with an organization `<name>'s`, which is its active account.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn owner(&self, name: &str) -> Owner {
        let mut person = self.person(name).await;
        let organization_name = OrganizationName::new(&format!("{name}'s")).expect("the name is good");
        let organization =
            create_organization(&self.core, &person.actor, organization_name).await.expect("it is made");
        switch_account(&self.core, &person.actor, Some(organization.id)).await.expect("it becomes active");
        person.actor = self.actor(&person.access_token).await;
        Owner { person, organization: organization.id }
    }

    /// An owner whose organization has bought credits.
    ///
    /// # Panics
    /// When they cannot be bought.
    pub async fn funded_org(&self, name: &str, amount_cents: i64) -> Owner {
        let owner = self.owner(name).await;
        let session = self.checkout(&owner, amount_cents).await;
        self.sandbox.pay(&session, GOOD_CARD).await.expect("the card pays");
        self.settle().await;
        owner
    }

    /// A checkout that was begun for the owner's organization: the provider's identifier.
    ///
    /// # Panics
    /// When it cannot be begun.
    pub async fn checkout(&self, owner: &Owner, amount_cents: i64) -> String {
        let command = StartCheckout {
            account: Account::Organization(owner.organization),
            purchase: CreditPurchase::new(amount_cents).expect("the amount is in range"),
            success_url: None,
            cancel_url: None,
            idempotency_key: None,
        };
        start_checkout(&self.core, &owner.person.actor, command).await.expect("a checkout begins").session_id
    }

    /// A person `<name>@example.com` who has joined the owner's organization by an invite, and
    /// whose active account is its own. The organization has room for any number of people
    /// afterwards.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn member(&self, owner: &Owner, name: &str, role: Role) -> (Person, MembershipId) {
        self.make_room(owner).await;
        let person = self.person(name).await;
        let email = EmailAddress::parse(&person.email).expect("the address is one");
        // Owners are made, not invited here: whoever asks them in must have signed in recently.
        let invites = vec![InviteTo { email, role }];
        create_invites(&self.core, &owner.person.actor, owner.organization, invites)
            .await
            .expect("an invite is made");
        let token = self.mailed_token(&person.email).await;
        let joined = accept_invite(&self.core, &person.actor, &token).await.expect("it is accepted");
        (person, joined.member)
    }

    /// Puts the owner's organization on the plan that has room for any number of people.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn make_room(&self, owner: &Owner) {
        let account = Account::Organization(owner.organization);
        set_account_plan(&self.core, account, "enterprise", None).await.expect("the plan is set");
    }

    /// A key of the person on its active account, with every scope.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn key(&self, person: &Person) -> CreatedKey {
        self.key_of_scopes(person, Scope::ALL).await
    }

    /// A key of the person on its active account, with these scopes.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn key_of_scopes(&self, person: &Person, scopes: &[Scope]) -> CreatedKey {
        let command = CreateApiKey {
            scopes: Some(scopes.to_vec()),
            ..CreateApiKey::named(KeyName::new("test").expect("the name is good"))
        };
        create_api_key(&self.core, &person.actor, command).await.expect("a key is made")
    }

    /// Who an access token is of, acting on what is its active account now.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn actor(&self, access_token: &str) -> Actor {
        let credential = Credential::Token(Secret::new(access_token.to_owned()));
        authenticate(&self.core, Some(&credential), Origin::default()).await.expect("the token is good")
    }

    /// Who a key acts as.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn key_actor(&self, key: &CreatedKey) -> Actor {
        let credential = Credential::ApiKey(key.secret.clone());
        authenticate(&self.core, Some(&credential), Origin::default()).await.expect("the key is good")
    }

    /// What is left in the owner's organization.
    ///
    /// # Panics
    /// When it cannot be read.
    pub async fn balance(&self, owner: &Owner) -> Amount {
        let account = Account::Organization(owner.organization);
        read_balance(&self.core, &owner.person.actor, account).await.expect("a balance is read")
    }
}
