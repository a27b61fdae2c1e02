//! What a Cargo.toml depends on: as much of TOML as our manifests use, so that the test needs no crate of its own.

/// One line that makes a crate a dependency, be it of the code, its tests or its build, on any system.
#[derive(Debug, PartialEq)]
pub(crate) struct Dependency {
    /// What the code calls it.
    pub(crate) key: String,
    /// What it is.
    pub(crate) package: String,
    pub(crate) line: usize,
}

/// Reads every table of dependencies, also those of single systems and those of one dependency each.
pub(crate) fn dependencies(manifest: &str) -> Vec<Dependency> {
    let mut found: Vec<Dependency> = Vec::new();
    let mut table = Table::Other;
    for (index, text) in manifest.lines().enumerate() {
        let (text, line) = (text.trim(), index + 1);
        if let Some(header) = text.strip_prefix('[').filter(|_| text.ends_with(']')) {
            table = table_of(header.trim_end_matches(']'));
            if let Table::OneDependency(key) = &table {
                found.push(Dependency { key: key.clone(), package: key.clone(), line });
            }
        } else if let Some((key, value)) =
            text.split_once('=').filter(|_| text.starts_with(char::is_alphanumeric))
        {
            match table {
                Table::Dependencies => {
                    let key = key.split('.').next().unwrap_or(key).trim().to_owned();
                    let package = renamed(value).unwrap_or(&key).to_owned();
                    found.push(Dependency { key, package, line });
                }
                Table::OneDependency(_) => {
                    if let (Some(package), Some(last)) = (renamed(text), found.last_mut()) {
                        last.package = package.to_owned();
                    }
                }
                Table::Other => {}
            }
        }
    }
    found
}

enum Table {
    Dependencies,
    OneDependency(String),
    Other,
}

fn table_of(header: &str) -> Table {
    const KINDS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];
    // The name of a system may have dots in it; the kind of a table is what comes last or second to last.
    match header.rsplit_once('.') {
        _ if KINDS.iter().any(|kind| header == *kind || header.ends_with(&format!(".{kind}"))) => {
            Table::Dependencies
        }
        Some((table, name))
            if KINDS.iter().any(|kind| table == *kind || table.ends_with(&format!(".{kind}"))) =>
        {
            Table::OneDependency(name.trim_matches('"').to_owned())
        }
        _ => Table::Other,
    }
}

/// The value of `package = "…"`, with which a dependency goes by another name than its own.
fn renamed(text: &str) -> Option<&str> {
    let (_, after) = text.split_once("package")?;
    after.trim_start().strip_prefix('=')?.trim_start().strip_prefix('"')?.split('"').next()
}

#[test]
fn dependencies_are_found_in_every_kind_of_table() {
    let manifest = r#"
[package]
name = "x"
[dependencies]
irc.workspace = true
iced = { version = "=0.14.0" } # a comment
wire = { package = "irc", path = "../irc" }
[target.'cfg(all(unix, not(target_os = "macos")))'.dev-dependencies]
chat.workspace = true
[build-dependencies.store]
path = "../store"
[workspace.dependencies.core]
package = "chat"
[features]
default = ["desktop"]
"#;
    let found = dependencies(manifest);
    let found: Vec<(&str, &str, usize)> =
        found.iter().map(|it| (it.key.as_str(), it.package.as_str(), it.line)).collect();
    assert_eq!(
        found,
        [
            ("irc", "irc", 5),
            ("iced", "iced", 6),
            ("wire", "irc", 7),
            ("chat", "chat", 9),
            ("store", "store", 10),
            ("core", "chat", 12),
        ]
    );
}
