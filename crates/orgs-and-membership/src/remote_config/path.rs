use std::fmt::Write as _;

/// The most characters that are shown of a name that somebody else chose.
const MAX_SHOWN: usize = 64;

/// Where in a document: `providerSettings.OpenAiCompatible.models[0].id`. What is shown of names is
/// visible ASCII and short, since it ends up in headers and logs.
#[derive(Default)]
pub(super) struct Path(String);

impl Path {
    /// Does something at a member of the object here.
    pub(super) fn at_member<T>(&mut self, name: &str, act: impl FnOnce(&mut Self) -> T) -> T {
        let here = self.0.len();
        if here > 0 {
            self.0.push('.');
        }
        let visible = |letter: char| if letter.is_ascii_graphic() || letter == ' ' { letter } else { '?' };
        self.0.extend(name.chars().take(MAX_SHOWN).map(visible));
        if name.chars().nth(MAX_SHOWN).is_some() {
            self.0.push_str("...");
        }
        self.then_back(here, act)
    }

    /// Does something at an item of the list here.
    pub(super) fn at_item<T>(&mut self, place: usize, act: impl FnOnce(&mut Self) -> T) -> T {
        let here = self.0.len();
        // Writing to a String cannot fail.
        let _ = write!(self.0, "[{place}]");
        self.then_back(here, act)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    fn then_back<T>(&mut self, here: usize, act: impl FnOnce(&mut Self) -> T) -> T {
        let outcome = act(self);
        self.0.truncate(here);
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_members_and_items_and_leads_back() {
        let mut path = Path::default();
        path.at_member("a", |path| {
            path.at_item(3, |path| {
                path.at_member("b c", |path| assert_eq!(path.as_str(), "a[3].b c"));
            });
            assert_eq!(path.as_str(), "a");
        });
        assert_eq!(path.as_str(), "");
    }

    #[test]
    fn a_name_is_shown_short_and_in_visible_ascii() {
        let mut path = Path::default();
        path.at_member("é\r\n\u{0}", |path| assert_eq!(path.as_str(), "????"));
        path.at_member(&"x".repeat(1000), |path| {
            assert_eq!(path.as_str(), format!("{}...", "x".repeat(64)));
        });
    }
}
