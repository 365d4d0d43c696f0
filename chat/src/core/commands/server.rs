//! What does the server say about itself: MOTD, LUSERS, VERSION, TIME, INFO, ADMIN, LINKS, STATS.
//!
//! 1. There is one server. A command that names a server is answered if it names this one, by mask
//!    or through the nick of somebody on it, and else with 402.

use super::{COMMANDS, Call};
use crate::core::client::ClientId;
use crate::core::date;
use crate::core::hub::Hub;
use crate::core::mode::CHANMODES;
use crate::core::names::matches;
use crate::core::numeric::{
    ERR_NOMOTD, ERR_NOPRIVILEGES, ERR_NOSUCHSERVER, RPL_ADMINEMAIL, RPL_ADMINLOC1, RPL_ADMINLOC2,
    RPL_ADMINME, RPL_ENDOFINFO, RPL_ENDOFLINKS, RPL_ENDOFMOTD, RPL_ENDOFSTATS, RPL_GLOBALUSERS,
    RPL_INFO, RPL_ISUPPORT, RPL_LINKS, RPL_LOCALUSERS, RPL_LUSERCHANNELS, RPL_LUSERCLIENT,
    RPL_LUSERME, RPL_LUSEROP, RPL_LUSERUNKNOWN, RPL_MOTD, RPL_MOTDSTART, RPL_STATSCOMMANDS,
    RPL_STATSOLINE, RPL_STATSUPTIME, RPL_TIME, RPL_VERSION,
};

/// What 002, 004 and 351 call this program.
pub(super) const VERSION: &str = concat!("chat-", env!("CARGO_PKG_VERSION"));

/// The most tokens on one line of 005.
const ISUPPORT_TOKENS_MAX: usize = 13;

/// Whether the server that a command names, if it does, is this one; else it is answered.
pub(super) fn is_here(hub: &mut Hub, call: Call<'_>, place: usize) -> bool {
    let Some(server) = call.param(place) else { return true };
    let here =
        matches(server, hub.config.server_name.as_bytes()) || hub.registered(server).is_some();
    if !here {
        hub.reply(call.id, ERR_NOSUCHSERVER, &[server]);
    }
    here
}

/// `MOTD [<server>]`
pub(super) fn motd(hub: &mut Hub, call: Call<'_>) {
    if is_here(hub, call, 0) {
        send_motd(hub, call.id);
    }
}

/// Sends 375, 372 and 376, or 422.
pub(super) fn send_motd(hub: &mut Hub, id: ClientId) {
    let client = &hub.clients[id.0];
    if hub.config.motd.is_empty() {
        return hub.post.numeric(client, ERR_NOMOTD, &[]);
    }
    let start = format!("- {} Message of the day - ", hub.config.server_name);
    hub.post.numeric_text(client, RPL_MOTDSTART, &[], start.as_bytes());
    for line in &hub.config.motd {
        hub.post.numeric_text(client, RPL_MOTD, &[], format!("- {line}").as_bytes());
    }
    hub.post.numeric(client, RPL_ENDOFMOTD, &[]);
}

/// `LUSERS`
pub(super) fn lusers(hub: &mut Hub, call: Call<'_>) {
    send_lusers(hub, call.id);
}

/// Sends 251 to 255, 265 and 266.
pub(super) fn send_lusers(hub: &mut Hub, id: ClientId) {
    let (client, post) = (&hub.clients[id.0], &mut hub.post);
    let all = hub.census;
    let text = format!(
        "There are {} users and {} invisible on 1 servers",
        all.registered - all.invisible,
        all.invisible
    );
    post.numeric_text(client, RPL_LUSERCLIENT, &[], text.as_bytes());
    for (numeric, count) in [
        (RPL_LUSEROP, all.operators),
        (RPL_LUSERUNKNOWN, hub.clients.len() - all.registered),
        (RPL_LUSERCHANNELS, hub.channels.len()),
    ] {
        post.numeric(client, numeric, &[count.to_string().as_bytes()]);
    }
    let text = format!("I have {} clients and 1 servers", all.registered);
    post.numeric_text(client, RPL_LUSERME, &[], text.as_bytes());
    let (now, max) = (all.registered.to_string(), all.registered_max.to_string());
    for (numeric, which) in [(RPL_LOCALUSERS, "local"), (RPL_GLOBALUSERS, "global")] {
        let text = format!("Current {which} users {now}, max {max}");
        post.numeric_text(client, numeric, &[now.as_bytes(), max.as_bytes()], text.as_bytes());
    }
}

