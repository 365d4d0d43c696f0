//! The macros, and what their expansions name.
//!
//! Those that have to read tokens are procedural, in the crate `mini-rt-macros`; here each has a shell
//! that hands it the path of this crate, and its documentation.

#[doc(hidden)]
pub mod support;

/// Makes an async function the program: builds a runtime, and runs the function on it.
///
/// The runtime is a multi-thread one unless the options say otherwise, with timers and sockets enabled.
/// The function is the future of its [`block_on`](crate::runtime::Runtime::block_on), not a task. When it
/// returns, the runtime is shut down. Without the attribute:
///
/// ```
/// fn main() -> std::io::Result<()> {
///     mini_rt::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
///         let answer = mini_rt::spawn(async { 42 }).await?;
///         assert_eq!(answer, 42);
///         Ok(())
///     })
/// }
/// ```
///
/// and with it:
///
/// ```
/// #[mini_rt::main]
/// async fn main() -> std::io::Result<()> {
///     let answer = mini_rt::spawn(async { 42 }).await?;
///     assert_eq!(answer, 42);
///     Ok(())
/// }
/// ```
///
/// # Options
/// In parentheses, with commas between them:
///
/// - `flavor = "multi_thread"`, the default, `flavor = "current_thread"`, or `flavor = "local"`: a
///   [`LocalRuntime`](crate::runtime::LocalRuntime), with
///   [`spawn_local`](crate::task::spawn_local) at hand.
/// - `worker_threads = 2`: how many the multi-thread runtime has; otherwise as many as the machine runs
///   at once.
/// - `start_paused = true`: the clock stands still, as after
///   [`time::pause`](crate::time::pause). For runtimes of one thread.
/// - `name = "crew"`: what the runtime is [called](crate::runtime::Handle::name).
/// - `crate = "path::to::mini_rt"`: where this crate is, if its name is another or it is re-exported.
///
/// ```
/// use mini_rt as renamed;
///
/// #[renamed::main(flavor = "current_thread", crate = "renamed")]
/// async fn main() {
///     renamed::task::yield_now().await;
/// }
/// ```
///
/// # Panics
/// If the operating system gives no threads or no event queue. Who wants to handle that builds the runtime
/// with [`Builder`](crate::runtime::Builder).
///
/// # Errors
/// What cannot be is an error of the compiler, which says what to write:
///
/// ```compile_fail
/// #[mini_rt::main(flavor = "current_thread", worker_threads = 2)]
/// async fn main() {}
/// ```
pub use mini_rt_macros::main;

/// Makes an async function a test: builds a runtime, and runs the function on it.
///
/// The runtime is a new one for each test, and a current-thread one unless the options say otherwise. They
/// are those of [`main`].
///
/// ```
/// #[mini_rt::test]
/// async fn two_tasks() -> Result<(), mini_rt::task::JoinError> {
///     let (one, two) = (mini_rt::spawn(async { 1 }), mini_rt::spawn(async { 2 }));
///     assert_eq!(one.await? + two.await?, 3);
///     Ok(())
/// }
///
/// #[mini_rt::test(start_paused = true)]
/// async fn an_hour_takes_no_time() {
///     mini_rt::time::sleep(std::time::Duration::from_secs(3600)).await;
/// }
///
/// #[mini_rt::test(flavor = "multi_thread", worker_threads = 2)]
/// #[should_panic]
/// async fn on_two_workers() {
///     mini_rt::spawn(async { panic!("the test fails with this") }).await.unwrap();
/// }
/// ```
pub use mini_rt_macros::test;

