use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::Signer as _;
use rsa::{
    BigUint, RsaPrivateKey,
    pkcs1::EncodeRsaPrivateKey as _,
    pkcs1v15::SigningKey,
    pkcs8::{EncodePublicKey as _, LineEnding},
    sha2::Sha256,
    signature::SignatureEncoding as _,
    traits::PublicKeyParts as _,
};
use serde_json::{Value, json};

use super::merged;

/// The primes of two RSA keys of 2048 bits, made once for these tests and for nothing else: making
/// one takes seconds, and one that stands here protects nothing.
const PRIMES: [[&str; 2]; 2] = [
    [
        "e09fe52246020728fd463aecf86fad012dc7dc593faea1ce7ab602a46b9f65d9a1a47769086a92742f2e46c2d3d98404\
         5eb3a7da5d646e2f489ed4058ee8524b45384ed17511adc50ca81753757058e49c0e105d8eba4c9a73853736c4a6610b\
         b716586eedf03b85f80ac352342cab462b64f03afa08e61e31c557a1032c39b3",
        "bd699a0c300020db984e1d817de0df181ead5f84f994133e287b61fbcabd24548e3914131004719284d229a1ac73bae0\
         7fa274fda57104b6a0bc98ab11de5835a244c6e157006ee56dc459ec5470871773d03b241ac2ecb3113321a84ccdec40\
         779c17b47c947094e3b803b0025aa04c0731e862d92fe9d27d2c28d8fffd537f",
    ],
    [
        "c19bc2203d8ac8d58a5eb0a011778a3f4c7cab613f3b5d11d355a557d1c0bfd4c34f870cb7473d21cd3aa5db420f273e\
         56a7b182c8c008aa60f95e23a6e44c29a8a2479c334215a6c462bc62ad14dc70d098884906ecbb867aea7fdd57c265bc\
         0e05b855885e251a404a5155111309b056f21d082fed87b47d6bc86c80c9e619",
        "b9b68319f97054f2c4f49671c39ac92cb22a63cdd28d93dfe849b5d9c60dd34e48ab1f93e5a09c3fa4b08c7561176141\
         869feee220f78eaf976f9d568741e38682c6872cfa1d19098240a8138de93dd6f24c18c8a687a03cdd20a69cccbeca92\
         5b3c5d8367e7153b67649a58363b0cc7405602f227375e81472cb50a8b85e0fb",
    ],
];
const EXPONENT: u32 = 65537;

/// Its keys, one of each kind for each time that it rotated.
pub(crate) struct Keys {
    generations: Vec<Generation>,
    made: u8,
}

struct Generation {
    number: u8,
    rsa: RsaPrivateKey,
    ecdsa: p256::ecdsa::SigningKey,
    eddsa: ed25519_dalek::SigningKey,
}

impl Default for Keys {
    fn default() -> Self {
        Self { generations: vec![Generation::new(1)], made: 1 }
    }
}

impl Keys {
    pub(crate) fn rotate(&mut self) {
        self.made += 1;
        self.generations.push(Generation::new(self.made));
    }

    pub(crate) fn withdraw_old(&mut self) {
        let all = self.generations.len();
        self.generations.drain(..all - 1);
    }

    fn current(&self) -> &Generation {
        self.generations.last().expect("there are keys")
    }

    pub(crate) fn published(&self) -> Value {
        json!({"keys": self.generations.iter().flat_map(Generation::published).collect::<Vec<_>>()})
    }

    pub(crate) fn rsa_public_key(&self) -> (Vec<u8>, String) {
        let key = self.current().rsa.to_public_key();
        let der = key.to_public_key_der().expect("a key has an encoding");
        let pem = key.to_public_key_pem(LineEnding::LF).expect("a key has an encoding");
        (der.as_bytes().to_vec(), pem)
    }

    pub(crate) fn rsa_private_key(&self) -> Vec<u8> {
        self.current().rsa.to_pkcs1_der().expect("a key has an encoding").as_bytes().to_vec()
    }

    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let current = self.current();
        let algorithm = header.get("alg").and_then(Value::as_str).unwrap_or("RS256");
        let kind = match algorithm {
            "ES256" => "ec",
            "EdDSA" => "ed",
            _ => "rsa",
        };
        let usual = json!({"alg": "RS256", "typ": "JWT", "kid": format!("{kind}-{}", current.number)});
        let header = merged(usual, header);
        let message = format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()));
        format!("{message}.{}", encoded(current.signature(algorithm, message.as_bytes())))
    }
}

impl Generation {
    fn new(number: u8) -> Self {
        let [p, q] = PRIMES[usize::from(number) % PRIMES.len()]
            .map(|prime| BigUint::parse_bytes(prime.as_bytes(), 16).expect("a prime is a number"));
        let rsa = RsaPrivateKey::from_p_q(p, q, EXPONENT.into()).expect("the primes make a key");
        Self {
            number,
            rsa,
            ecdsa: p256::ecdsa::SigningKey::from_slice(&[number; 32]).expect("a scalar is in range"),
            eddsa: ed25519_dalek::SigningKey::from_bytes(&[number; 32]),
        }
    }

    fn published(&self) -> [Value; 3] {
        let number = self.number;
        let point = self.ecdsa.verifying_key().to_encoded_point(false);
        let coordinate = |coordinate: Option<&p256::FieldBytes>| {
            encoded(coordinate.expect("a point that is not compressed has both"))
        };
        [
            json!({
                "kty": "RSA", "use": "sig", "alg": "RS256", "kid": format!("rsa-{number}"),
                "n": encoded(self.rsa.n().to_bytes_be()), "e": encoded(self.rsa.e().to_bytes_be()),
            }),
            json!({
                "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": format!("ec-{number}"),
                "x": coordinate(point.x()), "y": coordinate(point.y()),
            }),
            json!({
                "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": format!("ed-{number}"),
                "x": encoded(self.eddsa.verifying_key().as_bytes()),
            }),
        ]
    }

    fn signature(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        match algorithm {
            "RS256" => SigningKey::<Sha256>::new(self.rsa.clone()).sign(message).to_vec(),
            "ES256" => {
                let signature: p256::ecdsa::Signature = self.ecdsa.sign(message);
                signature.to_vec()
            }
            "EdDSA" => self.eddsa.sign(message).to_vec(),
            _ => Vec::new(),
        }
    }
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
