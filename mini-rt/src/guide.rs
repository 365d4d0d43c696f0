//! How are the things done that every service needs?
//!
//! Each part is a whole program's worth of code, as small as it can be; all of it is compiled and
//! run by the tests. What is shown is the pattern: names are Tokio's, so a pattern for Tokio is one
//! for mini-rt. Streams and combinators come from the `futures` crate, which works as it is.
//!
//! - [Combinators of futures](#combinators-of-futures)
//! - [Streams](#streams)
//! - [Lines](#lines)
//! - [Several at once: which ends first](#several-at-once-which-ends-first)
//! - [Several at once: all, or the first error](#several-at-once-all-or-the-first-error)
//! - [Both directions at once: a proxy](#both-directions-at-once-a-proxy)
//! - [A limit of rate](#a-limit-of-rate)
//! - [Cancellation](#cancellation)
//! - [A graceful shutdown](#a-graceful-shutdown)
//! - [Work that blocks](#work-that-blocks)
//!
//! # Combinators of futures
//!
//! An `async` block says the same and reads better where there is more than one step;
//! `FutureExt` and `TryFutureExt` are for the places that want a value of one expression.
//!
//! ```
//! use futures::{FutureExt, TryFutureExt, future};
//!
//! #[mini_rt::main(flavor = "current_thread")]
//! async fn main() {
//!     let double = |number: u32| async move { number.checked_mul(2).ok_or("too large") };
//!
//!     assert_eq!(future::ready(20).map(|number| number + 1).await, 21);
//!     assert_eq!(double(20).and_then(double).await, Ok(80));
//!     assert_eq!(double(u32::MAX).or_else(|_| double(1)).await, Ok(2));
//!
//!     // `select` gives the output of the one that is ready first, and the other, to go on with.
//!     let slow = mini_rt::time::sleep(std::time::Duration::from_secs(60));
//!     let (fast, slow) = (std::pin::pin!(double(3)), std::pin::pin!(slow));
//!     match future::select(fast, slow).await {
//!         future::Either::Left((doubled, _still_sleeping)) => assert_eq!(doubled, Ok(6)),
//!         future::Either::Right(_) => unreachable!("a minute has not passed"),
//!     }
//! }
//! ```
//!
//! # Streams
//!
//! A receiver (but that of a `watch`) is a `Stream`: a source of work that `StreamExt` maps, filters
//! and joins. `buffer_unordered` has so many futures under way at once, in one task, and yields what
//! is done first; with `spawn` in the `map`, they are tasks that run on all workers.
//!
//! ```
//! use futures::{StreamExt, stream};
//! use mini_rt::sync::mpsc;
//! use mini_rt::time::{Duration, sleep};
//!
//! #[mini_rt::main]
//! async fn main() {
//!     let (numbers, received) = mpsc::channel(8);
//!     mini_rt::spawn(async move {
//!         for number in 1..=20_u64 {
//!             // Waits while the eight places are taken: whoever is slow slows down its source.
//!             numbers.send(number).await.expect("the receiver is there to the end");
//!         }
//!     });
//!     let mut squares: Vec<u64> = received
//!         .filter(|number| std::future::ready(number % 2 == 0))
//!         .map(async |number| {
//!             sleep(Duration::from_millis(number)).await; // A request to somebody, say.
//!             number * number
//!         })
//!         .buffer_unordered(4)
//!         .collect()
//!         .await;
//!     squares.sort_unstable();
//!     assert_eq!(squares, [4, 16, 36, 64, 100, 144, 196, 256, 324, 400]);
//!
//!     // Two sources as one; it ends when both have.
//!     let both = stream::select(stream::iter([1, 2]), stream::iter([3]));
//!     assert_eq!(both.count().await, 3);
//! }
//! ```
//!
//! # Lines
//!
//! `BufReader` and `lines` of `futures` make a stream of lines out of what is read; `try_next` waits
//! for one. It is cancel safe: what was read of a line stays in `lines`. Each half of a connection
//! is a value of its own, for one task or two.
//!
//! ```
//! use futures::TryStreamExt;
//! use futures::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
//! use mini_rt::net::{TcpListener, TcpStream};
//! use mini_rt::time::{Duration, timeout};
//!
//! /// Answers line by line, until the peer ends, or says nothing for a minute.
//! async fn answer(stream: TcpStream) -> std::io::Result<()> {
//!     let (reader, mut writer) = stream.into_split();
//!     let mut lines = BufReader::new(reader).lines();
//!     while let Some(line) = timeout(Duration::from_secs(60), lines.try_next()).await?? {
//!         writer.write_all(format!("{}\n", line.to_uppercase()).as_bytes()).await?;
//!     }
//!     Ok(())
//! }
//!
//! #[mini_rt::main]
//! async fn main() -> std::io::Result<()> {
//!     let listener = TcpListener::bind("127.0.0.1:0").await?;
//!     let mut client = TcpStream::connect(listener.local_addr()?).await?;
//!     let (stream, _) = listener.accept().await?;
//!     let answered = mini_rt::spawn(answer(stream));
//!
//!     client.write_all(b"one\ntwo\n").await?;
//!     client.close().await?; // Tokio's `shutdown`: no more is sent, and the answers still come.
//!     let mut answers = String::new();
//!     client.read_to_string(&mut answers).await?;
//!     assert_eq!(answers, "ONE\nTWO\n");
//!     answered.await?
//! }
//! ```
//!
//! # Several at once: which ends first
//!
//! [`select!`](crate::select) waits for several futures, and drops those that are not first. So
//! what is in a branch has to be cancel safe (each `async fn` here says whether it is), or live
//! outside of the loop and be awaited as `&mut future`. A read is: one that did not complete has
//! read nothing.
//!
//! ```
//! use futures::{AsyncReadExt, AsyncWriteExt};
//! use mini_rt::net::{TcpListener, TcpStream};
//! use mini_rt::sync::mpsc;
//! use mini_rt::time::{Duration, Instant, sleep_until};
//! use std::pin::pin;
//!
//! /// One task has a connection to itself: what comes in, what is to go out, and silence.
//! async fn serve(mut stream: TcpStream, mut outbox: mpsc::Receiver<String>) -> std::io::Result<()> {
//!     let patience = Duration::from_secs(30);
//!     let mut silence = pin!(sleep_until(Instant::now() + patience));
//!     let mut bytes = [0; 1024];
//!     loop {
//!         mini_rt::select! {
//!             read = stream.read(&mut bytes) => match read? {
//!                 0 => return Ok(()),
//!                 _ => silence.as_mut().reset(Instant::now() + patience),
//!             },
//!             Some(line) = outbox.recv() => stream.write_all(line.as_bytes()).await?,
//!             () = &mut silence => return Err(std::io::ErrorKind::TimedOut.into()),
//!         }
//!     }
//! }
//!
//! #[mini_rt::main]
//! async fn main() -> std::io::Result<()> {
//!     let listener = TcpListener::bind("127.0.0.1:0").await?;
//!     let mut client = TcpStream::connect(listener.local_addr()?).await?;
//!     let (stream, _) = listener.accept().await?;
//!     let (outbox, lines) = mpsc::channel(16);
//!     let served = mini_rt::spawn(serve(stream, lines));
//!
//!     outbox.send("hello\n".into()).await.expect("it is served");
//!     let mut line = [0; 6];
//!     client.read_exact(&mut line).await?;
//!     assert_eq!(&line, b"hello\n");
//!     client.close().await?;
//!     served.await?
//! }
//! ```
//!
//! # Several at once: all, or the first error
//!
//! [`try_join!`](crate::try_join) runs what is known beforehand in one task, and drops the rest at
//! the first error. A [`JoinSet`](crate::task::JoinSet) is for tasks whose number is not known, or
//! that are to run on all workers; dropping it aborts them.
//!
//! ```
//! use mini_rt::task::JoinSet;
//!
//! async fn fetch(page: u32) -> Result<String, String> {
//!     match page {
//!         7 => Err(format!("page {page} is missing")),
//!         page => Ok(format!("page {page}")),
//!     }
//! }
//!
//! #[mini_rt::main]
//! async fn main() {
//!     let both = mini_rt::try_join!(fetch(1), fetch(2));
//!     assert_eq!(both, Ok(("page 1".into(), "page 2".into())));
//!
//!     let mut pages: JoinSet<_> = (5..10).map(fetch).collect();
//!     let (mut fetched, mut failed) = (0, Vec::new());
//!     while let Some(ended) = pages.join_next().await {
//!         match ended {
//!             Ok(Ok(_page)) => fetched += 1,
//!             Ok(Err(reason)) => failed.push(reason),
//!             // One that panicked takes nobody else along.
//!             Err(panicked) => failed.push(panicked.to_string()),
//!         }
//!     }
//!     assert_eq!((fetched, failed), (4, vec!["page 7 is missing".into()]));
//! }
//! ```
//!
//! # Both directions at once: a proxy
//!
//! What Tokio calls `copy_bidirectional`: each direction ends with its reader, and says so to the other
//! side.
//!
//! ```
//! use futures::{AsyncReadExt, AsyncWriteExt, io::copy};
//! use mini_rt::net::{TcpListener, TcpStream};
//!
//! async fn proxy(client: TcpStream, server: TcpStream) -> std::io::Result<()> {
//!     let (from_client, mut to_client) = client.into_split();
//!     let (from_server, mut to_server) = server.into_split();
//!     let up = async {
//!         copy(from_client, &mut to_server).await?;
//!         to_server.close().await
//!     };
//!     let down = async {
//!         copy(from_server, &mut to_client).await?;
//!         to_client.close().await
//!     };
//!     mini_rt::try_join!(up, down)?;
//!     Ok(())
//! }
//!
//! #[mini_rt::main]
//! async fn main() -> std::io::Result<()> {
//!     let (echo, front) = (TcpListener::bind("127.0.0.1:0").await?, TcpListener::bind("127.0.0.1:0").await?);
//!     let (echo_address, address) = (echo.local_addr()?, front.local_addr()?);
//!     mini_rt::spawn(async move {
//!         let (stream, _) = echo.accept().await?;
//!         let (reader, mut writer) = stream.into_split();
//!         copy(reader, &mut writer).await
//!     });
//!     mini_rt::spawn(async move {
//!         let (client, _) = front.accept().await?;
//!         proxy(client, TcpStream::connect(echo_address).await?).await
//!     });
//!     let mut stream = TcpStream::connect(address).await?;
//!     stream.write_all(b"hello").await?;
//!     stream.close().await?;
//!     let mut answer = String::new();
//!     stream.read_to_string(&mut answer).await?;
//!     assert_eq!(answer, "hello");
//!     Ok(())
//! }
//! ```
//!
//! # A limit of rate
//!
//! A token bucket: a [`Semaphore`](crate::sync::Semaphore) holds the tokens, and a task with an
//! [`interval`](crate::time::interval()) adds one at a time, up to what the bucket holds. Who takes
//! one forgets it: it does not come back by itself.
//!
//! ```
//! use mini_rt::sync::Semaphore;
//! use mini_rt::time::{Duration, Instant, MissedTickBehavior, interval};
//! use std::sync::Arc;
//!
//! struct Bucket(Arc<Semaphore>);
//!
//! impl Bucket {
//!     /// Full at first. Its task ends with it.
//!     fn new(size: usize, every: Duration) -> Self {
//!         let tokens = Arc::new(Semaphore::new(size));
//!         let filled = Arc::downgrade(&tokens);
//!         mini_rt::spawn(async move {
//!             let mut ticks = interval(every);
//!             // A machine that slept gives no more than it would have given awake.
//!             ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
//!             ticks.tick().await; // The first is at once.
//!             loop {
//!                 ticks.tick().await;
//!                 let Some(tokens) = filled.upgrade() else { break };
//!                 if tokens.available_permits() < size {
//!                     tokens.add_permits(1);
//!                 }
//!             }
//!         });
//!         Self(tokens)
//!     }
//!
//!     async fn take(&self) {
//!         self.0.acquire().await.expect("it is never closed").forget();
//!     }
//! }
//!
//! #[mini_rt::main(flavor = "current_thread")]
//! async fn main() {
//!     let bucket = Bucket::new(3, Duration::from_millis(5));
//!     let start = Instant::now();
//!     for _request in 0..7 {
//!         bucket.take().await;
//!     }
//!     assert!(start.elapsed() >= Duration::from_millis(4 * 5), "three at once, then one a tick");
//! }
//! ```
//!
//! # Cancellation
//!
//! A future is cancelled by dropping it, a task by [`abort`](crate::task::JoinHandle::abort): both
//! end at an `.await`, wherever that is. A [`CancellationToken`](crate::sync::CancellationToken)
//! asks, and who is asked ends where it is fine to.
//!
//! ```
//! use mini_rt::sync::CancellationToken;
//! use mini_rt::time::{Duration, sleep};
//!
//! async fn work(stop: CancellationToken) -> u32 {
//!     let mut done = 0;
//!     while stop.run_until_cancelled(sleep(Duration::from_millis(1))).await.is_some() {
//!         done += 1; // Not interrupted: it is outside of what is cancelled.
//!     }
//!     done
//! }
//!
//! #[mini_rt::main]
//! async fn main() {
//!     let all = CancellationToken::new();
//!     let (one, other) = (all.child_token(), all.child_token());
//!     let first = mini_rt::spawn(work(one.clone()));
//!     let second = mini_rt::spawn(work(other.clone()));
//!
//!     one.cancel(); // Only the first.
//!     first.await.expect("it ends in peace");
//!     assert!(!other.is_cancelled());
//!     all.cancel(); // And whoever is left.
//!     second.await.expect("so does this");
//! }
//! ```
//!
//! # A graceful shutdown
//!
//! Three steps: stop to take in, tell everyone, wait for them, though not for ever. A
//! [`TaskTracker`](crate::task::TaskTracker) keeps count of tasks and nothing else, so a server may
//! spawn for years and not grow.
//!
//! ```
//! use futures::AsyncReadExt;
//! use mini_rt::net::{TcpListener, TcpStream};
//! use mini_rt::sync::CancellationToken;
//! use mini_rt::task::TaskTracker;
//! use mini_rt::time::{Duration, sleep, timeout};
//!
//! async fn serve(listener: TcpListener, stop: CancellationToken) {
//!     let clients = TaskTracker::new();
//!     // 1. Nobody is accepted any more once it is to stop.
//!     while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
//!         let Ok((mut stream, _)) = accepted else {
//!             // Too many open files, say: no reason to leave those who are connected.
//!             sleep(Duration::from_millis(100)).await;
//!             continue;
//!         };
//!         let stop = stop.clone();
//!         clients.spawn(async move {
//!             let mut bytes = [0; 64];
//!             // 2. Each client's task hears of it where it waits.
//!             while let Some(Ok(1..)) = stop.run_until_cancelled(stream.read(&mut bytes)).await {}
//!             // Here it would say goodbye.
//!         });
//!     }
//!     drop(listener);
//!     // 3. All the time that they need, up to a limit.
//!     clients.close();
//!     let _ = timeout(Duration::from_secs(10), clients.wait()).await;
//! }
//!
//! #[mini_rt::main]
//! async fn main() -> std::io::Result<()> {
//!     let listener = TcpListener::bind("127.0.0.1:0").await?;
//!     let address = listener.local_addr()?;
//!     let stop = CancellationToken::new();
//!     let server = mini_rt::spawn(serve(listener, stop.clone()));
//!     let asked = stop.clone();
//!     mini_rt::spawn(async move {
//!         if mini_rt::signal::ctrl_c().await.is_ok() {
//!             asked.cancel();
//!         }
//!     });
//!     let mut client = TcpStream::connect(address).await?;
//!
//!     stop.cancel(); // Nobody is there to press Ctrl-C.
//!     server.await?;
//!     assert_eq!(client.read(&mut [0; 8]).await?, 0, "it was closed");
//!     Ok(())
//! }
//! ```
//!
//! # Work that blocks
//!
//! A task that computes or blocks for long keeps its worker from all others.
//! [`spawn_blocking`](crate::task::spawn_blocking) has threads for that. They are many (512), for
//! waiting; so computations want a limit of their own, of as many as there are cores.
//!
//! ```
//! use futures::{StreamExt, stream};
//! use mini_rt::task::spawn_blocking;
//!
//! fn digest(bytes: &[u8]) -> u64 {
//!     bytes.iter().fold(7, |sum, byte| sum.rotate_left(5) ^ u64::from(*byte))
//! }
//!
//! #[mini_rt::main]
//! async fn main() {
//!     let cores = std::thread::available_parallelism().map_or(1, usize::from);
//!     let files = (0..20_u8).map(|file| vec![file; 10_000]);
//!     let digests: Vec<u64> = stream::iter(files)
//!         .map(|file| spawn_blocking(move || digest(&file)))
//!         .buffered(cores)
//!         .map(|ended| ended.expect("it does not panic"))
//!         .collect()
//!         .await;
//!     assert_eq!(digests.len(), 20);
//! }
//! ```
