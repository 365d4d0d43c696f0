//! Slow readers, wake-ups, shutdown, stale ids, and what an idle client costs.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use super::{World, config, take};
use crate::core::channel::Member;
use crate::core::client::{Client, Joined};
use crate::core::outbox::Outbox;
use crate::core::{Config, Limits, Line, Taken};

/// The least that an outbox may hold.
const SMALL: usize = 16 << 10;

/// A world with small outboxes, and its clients in #den.
fn in_small_den(names: &[&'static str]) -> World {
    let limits = Limits { outbox_bytes_max: SMALL, ..Limits::default() };
    let mut world = World::with(Config { limits, ..config() });
    for name in names {
        world.register(name);
        world.send(name, "JOIN #den");
    }
    world.forget();
    world
}

/// Counts how often it is woken.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn who_does_not_read_is_closed_with_an_error_and_nobody_else_is() {
    let mut world = in_small_den(&["anna", "bert", "cara"]);
    let line = format!(":anna!anna@127.0.0.1 PRIVMSG #den :{}\r\n", "x".repeat(400));
    let fitting = SMALL / line.len();
    for sent in 1..=fitting {
        world.send("anna", &format!("PRIVMSG #den :{}", "x".repeat(400)));
        assert_eq!(world.outbox("bert").waiting_bytes(), sent * line.len());
        world.read("cara");
    }
    world.send("anna", &format!("PRIVMSG #den :{}", "x".repeat(400)));
    world.read("cara");
    // What was queued is gone: only the last line is there.
    let last = b"ERROR :Closing Link: 127.0.0.1 (SendQ exceeded)\r\n";
    assert_eq!(world.outbox("bert").waiting_bytes(), last.len());
    assert_eq!(take(&world.outbox("bert")), (Poll::Ready(Taken::Closing), vec![last.to_vec()]));
    world.transcript(
        "
        anna< :bert!bert@127.0.0.1 QUIT :SendQ exceeded
        bert.
        anna> NAMES #den
        anna< :irc.test 353 anna = #den :@anna cara
        anna< :irc.test 366 anna #den :End of /NAMES list
        anna> NICK bert
        anna< :anna!anna@127.0.0.1 NICK bert
        cara< :anna!anna@127.0.0.1 NICK bert
        bert> PRIVMSG anna :still here?
        ",
    );
}

#[test]
fn what_was_taken_and_not_written_counts_too() {
    let mut world = in_small_den(&["anna", "bert"]);
    let outbox = world.outbox("bert");
    let mut lines = VecDeque::new();
    let mut cx = Context::from_waker(Waker::noop());
    let mut taken_bytes = 0;
    let mut sent = 0;
    while world.hub.client_count() == 2 {
        world.send("anna", &format!("PRIVMSG #den :{}", "x".repeat(400)));
        sent += 1;
        if outbox.poll_take(&mut cx, &mut lines) == Poll::Ready(Taken::Lines) {
            taken_bytes = lines.iter().map(|line| line.as_ref().len()).sum();
            assert_eq!(outbox.waiting_bytes(), taken_bytes);
        }
    }
    assert_eq!(sent, SMALL / (taken_bytes / (sent - 1)) + 1);
    // The taken lines, and after them the good-bye.
    assert_eq!(lines.len(), sent);
    assert!(lines[sent - 1].as_ref().ends_with(b"(SendQ exceeded)\r\n"));
    outbox.wrote(taken_bytes);
    assert_eq!(outbox.waiting_bytes(), lines[sent - 1].as_ref().len());
}

#[test]
fn a_reader_that_keeps_up_is_never_over_the_limit() {
    let mut world = in_small_den(&["anna", "bert"]);
    for _ in 0..1_000 {
        world.send("anna", &format!("PRIVMSG #den :{}", "x".repeat(400)));
        assert_eq!(world.read("bert").len(), 1);
        assert_eq!(world.outbox("bert").waiting_bytes(), 0);
    }
}

#[test]
fn many_slow_readers_go_each_once() {
    let mut world = in_small_den(&["anna"]);
    for n in 0..100 {
        world.connect("slow");
        world.send("slow", &format!("NICK slow{n}"));
        world.send("slow", "USER slow 0 * :s");
        world.send("slow", "JOIN #den");
        world.forget();
    }
    assert_eq!(world.hub.client_count(), 101);
    let mut quits = Vec::new();
    while world.hub.client_count() > 1 {
        world.send("anna", &format!("PRIVMSG #den :{}", "x".repeat(400)));
        quits.extend(world.read("anna"));
    }
    quits.sort();
    let mut expected: Vec<String> =
        (0..100).map(|n| format!(":slow{n}!slow@127.0.0.1 QUIT :SendQ exceeded")).collect();
    expected.sort();
    assert_eq!(quits, expected);
}

