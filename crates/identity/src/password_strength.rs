use zeroize::Zeroizing;
use zxcvbn::{Score, feedback::Feedback, zxcvbn};

/// How much of a password is judged: what judges it takes long over long ones.
const JUDGED_LENGTH: usize = 100;
/// The most words about a person that a password is compared with, and how long they are in bytes.
const MAX_WORDS: usize = 64;
const MIN_WORD_LENGTH: usize = 3;
const MAX_WORD_LENGTH: usize = 256;

/// What makes a password easy to guess for somebody who knows `about` whom it is and where, as the
/// end of a sentence that repeats nothing of it; `None` when it takes 10⁸ guesses and more.
pub(crate) fn weakness(password: &str, about: &[&str]) -> Option<String> {
    let judged: Zeroizing<String> = Zeroizing::new(password.chars().take(JUDGED_LENGTH).collect());
    let verdict = zxcvbn(&judged, &words(about));
    (verdict.score() < Score::Three).then(|| verdict.feedback().map_or_else(String::new, advice))
}

/// The texts and the words in them: who is called Ada Lovelace may choose either half.
fn words<'a>(about: &[&'a str]) -> Vec<&'a str> {
    let split = about.iter().flat_map(|text| text.split(|letter: char| !letter.is_alphanumeric()));
    let all = about.iter().copied().chain(split);
    all.filter(|word| (MIN_WORD_LENGTH..=MAX_WORD_LENGTH).contains(&word.len())).take(MAX_WORDS).collect()
}

/// What is wrong with a password, or what would be better, as the end of a sentence.
fn advice(feedback: &Feedback) -> String {
    let warning = feedback.warning().map(|warning| warning.to_string());
    let suggestion = || feedback.suggestions().first().map(ToString::to_string);
    let sentence = warning.or_else(suggestion).unwrap_or_default();
    let mut letters = sentence.trim_end_matches('.').chars();
    letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use crate::password::Password;

    #[test]
    fn a_password_that_is_easy_to_guess_is_refused_with_the_reason_and_without_itself() {
        for (easy, reason) in [
            ("password1", "this is a very common password"),
            ("qwertyuiop", "this is a top-100 common password"),
            ("aaaaaaaaaaaa", "repeats like \"aaa\" are easy to guess"),
            ("abcdefghijkl", "sequences like abc or 6543 are easy to guess"),
        ] {
            let refused = Password::chosen(easy.to_owned(), &[]).unwrap_err();
            assert_eq!((refused.code(), refused.get("field")), ("invalid_field", Some("password")));
            assert_eq!(refused.to_string(), format!("password is too easy to guess: {reason}"));
        }
        for good in
            ["correct horse battery staple", "Tr0mb0ne & v1olet skies", "密码是一个很长的句子没有人猜得到"]
        {
            assert!(Password::chosen(good.to_owned(), &[]).is_ok(), "{good}");
        }
        let short = Password::chosen("1234567".to_owned(), &[]).unwrap_err();
        assert_eq!(short.to_string(), "password must be 8 to 128 characters");
    }

    #[test]
    fn what_is_known_about_a_person_makes_no_password() {
        let about = ["quillfeather@hollowbrook.example", "quillfeather", "Zorabel Quintwhistle", "bursar"];
        for known in [
            "quillfeather@hollowbrook.example",
            "quillfeather1",
            "hollowbrook!",
            "zorabel quintwhistle",
            "Quintwhistle7",
        ] {
            assert!(Password::chosen(known.to_owned(), &about).is_err(), "{known}");
        }
        assert!(Password::chosen("Quintwhistle7".to_owned(), &[]).is_ok(), "of somebody else it is none");
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(32))]

        #[test]
        fn no_text_makes_the_judge_panic(text in "\\PC{8,40}|[a-z0-9@é愛🦀 ]{8,128}", about in "\\PC{0,40}") {
            drop(Password::chosen(text, &[&about, &about]));
        }
    }
}
