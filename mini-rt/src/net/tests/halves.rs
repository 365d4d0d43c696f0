//! A connection in two halves.

use super::*;

#[test]
fn owned_halves_wait_for_each_other_in_both_directions() {
    block_on(async {
        let (near, far) = pair().await;
        let (mut read, mut write) = near.into_split();
        let mut echo = far.try_clone().expect("a second descriptor");
        let peer = std::thread::spawn(move || std::io::copy(&mut &far, &mut echo));
        let sent = vec![3; 4 << 20];
        let mut back = vec![0; sent.len()];
        let (wrote, came) = join(write.write_all(&sent), read.read_exact(&mut back)).await;
        wrote.expect("writes");
        came.expect("reads");
        assert!(back == sent);

        drop(write);
        peer.join().expect("the peer does not panic").expect("it saw the end and stopped");
        assert_eq!(read.read(&mut back).await.expect("reads the end"), 0);
    });
}

#[test]
fn borrowed_halves_leave_the_stream_whole() {
    block_on(async {
        let (mut near, mut far) = pair().await;
        let (mut read, mut write) = TcpStream::split(&mut near);
        let mut buf = [0; 4];
        write.write_all(b"ping").await.expect("writes");
        far.read_exact(&mut buf).expect("reads");
        far.write_all(b"pong").expect("writes");
        read.read_exact(&mut buf).await.expect("reads");
        near.write_all(b"more").await.expect("dropping a borrowed half closes nothing");
        far.read_exact(&mut buf).expect("reads");
        assert_eq!(&buf, b"more");
    });
}

#[test]
fn halves_reunite_with_their_own_kind_only() {
    block_on(async {
        let ((near, mut far), (other, _other_far)) = (pair().await, pair().await);
        let (read, write) = near.into_split();
        let (other_read, other_write) = other.into_split();
        let ReuniteError(read, other_write) = read.reunite(other_write).expect_err("strangers");
        let ReuniteError(other_read, write) = write.reunite(other_read).expect_err("strangers");
        let mut near = read.reunite(write).expect("of one stream");
        other_write.reunite(other_read).expect("of one stream");
        near.write_all(b"!").await.expect("reuniting closes nothing");
        far.read_exact(&mut [0]).expect("reads");

        let (mut read, write) = near.into_split();
        write.forget();
        far.set_nonblocking(true).expect("an option");
        assert!(is_blocked(far.read(&mut [0])), "a forgotten half tells the peer nothing");
        far.write_all(b"?").expect("writes");
        assert_eq!(read.read(&mut [0; 2]).await.expect("reads"), 1);
    });
}
