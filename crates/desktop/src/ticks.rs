//! A message each second, for countdowns.
//!
//! Must never run while nothing is counted down: an idle window costs nothing.

use std::time::Duration;

use iced::Subscription;
use iced::futures::Stream;
use iced::futures::channel::mpsc;

/// A message each second, for as long as it is subscribed to.
pub(crate) fn seconds() -> Subscription<()> {
    Subscription::run(stream)
}

fn stream() -> impl Stream<Item = ()> {
    let (sender, receiver) = mpsc::unbounded();
    // A thread that ends with the subscription: the executor at hand has no clock of its own.
    std::thread::spawn(move || {
        while !sender.is_closed() {
            std::thread::sleep(Duration::from_secs(1));
            if sender.unbounded_send(()).is_err() {
                break;
            }
        }
    });
    receiver
}
