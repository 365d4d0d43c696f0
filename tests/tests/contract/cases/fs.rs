//! `fs`: whole files, and names.

use super::{check, check_async, rt};
use futures::FutureExt;
use rt::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use tests::scratch::Scratch;

#[test]
fn what_is_written_is_read() {
    check_async(async || {
        let dir = Scratch::new();
        fs::write(dir.path("a"), b"one").await.unwrap();
        assert_eq!(fs::read(dir.path("a")).await.unwrap(), b"one");
        fs::write(dir.path("a"), String::from("2")).await.unwrap();
        assert_eq!(fs::read_to_string(dir.path("a")).await.unwrap(), "2", "and nothing after it");
        fs::write(dir.path("a"), [0xff]).await.unwrap();
        let error = fs::read_to_string(dir.path("a")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        let large: Vec<u8> = (0..3_000_000).map(|i| (i % 251) as u8).collect();
        fs::write(dir.path("large"), &large).await.unwrap();
        assert!(fs::read(dir.path("large")).await.unwrap() == large);
        assert_eq!(fs::metadata(dir.path("large")).await.unwrap().len(), 3_000_000);
    });
}

#[test]
fn what_is_not_there_says_so() {
    check_async(async || {
        let dir = Scratch::new();
        let nothing = dir.path("nothing");
        let errors = [
            fs::read(&nothing).await.map(drop),
            fs::read_to_string(&nothing).await.map(drop),
            fs::copy(&nothing, dir.path("b")).await.map(drop),
            fs::rename(&nothing, dir.path("b")).await,
            fs::remove_file(&nothing).await,
            fs::remove_dir(&nothing).await,
            fs::remove_dir_all(&nothing).await,
            fs::metadata(&nothing).await.map(drop),
            fs::symlink_metadata(&nothing).await.map(drop),
            fs::canonicalize(&nothing).await.map(drop),
            fs::read_link(&nothing).await.map(drop),
            fs::hard_link(&nothing, dir.path("b")).await,
            fs::create_dir(nothing.join("c")).await,
            fs::write(nothing.join("c"), "").await,
        ];
        for (i, error) in errors.into_iter().enumerate() {
            assert_eq!(error.unwrap_err().kind(), ErrorKind::NotFound, "{i}");
        }
        assert!(!fs::try_exists(&nothing).await.unwrap());
    });
}

#[test]
fn files_are_copied_renamed_and_removed() {
    check_async(async || {
        let dir = Scratch::new();
        let (a, b, c) = (dir.path("a"), dir.path("b"), dir.path("c"));
        fs::write(&a, "abc").await.unwrap();
        assert_eq!(fs::copy(&a, &b).await.unwrap(), 3);
        fs::rename(&b, &c).await.unwrap();
        assert!(!fs::try_exists(&b).await.unwrap() && fs::try_exists(&c).await.unwrap());
        fs::hard_link(&c, &b).await.unwrap();
        fs::remove_file(&c).await.unwrap();
        assert_eq!(fs::read_to_string(&b).await.unwrap(), "abc");
        assert!(fs::try_exists(&a).await.unwrap());
    });
}

#[test]
fn directories_come_and_go() {
    check_async(async || {
        let dir = Scratch::new();
        let deep = dir.path("a").join("b").join("c");
        assert!(fs::create_dir(&deep).await.is_err());
        fs::create_dir_all(&deep).await.unwrap();
        fs::create_dir_all(&deep).await.unwrap();
        let error = fs::create_dir(&deep).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        assert!(fs::metadata(&deep).await.unwrap().is_dir());
        let error = fs::remove_dir(dir.path("a")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DirectoryNotEmpty);
        fs::remove_dir(&deep).await.unwrap();
        fs::remove_dir_all(dir.path("a")).await.unwrap();
        assert!(!fs::try_exists(dir.path("a")).await.unwrap());
    });
}

#[test]
fn links_are_followed_or_not() {
    check_async(async || {
        let dir = Scratch::new();
        let (file, link) = (dir.path("file"), dir.path("link"));
        fs::symlink(&file, &link).await.unwrap();
        assert!(!fs::try_exists(&link).await.unwrap(), "it leads nowhere");
        fs::write(&file, "x").await.unwrap();
        assert_eq!(fs::read_link(&link).await.unwrap(), file);
        assert!(fs::metadata(&link).await.unwrap().is_file());
        assert!(fs::symlink_metadata(&link).await.unwrap().is_symlink());
        let whole = fs::canonicalize(&link).await.unwrap();
        assert_eq!(whole, fs::canonicalize(&file).await.unwrap());
    });
}

#[test]
fn permissions_are_set() {
    check_async(async || {
        let dir = Scratch::new();
        fs::write(dir.path("a"), "").await.unwrap();
        let permissions = std::fs::Permissions::from_mode(0o600);
        fs::set_permissions(dir.path("a"), permissions).await.unwrap();
        let mode = fs::metadata(dir.path("a")).await.unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    });
}

#[test]
fn a_call_that_has_begun_goes_on_when_its_future_is_dropped() {
    check(|rt| {
        let dir = Scratch::new();
        rt.block_on(async {
            let writing = fs::write(dir.path("a"), "whole");
            drop(fs::write(dir.path("never"), "")); // not polled: never begun
            // One that has ended at its first poll is as good.
            let _ = writing.now_or_never();
            while !fs::read_to_string(dir.path("a")).await.is_ok_and(|text| text == "whole") {
                rt::task::yield_now().await;
            }
            assert!(!fs::try_exists(dir.path("never")).await.unwrap());
        });
    });
}
