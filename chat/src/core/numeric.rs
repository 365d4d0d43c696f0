//! Which numeric replies are there, and what do they say?
//!
//! Called by the commands. Numbers, names and texts are those of the Modern IRC Client Protocol
//! document, or of RFC 2812 where that is silent.
//!
//! 1. Each of them stands in a transcript of the tests (a test looks for it).

/// A numeric reply.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numeric {
    /// Three digits.
    pub(super) code: &'static str,
    /// The text that it always has; empty if its text, or the lack of it, depends.
    pub(super) text: &'static str,
}

/// Declares the replies and, for the test, the list of them.
macro_rules! numerics {
    ($($code:literal $name:ident $text:literal)*) => {
        $(
            #[doc = concat!("`", $code, "` ", $text)]
            pub(super) const $name: Numeric = Numeric { code: $code, text: $text };
        )*

        /// All of them.
        #[cfg(test)]
        pub(super) const ALL: &[Numeric] = &[$($name),*];
    };
}

numerics! {
    "001" RPL_WELCOME ""
    "002" RPL_YOURHOST ""
    "003" RPL_CREATED ""
    "004" RPL_MYINFO ""
    "005" RPL_ISUPPORT "are supported by this server"
    "212" RPL_STATSCOMMANDS ""
    "219" RPL_ENDOFSTATS "End of /STATS report"
    "221" RPL_UMODEIS ""
    "242" RPL_STATSUPTIME ""
    "243" RPL_STATSOLINE ""
    "251" RPL_LUSERCLIENT ""
    "252" RPL_LUSEROP "operator(s) online"
    "253" RPL_LUSERUNKNOWN "unknown connection(s)"
    "254" RPL_LUSERCHANNELS "channels formed"
    "255" RPL_LUSERME ""
    "256" RPL_ADMINME "Administrative info"
    "257" RPL_ADMINLOC1 ""
    "258" RPL_ADMINLOC2 ""
    "259" RPL_ADMINEMAIL ""
    "265" RPL_LOCALUSERS ""
    "266" RPL_GLOBALUSERS ""
    "301" RPL_AWAY ""
    "302" RPL_USERHOST ""
    "303" RPL_ISON ""
    "305" RPL_UNAWAY "You are no longer marked as being away"
    "306" RPL_NOWAWAY "You have been marked as being away"
    "311" RPL_WHOISUSER ""
    "312" RPL_WHOISSERVER ""
    "313" RPL_WHOISOPERATOR "is an IRC operator"
    "314" RPL_WHOWASUSER ""
    "315" RPL_ENDOFWHO "End of WHO list"
    "317" RPL_WHOISIDLE "seconds idle, signon time"
    "318" RPL_ENDOFWHOIS "End of /WHOIS list"
    "319" RPL_WHOISCHANNELS ""
    "321" RPL_LISTSTART "Users  Name"
    "322" RPL_LIST ""
    "323" RPL_LISTEND "End of /LIST"
    "324" RPL_CHANNELMODEIS ""
    "329" RPL_CREATIONTIME ""
    "331" RPL_NOTOPIC "No topic is set"
    "332" RPL_TOPIC ""
    "333" RPL_TOPICWHOTIME ""
    "336" RPL_INVITELIST ""
    "337" RPL_ENDOFINVITELIST "End of /INVITE list"
    "338" RPL_WHOISACTUALLY "Is actually using host"
    "341" RPL_INVITING ""
    "346" RPL_INVEXLIST ""
    "347" RPL_ENDOFINVEXLIST "End of Channel Invite Exception List"
    "348" RPL_EXCEPTLIST ""
    "349" RPL_ENDOFEXCEPTLIST "End of channel exception list"
    "351" RPL_VERSION ""
    "352" RPL_WHOREPLY ""
    "353" RPL_NAMREPLY ""
    "364" RPL_LINKS ""
    "365" RPL_ENDOFLINKS "End of /LINKS list"
    "366" RPL_ENDOFNAMES "End of /NAMES list"
    "367" RPL_BANLIST ""
    "368" RPL_ENDOFBANLIST "End of channel ban list"
    "369" RPL_ENDOFWHOWAS "End of WHOWAS"
    "371" RPL_INFO ""
    "372" RPL_MOTD ""
    "374" RPL_ENDOFINFO "End of INFO list"
    "375" RPL_MOTDSTART ""
    "376" RPL_ENDOFMOTD "End of /MOTD command."
    "381" RPL_YOUREOPER "You are now an IRC operator"
    "382" RPL_REHASHING ""
    "391" RPL_TIME ""
    "401" ERR_NOSUCHNICK "No such nick/channel"
    "402" ERR_NOSUCHSERVER "No such server"
    "403" ERR_NOSUCHCHANNEL "No such channel"
    "404" ERR_CANNOTSENDTOCHAN "Cannot send to channel"
    "405" ERR_TOOMANYCHANNELS "You have joined too many channels"
    "406" ERR_WASNOSUCHNICK "There was no such nickname"
    "407" ERR_TOOMANYTARGETS "Too many targets, the rest is left out"
    "409" ERR_NOORIGIN "No origin specified"
    "410" ERR_INVALIDCAPCMD "Invalid CAP command"
    "411" ERR_NORECIPIENT ""
    "412" ERR_NOTEXTTOSEND "No text to send"
    "416" ERR_TOOMANYMATCHES "Output too long, the rest is left out"
    "417" ERR_INPUTTOOLONG "Input line was too long"
    "421" ERR_UNKNOWNCOMMAND "Unknown command"
    "422" ERR_NOMOTD "MOTD File is missing"
    "431" ERR_NONICKNAMEGIVEN "No nickname given"
    "432" ERR_ERRONEUSNICKNAME "Erroneus nickname"
    "433" ERR_NICKNAMEINUSE "Nickname is already in use"
    "441" ERR_USERNOTINCHANNEL "They aren't on that channel"
    "442" ERR_NOTONCHANNEL "You're not on that channel"
    "443" ERR_USERONCHANNEL "is already on channel"
    "451" ERR_NOTREGISTERED "You have not registered"
    "461" ERR_NEEDMOREPARAMS "Not enough parameters"
    "462" ERR_ALREADYREGISTERED "You may not reregister"
    "464" ERR_PASSWDMISMATCH "Password incorrect"
    "468" ERR_INVALIDUSERNAME "Your username is not valid"
    "471" ERR_CHANNELISFULL "Cannot join channel (+l)"
    "472" ERR_UNKNOWNMODE "is unknown mode char to me"
    "473" ERR_INVITEONLYCHAN "Cannot join channel (+i)"
    "474" ERR_BANNEDFROMCHAN "Cannot join channel (+b)"
    "475" ERR_BADCHANNELKEY "Cannot join channel (+k)"
    "476" ERR_BADCHANMASK "Bad Channel Mask"
    "478" ERR_BANLISTFULL "Channel list is full"
    "481" ERR_NOPRIVILEGES "Permission Denied- You're not an IRC operator"
    "482" ERR_CHANOPRIVSNEEDED "You're not channel operator"
    "491" ERR_NOOPERHOST "No O-lines for your host"
    "501" ERR_UMODEUNKNOWNFLAG "Unknown MODE flag"
    "502" ERR_USERSDONTMATCH "Cant change mode for other users"
    "524" ERR_HELPNOTFOUND "No help available on this topic"
    "696" ERR_INVALIDMODEPARAM ""
    "704" RPL_HELPSTART ""
    "705" RPL_HELPTXT ""
    "706" RPL_ENDOFHELP ""
}
