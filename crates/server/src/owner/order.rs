//! An order as a line of text: a word, and what it needs, in base64, since passwords may hold anything.

use chat::{Order, Password};
use irc::base64;

/// The line, without its end.
pub(super) fn write(order: &Order) -> String {
    let (word, parts): (&str, Vec<&[u8]>) = match order {
        Order::AddAccount { name, password } => ("account-add", vec![name.as_bytes(), password.as_bytes()]),
        Order::SetPassword { name, password } => {
            ("account-password", vec![name.as_bytes(), password.as_bytes()])
        }
        Order::Ban { name, banned: true } => ("account-ban", vec![name.as_bytes()]),
        Order::Ban { name, banned: false } => ("account-unban", vec![name.as_bytes()]),
        Order::Verify { name } => ("account-verify", vec![name.as_bytes()]),
        Order::Remove { name } => ("account-remove", vec![name.as_bytes()]),
        Order::List => ("account-list", vec![]),
        Order::Invite => ("account-invite", vec![]),
    };
    parts.into_iter().fold(word.to_owned(), |line, part| format!("{line} {}", base64::encode(part)))
}

/// Reads the line; nothing, if it is none.
pub(super) fn read(line: &str) -> Option<Order> {
    let mut words = line.split(' ');
    let word = words.next()?;
    let text = |word: &str| base64::decode(word).and_then(|bytes| String::from_utf8(bytes).ok());
    let parts: Vec<String> = words.map(text).collect::<Option<_>>()?;
    Some(match (word, parts.as_slice()) {
        ("account-add", [name, password]) => {
            Order::AddAccount { name: name.clone(), password: Password::new(password)? }
        }
        ("account-password", [name, password]) => {
            Order::SetPassword { name: name.clone(), password: Password::new(password)? }
        }
        ("account-ban", [name]) => Order::Ban { name: name.clone(), banned: true },
        ("account-unban", [name]) => Order::Ban { name: name.clone(), banned: false },
        ("account-verify", [name]) => Order::Verify { name: name.clone() },
        ("account-remove", [name]) => Order::Remove { name: name.clone() },
        ("account-list", []) => Order::List,
        ("account-invite", []) => Order::Invite,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_read_as_it_was_written() {
        let (name, password) = (|| "a b".to_owned(), || Password::new(" p\nq é").expect("short"));
        for order in [
            Order::AddAccount { name: name(), password: password() },
            Order::SetPassword { name: name(), password: Password::new(&"x".repeat(1000)).expect("just so") },
            Order::Ban { name: name(), banned: true },
            Order::Ban { name: name(), banned: false },
            Order::Verify { name: name() },
            Order::Remove { name: name() },
            Order::List,
            Order::Invite,
        ] {
            let line = write(&order);
            assert!(!line.contains('\n') && line.len() < 1500, "{line}");
            assert_eq!(read(&line), Some(order));
        }
        for bad in ["", "account-add", "account-add YQ==", "account-ban !", "account-list YQ==", "x"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