/// Waits for several futures at once, and goes on with the first that is ready; the others are dropped.
///
/// ```
/// # #[mini_rt::main(flavor = "current_thread")]
/// # async fn main() {
/// use std::time::Duration;
///
/// let answer = mini_rt::spawn(async { "answered" });
/// let outcome = mini_rt::select! {
///     Ok(text) = answer => text,
///     _ = mini_rt::time::sleep(Duration::from_secs(5)) => "too late",
///     else => "the task failed",
/// };
/// assert_eq!(outcome, "answered");
/// # }
/// ```
///
/// # Branches
/// `pattern = future, if condition => handler,`
///
/// with up to 64 of them, then perhaps `else => handler`, and perhaps `biased;` before all. A condition
/// may be left out with its comma, and so may the comma after a handler in braces. It is evaluated in
/// this order:
///
/// 1. All conditions. A branch whose condition is false is disabled.
/// 2. All expressions for futures, *also of disabled branches*, whose futures are then never polled.
/// 3. The futures are polled on the task of the caller, one after another, whenever it is woken: from a
///    random one on, or with `biased` from the first. A future whose output does not fit its pattern is
///    disabled, and the others are waited for.
/// 4. All futures are dropped. (One that was given as `&mut future` is there still, with all it has done.)
///    Then the handler runs, with what its pattern has bound; or that of `else`, if all branches are
///    disabled. The output of the handler is that of the macro.
///
/// As the futures are gone, the handlers may use what they had borrowed. A handler is ordinary code of the
/// function around it: `.await`, `?`, `break` and `return` mean there what they mean outside.
///
/// # Fairness
/// The random start gives each ready branch its turn, in a loop too. `biased` is for where the order
/// matters, like a shutdown before further work, or for speed; a branch that is always ready then starves
/// those after it. A poll whose budget is used up polls no branch.
///
/// # Cancel safety
/// What a dropped future had done so far is lost, unless it says that it is cancel safe. In a loop, either
/// use such futures, or keep one future and wait for `&mut` of it:
///
/// ```
/// # #[mini_rt::main(flavor = "current_thread")]
/// # async fn main() {
/// # use std::time::Duration;
/// let mut ticks = mini_rt::time::interval(Duration::from_millis(1));
/// let work = async {
///     mini_rt::time::sleep(Duration::from_millis(5)).await;
///     "done"
/// };
/// mini_rt::pin!(work);
/// let mut ticked = 0;
/// let outcome = loop {
///     mini_rt::select! {
///         outcome = &mut work => break outcome,
///         _ = ticks.tick() => ticked += 1, // `tick` is cancel safe
///     }
/// };
/// assert_eq!(outcome, "done");
/// assert!(ticked > 0);
/// # }
/// ```
///
/// # Panics
/// If all branches are disabled and there is no `else`.
///
/// # Errors
/// What is no branch is an error of the compiler, at the token that is wrong:
///
/// ```compile_fail
/// # async fn wrong() {
/// mini_rt::select! {
///     else => (),
///     _ = std::future::ready(1) => (),
/// }
/// # }
/// ```
#[macro_export]
macro_rules! select {
    ($($input:tt)*) => {
        $crate::macros::support::select!($crate $($input)*)
    };
}

/// Waits for all of several futures, on the task of the caller, and returns their outputs as a tuple.
///
/// All are polled whenever the task is woken: each time the next one first, so that none starves the
/// others of the poll's budget; with `biased;` before them always the first. They run
/// concurrently, not in parallel: for that, [`spawn`](crate::spawn) them and join the handles.
///
/// ```
/// # #[mini_rt::main(flavor = "current_thread")]
/// # async fn main() {
/// async fn double(n: u32) -> u32 {
///     mini_rt::task::yield_now().await;
///     2 * n
/// }
///
/// assert_eq!(mini_rt::join!(double(1), double(2)), (2, 4));
/// assert_eq!(mini_rt::join!(biased; double(3), async { "four" }), (6, "four"));
/// # }
/// ```
///
/// # Cancel safety
/// Dropping it drops all the futures, and the outputs of those that are done.
#[macro_export]
macro_rules! join {
    ($($input:tt)*) => {
        $crate::macros::support::join!($crate $($input)*)
    };
}

/// Waits for all of several futures, or for the first that fails; returns a tuple, or the first error.
///
/// Each future's output is a `Result`, with the same type of error. After an error the other futures are
/// dropped where they are. Otherwise as [`join!`].
///
/// ```
/// # #[mini_rt::main(flavor = "current_thread")]
/// # async fn main() {
/// async fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
///     mini_rt::task::yield_now().await;
///     text.parse()
/// }
///
/// assert_eq!(mini_rt::try_join!(parse("1"), parse("2")), Ok((1, 2)));
/// assert!(mini_rt::try_join!(parse("1"), parse("two")).is_err());
/// # }
/// ```
///
/// # Cancel safety
/// Dropping it drops all the futures, and the outputs of those that are done.
#[macro_export]
macro_rules! try_join {
    ($($input:tt)*) => {
        $crate::macros::support::try_join!($crate $($input)*)
    };
}

/// Pins futures where they are, in variables of the same name.
///
/// A variable then holds a `Pin<&mut F>`, and `&mut` of it is a future: for [`select!`] in a loop, which
/// is to keep it. The second form makes the variable too.
///
/// ```
/// # #[mini_rt::main(flavor = "current_thread")]
/// # async fn main() {
/// let one = async { 1 };
/// mini_rt::pin!(one);
/// mini_rt::pin! {
///     let two = async { 2 };
///     let three = async { 3 };
/// }
/// assert_eq!((&mut one).await + two.await + three.await, 6);
/// # }
/// ```
#[macro_export]
macro_rules! pin {
    ($($variable:ident),*) => {
        $(
            #[allow(unused_mut)]
            let mut $variable = $crate::macros::support::pin!($variable);
        )*
    };
    ($(let $variable:ident = $future:expr;)*) => {
        $(
            let $variable = $future;
            $crate::pin!($variable);
        )*
    };
}
