//! `chinwag password`: what the configuration keeps of an operator's password, so that the password itself stands in no file.

use std::io::{Read as _, Write as _};
use std::num::NonZeroU32;

use chat::{Password, Secret, Verifier};
use ring::pbkdf2;
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::Failure;

/// The bytes of a salt.
const SALT_BYTES: usize = 16;

/// Reads a password from the standard input, without the end of its line.
pub(crate) fn read_password() -> Result<Password, Failure> {
    let mut typed = String::new();
    // One byte more than any password and its line end may have, so that one that is too long is seen to be.
    let most = u64::try_from(Password::MAX_BYTES).unwrap_or(u64::MAX).saturating_add(3);
    let read = std::io::stdin().lock().take(most).read_to_string(&mut typed);
    read.map_err(|error| Failure::new(format!("Cannot read the password: {error}"), 1))?;
    let line = typed.strip_suffix('\n').unwrap_or(&typed);
    let line = line.strip_suffix('\r').unwrap_or(line);
    Password::new(line).ok_or_else(|| {
        let most = Password::MAX_BYTES;
        Failure::new(format!("A password has at least one byte and at most {most}"), 2)
    })
}

/// Reads a password from the standard input and prints what is kept of it.
pub(crate) fn print() -> Result<(), Failure> {
    let password = read_password()?;
    let mut salt = [0; SALT_BYTES];
    SystemRandom::new()
        .fill(&mut salt)
        .map_err(|_| Failure::new("Cannot make a salt: the system has no random numbers", 1))?;
    let text = String::from(verifier(&password, &salt));
    writeln!(std::io::stdout(), "{text}")
        .map_err(|error| Failure::new(format!("Cannot print the password: {error}"), 1))
}

fn verifier(password: &Password, salt: &[u8]) -> Verifier {
    let iterations = chat::Accounts::default().iterations;
    let times = NonZeroU32::new(iterations).unwrap_or(NonZeroU32::MIN);
    let mut salted = [0; 32];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, times, salt, password.as_bytes(), &mut salted);
    Verifier::new(salt.to_vec(), iterations, &Secret(salted))
}
