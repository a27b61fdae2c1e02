//! The tokens of RPL_ISUPPORT, 005 (Modern IRC, "RPL_ISUPPORT Parameters").

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::CaseMapping;

/// The name of a token and its value, `\xHH` resolved; a leading `-` means that the token no longer holds.
#[must_use]
pub fn parse_token(token: &str) -> (&str, Cow<'_, str>) {
    let (name, value) = token.split_once('=').unwrap_or((token, ""));
    (name, unescape(value))
}

fn unescape(value: &str) -> Cow<'_, str> {
    if !value.contains("\\x") {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find("\\x") {
        out.push_str(&rest[..at]);
        let digits = rest.get(at + 2..at + 4);
        match digits.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if byte.is_ascii() => {
                out.push(char::from(byte));
                rest = &rest[at + 4..];
            }
            _ => {
                out.push_str("\\x");
                rest = &rest[at + 2..];
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// What a server said of itself, for a client.
#[derive(Debug, Clone, Default)]
pub struct Isupport {
    tokens: BTreeMap<String, String>,
}

impl Isupport {
    /// Takes in the parameters of one 005, without the nickname before and the sentence behind them.
    pub fn update(&mut self, tokens: &[&str]) {
        for token in tokens {
            let (name, value) = parse_token(token);
            match name.strip_prefix('-') {
                Some(gone) => {
                    self.tokens.remove(gone);
                }
                None => {
                    self.tokens.insert(name.to_owned(), value.into_owned());
                }
            }
        }
    }

    /// The value of a token; empty if it has none, nothing if it was not sent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.tokens.get(name).map(String::as_str)
    }

    /// How names are compared. A server that says nothing means RFC 1459.
    #[must_use]
    pub fn case_mapping(&self) -> CaseMapping {
        self.get("CASEMAPPING").map_or(CaseMapping::Rfc1459, CaseMapping::from_name)
    }

    /// The characters with which channels' names start.
    #[must_use]
    pub fn channel_types(&self) -> &str {
        self.get("CHANTYPES").unwrap_or("#&")
    }

    /// The prefixes of members with the modes that they stand for, the highest first.
    #[must_use]
    pub fn prefixes(&self) -> Vec<(char, char)> {
        let value = self.get("PREFIX").unwrap_or("(ov)@+");
        value
            .strip_prefix('(')
            .and_then(|rest| rest.split_once(')'))
            .map(|(modes, prefixes)| prefixes.chars().zip(modes.chars()).collect())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_and_taken_back() {
        let mut isupport = Isupport::default();
        isupport.update(&["NETWORK=Lab\\x203", "CASEMAPPING=ascii", "PREFIX=(qao)~&@", "WHOX"]);
        assert_eq!(isupport.get("NETWORK"), Some("Lab 3"));
        assert_eq!(isupport.get("WHOX"), Some(""));
        assert_eq!(isupport.case_mapping(), CaseMapping::Ascii);
        assert_eq!(isupport.prefixes(), [('~', 'q'), ('&', 'a'), ('@', 'o')]);
        isupport.update(&["-WHOX"]);
        assert_eq!(isupport.get("WHOX"), None);
    }

    #[test]
    fn broken_escapes_stay_as_they_are() {
        for value in ["\\x", "\\x2", "\\xé", "\\xff"] {
            assert_eq!(parse_token(&format!("A={value}")).1, value);
        }
    }
}
