//! `fs::File`: errors are told once, what is written stays. (`fs_cursor.rs` has what is dropped.)

use super::{builder, check, check_async, io, rt};
use futures::FutureExt;
use io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use rt::fs::{File, OpenOptions};
use std::future::poll_fn;
use std::io::{ErrorKind, IoSlice, Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::pin::Pin;
use std::sync::mpsc;
use std::time::{Duration, SystemTime};
use tests::scratch::Scratch;
use tests::wait::wait;
use tests::watchdog::guarded;

#[test]
fn large_files_go_through_whole() {
    check_async(async || {
        let dir = Scratch::new();
        let large: Vec<u8> = (0..5_000_000).map(|i| (i % 251) as u8).collect();
        let mut file = File::create(dir.path("a")).await.unwrap();
        file.write_all(&large).await.unwrap();
        io::close(&mut file).await.unwrap();
        let mut read = Vec::new();
        File::open(dir.path("a")).await.unwrap().read_to_end(&mut read).await.unwrap();
        assert!(read == large);
    });
}

#[test]
fn one_operation_moves_no_more_than_it_may() {
    check_async(async || {
        let dir = Scratch::new();
        let mut file = File::create_new(dir.path("a")).await.unwrap();
        assert_eq!(file.max_buf_size(), 2 << 20);
        file.set_max_buf_size(3);
        assert_eq!((file.max_buf_size(), file.write(b"abcdef").await.unwrap()), (3, 3));
        file.set_max_buf_size(100);
        let parts = [IoSlice::new(b"de"), IoSlice::new(b""), IoSlice::new(b"fg")];
        let n = poll_fn(|cx| io::AsyncWrite::poll_write_vectored(Pin::new(&mut file), cx, &parts));
        assert_eq!(n.await.unwrap(), 4);
        file.seek(SeekFrom::Start(0)).await.unwrap();
        file.set_max_buf_size(5);
        let mut buf = [0; 10];
        assert_eq!(file.read(&mut buf).await.unwrap(), 5);
        assert_eq!(file.read(&mut buf[5..]).await.unwrap(), 2);
        assert_eq!(&buf[..7], b"abcdefg");
    });
}

#[test]
fn an_error_of_a_write_is_told_once_by_the_next_write_or_flush() {
    check_async(async || {
        let dir = Scratch::new();
        std::fs::write(dir.path("a"), "abc").unwrap();
        let mut file = File::open(dir.path("a")).await.unwrap();
        // Copied; that it cannot be written is found out later.
        assert_eq!(file.write(b"x").await.unwrap(), 1);
        file.flush().await.unwrap_err();
        file.flush().await.unwrap();
        assert_eq!(file.write(b"x").await.unwrap(), 1);
        file.write(b"x").await.unwrap_err();
        // Others neither tell of it nor lose it.
        assert_eq!(file.write(b"x").await.unwrap(), 1);
        file.sync_data().await.unwrap();
        file.flush().await.unwrap_err();
        assert_eq!(file.write(b"x").await.unwrap(), 1);
        let mut buf = [0; 3];
        file.read_exact(&mut buf).await.unwrap();
        assert_eq!(file.seek(SeekFrom::Current(0)).await.unwrap(), 3);
        file.sync_all().await.unwrap();
        file.flush().await.unwrap_err();
        file.flush().await.unwrap();
        assert_eq!(std::fs::read(dir.path("a")).unwrap(), b"abc");
    });
}

#[test]
fn an_error_of_a_read_or_seek_is_told_and_passes() {
    check_async(async || {
        let dir = Scratch::new();
        let mut file = File::create(dir.path("a")).await.unwrap();
        file.read(&mut [0; 3]).await.unwrap_err();
        file.seek(SeekFrom::Current(-1)).await.unwrap_err();
        file.write_all(b"abc").await.unwrap();
        file.flush().await.unwrap();
        assert_eq!(std::fs::read(dir.path("a")).unwrap(), b"abc");
        assert_eq!(file.seek(SeekFrom::End(-1)).await.unwrap(), 2);
    });
}

/// A runtime whose only thread for blocking calls is busy until the sender is dropped.
fn with_busy_pool() -> (rt::runtime::Runtime, mpsc::Sender<()>) {
    let runtime = builder().max_blocking_threads(1).build().unwrap();
    let (release, released) = mpsc::channel::<()>();
    let (begun, begins) = mpsc::channel();
    drop(runtime.spawn_blocking(move || {
        begun.send(()).unwrap();
        let _ = released.recv();
    }));
    begins.recv().unwrap();
    (runtime, release)
}

#[test]
fn what_was_written_stays_when_the_file_and_the_runtime_go() {
    guarded(|| {
        let dir = Scratch::new();
        let (runtime, release) = with_busy_pool();
        let std = std::fs::File::create(dir.path("a")).unwrap();
        runtime.block_on(async {
            let mut file = File::from_std(std);
            assert_eq!(file.write(b"whole").await.unwrap(), 5);
        });
        runtime.shutdown_background();
        drop(release);
        while std::fs::read(dir.path("a")).unwrap() != b"whole" {
            std::thread::yield_now();
        }
    });
}

#[test]
fn after_the_shutdown_operations_fail() {
    check(|runtime| {
        let dir = Scratch::new();
        let mut file = File::from_std(std::fs::File::create(dir.path("a")).unwrap());
        let handle = runtime.handle().clone();
        drop(runtime);
        let _entered = handle.enter();
        wait(async {
            file.write(b"lost").await.unwrap_err();
            file.read(&mut [0; 4]).await.unwrap_err();
            file.seek(SeekFrom::Start(0)).await.unwrap_err();
            file.metadata().await.unwrap_err();
            File::open(dir.path("a")).await.unwrap_err();
        });
        assert_eq!(std::fs::read(dir.path("a")).unwrap(), b"");
    });
}

#[test]
fn a_file_goes_back_to_the_standard_library_when_nothing_is_under_way() {
    guarded(|| {
        let dir = Scratch::new();
        std::fs::write(dir.path("a"), "abc").unwrap();
        let std = std::fs::File::options().read(true).write(true).open(dir.path("a")).unwrap();
        let (runtime, release) = with_busy_pool();
        runtime.block_on(async {
            let mut file = File::from(std).try_into_std().map(File::from_std).unwrap();
            assert!(file.read(&mut [0; 2]).now_or_never().is_none());
            let mut file = file.try_into_std().expect_err("a read is under way");
            drop(release);
            let mut buf = [0; 1];
            file.read_exact(&mut buf).await.unwrap();
            assert_eq!(&buf, b"a");
            file.write_all(b"x").await.unwrap();
            let mut file = file.into_std().await;
            file.rewind().unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            assert_eq!(text, "axc");
        });
    });
}

#[test]
fn options_say_how_it_is_opened() {
    check_async(async || {
        let dir = Scratch::new();
        let a = dir.path("a");
        let error = File::open(&a).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        let error = OpenOptions::new().open(&a).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "for what?");
        let mut options = OpenOptions::new();
        options.write(true).create(true).mode(0o600);
        let mut file = options.open(&a).await.unwrap();
        assert_eq!(file.metadata().await.unwrap().permissions().mode() & 0o777, 0o600);
        file.write_all(b"abc").await.unwrap();
        file.flush().await.unwrap();
        let error = File::create_new(&a).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);

        let mut file = File::options().append(true).open(&a).await.unwrap();
        file.write_all(b"d").await.unwrap();
        file.flush().await.unwrap();
        assert_eq!(std::fs::read(&a).unwrap(), b"abcd");
        options.open(&a).await.unwrap().write_all(b"X").await.unwrap();
        // The write is left behind: the next who opens the file may be faster.
        while std::fs::read(&a).unwrap() != b"Xbcd" {
            rt::task::yield_now().await;
        }
        drop(options.clone().truncate(true).open(&a).await.unwrap());
        assert_eq!(std::fs::metadata(&a).unwrap().len(), 0);
        let mut std = std::fs::OpenOptions::new();
        std.read(true);
        OpenOptions::from(std).open(&a).await.unwrap();
        drop(File::create(&a).await.unwrap());
    });
}

