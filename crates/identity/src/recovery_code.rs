use bursar_kernel::{Entropy, Secret};
use zeroize::Zeroizing;

use crate::base32::{self, READABLE};

/// How many a person gets at a time.
pub(crate) const RECOVERY_CODES: usize = 10;
/// Letters of a code: 50 bits.
const LENGTH: usize = 10;
/// The longest text that is looked at: a code, however it is grouped.
const MAX_TYPED_LENGTH: usize = 64;

/// A recovery code without the dash in it, as it is kept (by its digest) and compared.
#[derive(Debug)]
pub(crate) struct RecoveryCode(Secret<String>);

impl RecoveryCode {
    /// One that nobody has.
    pub(crate) fn draw(entropy: &dyn Entropy) -> Self {
        let bytes = Zeroizing::new(entropy.bytes::<7>());
        let mut letters = base32::encode(READABLE, bytes.as_slice());
        letters.truncate(LENGTH);
        Self(Secret::new(letters))
    }

    /// What somebody typed from paper: in any case, grouped in any way, with the letters that look
    /// like a digit for that digit. `None` for what is no code.
    pub(crate) fn read(typed: &str) -> Option<Self> {
        if typed.len() > MAX_TYPED_LENGTH {
            return None;
        }
        let letters = typed.chars().filter(|letter| *letter != '-' && !letter.is_whitespace());
        let read = Secret::new(letters.map(meant).collect::<String>());
        let is_code =
            read.expose().len() == LENGTH && read.expose().bytes().all(|letter| READABLE.contains(&letter));
        is_code.then_some(Self(read))
    }

    /// Its letters.
    pub(crate) fn letters(&self) -> &str {
        self.0.expose()
    }

    /// As it is shown: `xxxxx-xxxxx`.
    pub(crate) fn shown(&self) -> Secret<String> {
        let (first, second) = self.letters().split_at(LENGTH / 2);
        Secret::new(format!("{first}-{second}"))
    }
}

fn meant(letter: char) -> char {
    match letter.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use bursar_kernel::OsEntropy;

    use super::*;

    fn read(typed: &str) -> Option<String> {
        RecoveryCode::read(typed).map(|code| code.letters().to_owned())
    }

    #[test]
    fn a_code_is_read_as_it_is_shown() {
        for _ in 0..100 {
            let code = RecoveryCode::draw(&OsEntropy);
            let shown = code.shown();
            assert_eq!((shown.expose().len(), shown.expose().find('-')), (11, Some(5)));
            assert_eq!(read(shown.expose()).as_deref(), Some(code.letters()));
            assert_eq!(format!("{code:?}"), "RecoveryCode([secret])");
        }
    }

    #[test]
    fn a_code_is_read_however_it_was_typed() {
        for typed in ["0a1b1-c2d3e", "OAIBL-C2D3E", " 0a1b1c2d3e\n", "0a 1b 1c 2d 3e"] {
            assert_eq!(read(typed).as_deref(), Some("0a1b1c2d3e"), "{typed}");
        }
    }

    #[test]
    fn what_is_no_code_is_not_even_looked_up() {
        for typed in
            ["", "0a1b1-c2d3", "0a1b1-c2d3ef", "0a1b1-c2d3u", "0a1b1_c2d3e", "密码密码密", &"-".repeat(100)]
        {
            assert_eq!(read(typed), None, "{typed}");
        }
    }
}
