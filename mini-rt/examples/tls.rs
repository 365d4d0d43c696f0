//! TLS in both directions: futures-rustls on mini-rt.
//!
//!     cargo run --release -p mini-rt --example tls
//!
//! A server with a certificate that it signs itself sends back what it gets, and a client that
//! trusts this certificate says hello. It prints what came back.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt};
use futures_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use futures_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use futures_rustls::{TlsAcceptor, TlsConnector};
use mini_rt::net::{TcpListener, TcpStream};
use mini_rt::runtime::Runtime;
use mini_rt::time::sleep;

fn main() -> Result<(), Box<dyn Error>> {
    let answer = Runtime::new()?.block_on(async {
        let (acceptor, connector) = configure()?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        drop(mini_rt::spawn(serve(listener, acceptor)));
        say(address, &connector, b"hello, privately").await
    })?;
    println!("{}", String::from_utf8_lossy(&answer));
    Ok(())
}

/// A server's side with a new certificate, and a client's side that trusts it and nothing else.
///
/// # Errors
/// What the libraries say.
pub fn configure() -> Result<(TlsAcceptor, TlsConnector), Box<dyn Error>> {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let certificate = CertificateDer::from(own.cert);
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der())?;
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone())?;
    let server =
        ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key)?;
    let client = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    Ok((Arc::new(server).into(), Arc::new(client).into()))
}

/// Sends back whatever each client sends, for ever.
pub async fn serve(listener: TcpListener, acceptor: TlsAcceptor) {
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Too many open files, say: those who are connected are served on.
                eprintln!("cannot accept: {error}; trying on");
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let acceptor = acceptor.clone();
        drop(mini_rt::spawn(async move {
            let echoed = async {
                // The handshake, too, is in the client's own task: a slow one keeps nobody waiting.
                let (reader, mut writer) = acceptor.accept(stream).await?.split();
                futures::io::copy(reader, &mut writer).await?;
                writer.close().await
            };
            if let Err(error) = echoed.await {
                eprintln!("{peer}: {error}");
            }
        }));
    }
}

/// Sends `bytes` and returns what comes back.
///
/// # Errors
/// The connection's, and that of a certificate that is not trusted.
pub async fn say(
    address: SocketAddr,
    connector: &TlsConnector,
    bytes: &[u8],
) -> Result<Vec<u8>, Box<dyn Error>> {
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost")?;
    let mut stream = connector.connect(name, stream).await?;
    stream.write_all(bytes).await?;
    // What is written is encrypted and sent here at the latest.
    stream.flush().await?;
    let mut answer = vec![0; bytes.len()];
    stream.read_exact(&mut answer).await?;
    stream.close().await?;
    Ok(answer)
}
