use bursar_kernel::Secret;

/// Where the links in mail lead: pages of ours, each with the token that makes it work.
#[derive(Clone, Debug)]
pub struct Links {
    public_url: String,
}

impl Links {
    /// Under the public address of the server, which has no slash at its end.
    #[must_use]
    pub const fn new(public_url: String) -> Self {
        Self { public_url }
    }

    pub(crate) fn accept_invite(&self, token: &Secret<String>) -> Secret<String> {
        self.to("/invites/accept", token)
    }

    pub(crate) fn reset_password(&self, token: &Secret<String>) -> Secret<String> {
        self.to("/password/reset", token)
    }

    pub(crate) fn verify_email(&self, token: &Secret<String>) -> Secret<String> {
        self.to("/email/verify", token)
    }

    pub(crate) fn change_email(&self, token: &Secret<String>) -> Secret<String> {
        self.to("/email/change", token)
    }

    pub(crate) fn magic_link(&self, token: &Secret<String>) -> Secret<String> {
        self.to("/sign-in/link", token)
    }

    pub(crate) fn sign_in(&self) -> Secret<String> {
        Secret::new(format!("{}/sign-in", self.public_url))
    }

    /// A token is of letters that need no escape in an address.
    fn to(&self, page: &str, token: &Secret<String>) -> Secret<String> {
        Secret::new(format!("{}{page}?token={}", self.public_url, token.expose()))
    }
}
