//! `fs::File`: one cursor, whatever is dropped.

use super::{check_async, io, rt};
use futures::FutureExt;
use io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use rt::fs::File;
use std::io::SeekFrom;
use tests::scratch::Scratch;

/// A generator of the xorshift family: the same numbers for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

/// What a file has to be, and where.
struct Model {
    bytes: Vec<u8>,
    at: usize,
}

impl Model {
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or(&[])
    }

    fn write(&mut self, bytes: &[u8]) {
        let end = self.at + bytes.len();
        self.bytes.resize(self.bytes.len().max(end), 0);
        self.bytes[self.at..end].copy_from_slice(bytes);
        self.at = end;
    }

    /// A place to go to, and how it is said.
    fn place(&self, random: &mut Random) -> (usize, SeekFrom) {
        let to = random.below(self.bytes.len() + 5);
        let offset = |from: usize| to as i64 - from as i64;
        let how = match random.below(3) {
            0 => SeekFrom::Start(to as u64),
            1 => SeekFrom::End(offset(self.bytes.len())),
            _ => SeekFrom::Current(offset(self.at)),
        };
        (to, how)
    }
}

/// One operation, to its end or dropped after one poll.
async fn operate(file: &mut File, model: &mut Model, random: &mut Random) {
    let is_dropped = random.below(2) == 0;
    let mut buf = [0; 40];
    match random.below(8) {
        0..3 => {
            let len = random.below(buf.len());
            let read = file.read(&mut buf[..len]);
            let Some(n) = (if is_dropped { read.now_or_never() } else { Some(read.await) }) else {
                return;
            };
            let n = n.unwrap();
            assert!(n > 0 || len == 0 || model.rest().is_empty(), "the end, before it");
            assert_eq!(buf[..n], model.rest()[..n]);
            model.at += n;
        }
        3..5 => {
            let bytes: Vec<u8> = (0..=random.below(30)).map(|_| random.below(256) as u8).collect();
            let write = file.write(&bytes);
            let n = if is_dropped { write.now_or_never() } else { Some(write.await) };
            if let Some(n) = n {
                model.write(&bytes[..n.unwrap()]);
            }
        }
        5 => {
            let (mut to, how) = model.place(random);
            let seek = file.seek(how);
            let at = if is_dropped { seek.now_or_never() } else { Some(seek.await) };
            let at = match at {
                Some(at) => at,
                None => {
                    to = 0; // where the cursor is now, nobody can say
                    file.seek(SeekFrom::Start(0)).await
                }
            };
            assert_eq!(at.unwrap(), to as u64, "{how:?}");
            model.at = to;
        }
        6 if is_dropped => drop(file.flush().now_or_never()),
        6 => file.flush().await.unwrap(),
        _ => {
            let len = random.below(model.bytes.len() + 10);
            file.set_len(len as u64).await.unwrap();
            model.bytes.resize(len, 0);
        }
    }
}

#[test]
fn a_file_is_an_array_and_a_cursor_whatever_is_dropped() {
    check_async(async || {
        let dir = Scratch::new();
        for seed in 1..=20 {
            let mut file = File::create_new(dir.path(seed.to_string())).await.unwrap();
            file.set_max_buf_size(20);
            let (mut model, mut random) = (Model { bytes: Vec::new(), at: 0 }, Random(seed));
            for _ in 0..100 {
                operate(&mut file, &mut model, &mut random).await;
            }
            file.flush().await.unwrap();
            let bytes = std::fs::read(dir.path(seed.to_string())).unwrap();
            assert_eq!(bytes, model.bytes, "seed {seed}");
        }
    });
}
