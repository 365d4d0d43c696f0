//! How does a command write its result into a document that people write too?
//!
//! It replaces what stands between two marks, each a line of its own, and touches nothing else:
//!
//! ```text
//! <!-- begin NAME -->
//! whatever the command wrote last time
//! <!-- end NAME -->
//! ```

use std::fmt;
use std::ops::Range;

/// Why there is no section to replace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SectionError {
    /// No line is this mark.
    Missing(String),
    /// More than one line is this mark.
    Twice(String),
    /// The end of the section of this name comes before its begin.
    Reversed(String),
}

impl fmt::Display for SectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SectionError::Missing(mark) => {
                write!(f, "there is no line {mark:?}: add it where the section belongs")
            }
            SectionError::Twice(mark) => {
                write!(f, "there are two lines {mark:?}: leave one, so that it is clear which")
            }
            SectionError::Reversed(name) => {
                write!(f, "the section {name:?} ends before it begins: swap its two marks")
            }
        }
    }
}

impl std::error::Error for SectionError {}

/// The text with `new` between the marks of the section `name`, with an empty line on either side;
/// all else is as it was, byte for byte.
///
/// # Errors
/// When the marks are not there exactly once each, in order.
pub fn replace_section(text: &str, name: &str, new: &str) -> Result<String, SectionError> {
    let begin = the_line(text, format!("<!-- begin {name} -->"))?;
    let end = the_line(text, format!("<!-- end {name} -->"))?;
    if end.start < begin.end {
        return Err(SectionError::Reversed(name.to_owned()));
    }
    let (before, after) = (&text[..begin.end], &text[end.start..]);
    Ok(format!("{before}\n{}\n\n{after}", new.trim_matches('\n')))
}

/// Where the one line is that says `mark` and nothing else, with its end.
fn the_line(text: &str, mark: String) -> Result<Range<usize>, SectionError> {
    let mut start = 0;
    let mut found = None;
    for line in text.split_inclusive('\n') {
        let range = start..start + line.len();
        start = range.end;
        if line.trim() != mark {
            continue;
        }
        if found.is_some() {
            return Err(SectionError::Twice(mark));
        }
        found = Some(range);
    }
    found.ok_or(SectionError::Missing(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "one\n<!-- begin a -->\nold\n<!-- end a -->\ntwo `<!-- begin a -->`\n";

    #[test]
    fn what_stands_between_the_marks_is_replaced_and_all_else_is_kept() {
        let new = replace_section(TEXT, "a", "| new |\n");
        let wanted = "one\n<!-- begin a -->\n\n| new |\n\n<!-- end a -->\ntwo `<!-- begin a -->`\n";
        assert_eq!(new.as_deref(), Ok(wanted));
        assert_eq!(replace_section(wanted, "a", "| new |").as_deref(), Ok(wanted));
    }

    #[test]
    fn each_way_to_have_no_section_is_told_apart() {
        let begin = "<!-- begin a -->".to_owned();
        let end = "<!-- end a -->".to_owned();
        let wrong = |text: &str| replace_section(text, "a", "new").expect_err("no section");
        assert_eq!(wrong("nothing"), SectionError::Missing(begin.clone()));
        assert_eq!(wrong(&begin), SectionError::Missing(end.clone()));
        assert_eq!(wrong(&format!("{TEXT}{TEXT}")), SectionError::Twice(begin.clone()));
        assert_eq!(wrong(&format!("{TEXT}{end}")), SectionError::Twice(end.clone()));
        assert_eq!(wrong(&format!("{end}\n{begin}\n")), SectionError::Reversed("a".to_owned()));
        assert!(wrong("").to_string().contains("no line \"<!-- begin a -->\""));
    }
}
