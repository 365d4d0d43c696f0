//! The macros, and what their expansions name.
//!
//! Those that have to read tokens are procedural, in the crate `mini-rt-macros`; here each has a shell
//! that hands it the path of this crate, and its documentation.

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
/// - `flavor = "multi_thread"`, the default, or `flavor = "current_thread"`.
/// - `worker_threads = 2`: how many the multi-thread runtime has; otherwise as many as the machine runs
///   at once.
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
/// #[mini_rt::test(flavor = "multi_thread", worker_threads = 2)]
/// #[should_panic]
/// async fn on_two_workers() {
///     mini_rt::spawn(async { panic!("the test fails with this") }).await.unwrap();
/// }
/// ```
pub use mini_rt_macros::test;
