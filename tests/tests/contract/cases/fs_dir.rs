//! `fs`: directories are read and made.

use super::{check_async, rt};
use futures::FutureExt;
use rt::fs::{self, DirBuilder};
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use tests::scratch::Scratch;

#[test]
fn each_entry_is_told_once_whatever_is_dropped() {
    check_async(async || {
        for count in [0, 1, 31, 32, 33, 200] {
            let dir = Scratch::new();
            let names: BTreeSet<_> = (0..count).map(|i| format!("{i}")).collect();
            for name in &names {
                std::fs::write(dir.path(name), "").unwrap();
            }
            let mut entries = fs::read_dir(dir.path("")).await.unwrap();
            let mut seen = Vec::new();
            loop {
                // A wait that is dropped takes nothing with it.
                let entry = match entries.next_entry().now_or_never() {
                    Some(entry) => entry,
                    None => entries.next_entry().await,
                };
                let Some(entry) = entry.unwrap() else { break };
                assert_eq!(entry.path(), dir.path(entry.file_name()));
                seen.push(entry.file_name().into_string().unwrap());
            }
            assert_eq!(seen.len(), count);
            assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), names);
            assert!(entries.next_entry().await.unwrap().is_none());
        }
    });
}

#[test]
fn entries_say_what_they_are() {
    check_async(async || {
        let dir = Scratch::new();
        std::fs::create_dir(dir.path("dir")).unwrap();
        std::fs::write(dir.path("file"), "abc").unwrap();
        fs::symlink("file", dir.path("link")).await.unwrap();
        let mut entries = fs::read_dir(dir.path("")).await.unwrap();
        let mut seen = 0;
        while let Some(entry) = entries.next_entry().await.unwrap() {
            let (kind, metadata) =
                (entry.file_type().await.unwrap(), entry.metadata().await.unwrap());
            assert_eq!((kind, entry.ino()), (metadata.file_type(), metadata.ino()));
            match entry.file_name().to_str().unwrap() {
                "dir" => assert!(kind.is_dir()),
                "file" => assert!(kind.is_file() && metadata.len() == 3),
                "link" => assert!(kind.is_symlink()),
                other => panic!("{other}"),
            }
            seen += 1;
        }
        assert_eq!(seen, 3);
        let error = fs::read_dir(dir.path("nothing")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(fs::read_dir(dir.path("file")).await.is_err());
    });
}

#[test]
fn a_builder_makes_one_directory_or_all() {
    check_async(async || {
        let dir = Scratch::new();
        let deep = dir.path("a").join("b");
        let error = DirBuilder::new().create(&deep).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        DirBuilder::new().recursive(true).mode(0o700).create(&deep).await.unwrap();
        DirBuilder::new().recursive(true).create(&deep).await.unwrap();
        let mode = std::fs::metadata(&deep).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        let error = DirBuilder::new().create(&deep).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    });
}
