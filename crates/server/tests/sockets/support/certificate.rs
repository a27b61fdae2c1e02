//! Certificates from files, and which of them a server shows.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::StreamOwned;

use super::{dial, tls_session};

/// Writes a chain of two certificates and the key of the first into a folder; the first as the server shows it.
pub fn write(folder: &Path, name: &str) -> Vec<u8> {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key"));
    let authority = authority.expect("a certificate");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["chat.example.org".into()]).expect("a name");
    let own = params.signed_by(&key, &authority).expect("a certificate");
    fs::write(folder.join(format!("{name}.pem")), own.pem() + &authority.pem()).expect("written");
    fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).expect("written");
    own.der().to_vec()
}

/// The chain of certificates that a server shows.
pub fn shown(address: SocketAddr) -> Vec<Vec<u8>> {
    let mut stream = StreamOwned::new(tls_session(), dial(address));
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock).expect("a handshake");
    }
    let chain = stream.conn.peer_certificates().expect("a server shows some");
    chain.iter().map(|certificate| certificate.to_vec()).collect()
}
