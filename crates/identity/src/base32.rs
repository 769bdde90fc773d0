/// RFC 4648, as authenticators read it.
pub(crate) const UPPER: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Crockford's, without the letters that are taken for digits, as people read it.
pub(crate) const READABLE: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A letter for each five bits, from the first on. Bits that make no whole letter are left out.
pub(crate) fn encode(alphabet: &[u8; 32], bytes: &[u8]) -> String {
    // Made at its full length, so that growing leaves no copy of a secret behind.
    let mut text = String::with_capacity(bytes.len() * 8 / 5);
    let (mut bits, mut held) = (0_u16, 0);
    for byte in bytes {
        bits = (bits << 8) | u16::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            text.push(char::from(alphabet[usize::from((bits >> held) & 31)]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_letters_are_those_of_rfc_4648() {
        assert_eq!(encode(UPPER, b"fooba"), "MZXW6YTB");
        assert_eq!(encode(UPPER, b"12345678901234567890"), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(encode(UPPER, b"foob"), "MZXW6Y", "two bits are left out");
        assert_eq!(encode(READABLE, &[0, 0, 0, 0, 31]), "0000000z");
        assert_eq!(encode(UPPER, &[]), "");
    }
}
