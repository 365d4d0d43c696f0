//! Who is that: WHO, WHOIS, WHOWAS, USERHOST, ISON.
//!
//! 1. Who is invisible is found by nick, and else only by those who share a channel with them.

use super::{Call, server};
use crate::core::channel::ChannelId;
use crate::core::client::{Client, ClientId};
use crate::core::config::Now;
use crate::core::date;
use crate::core::hub::Hub;
use crate::core::mode::{cap, status, user};
use crate::core::names::matches;
use crate::core::numeric::{
    ERR_NONICKNAMEGIVEN, ERR_NOSUCHNICK, ERR_TOOMANYMATCHES, ERR_WASNOSUCHNICK, RPL_AWAY,
    RPL_ENDOFWHO, RPL_ENDOFWHOIS, RPL_ENDOFWHOWAS, RPL_ISON, RPL_USERHOST, RPL_WHOISACTUALLY,
    RPL_WHOISCHANNELS, RPL_WHOISIDLE, RPL_WHOISOPERATOR, RPL_WHOISSERVER, RPL_WHOISUSER,
    RPL_WHOREPLY, RPL_WHOWASUSER,
};

/// `WHO [<channel or mask> [o]]`
pub(super) fn who(hub: &mut Hub, call: Call<'_>) {
    let id = call.id;
    let mask = call.param(0).unwrap_or(b"*");
    let operators_only = call.param(1) == Some(b"o");
    let found = if mask.first() == Some(&b'#') {
        let channel = hub.visible_channel(id, mask);
        channel.map_or_else(Vec::new, |channel| members_seen(hub, id, channel))
    } else if let Some(nick) = hub.registered(mask) {
        vec![(nick, None)]
    } else {
        matching(hub, id, if mask == b"0" { b"*" } else { mask })
    };
    let max = hub.config.limits.query_lines_max;
    let chosen = found.into_iter().filter(|(who, _)| !operators_only || hub.is_operator(*who));
    let chosen: Vec<_> = chosen.take(max + 1).collect();
    for (who, channel) in chosen.iter().take(max) {
        send_who(hub, id, *who, *channel);
    }
    if chosen.len() > max {
        hub.reply(id, ERR_TOOMANYMATCHES, &[b"WHO", mask]);
    }
    hub.reply(id, RPL_ENDOFWHO, &[mask]);
}

/// Somebody, in the channel in which they were found.
type Found = (ClientId, Option<ChannelId>);

/// The members of a channel that a client sees.
fn members_seen(hub: &Hub, id: ClientId, channel: ChannelId) -> Vec<Found> {
    let members = hub.channels[channel.0].members.iter().map(|member| member.client);
    let inside = hub.clients[id.0].place_in(channel).is_some();
    members.filter(|who| inside || hub.sees(id, *who)).map(|who| (who, Some(channel))).collect()
}

/// Those that a client sees whose nick, user, host or real name matches. Looks at every client.
fn matching(hub: &Hub, id: ClientId, mask: &[u8]) -> Vec<Found> {
    let fits = |client: &&Client| {
        let names = &client.identity;
        client.is_registered()
            && [names.nick(), names.user(), names.host(), &client.realname]
                .into_iter()
                .any(|name| matches(mask, name))
    };
    let clients = hub.clients.iter().filter(fits);
    let seen = clients.filter(|client| hub.sees(id, client.id)).map(|client| (client.id, None));
    seen.take(hub.config.limits.query_lines_max + 1).collect()
}

/// Sends 352.
fn send_who(hub: &mut Hub, id: ClientId, who: ClientId, channel: Option<ChannelId>) {
    let status = channel.and_then(|channel| hub.status_in(who, channel)).unwrap_or_default();
    let (client, who) = (&hub.clients[id.0], &hub.clients[who.0]);
    let channel = channel.map_or(&b"*"[..], |channel| &hub.channels[channel.0].name);
    let here: &[u8] = if who.away.is_some() { b"G" } else { b"H" };
    let operator: &[u8] = if who.modes.has(user::OPERATOR) { b"*" } else { b"" };
    let marks = status::prefix(status, client.caps.has(cap::MULTI_PREFIX));
    let flags = [here, operator, marks].concat();
    let names = &who.identity;
    let server = hub.config.server_name.as_bytes();
    let middle: [&[u8]; 6] = [channel, names.user(), names.host(), server, names.nick(), &flags];
    let text = [b"0 ", &who.realname[..]].concat();
    hub.post.numeric_text(client, RPL_WHOREPLY, &middle, &text);
}

/// `WHOIS [<server>] <nick>`
pub(super) fn whois(hub: &mut Hub, call: Call<'_>) {
    let Some(nick) = call.param(1).or(call.param(0)) else {
        return hub.reply(call.id, ERR_NONICKNAMEGIVEN, &[]);
    };
    if call.param(1).is_some() && !server::is_here(hub, call, 0) {
        return;
    }
    match hub.registered(nick) {
        Some(who) => send_whois(hub, call.now, call.id, who),
        None => hub.reply(call.id, ERR_NOSUCHNICK, &[nick]),
    }
    hub.reply(call.id, RPL_ENDOFWHOIS, &[nick]);
}

