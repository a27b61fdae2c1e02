//! Who the server is: a key of its own, made on its first start, and a certificate that carries it.
//!
//! The key is the identity: people pin its fingerprint. So it is never replaced, not even when it cannot be read: then the server does not start.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SanType, date_time_ymd};
use rustls::ServerConfig;
use rustls::crypto::ring::{Ticketer, default_provider};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::{CertifiedKey, SingleCertAndKey};

use crate::client_certificates::TakesAny;
use crate::{StartError, addresses, own_certificate};

/// The file of the key in the data folder.
const KEY_FILE: &str = "server.key";
/// The file of the certificate in the data folder.
const CERTIFICATE_FILE: &str = "server.crt";
/// The most bytes of a TLS record, its head of five bytes included.
const MOST_IN_A_RECORD: usize = 1024 + 5;
/// What may be agreed on inside of TLS. Whoever says nothing is taken as well.
const PROTOCOLS: [&[u8]; 2] = [b"irc", b"http/1.1"];

/// The server's key and certificate, ready for use.
#[derive(Debug)]
pub(crate) struct Identity {
    /// What TLS needs; clients are asked for a certificate.
    pub(crate) tls: Arc<ServerConfig>,
    /// The same for doors where only pages come: a browser that is asked for a certificate asks a person who never heard of it.
    pub(crate) tls_for_pages: Arc<ServerConfig>,
    /// SHA-256 over the public key (SubjectPublicKeyInfo, DER), as people read it.
    pub(crate) fingerprint: String,
}

/// Makes the data folder, for its owner alone, if it is not there.
///
/// # Errors
/// When it cannot be made, or is something else than a folder.
pub fn prepare_data_folder(path: &Path) -> Result<(), StartError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let made = builder.create(path).and_then(|()| fs::read_dir(path).map(drop));
    made.map_err(|source| StartError::DataFolder { path: path.to_path_buf(), source })
}

impl Identity {
    /// Reads key and certificate from the data folder, and makes what is not there yet.
    pub(crate) fn load_or_create(data: &Path) -> Result<Self, StartError> {
        let (key_path, certificate_path) = (data.join(KEY_FILE), data.join(CERTIFICATE_FILE));
        let key_pem = match read(&key_path)? {
            Some(pem) => pem,
            None if certificate_path.exists() => {
                return Err(broken(
                    &key_path,
                    "it is gone, but its certificate is there. Put it back, or take away both",
                ));
            }
            None => {
                let pair = KeyPair::generate().map_err(|error| broken(&key_path, error))?;
                write(&key_path, &pair.serialize_pem(), 0o600)?;
                pair.serialize_pem()
            }
        };
        let certificate_pem = match read(&certificate_path)? {
            Some(pem) => pem,
            None => {
                let pem = certificate_for(&key_pem).map_err(|error| broken(&key_path, error))?;
                write(&certificate_path, &pem, 0o644)?;
                pem
            }
        };
        Self::own(&key_path, &key_pem, &certificate_path, &certificate_pem)
    }

    /// Reads them again from the data folder, where they must be.
    pub(crate) fn load(data: &Path) -> Result<Self, StartError> {
        let (key_path, certificate_path) = (data.join(KEY_FILE), data.join(CERTIFICATE_FILE));
        let there = |path: &Path| read(path)?.ok_or_else(|| broken(path, "it is not there"));
        Self::own(&key_path, &there(&key_path)?, &certificate_path, &there(&certificate_path)?)
    }

    /// Reads what is there, and makes nothing of what is not; nothing, if a server would make both.
    pub(crate) fn look(data: &Path) -> Result<Option<Self>, StartError> {
        let (key_path, certificate_path) = (data.join(KEY_FILE), data.join(CERTIFICATE_FILE));
        match (read(&key_path)?, certificate_path.exists()) {
            (None, false) => Ok(None),
            (Some(key_pem), false) => {
                let pem = certificate_for(&key_pem).map_err(|error| broken(&key_path, error))?;
                Self::own(&key_path, &key_pem, &certificate_path, &pem).map(Some)
            }
            (_, true) => Self::load(data).map(Some),
        }
    }

