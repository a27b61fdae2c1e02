//! Whether the certificate that the server made for itself is still what it made: its signature says so. Nobody else need believe it, since
//! clients pin the key; but one with a wrong byte in it would be refused by some clients and taken by others, and nobody would know why.

use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

/// Whom our certificates name. It stands in them twice, as who it is for and as who has made it.
pub(crate) const NAME: &str = "Chinwag server";
/// A name that all of them are for.
pub(crate) const LOCALHOST: &str = "localhost";
/// A moment in all of their times, so that a clock that is wrong changes nothing.
const MOMENT: Duration = Duration::from_secs(1 << 31);

/// Checks it; why it is not what the server made. One that an owner has put in its place is for others to check.
pub(crate) fn examine(certificate: &CertificateDer<'_>) -> Result<(), String> {
    if !certificate.windows(NAME.len()).any(|part| part == NAME.as_bytes()) {
        return Ok(());
    }
    verify(certificate)
        .map_err(|error| format!("it is damaged ({error}). Take it away, and it is made again"))
}

fn verify(certificate: &CertificateDer<'_>) -> Result<(), Box<dyn std::error::Error>> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone().into_owned())?;
    let verifier =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::new(default_provider())).build()?;
    let moment = UnixTime::since_unix_epoch(MOMENT);
    verifier.verify_server_cert(certificate, &[], &ServerName::try_from(LOCALHOST)?, &[], moment)?;
    Ok(())
}
