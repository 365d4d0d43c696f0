//! How does a client get from a new connection into its room?
//!
//! Pure: told each line that comes, it says what to do. Members and visitors arrive alike.

use super::line::Line;

/// How far a client is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Arrival {
    /// Nick and user are sent.
    #[default]
    Registering,
    /// The server has welcomed it; its message of the day follows.
    Welcomed,
    /// The room is asked for.
    Joining,
    /// It is in its room.
    Inside,
}

/// What there is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing.
    Wait,
    /// Ask for the room.
    Join,
    /// It is inside now.
    Arrived,
    /// The server does not let it in: the line says why.
    Refused,
}

impl Arrival {
    /// Takes a line that has come.
    pub(super) fn hear(&mut self, line: &Line<'_>, nick: &[u8]) -> Next {
        let (state, next) = match (*self, line.command) {
            // A server that cuts nicks would cut two to the same.
            (Self::Registering, b"001") if line.first_param() == nick => {
                (Self::Welcomed, Next::Wait)
            }
            (Self::Registering, b"001") => (*self, Next::Refused),
            (Self::Welcomed, b"376" | b"422") => (Self::Joining, Next::Join),
            (Self::Joining, b"366") => (Self::Inside, Next::Arrived),
            _ if line.is_refusal() => (*self, Next::Refused),
            _ => (*self, Next::Wait),
        };
        *self = state;
        next
    }
}

/// What a client says first.
pub(super) fn hello(nick: &str, password: Option<&str>) -> String {
    let pass = password.map_or(String::new(), |password| format!("PASS {password}\r\n"));
    format!("{pass}NICK {nick}\r\nUSER {nick} 0 * :chat load\r\n")
}

/// How it asks for its room.
pub(super) fn join(room: &[u8]) -> Vec<u8> {
    [b"JOIN ", room, b"\r\n"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(lines: &[&str]) -> Vec<Next> {
        let mut arrival = Arrival::default();
        let hear = |line: &&str| arrival.hear(&Line::parse(line.as_bytes()), b"me");
        lines.iter().map(hear).filter(|next| *next != Next::Wait).collect()
    }

    #[test]
    fn a_client_arrives_with_or_without_a_message_of_the_day() {
        for end in [":s 376 me :End", ":s 422 me :No MOTD"] {
            let lines = [
                ":s NOTICE * :*** Looking up",
                ":s 439 * :Wait",
                ":s 001 me :Hi",
                ":s 005 me A=B :ok",
                end,
                ":me!u@h JOIN #r",
                ":s 353 me = #r :me",
                ":s 366 me #r :End",
            ];
            assert_eq!(steps(&lines), [Next::Join, Next::Arrived]);
        }
    }

    #[test]
    fn who_is_refused_is_told_apart() {
        assert_eq!(steps(&[":s 433 * me :Nickname is already in use"]), [Next::Refused]);
        assert_eq!(steps(&[":s 001 m :Hi"]), [Next::Refused]);
        let banned = [":s 001 me :Hi", ":s 376 me :End", ":s 474 me #r :Cannot join"];
        assert_eq!(steps(&banned), [Next::Join, Next::Refused]);
    }
}
