//! An async runtime, written to be read: tasks, work stealing, sockets, timers, blocking calls.
//!
//! Names and semantics are Tokio's, so that who knows Tokio can read this, and who has read this
//! knows what an executor does. It runs the chat server of this project as Tokio does, by a flag.
//!
//! ```
//! use futures::{AsyncReadExt, AsyncWriteExt};
//! use mini_rt::net::{TcpListener, TcpStream};
//!
//! let runtime = mini_rt::runtime::Runtime::new()?;
//! let answer = runtime.block_on(async {
//!     let listener = TcpListener::bind("127.0.0.1:0").await?;
//!     let addr = listener.local_addr()?;
//!     let server = mini_rt::spawn(async move {
//!         let (mut stream, _peer) = listener.accept().await?;
//!         stream.write_all(b"hello").await
//!     });
//!     let mut stream = TcpStream::connect(addr).await?;
//!     let mut answer = Vec::new();
//!     stream.read_to_end(&mut answer).await?;
//!     server.await??;
//!     std::io::Result::Ok(answer)
//! })?;
//! assert_eq!(answer, b"hello");
//! # std::io::Result::Ok(())
//! ```
//!
//! # For who knows Tokio
//!
//! The names are where they are there, [`CancellationToken`](sync::CancellationToken) and
//! [`TaskTracker`](task::TaskTracker) of `tokio-util` included, and [`guide`] shows them at work. What
//! differs at the first line is I/O: its traits are those of the crate `futures`, which a program adds
//! to its own `Cargo.toml`.
//!
//! | with Tokio | here |
//! |---|---|
//! | `tokio::io::{AsyncReadExt, AsyncWriteExt, AsyncBufReadExt, BufReader}` | `futures::io::` the same |
//! | `stream.shutdown().await` | `stream.close().await` |
//! | `lines.next_line().await?` | `lines.try_next().await?`, with `futures::TryStreamExt` |
//! | `read_buf(&mut bytes)` | `readable` and `try_read_buf(&mut bytes)`; or `read(&mut array)`, then `bytes.extend_from_slice(&array[..n])`: a `read` into an empty `Vec` is `Ok(0)`, and no end |
//! | `read_u32`, `write_u32` and their like | `read_exact(&mut array)` and `u32::from_be_bytes`; `write_all(&n.to_be_bytes())` |
//! | `io::copy`, `io::split(stream)` | `futures::io::copy`, `stream.into_split()` of the stream's own |
//! | `copy_bidirectional` | two `futures::io::copy` in a `try_join!`: see the [guide](guide#both-directions-at-once-a-proxy) |
//! | `tokio_util::sync::CancellationToken`, `task::TaskTracker` | `mini_rt::sync::`, `mini_rt::task::` |
//! | `JoinMap`, `DelayQueue`, codecs, and the rest of `tokio_util` | not there |
//! | `tokio::process` | not there; the crate `async-process` needs no Tokio |
//! | `ReceiverStream::new(receiver)` | `receiver`: it is a stream, but for that of a `watch` |
//!
//! With `AsyncReadExt` in scope `stream.split()` is that of `futures`, which takes the stream and
//! locks; [`into_split`](net::TcpStream::into_split) does not. All other differences stand in the
//! repository's `ARCHITECTURE.md`, under "Decisions that a Tokio user will notice".
//!
//! # The life of one wake
//!
//! A client writes to a socket whose task waits for it. What happens, and where it is written:
//!
//! 1. The kernel reports the socket readable to the worker that sleeps in the driver
//!    (`driver/mod.rs`: `Driver::turn`; `reactor/mod.rs`).
//! 2. Under the source's lock the readiness bits are set and the waker is taken (`reactor/slot.rs`).
//!    The lock is let go, and the worker leaves the driver; only then the waker is woken
//!    (`util/wake_list.rs`).
//! 3. Waking steps the task's word from idle to `SCHEDULED`; the step's reply says that there is now
//!    a right to poll to hand on (`task/state.rs`, `task/waker.rs`).
//! 4. The `Runnable` goes to the end of the worker's own ring (`queue/local.rs`).
//!    A wake from a thread outside goes to the injector (`queue/injector.rs`).
//! 5. The worker runs it next. If the turn woke so much that sharing pays, or if the wake came from
//!    outside and all sleep, a sleeper is woken (`scheduler/pace.rs`, `scheduler/idle.rs`).
//! 6. A worker takes the runnable and polls the task (`scheduler/worker.rs`, `task/cell.rs`). The
//!    read succeeds, or says that the readiness was used up, and the task waits again.
//! 7. `Ready`: the output is stored and whoever joins is woken. `Pending`, but woken meanwhile: back
//!    to the end of the ring. `Pending`: idle, until step 1.
//!
//! # Reading path
//!
//! Seven files, 1,900 lines, most of an hour: this one, `block_on.rs`, [`task`] with its contract, its
//! `state.rs` and `cell.rs`, `scheduler/worker.rs`, `scheduler/idle.rs`. Then `park.rs`, `scheduler/watch.rs`, `reactor/mod.rs`,
//! `queue/local.rs`, `wheel.rs`, `driver/timers.rs`, and for a second runtime beside this one,
//! `chat/src/runtime`.
//!
//! # Strata
//!
//! A module imports from those below it, and not from its own line. (`task` names
//! `spawn`, `JoinSet` and `LocalSet` as its own, and `runtime` `LocalRuntime`, because that is where
//! Tokio's users look for them; nothing in it uses them.)
//!
//! ```text
//! 8  macros                             what `select!` and its like expand to
//! 7  fs  net  signal  time  local_set   leaf futures: the context, one part of the driver
//! 6  io                                 a source in the reactor; a value lent to the pool
//! 5  runtime                            Builder, Runtime, Handle, context, shutdown
//! 4  scheduler  blocking                run loops, who sleeps; threads for blocking calls
//! 3  driver                             reactor + wheel + clock: what a worker sleeps on
//! 2  task  queue  reactor  wheel  sync  know `Waker` and what is below
//!    park  ended  threads  block_on
//! 1  util  coop                         wake list, random; the budget of a poll
//! 0  primitive                          std, loom or shuttle: the only `cfg` of them
//! ```
//!
//! `queue` holds what `task` makes, `block_on`, `threads` and `ended` sleep by `park`, and the blocking calls of
//! `sync` by `block_on`: each pair in that order.

mod block_on;
mod blocking;
mod coop;
mod driver;
mod ended;
pub mod fs;
pub mod guide;
pub mod io;
mod local_set;
#[doc(hidden)]
pub mod macros;
pub mod net;
mod park;
mod primitive;
#[allow(
    unsafe_code,
    reason = "a ring of words that are tasks: a claimed word becomes a task again"
)]
mod queue;
mod reactor;
pub mod runtime;
mod scheduler;
pub mod signal;
pub mod sync;
#[allow(
    unsafe_code,
    reason = "one allocation per task, shared by untyped pointers and a state word"
)]
pub mod task;
mod threads;
pub mod time;
mod util;
mod wheel;

pub use macros::{main, test};
pub use runtime::spawn;
