//! How many files and sockets the process may have open at once.

/// Raises the limit as far as the system allows, and says where it is then; nothing, where there is none.
#[cfg(unix)]
pub(crate) fn raise_limit() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // Refused only by odd sandboxes; then the limit stays where it is.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    getrlimit(Resource::Nofile).current
}

/// Raises the limit as far as the system allows, and says where it is then; nothing, where there is none.
#[cfg(not(unix))]
pub(crate) fn raise_limit() -> Option<u64> {
    None
}
