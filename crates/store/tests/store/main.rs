//! The log and the history as others see them: what any log must do, held against a model; what SQLite must survive; what opening says.

mod backup;
mod check;
mod conformance;
mod crash;
mod crash_erase;
mod damage;
mod erase;
mod model;
mod opening;
mod random;
mod retention;
mod sample;
mod search;
mod side_by_side;
mod spans;
