//! AUTHENTICATE: signing in to an account (ircv3.net/specs/extensions/sasl-3.1 and sasl-3.2; PLAIN is RFC 4616, EXTERNAL RFC 4422).
//!
//! It may come before the welcome, after it, and again. Whoever tries names and passwords learns from no answer which names there are.

use irc::{Capability, CaseMapping, Message, base64, numeric};

use super::Command;
use crate::attempts::Attempt;
use crate::gateway::{Sasl, SaslStep, Session, Voice};
use crate::scram::ClientFirst;
use crate::state::Account;
use crate::{AccountId, Context, Password};

pub(super) const COMMAND: Command = Command { name: "AUTHENTICATE", params: 1, early: true, run };

/// The most bytes of one piece; a message ends with the first one that is shorter.
const PIECE_BYTES: usize = 400;
/// The most bytes of all pieces of a message: room for the longest password with a name twice.
const MESSAGE_BYTES: usize = 1600;

/// The ways to sign in that a client has, as the capability and 908 name them.
pub(super) fn mechanisms(session: &Session) -> &'static str {
    // Who has shown no certificate could only fail with EXTERNAL, and clients take the first one that they know.
    if session.peer.certificate.is_some() { "PLAIN,SCRAM-SHA-256,EXTERNAL" } else { "PLAIN,SCRAM-SHA-256" }
}

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let param = message.param(0).unwrap_or_default();
    // Some clients do not ask for the capability first; it would change nothing.
    if param == "*" {
        ctx.session.sasl = None;
        return ctx.numeric(numeric::ERR_SASLABORTED, &[], "SASL authentication aborted");
    }
    match ctx.session.sasl.take() {
        None => begin(ctx, param),
        Some(sasl) => take_piece(ctx, sasl, param),
    }
}

fn begin(ctx: &mut Context<'_>, mechanism: &str) {
    // Clients of version 3.1 know of no second time.
    if ctx.account().is_some() && !ctx.has(Capability::CapNotify) {
        return ctx.numeric(numeric::ERR_SASLALREADY, &[], "You have already authenticated using SASL");
    }
    let step = match mechanism.to_ascii_uppercase().as_str() {
        "PLAIN" => SaslStep::Plain,
        "SCRAM-SHA-256" => SaslStep::ScramFirst,
        "EXTERNAL" => SaslStep::External,
        _ => {
            let offered = mechanisms(&ctx.session);
            ctx.numeric(numeric::RPL_SASLMECHS, &[offered], "are available SASL mechanisms");
            return fail(ctx, "there is no such mechanism");
        }
    };
    expect(ctx, step);
    say(ctx, "");
}

fn expect(ctx: &mut Context<'_>, step: SaslStep) {
    ctx.session.sasl = Some(Box::new(Sasl { step, pieces: String::new() }));
}

fn take_piece(ctx: &mut Context<'_>, mut sasl: Box<Sasl>, piece: &str) {
    if piece.len() > PIECE_BYTES || sasl.pieces.len() + piece.len() > MESSAGE_BYTES {
        return ctx.numeric(numeric::ERR_SASLTOOLONG, &[], "SASL message too long");
    }
    if piece != "+" {
        sasl.pieces.push_str(piece);
    }
    if piece.len() == PIECE_BYTES {
        ctx.session.sasl = Some(sasl);
        return;
    }
    // All of our mechanisms speak text.
    match base64::decode(&sasl.pieces).and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(text) => take_message(ctx, sasl.step, &text),
        None => fail(ctx, "that is no message in base64"),
    }
}

fn take_message(ctx: &mut Context<'_>, step: SaslStep, text: &str) {
    match step {
        SaslStep::Plain => plain(ctx, text),
        SaslStep::External => external(ctx, text),
        SaslStep::ScramFirst => scram_first(ctx, text),
        SaslStep::ScramFinal(account, exchange) => match (exchange.finish(text), account) {
            (Some(proof), Some(account)) => {
                expect(ctx, SaslStep::ScramEnd(account));
                say(ctx, &proof);
            }
            _ => fail(ctx, "Authentication failed"),
        },
        SaslStep::ScramEnd(account) => ctx.log_in(account, Voice::Sasl),
    }
}

fn plain(ctx: &mut Context<'_>, text: &str) {
    let mut parts = text.split('\0');
    let (Some(authzid), Some(name), Some(password), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return fail(ctx, "that is no PLAIN message");
    };
    match Password::new(password) {
        Some(password) if acts_as_itself(authzid, name) => ctx.check_password(name, password, Voice::Sasl),
        _ => fail(ctx, "Authentication failed"),
    }
}

fn external(ctx: &mut Context<'_>, authzid: &str) {
    let certificate = ctx.session.peer.certificate;
    let account = certificate.and_then(|print| ctx.core.state.account_by_certificate(&print));
    match account.filter(|account| acts_as_itself(authzid, account.name.as_str())).map(id) {
        Some(account) => ctx.log_in(account, Voice::Sasl),
        None => fail(ctx, "your certificate belongs to no account"),
    }
}

fn scram_first(ctx: &mut Context<'_>, text: &str) {
    if let Err(why) = ctx.may_try(Attempt::Login) {
        return ctx.put_off_login(Voice::Sasl, &why);
    }
    let Some(first) = ClientFirst::read(text) else {
        return fail(ctx, "that is no SCRAM message");
    };
    if !first.authzid.as_deref().is_none_or(|authzid| acts_as_itself(authzid, &first.username)) {
        return fail(ctx, "Authentication failed");
    }
    let (account, verifier) = ctx.core.verifier_of(&first.username);
    let nonce = base64::encode(&ctx.core.chance.bytes()[..18]);
    let exchange = first.answer(&nonce, verifier);
    let answer = exchange.server_first.clone();
    expect(ctx, SaslStep::ScramFinal(account, exchange));
    say(ctx, &answer);
}

/// Whether somebody wants to act as who they are: nobody may act as another.
fn acts_as_itself(authzid: &str, name: &str) -> bool {
    authzid.is_empty() || CaseMapping::Ascii.fold(authzid) == CaseMapping::Ascii.fold(name)
}

fn id(account: &Account) -> AccountId {
    account.id
}

/// Says the mechanism's next message. None of ours is as long as a piece.
fn say(ctx: &mut Context<'_>, text: &str) {
    let encoded = base64::encode(text.as_bytes());
    let piece = if encoded.is_empty() { "+" } else { &encoded };
    ctx.reply(|writer| writer.command("AUTHENTICATE").param(piece).end());
}

fn fail(ctx: &mut Context<'_>, why: &str) {
    ctx.refuse_login(Voice::Sasl, why);
}