#[test]
fn a_line_that_closes_a_crowd_lets_nobody_quit_yet() {
    let mut world = in_small_den(&["anna", "bert", "cara"]);
    let line = format!("PRIVMSG #den :{}", "x".repeat(400));
    let anna = world.id("anna");
    while !world.outbox("bert").is_closing() {
        world.hub.handle_line(world.now, anna, line.as_bytes());
    }
    assert!(world.outbox("cara").is_closing());
    assert_eq!(world.read("anna"), [""; 0]);
    // It is not heard any more, until its task lets it quit.
    let bert = world.id("bert");
    world.hub.handle_line(world.now, bert, b"PRIVMSG anna :am I heard?");
    world.hub.handle_overlong(world.now, bert);
    assert_eq!(world.read("anna"), [""; 0]);
    world.hub.handle_closing(world.now, bert);
    assert_eq!(world.read("anna"), [":bert!bert@127.0.0.1 QUIT :SendQ exceeded"]);
    world.hub.handle_closing(world.now, bert);
    assert_eq!(world.read("anna"), [""; 0], "once");
    assert_eq!(world.hub.client_count(), 2, "cara's task has not seen it");
}

#[test]
fn a_client_that_asks_for_more_than_it_reads_closes_itself() {
    let mut world = in_small_den(&["anna"]);
    for _ in 0..20 {
        world.send("anna", "HELP");
        world.send("anna", "VERSION");
    }
    assert_eq!(world.hub.client_count(), 0);
    let (taken, lines) = take(&world.outbox("anna"));
    assert_eq!(taken, Poll::Ready(Taken::Closing));
    assert_eq!(lines, [b"ERROR :Closing Link: 127.0.0.1 (SendQ exceeded)\r\n"]);
}

#[test]
fn who_waits_is_woken_once_and_by_the_shell() {
    let mut world = in_small_den(&["anna", "bert"]);
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    let mut cx = Context::from_waker(&waker);
    let (outbox, mut lines, mut wakers) = (world.outbox("bert"), VecDeque::new(), Vec::new());
    assert_eq!(outbox.poll_take(&mut cx, &mut lines), Poll::Pending);
    assert_eq!(outbox.poll_take(&mut cx, &mut lines), Poll::Pending);
    world.send("anna", "PRIVMSG bert :x");
    world.send("anna", "PRIVMSG bert :y");
    assert_eq!(count.0.load(Ordering::SeqCst), 0, "the core wakes nobody");
    world.hub.poll_wakers(&mut wakers);
    assert_eq!(wakers.len(), 1);
    wakers.drain(..).for_each(Waker::wake);
    assert_eq!(count.0.load(Ordering::SeqCst), 1);
    assert_eq!(outbox.poll_take(&mut cx, &mut lines), Poll::Ready(Taken::Lines));
    assert_eq!(lines.len(), 2);
    // Without a wait nobody is woken.
    world.send("anna", "PRIVMSG bert :z");
    world.hub.poll_wakers(&mut wakers);
    assert!(wakers.is_empty());
    assert_eq!(outbox.poll_take(&mut cx, &mut lines), Poll::Ready(Taken::Lines));
    assert_eq!(lines.len(), 3);
    // A close wakes as a line does.
    assert_eq!(outbox.poll_take(&mut cx, &mut lines), Poll::Pending);
    world.hub.handle_shutdown(world.now, b"Server is stopping");
    world.hub.poll_wakers(&mut wakers);
    assert_eq!(wakers.len(), 1);
    assert_eq!(outbox.poll_take(&mut cx, &mut lines), Poll::Ready(Taken::Closing));
    assert_eq!(outbox.poll_take(&mut cx, &mut lines), Poll::Ready(Taken::Closing));
    assert_eq!(lines.len(), 4);
}

#[test]
fn no_wake_up_is_lost_between_two_threads() {
    /// Wakes a thread that is parked.
    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    const LINES: usize = 5_000;
    let mut world = in_small_den(&["anna", "bert"]);
    let outbox = world.outbox("bert");
    let reader = std::thread::spawn(move || {
        let (mut got, mut lines) = (0, VecDeque::new());
        while got < LINES {
            // A new waker each time, so that every wait goes the long way.
            let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
            match outbox.poll_take(&mut Context::from_waker(&waker), &mut lines) {
                Poll::Ready(taken) => assert_eq!(taken, Taken::Lines),
                Poll::Pending => std::thread::park(),
            }
            for line in lines.drain(..) {
                let text = format!(":anna!anna@127.0.0.1 PRIVMSG bert :{got}\r\n");
                assert_eq!(line.as_ref(), text.as_bytes());
                outbox.wrote(line.as_ref().len());
                got += 1;
            }
        }
    });
    let outbox = world.outbox("bert");
    let mut wakers = Vec::new();
    for sent in 0..LINES {
        while outbox.waiting_bytes() > SMALL / 2 {
            std::thread::yield_now();
        }
        world.send("anna", &format!("PRIVMSG bert :{sent}"));
        world.hub.poll_wakers(&mut wakers);
        wakers.drain(..).for_each(Waker::wake);
    }
    reader.join().expect("the reader got every line, in order");
}

