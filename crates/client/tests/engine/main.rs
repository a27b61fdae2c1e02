//! The engine against a server that is played to it: a file for each thing that it does.

mod channels;
mod common;
mod history;
mod outbox;
mod reconnecting;
mod robustness;
mod signing_in;