/// Sends all that is told about a client but the end.
fn send_whois(hub: &mut Hub, now: Now, id: ClientId, who: ClientId) {
    let own_or_operator = id == who || hub.is_operator(id);
    let seen = hub.clients[who.0].channels.iter().map(|joined| joined.channel);
    let seen: Vec<ChannelId> = seen.filter(|channel| hub.sees_channel(id, *channel)).collect();
    let (client, who) = (&hub.clients[id.0], &hub.clients[who.0]);
    let names = &who.identity;
    let nick = names.nick();
    let post = &mut hub.post;
    let middle = [nick, names.user(), names.host(), b"*"];
    post.numeric_text(client, RPL_WHOISUSER, &middle, &who.realname);
    let mut words = post.words(client, RPL_WHOISCHANNELS, &[nick]);
    for id in seen {
        let channel = &hub.channels[id.0];
        let place = who.place_in(id).expect("it is one of its channels");
        let all = client.caps.has(cap::MULTI_PREFIX);
        words.push(&[status::prefix(channel.members[place].status, all), &channel.name]);
    }
    words.finish();
    let server = hub.config.server_name.as_bytes();
    post.numeric_text(client, RPL_WHOISSERVER, &[nick, server], hub.config.description.as_bytes());
    if who.modes.has(user::OPERATOR) {
        post.numeric(client, RPL_WHOISOPERATOR, &[nick]);
    }
    if let Some(away) = &who.away {
        post.numeric_text(client, RPL_AWAY, &[nick], away);
    }
    if own_or_operator {
        post.numeric(client, RPL_WHOISACTUALLY, &[nick, names.host()]);
    }
    let idle_s = now.mono.saturating_sub(who.spoke).as_secs().to_string();
    let signon = who.signon_unix_s.to_string();
    post.numeric(client, RPL_WHOISIDLE, &[nick, idle_s.as_bytes(), signon.as_bytes()]);
}

/// `WHOWAS <nick> [<count>]`
pub(super) fn whowas(hub: &mut Hub, call: Call<'_>) {
    let id = call.id;
    let Some(nick) = call.param(0) else { return hub.reply(id, ERR_NONICKNAMEGIVEN, &[]) };
    let count = call.param(1).and_then(|count| std::str::from_utf8(count).ok()?.parse().ok());
    // A count of zero or below means all.
    let count = count.filter(|count| *count > 0).unwrap_or(usize::MAX);
    let client = &hub.clients[id.0];
    let server = hub.config.server_name.as_bytes();
    let mut found = false;
    for was in hub.whowas.of(nick).take(count.min(hub.config.limits.query_lines_max)) {
        found = true;
        let middle = [&was.nick, &was.user, &was.host, &b"*"[..]];
        hub.post.numeric_text(client, RPL_WHOWASUSER, &middle, &was.realname);
        let until = date::utc(was.until_unix_s);
        hub.post.numeric_text(client, RPL_WHOISSERVER, &[&was.nick, server], until.as_bytes());
    }
    if !found {
        hub.reply(id, ERR_WASNOSUCHNICK, &[nick]);
    }
    hub.reply(id, RPL_ENDOFWHOWAS, &[nick]);
}

/// `USERHOST <nick>{ <nick>}`: five at most, as the RFC says.
pub(super) fn userhost(hub: &mut Hub, call: Call<'_>) {
    let mut words = hub.post.words(&hub.clients[call.id.0], RPL_USERHOST, &[]);
    let nicks = call.message.params().iter().flat_map(|param| param.split(|&b| b == b' '));
    for nick in nicks.filter(|nick| !nick.is_empty()).take(5) {
        let Some(who) = hub.nicks.get(nick).map(|who| &hub.clients[who.0]) else { continue };
        if who.is_registered() {
            let operator: &[u8] = if who.modes.has(user::OPERATOR) { b"*" } else { b"" };
            let here: &[u8] = if who.away.is_some() { b"=-" } else { b"=+" };
            words.push(&[who.identity.nick(), operator, here, who.identity.user_at_host()]);
        }
    }
    words.finish_always();
}

/// `ISON <nick>{ <nick>}`
pub(super) fn ison(hub: &mut Hub, call: Call<'_>) {
    let mut words = hub.post.words(&hub.clients[call.id.0], RPL_ISON, &[]);
    let nicks = call.message.params().iter().flat_map(|param| param.split(|&b| b == b' '));
    for nick in nicks {
        let Some(who) = hub.nicks.get(nick).map(|who| &hub.clients[who.0]) else { continue };
        if who.is_registered() {
            words.push(&[who.identity.nick()]);
        }
    }
    words.finish_always();
}
