//! Text that is safe inside HTML and SVG, and the few pieces of both that everything else uses.

use std::fmt::Write as _;

/// `text` with the characters escaped that mean something in HTML, attributes included.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // A control character is invalid in XML however it is written.
            c if c.is_control() && c != '\n' && c != '\t' => safe.push('\u{FFFD}'),
            c => safe.push(c),
        }
    }
    safe
}

/// A section with a heading that can be linked to.
pub(super) fn section(id: &str, heading: &str, body: &str) -> String {
    let heading = escape(heading);
    format!("<section id=\"{id}\">\n<h2>{heading}</h2>\n{body}</section>\n")
}

/// A paragraph of plain text.
pub(super) fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", escape(text))
}

/// A list of plain texts; nothing when there are none.
pub(super) fn list(class: &str, items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let mut html = format!("<ul class=\"{class}\">\n");
    for item in items {
        let _ = writeln!(html, "<li>{}</li>", escape(item)); // a String takes all
    }
    html + "</ul>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_html_would_read_is_escaped() {
        let evil = "<b a='1' b=\"2\">&\u{1}";
        assert_eq!(escape(evil), "&lt;b a=&#39;1&#39; b=&quot;2&quot;&gt;&amp;\u{FFFD}");
        assert_eq!(escape("µs × 1,000"), "µs × 1,000");
        assert_eq!(list("x", &["a<b".to_owned()]), "<ul class=\"x\">\n<li>a&lt;b</li>\n</ul>\n");
        assert_eq!(list("x", &[]), "");
    }
}
