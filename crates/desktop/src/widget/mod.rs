//! Small widgets of our own, for what iced's lack: a button that the keyboard reaches, a field with a ring, text that ends in an ellipsis.
//!
//! Must never know the model: they draw what they are given.

mod around;
mod avatar;
mod calm;
mod clipped;
mod field;
mod logo;
mod press;
mod shade;
mod walk;

pub use avatar::{avatar, badge, dot, icon, initial};
pub use calm::Calm;
pub use clipped::Clipped;
pub use field::Field;
pub use logo::logo;
pub use press::{Press, press};
pub use shade::Shade;
pub use walk::Walk;
