//! The core as the specifications describe it: a file for each command, capability or promise. One program, so that all of them
//! are linked once.

mod account_notify;
mod account_registration;
mod always_on;
mod auditorium;
mod channel_modes;
mod channel_rename;
mod channels;
mod chanserv;
mod cloaks;
mod common;
mod devices;
mod extended_isupport;
mod garbage;
mod history;
mod history_cutoff;
mod message_redaction;
mod messages;
mod multiline;
mod nickserv;
mod operators;
mod people;
mod persistence;
mod pre_away;
mod read_marker;
mod reconfigure;
mod registration;
mod retention;
mod sasl;
mod search;
mod statusmsg;
