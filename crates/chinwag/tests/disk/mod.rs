//! A file system of a test's own, which can be cut off, filled, and made to be read alone. Root alone can have one.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One that is mounted; it is unmounted when dropped.
pub struct Disk {
    path: PathBuf,
    image: Option<PathBuf>,
}

impl Disk {
    /// An ext4 in a file, of so many megabytes; nothing, where there can be none.
    pub fn ext4(home: &Path, megabytes: u64) -> Option<Self> {
        let image = home.join("disk.img");
        let file = File::create(&image).expect("a file of our own");
        file.set_len(megabytes << 20).expect("it can be as long as it is");
        let name = image.to_str().expect("a plain name");
        let disk = Self { path: mount_point(home), image: Some(image.clone()) };
        if let Err(why) = run("mkfs.ext4", &["-q", "-F", name]).and_then(|()| disk.mount()) {
            return skip(&why, disk);
        }
        if let Err(why) = run("python3", &["-c", "import fcntl"]) {
            return skip(&why, disk);
        }
        Some(disk)
    }

    /// One in memory, of so many megabytes; nothing, where there can be none.
    pub fn memory(home: &Path, megabytes: u64) -> Option<Self> {
        let disk = Self { path: mount_point(home), image: None };
        let size = format!("size={megabytes}m");
        match run("mount", &["-t", "tmpfs", "-o", &size, "tmpfs", disk.name()]) {
            Ok(()) => Some(disk),
            Err(why) => skip(&why, disk),
        }
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What a computer does that comes back after its power was cut. Nobody may be using it.
    pub fn remount(&mut self) {
        run("umount", &[self.name()]).and_then(|()| self.mount()).expect("it can be mounted again");
    }

    /// There is more room.
    pub fn resize(&self, megabytes: u64) {
        let size = format!("remount,size={megabytes}m");
        run("mount", &["-o", &size, self.name()]).expect("it can be larger");
    }

    /// From now on nothing can be written.
    pub fn read_only(&self) {
        run("mount", &["-o", "remount,ro", self.name()]).expect("nobody writes");
    }

    fn mount(&self) -> Result<(), String> {
        let image = self.image.as_deref().and_then(Path::to_str).expect("it is in a file");
        run("mount", &["-o", "loop", image, self.name()])
    }

    fn name(&self) -> &str {
        self.path.to_str().expect("a plain name")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // A test that failed may have left somebody at work on it.
        let _ = run("umount", &["-l", self.name()]);
    }
}

/// Cuts a file system off from its disk, as a loss of power does: what was not synced by then never gets there. This is
/// EXT4_IOC_SHUTDOWN with NOLOGFLUSH; a call for which Rust has no safe words, and Python has.
pub fn cut(mounted: &Path) {
    let script = "import fcntl, os, struct, sys\n\
                  fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack('I', 2))";
    run("python3", &["-c", script, mounted.to_str().expect("a plain name")]).expect("the power goes");
}

fn mount_point(home: &Path) -> PathBuf {
    let path = home.join("mounted");
    std::fs::create_dir(&path).expect("a folder of our own");
    path
}

fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let output =
        Command::new(program).args(arguments).output().map_err(|error| format!("{program}: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}

fn skip(why: &str, disk: Disk) -> Option<Disk> {
    drop(disk);
    eprintln!("SKIPPED: there can be no file system of our own here ({why})");
    None
}
