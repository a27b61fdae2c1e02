//! The screens, a file each, and the parts of the chat.
//!
//! Must never open a connection or a file: a screen says what the person wants, and [`App`](crate::app::App) does it.

pub mod chat;
pub mod composer;
mod header;
mod members;
pub mod notice;
pub mod sidebar;
pub mod signin;