#[test]
fn what_the_system_knows_of_it_is_asked_and_set() {
    check_async(async || {
        let dir = Scratch::new();
        let mut file = File::create_new(dir.path("a")).await.unwrap();
        file.write_all(b"abcdef").await.unwrap();
        file.sync_data().await.unwrap();
        assert_eq!(std::fs::read(dir.path("a")).unwrap(), b"abcdef", "written before it is synced");
        file.set_len(4).await.unwrap();
        assert_eq!(file.metadata().await.unwrap().len(), 4);
        assert_eq!(file.seek(SeekFrom::Current(0)).await.unwrap(), 6);
        file.set_permissions(PermissionsExt::from_mode(0o640)).await.unwrap();
        assert_eq!(file.metadata().await.unwrap().permissions().mode() & 0o777, 0o640);
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        file.set_modified(time).await.unwrap();
        assert_eq!(file.metadata().await.unwrap().modified().unwrap(), time);
        let times = rt::fs::FileTimes::new().set_accessed(time + Duration::from_secs(1));
        file.write_all(b"!").await.unwrap();
        file.set_times(times).await.unwrap();
        let metadata = file.metadata().await.unwrap();
        assert_eq!(metadata.accessed().unwrap(), time + Duration::from_secs(1));
        assert!(metadata.modified().unwrap() > time, "the write was before it");
        file.sync_all().await.unwrap();
    });
}

#[test]
fn clones_share_one_cursor() {
    check_async(async || {
        let dir = Scratch::new();
        let mut one = File::create_new(dir.path("a")).await.unwrap();
        one.set_max_buf_size(7);
        one.write_all(b"ab").await.unwrap();
        let mut two = one.try_clone().await.unwrap();
        assert_eq!(two.max_buf_size(), 7);
        two.write_all(b"cd").await.unwrap();
        two.flush().await.unwrap();
        assert_eq!(one.seek(SeekFrom::Current(0)).await.unwrap(), 4);
        let number = one.as_fd().as_raw_fd();
        assert_eq!(number, one.as_raw_fd());
        assert_ne!(number, two.as_raw_fd());
        let owned: OwnedFd = two.into_std().await.into();
        let mut three = File::from(owned);
        three.write_all(b"e").await.unwrap();
        assert_eq!(three.into_std().await.write(b"f").unwrap(), 1);
        assert_eq!(std::fs::read(dir.path("a")).unwrap(), b"abcdef");
    });
}
