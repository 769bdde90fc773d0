use bursar_notifications::{Addressed, Letter, MailDraft, compose};
use proptest::prelude::*;

use crate::world::{
    LINK, PRODUCT, PUBLIC_URL, every_letter, in_december, invite, mail, reset, secret, to_ada,
};

fn composed(addressed: &Addressed) -> MailDraft {
    compose(PRODUCT, PUBLIC_URL, addressed).unwrap()
}

fn has_link(letter: &Letter) -> bool {
    matches!(
        letter,
        Letter::Invite { .. }
            | Letter::ResetPassword { .. }
            | Letter::VerifyEmail { .. }
            | Letter::ChangeEmail { .. }
            | Letter::MagicLink { .. }
            | Letter::AlreadyRegistered { .. }
    )
}

#[test]
fn every_letter_has_a_subject_of_its_own() {
    let subjects: Vec<_> =
        every_letter().into_iter().map(|letter| composed(&to_ada(letter)).subject).collect();
    assert_eq!(
        subjects,
        [
            "Charles invites you to join Analytical Engines",
            "Set a new password for Acme",
            "Confirm your address for Acme",
            "Confirm your new address for Acme",
            "Your link to sign in to Acme",
            "Your address at Acme was changed",
            "Your password at Acme was changed",
            "You have an account at Acme already",
            "Your account at Acme was deleted",
            "Signing in to Acme takes a code now",
            "Signing in to Acme takes no code any more",
        ]
    );
}

#[test]
fn the_text_of_a_letter_reads_as_a_person_would_write_it() {
    assert_eq!(
        composed(&reset()).text.expose(),
        "Hello Ada,\n\
         \n\
         Somebody asked for a new password for your account at Acme.\n\
         \n\
         Set a new password:\n\
         https://acme.example/reset-password?token=t0psecret\n\
         \n\
         The link works until 2 December 2026, 14:05 UTC.\n\
         \n\
         If this was not you, ignore this mail. Your password stays as it is.\n\
         \n\
         --\n\
         Acme\n\
         https://acme.example"
    );
}

#[test]
fn a_link_stands_alone_on_its_line_and_behind_a_button() {
    for letter in every_letter() {
        let (kind, has_link) = (letter.kind(), has_link(&letter));
        let draft = composed(&to_ada(letter));
        let lines = draft.text.expose().lines().filter(|line| *line == LINK).count();
        let (html, href) = (draft.html.expose(), format!("href=\"{LINK}\""));
        let shown = html.matches(&format!(">{LINK}<")).count();
        let expected = if has_link { (1, 2, 1) } else { (0, 0, 0) };
        assert_eq!((lines, html.matches(&href).count(), shown), expected, "{kind}");
    }
}

#[test]
fn both_versions_say_until_when_a_link_works() {
    for letter in every_letter() {
        let kind = letter.kind();
        let expires = has_link(&letter) && !matches!(letter, Letter::AlreadyRegistered { .. });
        let draft = composed(&to_ada(letter));
        for version in [draft.text.expose(), draft.html.expose()] {
            assert_eq!(version.contains("until 2 December 2026, 14:05 UTC"), expires, "{kind}");
        }
    }
}

#[test]
fn the_html_asks_nothing_of_anybody() {
    for letter in every_letter() {
        let draft = composed(&to_ada(letter));
        let html = draft.html.expose();
        assert!(html.contains("<html lang=\"en\""));
        for external in ["<img", "<link", "<script", "<style", "src=", "url(", "@import"] {
            assert!(!html.contains(external), "{external}");
        }
    }
}

#[test]
fn what_people_called_themselves_is_only_text() {
    let markup = "<a href=\"https://evil.example\">Free money</a>";
    let addressed =
        Addressed { name: Some(markup.to_owned()), ..invite(markup, "\"><script>alert(1)</script>") };
    let draft = composed(&addressed);
    let html = draft.html.expose();
    assert!(!html.contains("<script") && !html.contains("href=\"https://evil"), "{html}");
    assert!(html.contains("&#60;a href=&#34;https"), "{html}");
}

#[test]
fn a_name_that_looks_like_a_link_becomes_none() {
    for name in ["https://evil.example/pay", "www.evil.example", "evil.example"] {
        let draft = composed(&Addressed { name: Some(name.to_owned()), ..invite(name, name) });
        for version in [draft.text.expose(), draft.html.expose()] {
            assert!(!version.contains(name), "{version}");
            assert!(version.replace('\u{200B}', "").contains(name), "{version}");
        }
        assert!(!draft.html.expose().contains("href=\"https://evil"));
    }
}

#[test]
fn names_are_cut_to_a_hundred_characters_and_stand_in_for_themselves_when_empty() {
    let draft = composed(&invite(&"o".repeat(500), &"i".repeat(500)));
    assert_eq!(draft.subject, format!("{} invites you to join {}", "i".repeat(100), "o".repeat(100)));
    assert!(!draft.text.expose().contains(&"o".repeat(101)));
    let unnamed = composed(&Addressed { name: Some(" \r\n".to_owned()), ..invite("", "\t") });
    assert_eq!(unnamed.subject, "Somebody invites you to join an organization");
    assert!(unnamed.text.expose().starts_with("Hello,\n"));
    assert!(composed(&Addressed { name: None, ..reset() }).text.expose().starts_with("Hello,\n"));
}

#[test]
fn debugging_shows_neither_addresses_nor_links() {
    for letter in every_letter() {
        let addressed = to_ada(letter);
        let draft = composed(&addressed);
        let mail = mail(1, in_december());
        let shown = format!("{addressed:?} {:?} {draft:?} {mail:?}", addressed.letter);
        for told in ["example", "acme", "t0psecret", "Ada", "Analytical", "Charles"] {
            assert!(!shown.contains(told), "{told} is in {shown}");
        }
        assert!(shown.contains(addressed.letter.kind()) && shown.contains("mail_"));
    }
}

proptest! {
    #[test]
    fn no_name_breaks_out_of_a_subject_a_line_or_the_html(
        organization in any::<String>(), inviter in any::<String>(), name in any::<String>(),
        new_email in any::<String>(),
    ) {
        let plain = composed(&to_ada(Letter::PasswordChanged {}));
        let plain_html = plain.html.expose();
        let tags = |html: &str| html.matches('<').count();
        let paragraphs = |text: &str| text.lines().count();

        let written = composed(&Addressed { name: Some(name), ..invite(&organization, &inviter) });
        let known = composed(&invite("o", "i"));
        prop_assert!(!written.subject.chars().any(char::is_control));
        prop_assert_eq!(tags(written.html.expose()), tags(known.html.expose()));
        prop_assert_eq!(paragraphs(written.text.expose()), paragraphs(known.text.expose()));

        let changed = composed(&to_ada(Letter::EmailChanged { new_email }));
        prop_assert!(!changed.subject.chars().any(char::is_control));
        prop_assert_eq!(tags(changed.html.expose()), tags(plain_html));
    }

    #[test]
    fn a_link_of_any_web_address_stands_alone_and_is_escaped(path in "[!-~]{0,60}") {
        let link = format!("https://acme.example/{path}");
        let draft = composed(&to_ada(Letter::AlreadyRegistered { link: secret(&link) }));
        prop_assert!(draft.text.expose().lines().any(|line| line == link));
        let known = composed(&to_ada(Letter::AlreadyRegistered { link: secret(LINK) }));
        let marks = |html: &str| (html.matches('<').count(), html.matches('"').count());
        prop_assert_eq!(marks(draft.html.expose()), marks(known.html.expose()));
    }
}
