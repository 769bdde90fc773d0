//! Where a person wanted to go before signing in: a page of ours, or the account page.

use url::Url;

/// Where people go who wanted to go nowhere.
pub(super) const ACCOUNT: &str = "/account";
const MAX_LENGTH: usize = 8192;

/// The path and query of a page of ours that the text leads to. What leads anywhere else leads to
/// the account page: another site could have written the text.
pub(super) fn local(text: Option<&str>, public_url: &str) -> String {
    text.and_then(|text| own_page(text, public_url)).unwrap_or_else(|| ACCOUNT.to_owned())
}

fn own_page(text: &str, public_url: &str) -> Option<String> {
    if !text.starts_with('/') || text.len() > MAX_LENGTH {
        return None;
    }
    // Read as a browser reads it: it takes `\` for `/`, and drops tabs and dots.
    let base = Url::parse(public_url).ok()?;
    let url = base.join(text).ok()?;
    let own = url.origin() == base.origin() && !url.path().starts_with("//");
    own.then(|| url[url::Position::BeforePath..url::Position::AfterQuery].to_owned())
}

/// The sign-in page that leads back to where the person was going.
pub(super) fn sign_in(wanted: &str) -> String {
    leading_back("/sign-in", wanted)
}

/// The page to sign up on that leads there.
pub(super) fn sign_up(wanted: &str) -> String {
    leading_back("/sign-up", wanted)
}

/// The page to prove oneself again on that leads there.
pub(super) fn step_up(wanted: &str) -> String {
    leading_back("/step-up", wanted)
}

/// Any page of ours that leads there.
pub(super) fn leading_back(page: &str, wanted: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("return_to", wanted).finish();
    format!("{page}?{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_led_to_pages_of_ours_only() {
        let led = |text: &str| local(Some(text), "https://pay.example.com");
        for own in ["/account", "/authorize?callback_url=http%3A%2F%2F127.0.0.1%2F&state=a+b", "/"] {
            assert_eq!(led(own), own);
        }
        assert_eq!(led("/a/../account#there"), "/account");
        for elsewhere in [
            "",
            "account",
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example/",
            "/\t/evil.example/",
            "/.//evil.example/",
            "/a/..//evil.example/",
            "\\\\evil.example",
            "javascript:alert(1)",
        ] {
            assert_eq!(led(elsewhere), ACCOUNT, "{elsewhere}");
        }
        assert_eq!(local(None, "https://pay.example.com"), ACCOUNT);
        assert_eq!(led(&format!("/{}", "a".repeat(MAX_LENGTH))), ACCOUNT);
    }
}