    fn own(
        key_path: &Path,
        key_pem: &str,
        certificate_path: &Path,
        certificate_pem: &str,
    ) -> Result<Self, StartError> {
        if let Ok(certificate) = CertificateDer::from_pem_slice(certificate_pem.as_bytes()) {
            own_certificate::examine(&certificate).map_err(|why| broken(certificate_path, why))?;
        }
        Self::from_pem(key_path, key_pem, certificate_path, certificate_pem)
    }

    /// Reads them from files that somebody else has made.
    pub(crate) fn from_files(certificate_path: &Path, key_path: &Path) -> Result<Self, StartError> {
        let there = |path: &Path| read(path)?.ok_or_else(|| broken(path, "it is not there"));
        Self::from_pem(key_path, &there(key_path)?, certificate_path, &there(certificate_path)?)
    }

    fn from_pem(
        key_path: &Path,
        key_pem: &str,
        certificate_path: &Path,
        certificate_pem: &str,
    ) -> Result<Self, StartError> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(certificate_pem.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(|error| broken(certificate_path, error))?;
        if chain.is_empty() {
            return Err(broken(certificate_path, "there is no certificate in it"));
        }
        let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes())
            .map_err(|_| broken(key_path, "there is no private key in it"))?;
        let certified =
            CertifiedKey::from_der(chain, key, &default_provider()).map_err(|error| match error {
                rustls::Error::InconsistentKeys(_) => broken(certificate_path, "it belongs to another key"),
                other => broken(key_path, other),
            })?;
        let public = certified.key.public_key().ok_or_else(|| broken(key_path, "it has no public half"))?;
        let digest = ring::digest::digest(&ring::digest::SHA256, &public);
        let digest: &[u8; 32] = digest.as_ref().try_into().expect("SHA-256 has 32 bytes");
        let fingerprint = irc::fingerprint::format(digest);
        let shown = Arc::new(SingleCertAndKey::from(certified));
        Ok(Self { fingerprint, tls: tls(&shown, true)?, tls_for_pages: tls(&shown, false)? })
    }
}

/// How the server speaks TLS.
fn tls(shown: &Arc<SingleCertAndKey>, ask: bool) -> Result<Arc<ServerConfig>, StartError> {
    let system = |why: rustls::Error| StartError::System { what: "TLS", source: io::Error::other(why) };
    let clients = if ask { Arc::new(TakesAny::new()) } else { WebPkiClientVerifier::no_client_auth() };
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(system)?
        .with_client_cert_verifier(clients)
        .with_cert_resolver(Arc::clone(shown) as Arc<dyn ResolvesServerCert>);
    // Some clients read a kibibyte at a time and wait for the network though more of a record is there already: Limnoria would not hear the end of its welcome.
    config.max_fragment_size = Some(MOST_IN_A_RECORD);
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    // Who comes back within the day is known by a ticket that the client keeps: half the work, and nothing to remember here.
    config.ticketer = Ticketer::new().map_err(system)?;
    config.send_tls13_tickets = 1;
    Ok(Arc::new(config))
}

/// A certificate that the key signs itself, for the names and addresses that this computer has now. Nobody is asked to
/// trust those: clients pin the key.
fn certificate_for(key_pem: &str) -> Result<String, rcgen::Error> {
    let pair = KeyPair::from_pem(key_pem)?;
    let names = [own_certificate::LOCALHOST.to_owned()].into_iter().chain(addresses::host_name());
    let names = names.filter_map(|name| name.try_into().ok()).map(SanType::DnsName);
    let mut params = CertificateParams::default();
    params.subject_alt_names =
        names.chain(addresses::of_this_computer().into_iter().map(SanType::IpAddress)).collect();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, own_certificate::NAME);
    // For ever, as far as anybody's clock goes: a certificate that runs out protects nobody whose client pins the key.
    params.not_before = date_time_ymd(1975, 1, 1);
    params.not_after = date_time_ymd(2999, 12, 31);
    Ok(params.self_signed(&pair)?.pem())
}

fn broken(path: &Path, why: impl ToString) -> StartError {
    StartError::Identity { path: path.to_path_buf(), why: why.to_string() }
}

fn read(path: &Path) -> Result<Option<String>, StartError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(broken(path, error)),
    }
}

