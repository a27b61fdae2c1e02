//! The core as the specifications describe it: a file for each command, capability or promise. One program, so that all of them
//! are linked once.

mod account_notify;
mod account_registration;
mod channel_modes;
mod channel_rename;
mod channels;
mod chghost;
mod cloaks;
mod common;
mod devices;
mod extended_isupport;
mod garbage;
mod history;
mod isupport_tokens;
mod message_redaction;
mod message_tags;
mod messages;
mod metadata_2;
mod metadata_3;
mod metadata_keeping;
mod multiline;
mod nickserv;
mod operators;
mod people;
mod pre_away;
mod read_marker;
mod reconfigure;
mod registration;
mod relaymsg;
mod sasl;
mod search;
mod statusmsg;
