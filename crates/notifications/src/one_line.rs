//! Text that people chose, made fit for a header and a sentence.

/// The most characters of a name.
const MAX_NAME_CHARACTERS: usize = 100;

/// On one line: a line break in a header would begin another header. What turns the direction of
/// writing goes as well, since it could make the rest of the line say something else.
pub(crate) fn one_line(text: &str) -> String {
    let kept: String = text
        .chars()
        .filter(|letter| !turns_direction(*letter))
        .map(|letter| if breaks_line(letter) { ' ' } else { letter })
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A name on one line, cut to [`MAX_NAME_CHARACTERS`]; `instead` when nothing is left of it.
pub(crate) fn name_or(instead: &str, text: &str) -> String {
    let name: String = one_line(text).chars().take(MAX_NAME_CHARACTERS).collect();
    if name.is_empty() { instead.to_owned() } else { name }
}

/// A name in which mail programs see no link. They make one of whatever looks like an address, and
/// a name is whatever somebody typed: a space without width behind each joint takes the look away.
pub(crate) fn unlinked(name: &str) -> String {
    let mut unlinked = String::with_capacity(name.len());
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        unlinked.push(letter);
        let goes_on = letters.peek().is_some_and(|next| !next.is_whitespace());
        if goes_on && matches!(letter, '.' | ':' | '/' | '@') {
            unlinked.push('\u{200B}');
        }
    }
    unlinked
}

fn breaks_line(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}')
}

const fn turns_direction(letter: char) -> bool {
    matches!(letter, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_breaks_a_line_is_a_space() {
        assert_eq!(one_line(" Ada\r\nBcc: eve@example.com\u{2028}\0x "), "Ada Bcc: eve@example.com x");
        assert_eq!(one_line("safe\u{202E}gnp.exe"), "safegnp.exe");
    }

    #[test]
    fn a_name_is_cut_and_never_empty() {
        assert_eq!(name_or("somebody", "\r\n \t"), "somebody");
        assert_eq!(name_or("somebody", &"é".repeat(101)), "é".repeat(100));
    }

    #[test]
    fn a_name_loses_its_look_of_a_link_and_nothing_that_is_seen() {
        for name in ["https://evil.example/pay", "evil.example", "www.evil.example", "eve@evil.example"] {
            let unlinked = unlinked(name);
            assert!(!unlinked.contains("://") && !unlinked.contains(".e") && !unlinked.contains("@e"));
            assert_eq!(unlinked.replace('\u{200B}', ""), name);
        }
        assert_eq!(unlinked("Acme Inc."), "Acme Inc.");
    }

    proptest! {
        #[test]
        fn no_text_breaks_a_line(text in any::<String>()) {
            prop_assert!(!one_line(&text).chars().any(breaks_line));
            prop_assert!(name_or("somebody", &text).chars().count() <= MAX_NAME_CHARACTERS);
        }
    }
}
