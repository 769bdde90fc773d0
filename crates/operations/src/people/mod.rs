//! Who someone is: signing up, in and out, and one's own profile.

mod accept_terms;
mod authorization_code;
mod profile;
mod published_keys;
mod refresh_session;
mod rotate_signing_key;
mod sign_in;
mod sign_out;
mod sign_up;
mod switch_account;

pub use accept_terms::accept_terms;
pub use authorization_code::{GrantCode, RedeemCode, grant_code, redeem_code};
pub use profile::{OrganizationOfUser, Profile, read_profile};
pub use published_keys::published_keys;
pub use refresh_session::refresh_session;
pub use rotate_signing_key::rotate_signing_key;
pub use sign_in::{SignIn, SignedIn, open_cookie_session, sign_in};
pub use sign_out::{SignOut, sign_out};
pub use sign_up::{SignUp, sign_up};
pub use switch_account::switch_account;
