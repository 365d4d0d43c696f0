//! An HTTP/1.1 server: hyper on mini-rt.
//!
//!     cargo run --release -p mini-rt --example http -- 127.0.0.1:8080
//!     curl http://127.0.0.1:8080/ada
//!
//! One task for each connection; a client that takes longer than ten seconds for the head of its
//! request is closed.

use std::convert::Infallible;
use std::error::Error;
use std::time::Duration;
use std::{env, io};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, header};
use mini_rt::net::TcpListener;
use mini_rt::runtime::Runtime;
use mini_rt_hyper::{Io, Timer};

fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".into());
    Runtime::new()?.block_on(async {
        let listener = TcpListener::bind(&*address).await?;
        println!("http://{}/", listener.local_addr()?);
        serve(listener).await
    })?;
    Ok(())
}

/// Serves until the listener fails.
///
/// # Errors
/// The listener's.
pub async fn serve(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, peer) = listener.accept().await?;
        stream.set_nodelay(true)?;
        drop(mini_rt::spawn(async move {
            let served = http1::Builder::new()
                .timer(Timer)
                .header_read_timeout(Duration::from_secs(10))
                .serve_connection(Io::new(stream), service_fn(greet))
                .await;
            if let Err(error) = served {
                eprintln!("{peer}: {error}");
            }
        }));
    }
}

/// `GET /name` says hello to the name.
async fn greet(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response = match (request.method(), request.uri().path()) {
        (&Method::GET, "/") => Response::new("hello\n".into()),
        (&Method::GET, path) => Response::new(format!("hello, {}\n", &path[1..]).into()),
        _ => Response::new("only GET is understood\n".into()),
    };
    if request.method() != Method::GET {
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    }
    let plain = header::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    Ok(response)
}