/// Sends 005: what is enforced, in words that programs read.
pub(super) fn send_isupport(hub: &mut Hub, id: ClientId) {
    let limits = &hub.config.limits;
    let targets = limits.targets_max;
    let tokens = [
        format!("AWAYLEN={}", limits.away_bytes_max),
        "CASEMAPPING=ascii".into(),
        format!("CHANLIMIT=#:{}", limits.channels_per_client_max),
        format!("CHANMODES={CHANMODES}"),
        format!("CHANNELLEN={}", limits.channel_bytes_max),
        "CHANTYPES=#".into(),
        "EXCEPTS=e".into(),
        "INVEX=I".into(),
        format!("KEYLEN={}", limits.key_bytes_max),
        format!("KICKLEN={}", limits.kick_bytes_max),
        format!("LINELEN={}", limits.line_bytes_max),
        format!("MAXLIST=Ibe:{}", limits.list_entries_max),
        format!("MAXTARGETS={targets}"),
        format!("MODES={}", limits.modes_max),
        format!("NAMELEN={}", limits.realname_bytes_max),
        format!("NETWORK={}", hub.config.network),
        format!("NICKLEN={}", limits.nick_bytes_max),
        "PREFIX=(ov)@+".into(),
        format!(
            "TARGMAX=JOIN:,KICK:{targets},LIST:{targets},NAMES:{targets},NOTICE:{targets},PART:,\
             PRIVMSG:{targets},WHOIS:1"
        ),
        format!("TOPICLEN={}", limits.topic_bytes_max),
        format!("USERLEN={}", limits.user_bytes_max),
    ];
    for line in tokens.chunks(ISUPPORT_TOKENS_MAX) {
        let middle: Vec<&[u8]> = line.iter().map(|token| token.as_bytes()).collect();
        hub.post.numeric(&hub.clients[id.0], RPL_ISUPPORT, &middle);
    }
}

/// `VERSION [<server>]`
pub(super) fn version(hub: &mut Hub, call: Call<'_>) {
    if is_here(hub, call, 0) {
        let middle = [VERSION.as_bytes(), hub.config.server_name.as_bytes()];
        let text = b"one server, no links";
        hub.post.numeric_text(&hub.clients[call.id.0], RPL_VERSION, &middle, text);
        send_isupport(hub, call.id);
    }
}

/// `TIME [<server>]`
pub(super) fn time(hub: &mut Hub, call: Call<'_>) {
    if is_here(hub, call, 0) {
        let unix_s = call.now.unix_s.to_string();
        let middle = [hub.config.server_name.as_bytes(), unix_s.as_bytes()];
        let text = date::utc(call.now.unix_s);
        hub.post.numeric_text(&hub.clients[call.id.0], RPL_TIME, &middle, text.as_bytes());
    }
}

/// `INFO [<server>]`
pub(super) fn info(hub: &mut Hub, call: Call<'_>) {
    if is_here(hub, call, 0) {
        let lines = [
            format!("{VERSION}: {}", env!("CARGO_PKG_DESCRIPTION")),
            format!("Started {}", date::utc(hub.started.unix_s)),
        ];
        for line in lines {
            hub.post.numeric_text(&hub.clients[call.id.0], RPL_INFO, &[], line.as_bytes());
        }
        hub.reply(call.id, RPL_ENDOFINFO, &[]);
    }
}

/// `ADMIN [<server>]`
pub(super) fn admin(hub: &mut Hub, call: Call<'_>) {
    if is_here(hub, call, 0) {
        let (client, admin) = (&hub.clients[call.id.0], &hub.config.admin);
        hub.post.numeric(client, RPL_ADMINME, &[hub.config.server_name.as_bytes()]);
        hub.post.numeric_text(client, RPL_ADMINLOC1, &[], admin.location.as_bytes());
        hub.post.numeric_text(client, RPL_ADMINLOC2, &[], admin.organisation.as_bytes());
        hub.post.numeric_text(client, RPL_ADMINEMAIL, &[], admin.email.as_bytes());
    }
}

/// `LINKS`
pub(super) fn links(hub: &mut Hub, call: Call<'_>) {
    let name = hub.config.server_name.as_bytes();
    let text = format!("0 {}", hub.config.description);
    hub.post.numeric_text(&hub.clients[call.id.0], RPL_LINKS, &[b"*", name], text.as_bytes());
    hub.reply(call.id, RPL_ENDOFLINKS, &[b"*"]);
}

/// `STATS <letter> [<server>]`: `m` how often each command was given, `o` who may become operator
/// (for operators), `u` since when. Any other letter is answered by the end alone.
pub(super) fn stats(hub: &mut Hub, call: Call<'_>) {
    if !is_here(hub, call, 1) {
        return;
    }
    let letter = call.message.params()[0];
    let client = &hub.clients[call.id.0];
    match letter {
        b"m" => {
            for (command, count) in COMMANDS.iter().zip(&hub.command_counts) {
                if *count > 0 {
                    let middle =
                        [command.name.as_bytes(), count.to_string().as_bytes()].map(<[u8]>::to_vec);
                    hub.post.numeric_bare(client, RPL_STATSCOMMANDS, &[&middle[0], &middle[1]]);
                }
            }
        }
        b"o" if !hub.is_operator(call.id) => hub.reply(call.id, ERR_NOPRIVILEGES, &[]),
        b"o" => {
            for operator in &hub.config.operators {
                let middle = [b"O", operator.mask.as_bytes(), b"*", operator.name.as_bytes()];
                hub.post.numeric_bare(client, RPL_STATSOLINE, &middle);
            }
        }
        b"u" => {
            let up_s = call.now.mono.saturating_sub(hub.started.mono).as_secs();
            let (days, hours) = (up_s / 86_400, up_s / 3_600 % 24);
            let (minutes, seconds) = (up_s / 60 % 60, up_s % 60);
            let text = format!("Server Up {days} days {hours}:{minutes:02}:{seconds:02}");
            hub.post.numeric_text(client, RPL_STATSUPTIME, &[], text.as_bytes());
        }
        _ => {}
    }
    hub.reply(call.id, RPL_ENDOFSTATS, &[letter]);
}
