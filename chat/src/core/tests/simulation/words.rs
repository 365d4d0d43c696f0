//! What the clients of the simulation say.

/// Nicks, some of them the same, some of them bad.
pub(super) const NICKS: &[&str] =
    &["anna", "Anna", "bert", "BERT", "cara", "dora", "[x]", "1x", "", "a b", "#x"];

/// Channels, the same way.
pub(super) const CHANNELS: &[&str] =
    &["#a", "#A", "#b", "#c", "#d", "#", "x", "", "#a,#b,#c", "0", "#e,x,#f"];

/// Modes of all kinds.
pub(super) const MODES: &[&str] = &[
    "+o", "-o", "+v", "-v+v", "+b", "-b", "+beI", "+k", "-k", "+l", "-l", "+imst", "-imnst", "+n",
    "b", "e", "I", "+", "", "+zZ", "+oovvb", "-i+i", "+w", "+i", "-o",
];

/// 240 bytes.
const LONG: &str = concat!(
    "forty bytes, again and again and again. ",
    "forty bytes, again and again and again. ",
    "forty bytes, again and again and again. ",
    "forty bytes, again and again and again. ",
    "forty bytes, again and again and again. ",
    "forty bytes, again and again and again. "
);

/// What is said; one of them is long, so that who does not read is soon over the limit.
pub(super) const TEXTS: &[&str] =
    &["hello", "", " ", ":", "a b c", "*!*@*", "*", "1", "0", "99999999999", "x!y", LONG, LONG];

/// Commands, `N`, `C`, `M`, `T` standing for one of each of the above.
pub(super) const COMMANDS: &[&str] = &[
    "NICK N",
    "NICK N",
    "USER u 0 * :T",
    "JOIN C",
    "JOIN C",
    "JOIN C",
    "JOIN C T",
    "PART C",
    "PART C :T",
    "PRIVMSG C :T",
    "PRIVMSG N :T",
    "PRIVMSG N,C,N,C,N :T",
    "NOTICE C :T",
    "NOTICE N :T",
    "TOPIC C",
    "TOPIC C :T",
    "KICK C N",
    "KICK C N,N :T",
    "INVITE N C",
    "INVITE",
    "MODE C",
    "MODE C M",
    "MODE C M N",
    "MODE C M N",
    "MODE C M T N",
    "MODE N",
    "MODE N M",
    "NAMES C",
    "NAMES",
    "LIST",
    "LIST C",
    "WHO C",
    "WHO N",
    "WHO T",
    "WHOIS N",
    "WHOIS T N",
    "WHOWAS N",
    "WHOWAS N T",
    "USERHOST N N",
    "ISON :N N",
    "AWAY",
    "AWAY :T",
    "OPER root secret",
    "OPER N T",
    "KILL N :T",
    "WALLOPS :T",
    "REHASH",
    "MOTD T",
    "LUSERS",
    "VERSION",
    "TIME",
    "INFO",
    "ADMIN",
    "LINKS",
    "STATS m",
    "STATS o",
    "STATS u",
    "STATS T",
    "HELP",
    "HELP N",
    "CAP LS",
    "CAP END",
    "CAP REQ multi-prefix",
    "CAP REQ :T",
    "CAP LIST",
    "CAP T",
    "PING T",
    "PONG T",
    "PASS T",
    "QUIT :T",
    "T N C",
    ":N PRIVMSG C T",
    "@T JOIN C",
];
