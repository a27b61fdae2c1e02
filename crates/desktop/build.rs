//! Lays out the letters that the window carries: four cuts of Inter, out of the package `ttf-inter`. The package can give its users one cut at a time (all
//! its constants have one name), so its files are taken as they lie in the package. Nothing is fetched here: Cargo has the package already.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The cuts that `src/theme` names.
const CUTS: [&str; 4] = ["Inter-Regular", "Inter-SemiBold", "Inter-Bold", "Inter-Italic"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let package = package_folder("ttf-inter").expect("Cargo.toml names the package, so Cargo has it");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("Cargo says where"));
    for cut in CUTS {
        let file = format!("{cut}.otf");
        let from = package.join("ttf").join(&file);
        fs::copy(&from, out.join(&file)).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    }
}

/// Where Cargo has put a package: in its registry, or where somebody has vendored it.
fn package_folder(name: &str) -> Option<PathBuf> {
    let manifest = Path::new(&env::var_os("CARGO_MANIFEST_DIR")?).join("Cargo.toml");
    let metadata = Command::new(env::var_os("CARGO")?)
        .args(["metadata", "--format-version", "1", "--locked", "--offline", "--manifest-path"])
        .arg(manifest)
        // What Cargo builds for may be narrower than all that the lock file names, and only that has been downloaded.
        .args(["--filter-platform", &env::var("TARGET").ok()?])
        .output()
        .ok()?;
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).ok()?;
    let packages = metadata["packages"].as_array()?;
    let package = packages.iter().find(|package| package["name"] == name)?;
    Path::new(package["manifest_path"].as_str()?).parent().map(Path::to_owned)
}
