//! This server, as people run it: its history on, its limits as they are, from which loopback is exempt.

use std::process::Command;

use super::{Kind, Make};

pub(super) const MAKE: Make = Make {
    kind: Kind::Chinwag,
    name: "chinwag",
    tags: true,
    keeps: true,
    at_once: 64,
    version: &["--version"],
    command: |place| {
        let mut command = Command::new(place.program);
        command.arg("serve").arg("--data").arg(place.folder.join("data"));
        command.arg("--listen").arg(format!("127.0.0.1:{}", place.plain));
        Ok(command)
    },
};
