//! CAP.

use super::{World, connected, welcome};

#[test]
fn capability_negotiation_holds_the_welcome_until_its_end() {
    let welcome = welcome();
    connected().transcript(&format!(
        "
        anna> CAP LS 302
        anna< :irc.test CAP * LS :multi-prefix
        anna> NICK anna
        anna> USER ann 0 * :Anna
        anna> CAP REQ multi-prefix
        anna< :irc.test CAP anna ACK :multi-prefix
        anna> CAP END
        {welcome}
        anna> CAP END
        anna> CAP LIST
        anna< :irc.test CAP anna LIST :multi-prefix
        "
    ));
    // A REQ alone holds it too; without either nothing does.
    connected().transcript(&format!(
        "
        anna> CAP REQ :multi-prefix
        anna< :irc.test CAP * ACK :multi-prefix
        anna> USER ann 0 * :Anna
        anna> NICK anna
        anna> CAP END
        {welcome}
        "
    ));
    connected().transcript(&format!(
        "
        anna> CAP LIST
        anna< :irc.test CAP * LIST :
        anna> CAP END
        anna> NICK anna
        anna> USER ann 0 * :Anna
        {welcome}
        "
    ));
}

#[test]
fn a_request_for_capabilities_is_all_or_nothing() {
    World::of(&["anna"]).transcript(
        "
        anna> CAP REQ :multi-prefix no-such-thing
        anna< :irc.test CAP anna NAK :multi-prefix no-such-thing
        anna> CAP LIST
        anna< :irc.test CAP anna LIST :
        anna> CAP req :  multi-prefix  
        anna< :irc.test CAP anna ACK :  multi-prefix  
        anna> CAP REQ :-multi-prefix -no-such-thing
        anna< :irc.test CAP anna NAK :-multi-prefix -no-such-thing
        anna> CAP REQ :Multi-Prefix
        anna< :irc.test CAP anna NAK :Multi-Prefix
        anna> CAP REQ :-multi-prefix
        anna< :irc.test CAP anna ACK :-multi-prefix
        anna> CAP LIST
        anna< :irc.test CAP anna LIST :
        anna> CAP REQ
        anna< :irc.test CAP anna ACK :
        anna> CAP LS
        anna< :irc.test CAP anna LS :multi-prefix
        anna> CAP FROB x
        anna< :irc.test 410 anna FROB :Invalid CAP command
        anna> CAP
        anna< :irc.test 461 anna CAP :Not enough parameters
        anna> CAP :
        anna< :irc.test 410 anna * :Invalid CAP command
        ",
    );
}
