//! The IRC server as a state machine: no I/O, no clock, no task, no runtime.
//!
//! Called by the shell, which owns sockets, timers and the one lock around the [`Hub`]:
//!
//! ```text
//!   bytes ->  Framer  -> Hub::handle_line ->  commands  ->  Post  ->  Outbox of each recipient
//!            (per conn.)  (under the lock)                              |            |
//!                                              Hub::poll_wakers  <------'            v
//!                                              (woken by the shell,        Outbox::poll_take by the
//!                                               without the lock)          connection's own task
//! ```
//!
//! For each connection the shell
//! 1. calls [`Hub::handle_connect`] and keeps the id and the [`Outbox`];
//! 2. passes what it reads through a [`Framer`], and each frame to [`Hub::handle_line`] or
//!    [`Hub::handle_overlong`];
//! 3. takes lines with [`Outbox::poll_take`], writes them, and says how much with
//!    [`Outbox::wrote`]; while the socket takes none it waits with [`Outbox::poll_closing`]; after
//!    [`Taken::Closing`] it calls [`Hub::handle_closing`], writes what it has and closes the
//!    socket;
//! 4. sleeps until [`Hub::poll_timeout`], asks again, and calls [`Hub::handle_timeout`] if it has
//!    not moved;
//! 5. calls [`Hub::handle_disconnect`] when the socket is gone.
//!
//! After each call that changes the hub it takes the wakers ([`Hub::poll_wakers`]), looks at
//! [`Hub::poll_shutdown`], releases the lock, and wakes.
//!
//! What always holds is said where it is kept: the [`Hub`] (who is where), the [`Outbox`] (how much
//! may wait), the [`Framer`] (how much is read), and the private `post` (how a line is made).
//!
//! Imports go down only: `hub` and `commands`; `post`; `client`, `channel`; `outbox`, `framer`,
//! `message`, `mode`, `names`, `numeric`, `slots`, `config`.

mod channel;
mod client;
mod commands;
mod config;
mod date;
mod framer;
mod hub;
mod message;
mod mode;
mod names;
mod numeric;
mod outbox;
mod post;
mod roster;
mod slots;
#[cfg(test)]
mod tests;
mod whowas;

pub use client::ClientId;
pub use config::{Admin, Config, ConfigError, Limits, Now, Operator, Timeouts};
pub use framer::{Frame, Framer};
pub use hub::Hub;
pub use message::{Message, PARAMS_MAX};
pub use names::NAME_BYTES_MAX;
pub use outbox::{Line, Outbox, Taken};
