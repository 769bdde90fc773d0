//! A person at a browser: pages, forms and the cookie between them, through the whole router.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use bursar_gateway::{routes, state::Parts};
use bursar_testkit::{
    TestDb,
    world::{PASSWORD, PUBLIC_URL, World, cursors, totp},
};

use crate::server::{Answer, config, send};

/// A world with its pages.
pub(crate) struct Site {
    pub(crate) world: World,
    router: Router,
}

impl Site {
    pub(crate) async fn new(test: TestDb) -> Self {
        let world = World::new(test).await;
        let parts = Parts {
            config: Arc::new(config(&[("BURSAR_PUBLIC_URL", PUBLIC_URL)])),
            db: world.test.db.clone(),
            core: world.core.clone(),
            cursors: cursors(),
            sandbox: Some(world.sandbox.clone()),
            mailbox: Some(world.mailbox.clone()),
            metrics: None,
        };
        let router = routes::router(parts).unwrap();
        Self { world, router }
    }

    /// A browser in which nobody is signed in.
    pub(crate) const fn browser(&self) -> Browser<'_> {
        Browser { site: self, cookie: String::new() }
    }

    /// A browser in which somebody has signed in.
    pub(crate) async fn browser_of(&self, email: &str) -> Browser<'_> {
        let mut browser = self.browser();
        let answer = browser.send("/sign-in", &[("email", email), ("password", PASSWORD)]).await;
        assert_leads(&answer, "/account");
        browser
    }

    /// What an authenticator with this secret shows now.
    pub(crate) fn code(&self, secret: &str) -> String {
        totp(secret, self.world.test.db.reader().now())
    }

    /// The path of the newest link that was mailed to an address.
    pub(crate) async fn mailed_path(&self, to: &str) -> String {
        self.world.mailed_link(to).await.strip_prefix(PUBLIC_URL).unwrap().to_owned()
    }
}

/// A browser with its cookie.
pub(crate) struct Browser<'a> {
    site: &'a Site,
    pub(crate) cookie: String,
}

impl Browser<'_> {
    /// Follows a link.
    pub(crate) async fn open(&mut self, path: &str) -> Answer {
        let request =
            Request::get(path).header("cookie", &self.cookie).header("user-agent", "Firefox/1 (Linux)");
        let answer = send(&self.site.router, request.body(Body::empty()).unwrap()).await;
        assert_is_a_page(&answer, path);
        answer
    }

    /// Sends a form of ours.
    pub(crate) async fn send(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let answer = self.send_from(Some(PUBLIC_URL), path, form).await;
        let cookie = answer.header("set-cookie");
        if cookie.contains("Max-Age=0") {
            self.cookie.clear();
        } else if let Some((cookie, _)) = cookie.split_once(';') {
            cookie.clone_into(&mut self.cookie);
        }
        answer
    }

    /// Sends a form that stands on a page of this site.
    pub(crate) async fn send_from(&self, site: Option<&str>, path: &str, form: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("user-agent", "Firefox/1 (Linux)")
            .header("cookie", &self.cookie);
        let request = site.into_iter().fold(request, |request, site| request.header("origin", site));
        let answer = send(&self.site.router, request.body(Body::from(body)).unwrap()).await;
        assert_is_a_page(&answer, path);
        answer
    }

    /// Sets up the second factor and answers its secret and its recovery codes.
    pub(crate) async fn set_up_second_factor(&mut self) -> (String, Vec<String>) {
        let begun = self.send("/security/second-factor", &[]).await;
        let secret: String = between(&begun.text(), "<p class=\"place secret\">", "</p>")
            .split(|letter: char| !(letter.is_ascii_uppercase() || letter.is_ascii_digit()))
            .filter(|group| group.len() == 4)
            .collect();
        let code = self.site.code(&secret);
        let confirmed = self.send("/security/second-factor/confirm", &[("code", &code)]).await;
        assert_eq!(confirmed.status, StatusCode::OK, "{}", confirmed.text());
        let text = confirmed.text();
        let codes = text.split("<li><code>").skip(1).map(|rest| rest.split_once('<').unwrap().0.to_owned());
        (secret, codes.collect())
    }
}

/// What every answer at a browser is: no fault of ours, and a page or a way to one.
fn assert_is_a_page(answer: &Answer, path: &str) {
    let text = answer.text();
    assert!(!answer.status.is_server_error(), "{path}: {} {text}", answer.status);
    if answer.status.is_redirection() {
        assert!(answer.header("location").starts_with('/'), "{path} leads to {}", answer.header("location"));
        return;
    }
    assert!(answer.header("content-type").starts_with("text/html"), "{path}: {text}");
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'; style-src 'self';"));
    assert_eq!(answer.header("referrer-policy"), "same-origin");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!text.contains("<script") && !text.contains(" style="), "{path}");
    assert_eq!(text.matches("<h1").count(), 1, "{path}: {text}");
    assert!(!text.contains(PASSWORD), "{path} shows a password");
}

pub(crate) fn assert_leads(answer: &Answer, to: &str) {
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, to), "{}", answer.text());
}

/// A refusal says so where screen readers hear it, and the form names it.
pub(crate) fn assert_refused(answer: &Answer, status: StatusCode, sentence: &str) {
    let text = answer.text();
    assert_eq!(answer.status, status, "{text}");
    let said = between(&text, "role=\"alert\" id=\"refusal\">", "</p>");
    assert!(said.contains(sentence), "{said}");
    assert!(
        text.contains("aria-describedby=\"refusal\"")
            || text.contains(" refusal\"")
            || !text.contains("<form"),
        "nothing names the refusal: {text}"
    );
}

pub(crate) fn assert_shows(answer: &Answer, all: &[&str]) {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    for one in all {
        assert!(answer.text().contains(one), "{one}: {}", answer.text());
    }
}

pub(crate) fn assert_hides(answer: &Answer, all: &[&str]) {
    for one in all {
        assert!(!answer.text().contains(one), "{one}: {}", answer.text());
    }
}

/// The value of a hidden field.
pub(crate) fn hidden(answer: &Answer, name: &str) -> String {
    between(&answer.text(), &format!("type=\"hidden\" name=\"{name}\" value=\""), "\"").to_owned()
}

/// What stands between two texts the first time.
pub(crate) fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split_once(after).unwrap().0
}
