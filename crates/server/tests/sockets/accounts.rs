//! Accounts on a real server: passwords are hashed at the real cost, beside the core and not on it.

use crate::support::start;

#[test]
fn an_account_is_made_and_signed_in_to_while_others_go_on_talking() {
    let server = start(|_| {});
    let (mut john, mut other) = (server.connect(), server.connect());
    other.sign_in("other");
    john.sign_in("john");
    john.send("REGISTER * * :sesame seeds");
    other.send("PING meanwhile");
    other.expect("meanwhile");
    john.expect("REGISTER SUCCESS john");
    // The second device, before its welcome.
    let mut phone = server.connect();
    for line in ["CAP LS 302", "CAP REQ sasl", "NICK john", "USER john 0 * :john", "AUTHENTICATE PLAIN"] {
        phone.send(line);
    }
    phone.expect("sasl=PLAIN,SCRAM-SHA-256");
    phone.expect("AUTHENTICATE +");
    phone.send(&format!("AUTHENTICATE {}", irc::base64::encode(b"\0john\0sesame seeds")));
    phone.send("CAP END");
    phone.expect(" 903 ");
    phone.expect(" 001 john ");
    john.send("PRIVMSG other :hello");
    phone.expect("PRIVMSG other :hello");
    server.stop();
}
