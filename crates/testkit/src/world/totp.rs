use bursar_kernel::UnixTimestamp;

/// The letters of base32, by their values.
const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The code that an authenticator with this secret, as it was shown to be typed, shows now.
///
/// # Panics
/// When the secret is no base32 of 20 bytes.
#[must_use]
pub fn totp(secret_base32: &str, now: UnixTimestamp) -> String {
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0_u32, 0);
    for letter in secret_base32.chars() {
        let value = LETTERS.find(letter).expect("a letter of base32");
        bits = (bits << 5) | u32::try_from(value).expect("five bits");
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).expect("eight bits"));
        }
    }
    let secret: [u8; 20] = bytes.try_into().expect("twenty bytes");
    let authenticator = totp_rs::Builder::new()
        .with_secret(totp_rs::Secret::new_stack(secret))
        .build()
        .expect("the parameters are the usual ones");
    authenticator.generate(u64::try_from(now.seconds()).expect("a time after 1970")).to_string()
}
