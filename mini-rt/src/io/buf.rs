//! What travels between a task and a thread that blocks: bytes read and not taken yet, or to be
//! written.
//!
//! The memory is kept from one operation to the next, and what of it was once in use stays
//! initialized: only a buffer that grows costs more than a copy.

use std::io::{self, ErrorKind, Read, Write};
use std::ops::Range;

/// How many bytes one operation moves at most, unless it was told otherwise. As in Tokio.
pub(crate) const MAX_BYTES: usize = 2 << 20;

/// Bytes in one direction at a time.
#[derive(Debug, Default)]
pub(crate) struct Buf {
    memory: Vec<u8>,
    /// Where in the memory the bytes are.
    filled: Range<usize>,
}

impl Buf {
    pub(crate) fn is_empty(&self) -> bool {
        self.filled.is_empty()
    }

    /// Moves the first bytes into `dst`. Returns how many.
    pub(crate) fn take(&mut self, dst: &mut [u8]) -> usize {
        let bytes = &self.memory[self.filled.clone()];
        let n = bytes.len().min(dst.len());
        dst[..n].copy_from_slice(&bytes[..n]);
        self.filled.start += n;
        n
    }

    /// Forgets its bytes. Returns how many they were.
    pub(crate) fn clear(&mut self) -> usize {
        std::mem::take(&mut self.filled).len()
    }

    /// Copies what is to be written, at most `len_max` bytes of it. Returns how many. Empty before.
    pub(crate) fn fill<'a>(
        &mut self,
        parts: impl IntoIterator<Item = &'a [u8]>,
        len_max: usize,
    ) -> usize {
        debug_assert!(self.is_empty(), "bytes for the other direction would be lost");
        self.memory.clear();
        for part in parts {
            let room = len_max - self.memory.len();
            self.memory.extend_from_slice(&part[..part.len().min(room)]);
        }
        self.filled = 0..self.memory.len();
        self.filled.len()
    }

    /// Reads once, up to `len` bytes. Empty before, and after an error.
    pub(crate) fn read_from(&mut self, mut from: impl Read, len: usize) -> io::Result<()> {
        debug_assert!(self.is_empty(), "bytes that nobody has taken would be lost");
        if self.memory.len() < len {
            self.memory.resize(len, 0);
        }
        self.filled = 0..0;
        let n = loop {
            match from.read(&mut self.memory[..len]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        self.filled = 0..n;
        Ok(())
    }

    /// Writes all of it. Empty after it, come what may.
    pub(crate) fn write_to(&mut self, mut to: impl Write) -> io::Result<()> {
        let filled = std::mem::take(&mut self.filled);
        to.write_all(&self.memory[filled])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_taken_in_order_and_once() {
        let mut buf = Buf::default();
        buf.read_from(&b"abcdef"[..], 4).expect("memory does not fail");
        let mut dst = [0; 3];
        assert_eq!((buf.take(&mut dst), &dst), (3, b"abc"));
        assert_eq!((buf.take(&mut dst), dst[0]), (1, b'd'));
        assert!(buf.is_empty());
        buf.read_from(&b"xy"[..], 4).expect("memory does not fail");
        assert_eq!((buf.take(&mut dst), &dst[..2]), (2, &b"xy"[..]), "and nothing of before");
    }

    #[test]
    fn what_is_filled_in_is_written_up_to_the_limit() {
        let mut buf = Buf::default();
        let mut written = Vec::new();
        buf.read_from(&b"before"[..], 6).expect("memory does not fail");
        assert_eq!(buf.clear(), 6);
        assert_eq!(buf.fill([&b"ab"[..], b"", b"cde", b"f"], 4), 4);
        buf.write_to(&mut written).expect("memory does not fail");
        assert_eq!(written, b"abcd");
        assert!(buf.is_empty());
    }

    #[test]
    fn an_error_leaves_nothing() {
        struct Broken(Vec<ErrorKind>);
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(self.0.pop().expect("asked once too often").into())
            }
        }
        impl Write for Broken {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(self.0.pop().expect("asked once too often").into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut buf = Buf::default();
        let broken = Broken(vec![ErrorKind::BrokenPipe, ErrorKind::Interrupted]);
        let error = buf.read_from(broken, 8).expect_err("it is broken");
        assert_eq!((error.kind(), buf.is_empty()), (ErrorKind::BrokenPipe, true));
        buf.fill([&b"abc"[..]], 3);
        buf.write_to(Broken(vec![ErrorKind::BrokenPipe])).expect_err("it is broken");
        assert!(buf.is_empty());
    }
}
