//! Where a line ends, however its bytes come.

use crate::core::{Frame, Framer, Limits};

/// The frames of pieces, as text: a long line as its length, an overlong one as `!`.
fn frames(pieces: &[&[u8]]) -> Vec<String> {
    let mut framer = Framer::new(&Limits::default());
    let mut found = Vec::new();
    for mut piece in pieces.iter().copied() {
        while let Some(frame) = framer.poll_frame(&mut piece) {
            found.push(match frame {
                Frame::Line(line) if line.len() > 100 => line.len().to_string(),
                Frame::Line(line) => line.escape_ascii().to_string(),
                Frame::Overlong => "!".into(),
            });
        }
        assert!(piece.is_empty(), "`None` means that the piece is used up");
        assert!(framer.kept_bytes() <= 4096 + 511, "more is kept than a line may have");
    }
    found
}

/// A line of so many bytes, without an end.
fn line_of(bytes: usize) -> Vec<u8> {
    vec![b'x'; bytes]
}

#[test]
fn a_line_ends_at_lf_with_or_without_cr() {
    assert_eq!(frames(&[b"A\r\nB\nC\r\n"]), ["A", "B", "C"]);
    assert_eq!(frames(&[b"A\rB\r\r\n"]), ["A\\rB\\r"]);
    assert_eq!(frames(&[b"\xff\x00\xfe\n"]), ["\\xff\\x00\\xfe"]);
}

#[test]
fn empty_lines_are_skipped() {
    assert_eq!(frames(&[b"\r\n\n\r\nA\r\n\r\n"]), ["A"]);
    assert_eq!(frames(&[b"\r", b"\n", b"\n", b"A\n", b"\r", b"\n"]), ["A"]);
}

#[test]
fn any_cut_gives_the_same_frames() {
    let mut stream = b"NICK a\r\n\r\nPING :x y\n@t=1 PING z\r\n".to_vec();
    for bytes in [509, 510, 511, 512, 1500] {
        stream.extend_from_slice(&line_of(bytes));
        stream.extend_from_slice(b"\r\nOK\n");
    }
    stream.extend_from_slice(&[b"@", &line_of(4094)[..], b" PING\r\n@", &line_of(4095)].concat());
    stream.extend_from_slice(b" PING\r\nLAST\r\n");
    let whole = frames(&[&stream]);
    assert_eq!(whole.iter().filter(|frame| *frame == "!").count(), 4);
    assert_eq!(whole.last().map(String::as_str), Some("LAST"));
    for size in [1, 2, 3, 7, 100, 511, 512, 513, 4096] {
        let pieces: Vec<&[u8]> = stream.chunks(size).collect();
        assert_eq!(frames(&pieces), whole, "in pieces of {size}");
    }
    // Every cut in the lines' ends and beginnings, and some in between.
    let near =
        |at: &usize| stream[at.saturating_sub(6)..(at + 6).min(stream.len())].contains(&b'\n');
    for at in (0..stream.len()).filter(|at| near(at) || at.is_multiple_of(97)) {
        let (a, b) = stream.split_at(at);
        assert_eq!(frames(&[a, b]), whole, "cut at {at}");
    }
}

#[test]
fn a_line_may_have_510_bytes_before_its_end() {
    for end in [&b"\n"[..], b"\r\n"] {
        let fits = [&line_of(510)[..], end].concat();
        let does_not = [&line_of(511)[..], end].concat();
        assert_eq!(frames(&[&fits]), ["510"]);
        assert_eq!(frames(&[&does_not]), ["!"]);
    }
    // A CR that no LF follows is a byte as any other.
    assert_eq!(frames(&[&line_of(510), b"\r", b"x", b"\nA\n"]), ["!", "A"]);
}

#[test]
fn tags_do_not_count_against_the_line_nor_the_line_against_the_tags() {
    let tagged = |tags: usize, rest: usize| {
        let line = [b"@", &line_of(tags)[..], b" ", &line_of(rest), b"\r\nA\n"].concat();
        frames(&[&line]).remove(0) != "!"
    };
    assert!(tagged(4094, 510));
    assert!(!tagged(4095, 1));
    assert!(!tagged(1, 511));
    let no_space = [b"@", &line_of(4096)[..], b"\nA\n"].concat();
    assert_eq!(frames(&[&no_space]), ["!", "A"]);
}

#[test]
fn a_line_without_an_end_is_told_once_and_not_kept() {
    let mut framer = Framer::new(&Limits::default());
    let piece = line_of(300);
    let mut overlong = 0;
    for _ in 0..10_000 {
        let mut piece = &piece[..];
        while let Some(frame) = framer.poll_frame(&mut piece) {
            assert_eq!(frame, Frame::Overlong);
            overlong += 1;
        }
        assert!(framer.kept_bytes() <= 511);
    }
    assert_eq!(overlong, 1);
    let mut rest = &b"still it\nPING x\n"[..];
    assert_eq!(framer.poll_frame(&mut rest), Some(Frame::Line(b"PING x")));
    assert_eq!(framer.poll_frame(&mut rest), None);
}

#[test]
fn nothing_is_kept_between_lines() {
    let mut framer = Framer::new(&Limits::default());
    assert_eq!(framer.poll_frame(&mut &b"PI"[..]), None);
    assert!(framer.kept_bytes() > 0);
    let mut piece = &b"NG x\r\nPING y\r\n"[..];
    assert_eq!(framer.poll_frame(&mut piece), Some(Frame::Line(b"PING x")));
    assert_eq!(framer.poll_frame(&mut piece), Some(Frame::Line(b"PING y")));
    assert_eq!(framer.poll_frame(&mut piece), None);
    assert_eq!(framer.kept_bytes(), 0);
}

#[test]
fn a_whole_line_is_handed_out_where_it_stands() {
    let mut framer = Framer::new(&Limits::default());
    let piece = b"PING x\r\n".to_vec();
    let mut rest = &piece[..];
    let Some(Frame::Line(line)) = framer.poll_frame(&mut rest) else { panic!("a line") };
    assert_eq!(line.as_ptr(), piece.as_ptr());
}
