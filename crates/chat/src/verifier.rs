//! What is kept of a password: enough to check it, not enough to sign in with (SCRAM-SHA-256, RFC 5802 and 7677).

use std::fmt;

use irc::base64;
use ring::{digest, hmac};
use serde::{Deserialize, Serialize};

use crate::Secret;

/// What is kept of a password. In the log it is one text, in the form of RFC 5803 as databases write it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Verifier {
    /// What the password was hashed with.
    pub salt: Vec<u8>,
    /// How many times.
    pub iterations: u32,
    keys: Box<Keys>,
}

/// What a client that knows the password can show to know, and what shows it that the server knows the verifier.
#[derive(Clone, PartialEq, Eq)]
struct Keys {
    stored: [u8; 32],
    server: [u8; 32],
}

/// The name of the way in which it is made.
const SCHEME: &str = "SCRAM-SHA-256";

impl Verifier {
    /// From a hashed password.
    #[must_use]
    pub fn new(salt: Vec<u8>, iterations: u32, salted: &Secret) -> Self {
        let client_key = sign(&salted.0, b"Client Key");
        let keys = Keys { stored: hash(&client_key), server: sign(&salted.0, b"Server Key") };
        Self { salt, iterations, keys: Box::new(keys) }
    }

    /// Whether a password, hashed with this salt and as many times, is the one.
    #[must_use]
    pub fn accepts(&self, salted: &Secret) -> bool {
        let client_key = sign(&salted.0, b"Client Key");
        equal(&hash(&client_key), &self.keys.stored)
    }

    /// Whether a proof shows knowledge of the password (RFC 5802, section 3).
    pub(crate) fn proves(&self, auth_message: &[u8], proof: &[u8; 32]) -> bool {
        let mut client_key = sign(&self.keys.stored, auth_message);
        for (byte, proof) in client_key.iter_mut().zip(proof) {
            *byte ^= proof;
        }
        equal(&hash(&client_key), &self.keys.stored)
    }

    /// What shows that the server knows the verifier.
    pub(crate) fn server_signature(&self, auth_message: &[u8]) -> [u8; 32] {
        sign(&self.keys.server, auth_message)
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier(…)")
    }
}

impl From<Verifier> for String {
    fn from(verifier: Verifier) -> Self {
        let Verifier { salt, iterations, keys } = verifier;
        let [salt, stored, server] = [&salt[..], &keys.stored, &keys.server].map(base64::encode);
        format!("{SCHEME}${iterations}:{salt}${stored}:{server}")
    }
}

impl TryFrom<String> for Verifier {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        read(&text).ok_or("that is no SCRAM-SHA-256 verifier")
    }
}

fn read(text: &str) -> Option<Verifier> {
    let (how, keys) = text.strip_prefix(SCHEME)?.strip_prefix('$')?.split_once('$')?;
    let (iterations, salt) = how.split_once(':')?;
    let (stored, server) = keys.split_once(':')?;
    let key = |text: &str| base64::decode(text)?.try_into().ok();
    Some(Verifier {
        salt: base64::decode(salt)?,
        iterations: iterations.parse().ok()?,
        keys: Box::new(Keys { stored: key(stored)?, server: key(server)? }),
    })
}

/// HMAC-SHA-256.
pub(crate) fn sign(key: &[u8; 32], text: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text).as_ref());
    out
}

fn hash(bytes: &[u8; 32]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

/// Compares in a time that does not depend on where they differ: `ring` does so for signatures.
fn equal(a: &[u8; 32], b: &[u8; 32]) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, b);
    hmac::verify(&key, b"equal", hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, a), b"equal").as_ref()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_accepts_its_password_and_is_read_as_it_was_written() {
        let verifier = Verifier::new(b"salt".to_vec(), 5, &Secret([1; 32]));
        assert!(verifier.accepts(&Secret([1; 32])) && !verifier.accepts(&Secret([2; 32])));
        let text = String::from(verifier.clone());
        assert!(text.starts_with("SCRAM-SHA-256$5:c2FsdA==$"), "{text}");
        assert_eq!(Verifier::try_from(text), Ok(verifier));
        for bad in ["", "SCRAM-SHA-256", "SCRAM-SHA-1$5:c2FsdA==$AA==:AA==", "SCRAM-SHA-256$5:x$AA==:AA=="] {
            assert!(Verifier::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
