//! Whether to trust the key that a server shows: a public authority vouches for it, or the person has said so once.
//!
//! Whoever shows a key must also prove to hold it: the handshake's signatures are always checked. Only the
//! question *whose* key it is has two answers here.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ring::digest::{SHA256, digest};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use crate::pins::Fingerprint;

/// Why a key was not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Distrust {
    /// No authority vouches for it and none is pinned: the person must say.
    Unknown { shown: Fingerprint },
    /// Another one is pinned.
    Changed { pinned: Fingerprint, shown: Fingerprint },
}

/// What a handshake found out.
pub(crate) type Finding = Arc<Mutex<Option<Distrust>>>;

/// The TLS of one attempt to connect, and where it leaves word if the key is not trusted.
pub(crate) fn config(pinned: Option<Fingerprint>) -> Result<(Arc<ClientConfig>, Finding), Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let finding = Finding::default();
    let verifier = Verifier { provider: Arc::clone(&provider), pinned, finding: Arc::clone(&finding) };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"irc".to_vec()];
    // A resumed session shows no certificate, and every connection is to be checked.
    config.resumption = Resumption::disabled();
    Ok((Arc::new(config), finding))
}

/// The authorities that this computer trusts, read once. Nothing, if it trusts none.
fn authorities(provider: &Arc<CryptoProvider>) -> Option<&'static Arc<WebPkiServerVerifier>> {
    static AUTHORITIES: OnceLock<Option<Arc<WebPkiServerVerifier>>> = OnceLock::new();
    let read = || {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build().ok()
    };
    AUTHORITIES.get_or_init(read).as_ref()
}

struct Verifier {
    provider: Arc<CryptoProvider>,
    pinned: Option<Fingerprint>,
    finding: Finding,
}

impl Verifier {
    fn distrust(&self, distrust: Distrust) -> Error {
        *self.finding.lock().unwrap_or_else(PoisonError::into_inner) = Some(distrust);
        Error::General("the key is not trusted".to_owned())
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = fingerprint(end_entity)?;
        if self.pinned == Some(shown) {
            return Ok(ServerCertVerified::assertion());
        }
        let vouched_for = authorities(&self.provider).is_some_and(|authorities| {
            authorities.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now).is_ok()
        });
        match self.pinned {
            _ if vouched_for => Ok(ServerCertVerified::assertion()),
            Some(pinned) => Err(self.distrust(Distrust::Changed { pinned, shown })),
            None => Err(self.distrust(Distrust::Unknown { shown })),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("pinned", &self.pinned).finish_non_exhaustive()
    }
}

/// The SHA-256 of a certificate's SubjectPublicKeyInfo.
fn fingerprint(certificate: &CertificateDer<'_>) -> Result<Fingerprint, Error> {
    let key = ParsedCertificate::try_from(certificate)?.subject_public_key_info();
    let mut fingerprint = Fingerprint::default();
    fingerprint.copy_from_slice(digest(&SHA256, &key).as_ref());
    Ok(fingerprint)
}