#[test]
fn shutdown_tells_everyone_and_lets_nobody_in() {
    let mut world = World::of(&["anna", "bert"]);
    world.connect("cara");
    world.send("anna", "JOIN #den");
    world.send("bert", "JOIN #den");
    world.forget();
    world.send("anna", "PRIVMSG #den :last words");
    world.hub.handle_shutdown(world.now, b"Server is stopping");
    world.connect_from("dora", "::1");
    world.transcript(
        "
        bert< :anna!anna@127.0.0.1 PRIVMSG #den :last words
        anna< ERROR :Closing Link: 127.0.0.1 (Server is stopping)
        anna.
        bert< ERROR :Closing Link: 127.0.0.1 (Server is stopping)
        bert.
        cara< ERROR :Closing Link: 127.0.0.1 (Server is stopping)
        cara.
        dora< ERROR :Closing Link: 0::1 (Server is shutting down)
        dora.
        anna> PING x
        dora> NICK dora
        ",
    );
    assert_eq!(world.hub.client_count(), 0);
    assert_eq!(world.hub.poll_timeout(world.id("dora")), None);
    world.hub.handle_disconnect(world.now, world.id("anna"), b"gone");
    world.hub.handle_shutdown(world.now, b"again");
    world.transcript("");
}

#[test]
fn a_lost_connection_is_told_once_and_a_stale_id_is_nobody() {
    let mut world = World::of(&["anna", "bert"]);
    for name in ["anna", "bert"] {
        world.send(name, "JOIN #den");
    }
    world.forget();
    let anna = world.id("anna");
    world.hub.handle_disconnect(world.now, anna, b"Connection reset by peer");
    world.transcript(
        "
        anna< ERROR :Closing Link: 127.0.0.1 (Connection reset by peer)
        anna.
        bert< :anna!anna@127.0.0.1 QUIT :Connection reset by peer
        ",
    );
    world.register("cara");
    let now = world.now;
    world.hub.handle_disconnect(now, anna, b"again");
    world.hub.handle_line(now, anna, b"PRIVMSG bert :ghost");
    world.hub.handle_overlong(now, anna);
    world.advance(10_000);
    world.hub.handle_timeout(world.now, anna);
    assert_eq!(world.hub.poll_timeout(anna), None);
    world.transcript("");
    assert_eq!(world.hub.client_count(), 2);
}

#[test]
fn what_a_command_sends_is_queued_before_its_sender_gets_the_next_answer() {
    let mut world = World::of(&["anna", "bert"]);
    world.send("anna", "PRIVMSG bert :first");
    world.send("bert", "PRIVMSG anna :second");
    for name in ["anna", "bert"] {
        world.send(name, "PING x");
        assert!(world.outbox(name).waiting_bytes() > 0);
    }
    let pong = ":irc.test PONG irc.test :x";
    assert_eq!(world.read("anna"), [":bert!bert@127.0.0.1 PRIVMSG anna :second", pong]);
    assert_eq!(world.read("bert"), [":anna!anna@127.0.0.1 PRIVMSG bert :first", pong]);
}

#[test]
fn an_idle_client_holds_no_queue_and_under_700_bytes() {
    let mut world = World::of(&["anna", "bert"]);
    for name in ["anna", "bert"] {
        world.send(name, "JOIN #den");
    }
    for _ in 0..100 {
        world.send("anna", "PRIVMSG bert :x");
    }
    assert!(world.outbox("bert").places() >= 100);
    world.forget();
    world.forget();
    assert!(world.outbox("bert").places() <= 4);
    // Every heap block as the allocator rounds it: 8 bytes of its own, a multiple of 16.
    let block = |bytes: usize| (bytes + 8).next_multiple_of(16).max(32);
    let client = &world.hub.clients[world.id("anna").0];
    // A row of the table of nicks: a name of two words, an id, a byte, and room to grow.
    let nick = block(client.identity.nick().len()) + (16 + 8 + 1) * 2;
    let slot = 2 * 24;
    let names = block(client.identity.mask().len()) + block(client.realname.len());
    let outbox = block(16 + size_of::<Outbox>()) + block(4 * size_of::<Line>());
    let channel = block(4 * size_of::<Joined>()) + 2 * size_of::<Member>();
    let bytes = block(size_of::<Client>()) + slot + names + nick + outbox + channel;
    println!(
        "an idle client in one channel: {bytes} bytes, of which {} itself",
        size_of::<Client>()
    );
    assert!(bytes < 700, "{bytes} bytes");
}
