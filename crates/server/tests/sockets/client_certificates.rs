//! Signing in with a certificate: SASL EXTERNAL over real TLS.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{Client, Stream, TestServer, dial, start, tls_config, tls_session_with};
use rcgen::{CertificateParams, KeyPair};
use rustls::client::ResolvesClientCert;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, SignatureScheme, StreamOwned, SupportedProtocolVersion};
use server::config::{Listener, Speaks};

/// A certificate that signs itself, for a name of any length, and its key.
fn certificate(name: &str) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    let own = params.self_signed(&key).expect("a certificate");
    (own.der().clone(), PrivateKeyDer::Pkcs8(key.serialize_der().into()))
}

fn showing(
    version: &'static SupportedProtocolVersion,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Arc<ClientConfig> {
    Arc::new(tls_config(&[version]).with_client_auth_cert(chain, key).expect("they fit"))
}

fn connect(server: &TestServer, config: &Arc<ClientConfig>) -> Client {
    let session = tls_session_with(Arc::clone(config));
    Client::new(Stream::Tls(Box::new(StreamOwned::new(session, dial(server.address())))))
}

/// What the server offers for signing in.
fn offered(client: &mut Client) -> String {
    client.send("CAP LS 302");
    let line = client.expect(" LS ");
    line.split(' ').find(|word| word.trim_start_matches(':').starts_with("sasl=")).expect("sasl").to_owned()
}

/// Comes as somebody without a name, and is let in to an account by the certificate.
fn come_back(server: &TestServer, config: &Arc<ClientConfig>) -> Client {
    let mut client = connect(server, config);
    assert_eq!(offered(&mut client), "sasl=PLAIN,SCRAM-SHA-256,EXTERNAL");
    for line in ["CAP REQ sasl", "NICK guest", "USER john 0 * :john", "AUTHENTICATE EXTERNAL"] {
        client.send(line);
    }
    client.expect("AUTHENTICATE +");
    client.send("AUTHENTICATE +\r\nCAP END");
    client.expect(" 900 ");
    client.expect(" 903 ");
    client.expect(" 001 ");
    client
}

#[test]
fn who_has_added_a_certificate_comes_back_with_nothing_else() {
    for version in [&TLS13, &TLS12] {
        let server = start(|config| config.accounts.iterations = 3);
        let (own, key) = certificate("john.example.org");
        let shows = showing(version, vec![own], key);
        let mut john = connect(&server, &shows);
        john.sign_in("john");
        john.send("REGISTER * * :sesame seeds");
        john.expect("REGISTER SUCCESS john");
        john.send("QUIT");
        john.rest();

        let mut john = connect(&server, &shows);
        for line in ["CAP REQ sasl", "NICK john", "USER john 0 * :john", "AUTHENTICATE PLAIN"] {
            john.send(line);
        }
        john.expect("AUTHENTICATE +");
        john.send(&format!("AUTHENTICATE {}\r\nCAP END", irc::base64::encode(b"\0john\0sesame seeds")));
        john.expect(" 001 john ");
        // Without a fingerprint it is that of the certificate that is shown.
        john.send("NickServ CERT ADD");
        john.expect("So be it.");
        john.send("QUIT");
        john.rest();

        // The second time is one of a ticket that the server gave the first time: it must hold the certificate.
        for _ in 0..2 {
            let mut john = come_back(&server, &shows);
            john.send("QUIT");
            john.rest();
        }
        server.stop();
    }
}

#[test]
fn the_fingerprint_is_that_of_the_whole_certificate() {
    let server = start(|config| config.accounts.iterations = 3);
    let (own, key) = certificate("john.example.org");
    let digest = ring::digest::digest(&ring::digest::SHA256, &own);
    let print: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut john = server.connect_tls();
    john.sign_in("john");
    john.send("REGISTER * * :sesame seeds");
    john.expect("REGISTER SUCCESS john");
    john.send(&format!("NickServ CERT ADD {print}"));
    john.expect("So be it.");
    come_back(&server, &showing(&TLS13, vec![own], key));
    server.stop();
}

#[test]
fn without_a_certificate_nobody_is_offered_what_could_only_fail() {
    let server = start(|_| {});
    for mut client in [server.connect(), server.connect_tls()] {
        assert_eq!(offered(&mut client), "sasl=PLAIN,SCRAM-SHA-256");
    }
    server.stop();
}

#[test]
fn a_certificate_of_nobody_lets_nobody_in() {
    let server = start(|_| {});
    let (own, key) = certificate("nobody.example.org");
    let mut client = connect(&server, &showing(&TLS13, vec![own], key));
    assert_eq!(offered(&mut client), "sasl=PLAIN,SCRAM-SHA-256,EXTERNAL");
    client.send("CAP REQ sasl\r\nAUTHENTICATE EXTERNAL\r\nAUTHENTICATE +");
    client.expect(" 904 ");
    server.stop();
}

#[test]
fn whoever_has_not_its_key_cannot_show_a_certificate() {
    let server = start(|_| {});
    for version in [&TLS13, &TLS12] {
        let ((own, _), (_, key)) = (certificate("john.example.org"), certificate("thief.example.org"));
        let stolen = CertifiedKey::new(vec![own], any_supported_type(&key).expect("a key"));
        let shows =
            tls_config(&[version]).with_client_cert_resolver(Arc::new(SingleCertAndKey::from(stolen)));
        let mut thief = connect(&server, &Arc::new(shows));
        thief.send("PING x");
        assert_eq!(thief.rest(), [""; 0]);
    }
    server.stop();
}

#[test]
fn a_chain_of_any_length_would_be_kept_so_long_ones_are_refused() {
    let server = start(|_| {});
    let (own, key) = certificate("john.example.org");
    let mut client = connect(&server, &showing(&TLS13, vec![own; 60], key));
    client.send("PING x");
    assert_eq!(client.rest(), [""; 0]);
    server.stop();
}

#[test]
fn a_door_for_pages_asks_nobody() {
    let server = start(|config| {
        let address = config.listen.addresses[0];
        config.listener = vec![Listener { address, speaks: Speaks::WebSocket, ..Listener::default() }];
    });
    for (address, expected) in server.server.addresses().iter().zip([true, false]) {
        let asked = Arc::new(Asked::default());
        let config = tls_config(&[&TLS13]).with_client_cert_resolver(Arc::clone(&asked) as _);
        let mut stream = StreamOwned::new(tls_session_with(Arc::new(config)), dial(*address));
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock).expect("a handshake");
        }
        assert_eq!(asked.0.load(Ordering::Relaxed), expected, "{address}");
    }
    server.stop();
}

/// Somebody who remembers being asked for a certificate, and has none.
#[derive(Debug, Default)]
struct Asked(AtomicBool);

impl ResolvesClientCert for Asked {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.store(true, Ordering::Relaxed);
        None
    }

    fn has_certs(&self) -> bool {
        true
    }
}
