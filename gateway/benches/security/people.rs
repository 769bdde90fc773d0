//! Who tries to sign in.

use bursar_identity::{
    Credentials as _, EmailAddress, MIN_MEMORY_KIB, NewUser, Password, Passwords, SeaCredentials, SeaUsers,
    Users as _,
};
use bursar_kernel::Db;

use crate::http;

/// An address that somebody has.
pub(crate) fn known(number: usize) -> String {
    format!("person-{number:05}@example.com")
}

/// One of the same length that nobody has.
pub(crate) fn unknown(number: usize) -> String {
    format!("nobody-{number:05}@example.com")
}

/// A try with a password that is wrong whoever it is.
pub(crate) fn sign_in(email: &str) -> Vec<u8> {
    http::post("/auth/login", None, &format!(r#"{{"email":"{email}","password":"a password of nobody"}}"#))
}

/// So many people, each with rows of its own. Their hash is computed once: what it costs to make them
/// is not measured.
pub(crate) async fn move_in(db: &Db, many: usize) {
    let password = Password::new("a password of a person".to_owned()).expect("it is long enough");
    let passwords = Passwords::new(1, MIN_MEMORY_KIB);
    let hash = passwords.hash(db.entropy().as_ref(), password).await.expect("a hash is made");
    let mut tx = db.begin().await.expect("a transaction begins");
    for number in 0..many {
        let email = EmailAddress::parse(&known(number)).expect("the address is one");
        let new = NewUser { email, display_name: None };
        let user = SeaUsers.create(&mut tx, new).await.expect("a person is made");
        SeaCredentials.set_password(&mut tx, user.id, &hash).await.expect("it has a password");
    }
    tx.commit().await.expect("the people are there");
}
