/// The longest slug before anything is added to make it unique: a label of a host name holds 63.
const MAX_LENGTH: usize = 48;
/// The slug of a name that has no letter or digit that a slug can hold.
const FALLBACK: &str = "organization";

/// The kebab form of a name, for addresses: `Müller & Söhne GmbH` → `muller-sohne-gmbh`.
///
/// Always 1 to 48 characters of `a–z`, `0–9` and single inner hyphens. Latin letters lose their
/// marks, every other run of characters becomes one hyphen.
#[must_use]
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for character in name.chars().flat_map(char::to_lowercase) {
        match character {
            'a'..='z' | '0'..='9' => slug.push(character),
            // A mark of the letter before it.
            '\u{300}'..='\u{36f}' => {}
            _ => match unmarked(character) {
                Some(letters) => slug.push_str(letters),
                None if slug.is_empty() || slug.ends_with('-') => {}
                None => slug.push('-'),
            },
        }
        if slug.len() >= MAX_LENGTH {
            break;
        }
    }
    slug.truncate(MAX_LENGTH);
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { FALLBACK.to_owned() } else { slug.to_owned() }
}

/// The plain letters that stand for a lower-case Latin letter with a mark.
fn unmarked(letter: char) -> Option<&'static str> {
    Some(match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ț' => "t",
        'þ' => "th",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_becomes_its_kebab_form() {
        for (name, expected) in [
            ("Acme", "acme"),
            ("  Acme   Robotics, Inc. ", "acme-robotics-inc"),
            ("Müller & Söhne GmbH", "muller-sohne-gmbh"),
            ("Straße 7", "strasse-7"),
            ("İstanbul Çay", "istanbul-cay"),
            ("Mu\u{308}nchen", "munchen"),
            ("O'Reilly", "o-reilly"),
            ("日本", "organization"),
            ("🦀", "organization"),
            ("--", "organization"),
        ] {
            assert_eq!(slug(name), expected, "{name}");
        }
    }

    #[test]
    fn a_long_name_is_cut_without_a_hyphen_at_its_end() {
        assert_eq!(slug(&"x".repeat(100)), "x".repeat(48));
        assert_eq!(slug(&format!("{} tail", "x".repeat(47))), "x".repeat(47));
    }

    proptest! {
        #[test]
        fn every_name_gives_a_well_formed_slug(name in "\\PC{0,120}") {
            let slug = slug(&name);
            prop_assert!((1..=48).contains(&slug.len()));
            prop_assert!(slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
            prop_assert!(slug.split('-').all(|word| !word.is_empty()));
        }
    }
}
