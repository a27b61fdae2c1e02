//! A display, or a sentence: what the toolkit does without one is to panic.
//!
//! Must never hide any other panic: those are faults, and are to be seen.

use std::panic::{self, AssertUnwindSafe};

use crate::RunError;

/// How the toolkit's panic begins when the display cannot be reached.
const TOOLKIT_SAYS: &str = "Create event loop";

/// Wants a display before the toolkit does.
#[cfg(all(unix, not(target_os = "macos")))]
pub(crate) fn wanted() -> Result<(), RunError> {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if set("WAYLAND_DISPLAY") || set("WAYLAND_SOCKET") || set("DISPLAY") {
        Ok(())
    } else {
        Err(RunError::NoDisplay)
    }
}

/// Everywhere else the desktop is always there.
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub(crate) fn wanted() -> Result<(), RunError> {
    Ok(())
}

/// Runs the toolkit; a display that is named but cannot be reached becomes an error.
pub(crate) fn reached(run: impl FnOnce() -> Result<(), RunError>) -> Result<(), RunError> {
    let known = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if said(info.payload()).is_none() {
            known(info);
        }
    }));
    // Nothing of ours is used after such a panic, so nothing half done can be seen.
    match panic::catch_unwind(AssertUnwindSafe(run)) {
        Ok(result) => result,
        Err(payload) => match said(payload.as_ref()) {
            Some(why) => {
                tracing::debug!(why, "the display cannot be reached");
                Err(RunError::Unreachable(named()))
            }
            None => panic::resume_unwind(payload),
        },
    }
}

/// The display as the environment names it: Wayland's comes first.
fn named() -> String {
    let of = |name: &str| {
        std::env::var(name).ok().filter(|value| !value.is_empty()).map(|value| format!("{name}={value}"))
    };
    of("WAYLAND_DISPLAY").or_else(|| of("DISPLAY")).unwrap_or_default()
}

/// Why the display cannot be reached, if that is what the panic is about.
fn said(payload: &(dyn std::any::Any + Send)) -> Option<String> {
    let words = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())?;
    let why = words.strip_prefix(TOOLKIT_SAYS)?.trim_start_matches([':', ' ']);
    Some(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_toolkit_s_panic_about_the_display_becomes_an_error_and_no_other_does() {
        let lost = reached(|| panic!("{TOOLKIT_SAYS}: no such display"));
        assert!(matches!(lost, Err(RunError::Unreachable(_))));
        assert!(reached(|| Ok(())).is_ok());
        let other = panic::catch_unwind(|| reached(|| panic!("a fault")));
        assert!(other.is_err());
    }
}
