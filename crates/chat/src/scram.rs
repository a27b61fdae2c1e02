//! The server's side of SCRAM-SHA-256 without channel binding (RFC 5802, RFC 7677). Texts go in and out; who asks and how it gets there is
//! somebody else's.

use irc::base64;

use crate::Verifier;

/// What the client says first.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ClientFirst<'a> {
    /// Whom it wants to act as, if it says so.
    pub(crate) authzid: Option<String>,
    /// Who it says it is.
    pub(crate) username: String,
    /// Up to and with the second comma: the client's last message repeats it.
    header: &'a str,
    bare: &'a str,
    nonce: &'a str,
}

impl<'a> ClientFirst<'a> {
    /// Reads the first message; nothing, if it is none, or wants more than is offered.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        let (binding, rest) = text.split_once(',')?;
        // `y`: the client could bind to the channel and knows that we cannot.
        if !matches!(binding, "n" | "y") {
            return None;
        }
        let (authzid, bare) = rest.split_once(',')?;
        let authzid = match authzid {
            "" => None,
            given => Some(name(given.strip_prefix("a=")?)?),
        };
        let mut fields = bare.split(',');
        let username = name(fields.next()?.strip_prefix("n=")?)?;
        let nonce = fields.next()?.strip_prefix("r=")?;
        let printable = nonce.bytes().all(|b| b.is_ascii_graphic());
        (!nonce.is_empty() && printable).then(|| Self {
            authzid,
            username,
            header: &text[..text.len() - bare.len()],
            bare,
            nonce,
        })
    }

    /// Answers with a nonce of the server's, a salt and a count.
    pub(crate) fn answer(&self, nonce: &str, verifier: Verifier) -> Exchange {
        let nonce = format!("{}{nonce}", self.nonce);
        let salt = base64::encode(&verifier.salt);
        let server_first = format!("r={nonce},s={salt},i={}", verifier.iterations);
        Exchange {
            header: base64::encode(self.header.as_bytes()),
            client_first_bare: self.bare.to_owned(),
            server_first,
            nonce,
            verifier,
        }
    }
}

/// An exchange in which the client has to prove itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Exchange {
    header: String,
    client_first_bare: String,
    /// What the client is told.
    pub(crate) server_first: String,
    nonce: String,
    verifier: Verifier,
}

impl Exchange {
    /// Looks at the client's last message. Gives the server's, if the client has proved that it knows the password.
    pub(crate) fn finish(&self, client_final: &str) -> Option<String> {
        let (without_proof, proof) = client_final.rsplit_once(",p=")?;
        let mut fields = without_proof.split(',');
        if fields.next()?.strip_prefix("c=")? != self.header
            || fields.next()?.strip_prefix("r=")? != self.nonce
        {
            return None;
        }
        let proof: [u8; 32] = base64::decode(proof)?.try_into().ok()?;
        let auth_message = format!("{},{},{without_proof}", self.client_first_bare, self.server_first);
        if !self.verifier.proves(auth_message.as_bytes(), &proof) {
            return None;
        }
        let signature = self.verifier.server_signature(auth_message.as_bytes());
        Some(format!("v={}", base64::encode(&signature)))
    }
}

/// A name in which `=2C` and `=3D` stand for a comma and an equals sign.
fn name(text: &str) -> Option<String> {
    let mut parts = text.split('=');
    let mut out = parts.next()?.to_owned();
    for part in parts {
        let (letter, rest) = match part.get(..2)? {
            "2C" => (',', &part[2..]),
            "3D" => ('=', &part[2..]),
            _ => return None,
        };
        out.push(letter);
        out.push_str(rest);
    }
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    /// The example of RFC 7677, section 3: user `user`, password `pencil`.
    const CLIENT_FIRST: &str = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    const SERVER_NONCE: &str = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    const SERVER_FIRST: &str =
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    const CLIENT_FINAL: &str = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
        p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    const SERVER_FINAL: &str = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    fn verifier() -> Verifier {
        let salt = base64::decode("W22ZaJ0SNY7soEsUEjb6gQ==").expect("base64");
        let mut salted = [0; 32];
        let rounds = std::num::NonZeroU32::new(4096).expect("not zero");
        ring::pbkdf2::derive(ring::pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, b"pencil", &mut salted);
        Verifier::new(salt, 4096, &Secret(salted))
    }

    #[test]
    fn the_example_of_the_standard_is_played_as_written() {
        let first = ClientFirst::read(CLIENT_FIRST).expect("it is one");
        assert_eq!((first.username.as_str(), &first.authzid), ("user", &None));
        let exchange = first.answer(SERVER_NONCE, verifier());
        assert_eq!(exchange.server_first, SERVER_FIRST);
        assert_eq!(exchange.finish(CLIENT_FINAL).as_deref(), Some(SERVER_FINAL));
    }

    #[test]
    fn whatever_differs_from_what_was_said_is_no_proof() {
        let exchange = ClientFirst::read(CLIENT_FIRST).expect("it is one").answer(SERVER_NONCE, verifier());
        for (from, to) in [
            ("biws", "eSws"),
            ("$k0", "$k1"),
            ("p=dH", "p=dI"),
            (",p=", ",q="),
            ("ndVQ=", "ndVQ=,x=y"),
            ("c=", ""),
        ] {
            assert_eq!(exchange.finish(&CLIENT_FINAL.replace(from, to)), None, "{from} {to}");
        }
    }

    #[test]
    fn names_are_unescaped_and_what_is_no_first_message_is_none() {
        let first = ClientFirst::read("y,a=a=2Cb,n=x=3Dy,r=z,extra=1").expect("it is one");
        assert_eq!((first.username.as_str(), first.authzid.as_deref()), ("x=y", Some("a,b")));
        for bad in [
            "",
            "n",
            "n,,",
            "p=tls-unique,,n=u,r=z",
            "n,,m=x,n=u,r=z",
            "n,,n=u",
            "n,,n=u,r=",
            "n,,n=,r=z",
            "n,,n=a=b,r=z",
            "n,,n=a=é,r=z",
            "n,b,n=u,r=z",
        ] {
            assert_eq!(ClientFirst::read(bad), None, "{bad:?}");
        }
    }
}
