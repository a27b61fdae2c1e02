//! ircd-hybrid.

use std::fs;
use std::process::Command;

use super::{Kind, Make, certificate};

pub(super) const MAKE: Make = Make {
    kind: Kind::Hybrid,
    name: "ircd-hybrid",
    tags: false,
    keeps: false,
    at_once: 400,
    version: &["-version"],
    command: |place| {
        let (certificate, key) = certificate(place.folder)?;
        let (certificate, key) = (certificate.display(), key.display());
        let (plain, encrypted) = (place.plain, place.encrypted);
        let config = format!(
            r#"serverinfo {{ name = "bench.peer"; description = "bench"; network_name = "Bench"; hub = no;
  default_max_clients = 100000; max_nick_length = 30; max_topic_length = 300;
  rsa_private_key_file = "{key}"; tls_certificate_file = "{certificate}"; }};
admin {{ name = "x"; description = "x"; email = "x"; }};
class {{ name = "users"; ping_time = 600 seconds; number_per_ip_local = 100000; number_per_ip_global = 100000;
  max_number = 100000; sendq = 1000 megabytes; recvq = 8000 bytes; max_channels = 1000; }};
listen {{ host = "127.0.0.1"; port = {plain}; flags = tls; port = {encrypted}; }};
auth {{ user = "*@*"; class = "users"; flags = can_flood, exceed_limit, no_tilde; }};
channel {{ max_channels = 1000; default_join_flood_count = 0; }};
general {{ throttle_count = 1000000; throttle_time = 1 second; anti_nick_flood = no;
  anti_spam_exit_message_time = 0; disable_auth = yes; ping_cookie = no; default_floodcount = 0;
  pace_wait_simple = 0; pace_wait = 0; specials_in_ident = 2; }};
log {{ use_logging = no; }};
"#
        );
        let path = place.folder.join("ircd.conf");
        fs::write(&path, config)?;
        let mut command = Command::new(place.program);
        command.args(["-foreground", "-configfile"]).arg(path);
        command.arg("-logfile").arg(place.folder.join("log"));
        command.arg("-pidfile").arg(place.folder.join("pid"));
        Ok(command)
    },
};
