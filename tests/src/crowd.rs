//! Thousands of IRC clients on one thread: registered, in rooms, and counting what reaches them.
//!
//! Who calls it: the scale test and the chat benches. It is a bare mio loop, so it costs the same
//! whichever runtime serves, and no runtime tests itself.
//!
//! 1. What a member reads while a conversation is on is compared in full: the message that is due in
//!    its room, once; anything else fails.
//! 2. A conversation is a closed loop: the next message is sent once all others in the room have the
//!    last. So nothing is queued that nobody waits for.
//! 3. Nobody waits longer than [`PATIENCE`] for the server to say something.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::irc::PATIENCE;

/// Members that are connected and registered at a time, so that the backlog never overflows: a
/// connection that the kernel drops is tried again only after a second.
const JOINING_AT_ONCE: usize = 500;

/// The text of each message: a number, and padding up to this.
const TEXT_BYTES: usize = 64;

/// The clients. Member `i` is in room `i / room_size` and in no other.
#[derive(Debug)]
pub struct Crowd {
    poll: Poll,
    events: Events,
    members: Vec<Member>,
    room_size: usize,
    buffer: Vec<u8>,
}

/// One client.
#[derive(Debug)]
struct Member {
    stream: TcpStream,
    /// A line whose end has not come yet.
    partial: Vec<u8>,
}

/// What goes on in one room.
struct Conversation {
    /// What each listener has to read next, from the command on.
    due: Vec<u8>,
    /// A bit for each listener that has it.
    heard: u64,
    sent: u64,
}

impl Crowd {
    /// Connects `rooms * room_size` clients and lets each register and join its room. All that the
    /// server has to say about that has been read when this returns.
    ///
    /// # Errors
    /// When there are no more files or ports to be had, or the server refuses.
    ///
    /// # Panics
    /// If a room would have more than 64 members, or the server answers with an error.
    pub fn gather(server: SocketAddr, rooms: usize, room_size: usize) -> io::Result<Self> {
        assert!(room_size <= 64, "who has heard a message is a bit of a word");
        let mut crowd = Self {
            poll: Poll::new()?,
            events: Events::with_capacity(1024),
            members: Vec::with_capacity(rooms * room_size),
            room_size,
            buffer: vec![0; 16 * 1024],
        };
        let all = rooms * room_size;
        while crowd.members.len() < all {
            let first = crowd.members.len();
            for index in first..all.min(first + JOINING_AT_ONCE) {
                crowd.connect(server, index)?;
            }
            let mut joining = crowd.members.len() - first;
            crowd.read(|_, _, line| {
                assert!(!line.starts_with(b"ERROR"), "{}", line.escape_ascii());
                joining -= usize::from(numeric(line) == Some(b"366")); // the end of the names
                joining == 0
            });
        }
        crowd.sync();
        Ok(crowd)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// In each of `rooms` the first member says `messages` messages, one after the other has been
    /// heard by all. Returns how many were delivered.
    ///
    /// # Panics
    /// When a member reads anything else than the message that is due, or nothing for too long.
    pub fn talk(&mut self, rooms: impl IntoIterator<Item = usize>, messages: u64) -> u64 {
        let size = self.room_size;
        let everyone = (u64::MAX >> (64 - size)) & !1; // but the speaker
        let mut talking: Vec<Option<Conversation>> = Vec::new();
        talking.resize_with(self.members.len() / size, || None);
        let mut unfinished = 0;
        for room in rooms {
            let due = say(&mut self.members, room * size, room, 0);
            talking[room] = Some(Conversation { due, heard: 0, sent: 1 });
            unfinished += 1;
        }
        let mut delivered = 0;
        self.read(|members, index, line| {
            let (room, listener) = (index / size, index % size);
            let conversation = talking[room].as_mut().expect("nobody talks in this room");
            let due = line.strip_suffix(&conversation.due[..]);
            assert!(due.is_some(), "{index} reads {}", line.escape_ascii());
            assert_eq!(conversation.heard & (1 << listener), 0, "{index} reads it twice");
            conversation.heard |= 1 << listener;
            delivered += 1;
            if conversation.heard == everyone {
                conversation.heard = 0;
                if conversation.sent == messages {
                    unfinished -= 1;
                } else {
                    conversation.due = say(members, room * size, room, conversation.sent);
                    conversation.sent += 1;
                }
            }
            unfinished == 0
        });
        delivered
    }

    /// Lets every member ask something, and reads until each has its answer: all that had been sent
    /// to it has come by then, and it is still connected.
    ///
    /// # Panics
    /// When a member is not answered, or was told to go.
    pub fn sync(&mut self) {
        for member in &mut self.members {
            member.send(b"PING crowd\r\n");
        }
        let mut unanswered = self.members.len();
        self.read(|_, _, line| {
            assert!(!line.starts_with(b"ERROR"), "{}", line.escape_ascii());
            unanswered -= usize::from(line.ends_with(b" :crowd") || line.ends_with(b" crowd"));
            unanswered == 0
        });
    }

    fn connect(&mut self, server: SocketAddr, index: usize) -> io::Result<()> {
        let stream = std::net::TcpStream::connect(server)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(stream);
        self.poll.registry().register(&mut stream, Token(index), Interest::READABLE)?;
        let mut member = Member { stream, partial: Vec::new() };
        let room = index / self.room_size;
        let hello = format!("NICK m{index}\r\nUSER m{index} 0 * :{index}\r\nJOIN #room{room}\r\n");
        member.send(hello.as_bytes());
        self.members.push(member);
        Ok(())
    }

    /// Hands each line that comes to `handle`, without its end, until that says `true`.
    fn read(&mut self, mut handle: impl FnMut(&mut [Member], usize, &[u8]) -> bool) {
        let Self { poll, events, members, buffer, .. } = self;
        loop {
            match poll.poll(events, Some(PATIENCE)) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                result => result.expect("an epoll instance"),
            }
            assert!(
                !events.is_empty(),
                "the server has nothing to say to {} members",
                members.len()
            );
            let mut done = false;
            for event in events.iter() {
                let Token(index) = event.token();
                done |= read_lines(members, index, buffer, &mut handle);
            }
            if done {
                return;
            }
        }
    }
}

