//! The server at its sockets: a file for each thing that it promises there. One program, so that all of them are linked once.

mod accounts;
mod client_certificates;
mod crowd;
mod delivery;
mod ending;
mod lines;
mod listeners;
mod proxy;
mod reload;
mod support;
mod transport;
mod webirc;
mod websocket;
