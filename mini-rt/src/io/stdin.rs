//! How is the standard input read by tasks? A read of it cannot be taken back.
//!
//! There is one for the process, so one thread of the process's own reads it, when somebody asks;
//! what comes lies here until somebody takes it.
//!
//! 1. At most one read is under way, and none while there is something to take.
//! 2. What has come is taken once, in order, by whoever comes first: a future or a handle that is
//!    dropped, or a runtime that is shut down, takes nothing along.
//! 3. Who finds nothing leaves a waker under the lock, and what comes takes all of them under it. No
//!    waker is woken, cloned or dropped there.
//!
//! Rejected: a call on the blocking pool, as Tokio makes it. The runtime cannot be dropped until
//! somebody types something, and what is typed is lost if the handle has gone meanwhile. The
//! system's event queue: it takes no regular files, and non-blocking mode would be set for every
//! process that shares the terminal.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::pin::Pin;
use std::sync::OnceLock;
use std::sync::mpsc::{self, Sender};
use std::task::{Context, Poll, Waker, ready};

use futures::io::AsyncRead;
use slab::Slab;

use super::buf::{self, Buf};
use crate::coop;
use crate::primitive::{Mutex, thread};
use crate::util::WakeList;

/// The standard input of the process, read by [`AsyncRead`]: what [`stdin`] returns.
///
/// Several of them share it: each byte goes to one.
///
/// # Cancel safety
/// A read that is dropped, with or without this handle, loses nothing: what comes goes to the next
/// read, of any handle. So do bytes that came when the runtime was gone.
#[derive(Debug)]
pub struct Stdin {
    std: io::Stdin,
    /// The place of its waker.
    key: usize,
}

/// The standard input of the process.
///
/// It is read by a thread that is started for the first read and belongs to no runtime. So a runtime
/// can be shut down while a read waits. (Tokio's waits for the read: until somebody types a line.)
/// But then the bytes that this read is going to get are for the next read by a [`Stdin`], and are
/// not seen by [`std::io::stdin`]. A clock that is paused does not wait for input.
///
/// ```no_run
/// # let runtime = mini_rt::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// use futures::io::{AsyncBufReadExt, BufReader};
/// use futures::StreamExt;
///
/// let mut lines = BufReader::new(mini_rt::io::stdin()).lines();
/// while let Some(line) = lines.next().await {
///     println!("{} bytes", line?.len());
/// }
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use]
pub fn stdin() -> Stdin {
    let key = input().lock().wakers.insert(None);
    Stdin { std: io::stdin(), key }
}

/// Of the process.
fn input() -> &'static Mutex<Input> {
    static INPUT: OnceLock<Mutex<Input>> = OnceLock::new();
    INPUT.get_or_init(Mutex::default)
}

/// What is known of the standard input.
#[derive(Debug, Default)]
struct Input {
    state: State,
    /// What has come and was not taken. With the thread while it reads.
    buf: Buf,
    /// One place for each handle.
    wakers: Slab<Option<Waker>>,
    /// To the thread, once there is one: how many bytes to read at most.
    requests: Option<Sender<usize>>,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Quiet,
    Reading,
    /// A read has ended so, and what it got is not all taken.
    Come(io::Result<()>),
}

impl Input {
    /// Takes of what has come. Nothing is the end of the input. `None`: nothing has come.
    fn take(&mut self, dst: &mut [u8]) -> Option<io::Result<usize>> {
        if !matches!(self.state, State::Come(_)) {
            return None;
        }
        let n = self.buf.take(dst);
        if !self.buf.is_empty() {
            return Some(Ok(n));
        }
        let State::Come(result) = std::mem::take(&mut self.state) else { unreachable!("seen") };
        Some(result.map(|()| n))
    }

    /// Whether a read has to be asked for. It is then under way.
    fn ask(&mut self) -> bool {
        let is_quiet = matches!(self.state, State::Quiet);
        if is_quiet {
            self.state = State::Reading;
        }
        is_quiet
    }

    /// The read under way has ended.
    fn come(&mut self, buf: Buf, result: io::Result<()>, wakes: &mut WakeList) {
        self.buf = buf;
        self.state = State::Come(result);
        self.wakers.iter_mut().filter_map(|(_, waker)| waker.take()).for_each(|w| wakes.push(w));
    }

