//! The message list: a hundred thousand rows of any height, selection across them, links, every script.
//!
//! From the model to the screen: [`rows`] makes rows of entries, [`heights`] knows where they stand, [`layout`] shapes those near the window,
//! [`log`] decides which those are, `paint` draws them, and [`Transcript`] is the widget. Must never copy the entries.

pub mod days;
pub mod emoji;
pub mod geometry;
pub mod heights;
pub mod layout;
pub mod log;
pub mod markup;
mod paint;
pub mod presence;
pub mod rows;
pub mod select;
mod shaping;
mod widget;

pub use layout::{Action, Look};
pub use log::Log;
pub use widget::{Outcome, Transcript};
