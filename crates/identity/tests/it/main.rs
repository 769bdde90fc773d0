//! The services of this crate through their traits, on both engines.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod credentials;
mod deletion;
mod embedding;
mod external_identities;
#[cfg(feature = "outbound")]
mod issuers;
mod one_time_tokens;
mod refresh_tokens;
mod second_factors;
mod sessions;
mod signing_keys;
mod users;

use std::time::Duration;

use bursar_identity::{EmailAddress, NewUser, SeaUsers, User, Users};
use bursar_kernel::Tx;
use bursar_testkit::TestDb;

/// The least step past the end of something.
const MOMENT: Duration = Duration::from_micros(1);

fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn named(text: &str) -> NewUser {
    NewUser { email: email(text), display_name: None }
}

async fn person(tx: &mut Tx, address: &str) -> User {
    SeaUsers.create(tx, named(address)).await.unwrap()
}

/// A person that is there already.
async fn committed_person(test: &TestDb, address: &str) -> User {
    let mut tx = test.db.begin().await.unwrap();
    let user = person(&mut tx, address).await;
    tx.commit().await.unwrap();
    user
}

/// That no column of any row holds a secret, whole or in part.
async fn assert_nowhere_in_clear(test: &TestDb, secret: &str) {
    let dump = test.dump().await;
    assert!(!dump.is_empty());
    for part in [secret, &secret[..secret.len() / 2], &secret[secret.len() / 2..]] {
        assert!(!dump.contains(part), "{part} in {dump}");
    }
}
