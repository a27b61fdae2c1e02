//! InspIRCd 3, with the modules that tag messages.

use std::fs;
use std::process::Command;

use super::{Kind, Make, certificate};

const MODULES: &[&str] = &[
    "ssl_gnutls",
    "cap",
    "ircv3",
    "ircv3_accounttag",
    "ircv3_batch",
    "ircv3_ctctags",
    "ircv3_msgid",
    "ircv3_servertime",
];

pub(super) const MAKE: Make = Make {
    kind: Kind::InspIrcd,
    name: "inspircd",
    tags: true,
    keeps: false,
    at_once: 400,
    version: &["--version"],
    command: |place| {
        let (certificate, key) = certificate(place.folder)?;
        let (certificate, key) = (certificate.display(), key.display());
        let (plain, encrypted) = (place.plain, place.encrypted);
        let modules: String = MODULES.iter().map(|name| format!("<module name=\"{name}\">\n")).collect();
        let config = format!(
            r#"<server name="bench.peer" description="bench" network="Bench">
<admin name="x" nick="x" email="x">
<bind address="127.0.0.1" port="{plain}" type="clients">
<bind address="127.0.0.1" port="{encrypted}" type="clients" sslprofile="bench">
<sslprofile name="bench" provider="gnutls" certfile="{certificate}" keyfile="{key}">
{modules}<connect allow="*" timeout="60" pingfreq="600" threshold="1000000000" commandrate="1000000000" fakelag="no"
  hardsendq="1000000000" softsendq="1000000000" recvq="10000000" localmax="100000" globalmax="100000" limit="100000"
  maxchans="1000" resolvehostnames="no" useident="no" useconnectban="no" useconnflood="no">
<performance nouserdns="yes" somaxconn="4096" softlimit="100000" netbuffersize="65534">
<files motd="/dev/null">
"#
        );
        let path = place.folder.join("inspircd.conf");
        fs::write(&path, config)?;
        let mut command = Command::new(place.program);
        command.arg(format!("--config={}", path.display())).args(["--nofork", "--nopid", "--nolog"]);
        Ok(command)
    },
};
