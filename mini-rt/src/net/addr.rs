//! How does what the caller wrote become socket addresses?
//!
//! Addresses and literals are known at once. Names are looked up by the system's resolver, which
//! blocks: on the blocking pool.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use crate::runtime::spawn_blocking;

/// What can be turned into one or more [`SocketAddr`]s without blocking the caller.
///
/// Implemented for `SocketAddr` and its two versions, `(IpAddr, u16)` and its two versions,
/// `&[SocketAddr]`, `"host:port"` (`str` and `String`), `(host, port)` and references to these. A
/// string that is an address is taken as it is; any other is a name, and looked up on the blocking
/// pool. Sealed: it cannot be implemented elsewhere.
pub trait ToSocketAddrs: sealed::Lookup {}

impl<T: sealed::Lookup + ?Sized> ToSocketAddrs for T {}

/// Looks addresses up without blocking the caller. What needs no look-up takes none.
///
/// ```
/// # let runtime = mini_rt::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// for addr in mini_rt::net::lookup_host("localhost:6667").await? {
///     assert!(addr.ip().is_loopback());
/// }
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Those of the system's resolver.
///
/// # Panics
/// If awaited outside of a runtime, for a name.
///
/// # Cancel safety
/// Dropping the future loses nothing. The resolver goes on, on its thread, for nobody.
pub async fn lookup_host<T: ToSocketAddrs>(
    host: T,
) -> io::Result<impl Iterator<Item = SocketAddr> + use<T>> {
    Ok(resolve(host.lookup()).await?.into_iter())
}

mod sealed {
    pub trait Lookup {
        #[doc(hidden)]
        fn lookup(&self) -> super::Answer;
    }
}
use sealed::Lookup;

/// What is known before anybody is asked.
#[derive(Debug)]
#[doc(hidden)]
pub enum Answer {
    Known(Vec<SocketAddr>),
    /// To ask: `host:port`, or a host and a port.
    HostPort(String),
    Host(String, u16),
}

/// Resolves `addrs` and returns the first success of `attempt`, trying one address after the other.
///
/// # Errors
/// The resolver's, or that of the last attempt; `InvalidInput` if there is no address at all.
pub(super) async fn first_that_works<T, F: Future<Output = io::Result<T>>>(
    addrs: impl ToSocketAddrs,
    mut attempt: impl FnMut(SocketAddr) -> F,
) -> io::Result<T> {
    let none = io::Error::new(io::ErrorKind::InvalidInput, "could not resolve to any address");
    let mut last_error = none;
    for addr in resolve(addrs.lookup()).await? {
        match attempt(addr).await {
            Ok(socket) => return Ok(socket),
            Err(error) => last_error = error,
        }
    }
    Err(last_error)
}

async fn resolve(answer: Answer) -> io::Result<Vec<SocketAddr>> {
    fn ask(query: impl std::net::ToSocketAddrs) -> io::Result<Vec<SocketAddr>> {
        query.to_socket_addrs().map(Iterator::collect)
    }
    let lookup = match answer {
        Answer::Known(addrs) => return Ok(addrs),
        Answer::HostPort(query) => spawn_blocking(move || ask(query)),
        Answer::Host(host, port) => spawn_blocking(move || ask((host, port))),
    };
    lookup.await.map_err(io::Error::other)?
}

impl<T: Lookup + ?Sized> Lookup for &T {
    fn lookup(&self) -> Answer {
        (**self).lookup()
    }
}

macro_rules! lookup_known {
    ($($known:ty),*) => {$(
        impl Lookup for $known {
            fn lookup(&self) -> Answer {
                Answer::Known(vec![SocketAddr::from(*self)])
            }
        }
    )*};
}

lookup_known!(SocketAddr, SocketAddrV4, SocketAddrV6);
lookup_known!((IpAddr, u16), (Ipv4Addr, u16), (Ipv6Addr, u16));

impl Lookup for [SocketAddr] {
    fn lookup(&self) -> Answer {
        Answer::Known(self.to_vec())
    }
}

impl Lookup for str {
    fn lookup(&self) -> Answer {
        match self.parse() {
            Ok(addr) => Answer::Known(vec![addr]),
            Err(_) => Answer::HostPort(self.to_owned()),
        }
    }
}

impl Lookup for String {
    fn lookup(&self) -> Answer {
        self.as_str().lookup()
    }
}

impl Lookup for (&str, u16) {
    fn lookup(&self) -> Answer {
        let (host, port) = *self;
        match host.parse::<IpAddr>() {
            Ok(ip) => (ip, port).lookup(),
            Err(_) => Answer::Host(host.to_owned(), port),
        }
    }
}

impl Lookup for (String, u16) {
    fn lookup(&self) -> Answer {
        (self.0.as_str(), self.1).lookup()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::future::ready;

    use super::*;
    use crate::net::tests::block_on;

    fn known(addrs: impl ToSocketAddrs) -> Vec<SocketAddr> {
        match addrs.lookup() {
            Answer::Known(addrs) => addrs,
            other => panic!("asks for {other:?}"),
        }
    }

    #[test]
    fn literals_are_known_without_asking() {
        let v4: SocketAddr = "127.0.0.1:80".parse().expect("a literal");
        let v6: SocketAddr = "[::1]:80".parse().expect("a literal");
        assert_eq!(known("127.0.0.1:80"), [v4]);
        assert_eq!(known(String::from("[::1]:80")), [v6]);
        assert_eq!(known(("127.0.0.1", 80)), [v4]);
        assert_eq!(known((String::from("::1"), 80)), [v6]);
        assert_eq!(known((Ipv4Addr::LOCALHOST, 80)), [v4]);
        assert_eq!(known((IpAddr::from(Ipv6Addr::LOCALHOST), 80)), [v6]);
        assert_eq!(known(&[v4, v6][..]), [v4, v6]);
        let by_reference = &v4;
        assert_eq!(known(by_reference), [v4]);
    }

    #[test]
    fn names_are_asked_for() {
        assert!(
            matches!("localhost:80".lookup(), Answer::HostPort(query) if query == "localhost:80")
        );
        assert!(
            matches!(("localhost", 80).lookup(), Answer::Host(host, 80) if host == "localhost")
        );
    }

    #[test]
    fn a_name_resolves_on_the_blocking_pool() {
        let addr = block_on(first_that_works("localhost:80", |addr| ready(Ok(addr))));
        assert!(addr.expect("localhost has an address").ip().is_loopback());
        let addr = block_on(first_that_works(("localhost", 80), |addr| ready(Ok(addr))));
        assert_eq!(addr.expect("localhost has an address").port(), 80);
        let error = block_on(first_that_works("no port", |addr| ready(Ok(addr))));
        assert_eq!(error.expect_err("not an address").kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn the_first_address_that_works_is_taken_else_the_last_error() {
        let addrs = [1, 2, 3].map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        let second = block_on(first_that_works(&addrs[..], |addr| {
            ready(if addr.port() < 2 { Err(io::ErrorKind::AddrInUse.into()) } else { Ok(addr) })
        }));
        assert_eq!(second.expect("the second works"), addrs[1]);
        let last: io::Result<()> = block_on(first_that_works(&addrs[..], |addr| {
            ready(Err(io::Error::other(addr.port().to_string())))
        }));
        assert_eq!(last.expect_err("none works").to_string(), "3");
        let none: io::Result<()> =
            block_on(first_that_works(&[][..], |_| ready(Err(io::ErrorKind::AddrInUse.into()))));
        assert_eq!(none.expect_err("no address").kind(), io::ErrorKind::InvalidInput);
    }
}
