//! Attacks on the real server, over loopback: bounded, and over by themselves. While each goes on, two people go on talking: what they say
//! arrives in no more than twice the time that it takes when all is quiet, and the server's memory stays under a cap.

#[path = "../support/mod.rs"]
#[allow(unused_imports, reason = "it is shared with tests that use more of it")]
mod support;

mod attacked;
mod floods;
mod readers;
mod slow;
mod web;
