//! An HTTP/1.1 server: hyper on mini-rt.
//!
//!     cargo run --release -p mini-rt --example http -- 127.0.0.1:8080
//!     curl http://127.0.0.1:8080/ada
//!
//! One task for each connection; a client that takes longer than ten seconds for the head of its
//! request is closed. Ctrl-C stops it gracefully: it accepts no more, each connection answers the
//! request that it is at and is closed, and when all are it ends. One whose head is half there has the
//! rest of its ten seconds.

use std::convert::Infallible;
use std::error::Error;
use std::pin::pin;
use std::time::Duration;
use std::{env, io};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, header};
use mini_rt::net::TcpListener;
use mini_rt::runtime::Runtime;
use mini_rt::sync::CancellationToken;
use mini_rt::task::TaskTracker;
use mini_rt::time::sleep;
use mini_rt_hyper::{Io, Timer};

fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".into());
    Runtime::new()?.block_on(async {
        let listener = TcpListener::bind(&*address).await.map_err(|error| {
            format!("cannot listen on {address}, such as 127.0.0.1:8080: {error}")
        })?;
        println!("http://{}/", listener.local_addr()?);
        Ok(serve_until_ctrl_c(listener).await?)
    })
}

/// Serves until Ctrl-C is pressed, and then until every connection has ended.
///
/// # Errors
/// That no signal can be waited for.
pub async fn serve_until_ctrl_c(listener: TcpListener) -> io::Result<()> {
    let stop = CancellationToken::new();
    let mut server = mini_rt::spawn(serve(listener, stop.clone()));
    mini_rt::select! {
        served = &mut server => return Ok(served?),
        pressed = mini_rt::signal::ctrl_c() => pressed?,
    }
    stop.cancel();
    Ok(server.await?)
}

/// Serves until it is stopped, and then until every connection has ended.
pub async fn serve(listener: TcpListener, stop: CancellationToken) {
    let connections = TaskTracker::new();
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Too many open files, say: those who are connected are served on.
                eprintln!("cannot accept: {error}; trying on");
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let stop = stop.clone();
        drop(connections.spawn(async move {
            if let Err(error) = stream.set_nodelay(true) {
                return eprintln!("{peer}: {error}");
            }
            let mut connection = pin!(
                http1::Builder::new()
                    .timer(Timer)
                    .header_read_timeout(Duration::from_secs(10))
                    .serve_connection(Io::new(stream), service_fn(greet))
            );
            let served = mini_rt::select! {
                served = connection.as_mut() => served,
                () = stop.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = served {
                eprintln!("{peer}: {error}");
            }
        }));
    }
    drop(listener);
    connections.close();
    connections.wait().await;
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
