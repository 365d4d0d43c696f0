//! What can client and server agree on beyond the protocol: CAP (IRCv3 capability negotiation).
//!
//! 1. LS and REQ hold registration until END; after registration nothing is held.
//! 2. REQ is all or nothing, and its answer repeats the list as it was sent.

use super::{Call, registration};
use crate::core::hub::Hub;
use crate::core::mode::{Flags, cap};
use crate::core::numeric::ERR_INVALIDCAPCMD;

/// `CAP <subcommand> [<list>]`
pub(super) fn cap(hub: &mut Hub, call: Call<'_>) {
    let id = call.id;
    let subcommand = call.message.params()[0];
    let client = &mut hub.clients[id.0];
    match subcommand.to_ascii_uppercase().as_slice() {
        b"LS" => {
            client.negotiating = !client.is_registered();
            answer(hub, call, b"LS", &names(|_| true));
        }
        b"LIST" => {
            let caps = client.caps;
            answer(hub, call, b"LIST", &names(|cap| caps.has(cap)));
        }
        b"REQ" => {
            client.negotiating = !client.is_registered();
            let list = call.param(1).unwrap_or_default();
            match requested(client.caps, list) {
                Some(caps) => {
                    client.caps = caps;
                    answer(hub, call, b"ACK", list);
                }
                None => answer(hub, call, b"NAK", list),
            }
        }
        b"END" => {
            let held = std::mem::replace(&mut client.negotiating, false);
            if held {
                registration::register(hub, call.now, id);
            }
        }
        _ => hub.reply(id, ERR_INVALIDCAPCMD, &[subcommand]),
    }
}

/// Sends `CAP <nick> <subcommand> :<list>`.
fn answer(hub: &mut Hub, call: Call<'_>, subcommand: &[u8], list: &[u8]) {
    let client = &hub.clients[call.id.0];
    hub.post.server(client, &[b"CAP ", client.label(), b" ", subcommand, b" :", list]);
}

/// The names of the capabilities that are wanted, with spaces between.
fn names(wanted: impl Fn(Flags) -> bool) -> Vec<u8> {
    let names = cap::TABLE.iter().filter(|(_, cap)| wanted(*cap)).map(|(name, _)| *name);
    names.collect::<Vec<_>>().join(" ").into_bytes()
}

/// What a client has after a REQ; `None` if it names something that there is not.
fn requested(mut caps: Flags, list: &[u8]) -> Option<Flags> {
    for word in list.split(|&b| b == b' ').filter(|word| !word.is_empty()) {
        let (name, on) = match word {
            [b'-', name @ ..] => (name, false),
            name => (name, true),
        };
        let (_, cap) = cap::TABLE.iter().find(|(known, _)| known.as_bytes() == name)?;
        caps.set(*cap, on);
    }
    Some(caps)
}
