//! ngIRCd.

use std::fs;
use std::process::Command;

use super::{Kind, Make, certificate};

pub(super) const MAKE: Make = Make {
    kind: Kind::NgIrcd,
    name: "ngircd",
    tags: false,
    keeps: false,
    at_once: 8,
    version: &["--version"],
    command: |place| {
        let (certificate, key) = certificate(place.folder)?;
        let (certificate, key) = (certificate.display(), key.display());
        let (plain, encrypted) = (place.plain, place.encrypted);
        let config = format!(
            r"[Global]
Name = bench.peer
Info = bench
AdminInfo1 = bench
Listen = 127.0.0.1
Ports = {plain}
MotdPhrase = hello
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 1000
MaxNickLength = 30
MaxPenaltyTime = 0
PingTimeout = 600
[Options]
DNS = no
Ident = no
PAM = no
[SSL]
CertFile = {certificate}
KeyFile = {key}
Ports = {encrypted}
"
        );
        let path = place.folder.join("ngircd.conf");
        fs::write(&path, config)?;
        let mut command = Command::new(place.program);
        command.arg("-n").arg("-f").arg(path);
        Ok(command)
    },
};