/// Writes a file as a whole or not at all, even when the power fails.
fn write(path: &Path, text: &str, mode: u32) -> Result<(), StartError> {
    let partial: PathBuf = path.with_extension("new");
    let attempt = || -> io::Result<()> {
        // A rest of an earlier attempt would keep its own permissions.
        match fs::remove_file(&partial) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
        #[cfg(not(unix))]
        let _ = mode;
        let mut file = options.open(&partial)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&partial, path)?;
        // The name in the folder must last as the bytes do; where folders cannot be synced, the system does it in its own time.
        if let Some(folder) = path.parent().and_then(|parent| fs::File::open(parent).ok()) {
            let _ = folder.sync_all();
        }
        Ok(())
    };
    attempt().map_err(|error| broken(path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder")
    }

    fn load(data: &Path) -> Result<String, String> {
        Identity::load_or_create(data).map(|identity| identity.fingerprint).map_err(|error| error.to_string())
    }

    #[test]
    fn the_key_is_made_once_and_stays() {
        let data = folder();
        let first = load(data.path()).expect("made");
        assert_eq!(load(data.path()), Ok(first.clone()));
        fs::remove_file(data.path().join(CERTIFICATE_FILE)).expect("there was one");
        assert_eq!(load(data.path()), Ok(first), "a new certificate carries the same key");
    }

    #[cfg(unix)]
    #[test]
    fn the_folder_and_the_key_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let outer = folder();
        let data = outer.path().join("a/b");
        prepare_data_folder(&data).expect("made");
        load(&data).expect("made");
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&data), 0o700);
        assert_eq!(mode(&data.join(KEY_FILE)), 0o600);
    }

    #[test]
    fn a_file_where_the_folder_should_be_is_an_error() {
        let outer = folder();
        let path = outer.path().join("file");
        fs::write(&path, "x").expect("written");
        assert!(matches!(prepare_data_folder(&path), Err(StartError::DataFolder { .. })));
    }

    #[test]
    fn broken_files_are_named_and_left_alone() {
        let data = folder();
        fs::write(data.path().join(KEY_FILE), "no key").expect("written");
        assert!(load(data.path()).expect_err("no key").contains("server.key"));
        assert_eq!(fs::read_to_string(data.path().join(KEY_FILE)).expect("still there"), "no key");
        fs::write(data.path().join(CERTIFICATE_FILE), "no certificate").expect("written");
        assert!(load(data.path()).expect_err("neither").contains("no certificate in it"));
    }

    #[test]
    fn a_letter_that_has_changed_in_either_file_is_noticed() {
        let data = folder();
        load(data.path()).expect("made");
        for name in [KEY_FILE, CERTIFICATE_FILE] {
            let path = data.path().join(name);
            let sound = fs::read_to_string(&path).expect("there");
            let changed = |at: usize| {
                let letter = if &sound[at..=at] == "A" { "B" } else { "A" };
                format!("{}{letter}{}", &sound[..at], &sound[at + 1..])
            };
            let begins = sound.find('\n').expect("several lines") + 1;
            let ends = sound.rfind("\n-----END").expect("an end");
            // The last letters of base64 may hold bits that say nothing.
            for at in (begins..ends - 4).filter(|at| sound.as_bytes()[*at].is_ascii_alphanumeric()) {
                fs::write(&path, changed(at)).expect("written");
                assert!(load(data.path()).is_err_and(|why| why.contains("server.")), "{name}, letter {at}");
                assert!(Identity::look(data.path()).is_err(), "{name}, letter {at}");
            }
            fs::write(&path, &sound).expect("written");
        }
        load(data.path()).expect("as it was");
    }

    #[test]
    fn a_certificate_of_another_key_is_refused() {
        let (one, other) = (folder(), folder());
        load(one.path()).expect("made");
        load(other.path()).expect("made");
        fs::copy(one.path().join(CERTIFICATE_FILE), other.path().join(CERTIFICATE_FILE)).expect("copied");
        assert!(load(other.path()).expect_err("not its own").contains("belongs to another key"));
        fs::remove_file(other.path().join(KEY_FILE)).expect("there was one");
        assert!(load(other.path()).expect_err("no key").contains("it is gone"));
    }
}