/// Reads what one member can read. Returns whether `handle` said `true` to a line.
fn read_lines(
    members: &mut [Member],
    index: usize,
    buffer: &mut [u8],
    handle: &mut impl FnMut(&mut [Member], usize, &[u8]) -> bool,
) -> bool {
    let mut done = false;
    loop {
        let n = match members[index].stream.read(buffer) {
            Ok(0) => panic!("the server has closed the connection of member {index}"),
            Ok(n) => n,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return done,
            Err(error) => panic!("member {index} reads: {error}"),
        };
        let mut rest = &buffer[..n];
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, after) = (&rest[..end], &rest[end + 1..]);
            rest = after;
            let mut whole = std::mem::take(&mut members[index].partial);
            let line = if whole.is_empty() {
                line
            } else {
                whole.extend_from_slice(line);
                &whole
            };
            let line = line.strip_suffix(b"\r").expect("a line ends in CR LF");
            if let Some(token) = line.strip_prefix(b"PING ") {
                members[index].send(&[b"PONG ", token, b"\r\n"].concat());
            } else {
                done |= handle(members, index, line);
            }
        }
        members[index].partial.extend_from_slice(rest);
        if n < buffer.len() {
            return done; // a short read: what comes later is an event of its own
        }
    }
}

impl Member {
    /// Sends a line. Its socket has room: nobody sends much, and the server reads.
    fn send(&mut self, line: &[u8]) {
        self.stream.write_all(line).expect("a connection with room for a line");
    }
}

/// Lets a member say its next message. Returns what the others will read, from the command on.
fn say(members: &mut [Member], speaker: usize, room: usize, number: u64) -> Vec<u8> {
    let mut line = format!("PRIVMSG #room{room} :{number:0>TEXT_BYTES$}\r\n").into_bytes();
    members[speaker].send(&line);
    line.truncate(line.len() - 2);
    line
}

/// The numeric of a line from the server.
fn numeric(line: &[u8]) -> Option<&[u8]> {
    line.split(|byte| *byte == b' ').nth(1)
}