    /// Has the thread read; starts it if there is none.
    fn request(&mut self, len: usize) -> io::Result<()> {
        if let Some(requests) = &self.requests {
            return requests.send(len).map_err(|_| io::Error::other("the thread has panicked"));
        }
        let (requests, of_tasks) = mpsc::channel();
        thread::Builder::new().name("mini-rt-stdin".to_owned()).spawn(move || {
            for len in of_tasks {
                read_once(input(), io::stdin(), len);
            }
        })?;
        requests.send(len).expect("the thread waits for it");
        self.requests = Some(requests);
        Ok(())
    }
}

/// Does the read that was asked for.
fn read_once(input: &Mutex<Input>, from: impl io::Read, len: usize) {
    let mut buf = std::mem::take(&mut input.lock().buf);
    let result = buf.read_from(from, len);
    let mut wakes = WakeList::new();
    input.lock().come(buf, result, &mut wakes);
    wakes.wake_all();
}

impl AsyncRead for Stdin {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        dst: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if dst.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let progress = ready!(coop::poll_proceed(cx));
        // Cloned before the lock and dropped after it, needed or not: a read costs much more.
        let mut waker = Some(cx.waker().clone());
        let result = {
            let mut input = input().lock();
            let mut result = input.take(dst);
            if result.is_none()
                && input.ask()
                && let Err(error) = input.request(dst.len().min(buf::MAX_BYTES))
            {
                input.state = State::Quiet;
                result = Some(Err(error));
            }
            if result.is_none() {
                std::mem::swap(&mut input.wakers[self.key], &mut waker);
            }
            result
        };
        drop(waker);
        let Some(result) = result else { return Poll::Pending };
        progress.made_progress();
        Poll::Ready(result)
    }
}

impl Drop for Stdin {
    fn drop(&mut self) {
        let waker = input().lock().wakers.remove(self.key);
        drop(waker); // not under the lock
    }
}

impl AsFd for Stdin {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.std.as_fd()
    }
}

impl AsRawFd for Stdin {
    fn as_raw_fd(&self) -> RawFd {
        self.std.as_raw_fd()
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;
    use std::io::ErrorKind;

    fn taken(input: &Mutex<Input>, len: usize) -> Option<io::Result<Vec<u8>>> {
        let mut dst = vec![0; len];
        let taken = input.lock().take(&mut dst)?;
        Some(taken.map(|n| dst[..n].to_vec()))
    }

    fn come(input: &Mutex<Input>, from: impl io::Read) {
        assert!(input.lock().ask(), "none is under way");
        assert!(!input.lock().ask(), "one is");
        read_once(input, from, 8);
    }

    #[test]
    fn what_comes_is_taken_once_and_then_the_next_read_is_asked_for() {
        let input = Mutex::<Input>::default();
        assert!(taken(&input, 2).is_none());
        come(&input, &b"abc"[..]);
        assert_eq!(taken(&input, 2).expect("it has come").expect("no error"), b"ab");
        assert!(!input.lock().ask(), "there is something to take");
        assert_eq!(taken(&input, 2).expect("it has come").expect("no error"), b"c");
        assert!(taken(&input, 2).is_none(), "not the end: more may come");
        come(&input, &b""[..]);
        assert_eq!(taken(&input, 2).expect("it has come").expect("no error"), b"", "the end");
        assert!(taken(&input, 2).is_none());
    }

    #[test]
    fn an_error_is_told_once() {
        struct Broken;
        impl io::Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(ErrorKind::BrokenPipe.into())
            }
        }
        let input = Mutex::<Input>::default();
        come(&input, Broken);
        let error = taken(&input, 2).expect("it has come").expect_err("it is broken");
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        come(&input, &b"abc"[..]);
        assert_eq!(taken(&input, 9).expect("it has come").expect("no error"), b"abc");
    }

    #[test]
    fn what_comes_takes_every_waker() {
        let mut input = Input::default();
        for waker in [Some(Waker::noop().clone()), None, Some(Waker::noop().clone())] {
            input.wakers.insert(waker);
        }
        let mut wakes = WakeList::new();
        input.come(Buf::default(), Ok(()), &mut wakes);
        assert_eq!(wakes.len(), 2);
        assert!(input.wakers.iter().all(|(_, waker)| waker.is_none()));
        wakes.wake_all();
    }
}
