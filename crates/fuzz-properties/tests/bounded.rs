//! Every property of some thousand inputs. `cargo xtask fuzz` asks them of ten million each.

use bursar_fuzz_properties::{
    access_token, api_key, cloud_events, cookie, cursor, type_id, webhook_signature,
};
use proptest::{collection::vec, prelude::*};

/// Long enough for every choice of an input, and short enough that most of it is used.
const MAX_LENGTH: usize = 128;

/// Small numbers choose, and letters are read: of any bytes there would be few of both.
fn input() -> impl Strategy<Value = Vec<u8>> {
    let byte = |drawn: u16| {
        let [kind, byte] = drawn.to_be_bytes();
        match kind % 3 {
            0 => byte,
            1 => byte % 8,
            _ => b' ' + byte % 95,
        }
    };
    vec(any::<u16>(), 0..MAX_LENGTH).prop_map(move |drawn| drawn.into_iter().map(byte).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_048))]

    #[test]
    fn no_input_breaks_the_property_of_api_keys(input in input()) {
        api_key::holds(&input);
    }

    #[test]
    fn no_input_breaks_the_property_of_access_tokens(input in input()) {
        access_token::holds(&input);
    }

    #[test]
    fn no_input_breaks_the_property_of_cookies_and_other_credentials(input in input()) {
        cookie::holds(&input);
    }

    #[test]
    fn no_input_breaks_the_property_of_cursors(input in input()) {
        cursor::holds(&input);
    }

    #[test]
    fn no_input_breaks_the_property_of_cloud_events(input in input()) {
        cloud_events::holds(&input);
    }

    #[test]
    fn no_input_breaks_the_property_of_webhook_signatures(input in input()) {
        webhook_signature::holds(&input);
    }

    #[test]
    fn no_input_breaks_the_property_of_identifiers(input in input()) {
        type_id::holds(&input);
    }
}
