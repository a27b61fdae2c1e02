//! The houses as they stand on the disk. Paths are told from the root of the workspace, with `/`.

use std::fs;
use std::path::{Path, PathBuf};

/// A crate of ours.
pub(crate) struct House {
    pub(crate) name: String,
    pub(crate) folder: String,
}

/// Every crate in the workspace. Its folder bears its name, so that a path says which rules hold there.
pub(crate) fn houses() -> Vec<House> {
    let mut folders: Vec<String> =
        entries("crates").into_iter().chain(["sim".to_owned(), "xtask".to_owned()]).collect();
    folders.retain(|folder| root().join(folder).join("Cargo.toml").is_file());
    assert!(folders.len() > 1, "no crates found below {}", root().display());
    folders.into_iter().map(house_in).collect()
}

fn house_in(folder: String) -> House {
    let name = folder.rsplit('/').next().unwrap_or(&folder).to_owned();
    let manifest = read(&format!("{folder}/Cargo.toml"));
    let named = manifest.lines().any(|line| line == format!("name = \"{name}\""));
    assert!(named, "the crate in {folder} must be called `{name}`, as its folder is");
    House { name, folder }
}

/// Every Rust file in a folder and the folders in it.
pub(crate) fn rust_files(folder: &str) -> Vec<String> {
    let mut files = Vec::new();
    for path in entries(folder) {
        if root().join(&path).is_dir() {
            files.extend(rust_files(&path));
        } else if path.ends_with(".rs") {
            files.push(path);
        }
    }
    files
}

/// The text of a file.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path} cannot be read: {error}"))
}

fn entries(folder: &str) -> Vec<String> {
    let listed =
        fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder} cannot be read: {error}"));
    let names = listed.flatten().map(|entry| format!("{folder}/{}", entry.file_name().display()));
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
