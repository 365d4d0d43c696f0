//! A WebSocket room: async-tungstenite on mini-rt.
//!
//!     cargo run --release -p mini-rt --example websocket
//!
//! A server sends each text that it gets to all who are connected. Three clients join, the first
//! says hello, and all three print it. With an address (`-- 127.0.0.1:9001`) it serves there,
//! for a browser's `new WebSocket("ws://127.0.0.1:9001")`, say.

use std::collections::HashMap;
use std::env;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_tungstenite::WebSocketStream;
use async_tungstenite::tungstenite::protocol::WebSocketConfig;
use async_tungstenite::tungstenite::{self, Message};
use futures::channel::mpsc;
use futures::{StreamExt, TryStreamExt, future};
use mini_rt::net::{TcpListener, TcpStream};
use mini_rt::runtime::Runtime;
use mini_rt::time::sleep;

/// A client that lets so many messages lie is closed.
const OUTBOX_MESSAGES_MAX: usize = 64;

fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1);
    Runtime::new()?.block_on(async {
        let bind = address.as_deref().unwrap_or("127.0.0.1:0");
        let listener = TcpListener::bind(bind)
            .await
            .map_err(|error| format!("cannot listen on {bind}, such as 127.0.0.1:9001: {error}"))?;
        let bound = listener.local_addr()?;
        println!("ws://{bound}");
        if address.is_some() {
            serve(listener).await;
            return Ok(());
        }
        drop(mini_rt::spawn(serve(listener)));
        for heard in meet(bound, 3, "hello, everyone").await? {
            println!("{heard}");
        }
        Ok(())
    })
}

/// Who is connected, and where what they are to get is put.
type Room = Arc<Mutex<HashMap<SocketAddr, mpsc::Sender<Message>>>>;

/// Serves one room, for ever.
pub async fn serve(listener: TcpListener) {
    let room = Room::default();
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
        let room = Arc::clone(&room);
        drop(mini_rt::spawn(async move {
            if let Err(error) = talk(stream, peer, &room).await {
                eprintln!("{peer}: {error}");
            }
            room.lock().expect("nobody panics in here").remove(&peer);
        }));
    }
}

async fn talk(stream: TcpStream, peer: SocketAddr, room: &Room) -> tungstenite::Result<()> {
    // Before the handshake: who knows that it is connected misses nothing.
    let (outbox, queued) = mpsc::channel(OUTBOX_MESSAGES_MAX);
    room.lock().expect("nobody panics in here").insert(peer, outbox);
    let socket = async_tungstenite::accept_async_with_config(stream, Some(config())).await?;
    let (outgoing, incoming) = socket.split();

    let hear = incoming.try_for_each(|message| {
        if message.is_text() {
            let mut room = room.lock().expect("nobody panics in here");
            // Who does not keep up loses its outbox, which ends its connection.
            room.retain(|_, outbox| outbox.try_send(message.clone()).is_ok());
        }
        future::ok(())
    });
    let tell = queued.map(Ok).forward(outgoing);
    // Whichever ends first ends both.
    future::select(hear, tell).await.factor_first().0
}

/// What the library keeps for each connection is 132 KiB unless it is told otherwise.
fn config() -> WebSocketConfig {
    WebSocketConfig::default().read_buffer_size(4096).write_buffer_size(4096)
}

/// Lets so many clients join; the first says `text`. What each hears.
///
/// # Errors
/// What a connection says.
pub async fn meet(
    address: SocketAddr,
    clients: usize,
    text: &str,
) -> Result<Vec<String>, Box<dyn Error>> {
    let joining = (0..clients).map(|_| join(address));
    let mut joined = future::try_join_all(joining).await?;
    joined[0].send(Message::text(text)).await?;
    let mut heard = Vec::new();
    for client in &mut joined {
        let message = client.next().await.ok_or("the server closed the connection")??;
        heard.push(message.into_text()?.to_string());
        client.close(None).await?;
    }
    Ok(heard)
}

async fn join(address: SocketAddr) -> Result<WebSocketStream<TcpStream>, Box<dyn Error>> {
    let stream = TcpStream::connect(address).await?;
    let (client, _) = async_tungstenite::client_async(format!("ws://{address}/"), stream).await?;
    Ok(client)
}
