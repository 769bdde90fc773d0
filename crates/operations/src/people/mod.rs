//! Who someone is: signing up, in and out, what proves it, and one's own profile.

mod accept_terms;
mod authorization_code;
mod delete_user;
mod email;
mod link;
mod magic_link;
mod outside;
mod password;
mod profile;
mod published_keys;
mod refresh_session;
mod rotate_signing_key;
mod second_factor;
mod sessions;
mod sign_in;
mod sign_in_outside;
mod sign_out;
mod sign_up;
mod suspend;
mod switch_account;
mod update_profile;

pub use accept_terms::accept_terms;
pub use authorization_code::{GrantCode, RedeemCode, grant_code, redeem_code};
pub use delete_user::delete_user;
pub use email::{change_email, request_email_change, request_email_verification, verify_email};
pub use link::LinkMailing;
pub use magic_link::{MagicSignIn, open_cookie_session_by_link, request_magic_link, sign_in_by_link};
pub(crate) use outside::{account_of, person_of};
pub use password::{change_password, request_password_reset, reset_password};
pub use profile::{OrganizationOfUser, Profile, read_profile};
pub use published_keys::published_keys;
pub use refresh_session::refresh_session;
pub use rotate_signing_key::rotate_signing_key;
pub use second_factor::{
    begin_second_factor, confirm_second_factor, read_second_factor, remove_second_factor,
    renew_recovery_codes,
};
pub use sessions::{OwnSession, end_session, list_sessions, step_up};
pub use sign_in::{SignIn, SignedIn, open_cookie_session, sign_in};
pub use sign_in_outside::{
    FinishExternalSignIn, begin_external_sign_in, browser_issuers, exchange_external_token,
    finish_external_sign_in,
};
pub use sign_out::{SignOut, sign_out};
pub use sign_up::{SignUp, sign_up, sign_up_with_cookie};
pub use suspend::suspend_user;
pub use switch_account::switch_account;
pub use update_profile::update_profile;
