//! What is said about each mistake.

use super::*;
use syn::parse::Parser;

fn error(input: &str) -> String {
    let input = format!("mini_rt {input}").parse().expect("tokens");
    expand(input).expect_err("not a `select!`").to_string()
}

fn is_read(input: &str) -> bool {
    expand(format!("mini_rt {input}").parse().expect("tokens")).is_ok()
}

#[test]
fn without_a_branch_it_says_what_one_is() {
    let message = "`select!` needs at least one branch: `pattern = future => handler`";
    assert_eq!(error(""), message);
    assert_eq!(error("biased;"), message);
}

#[test]
fn a_branch_that_breaks_off_says_what_is_missing() {
    assert!(error("a => 1").contains("expected `=` and a future"));
    assert!(error("a").contains("expected `=` and a future"));
    assert!(error("a = b").contains("expected `=>` and a handler"));
    assert!(error("a = b, c => 1").contains("expected `if` and a condition"));
    assert!(error("a = b, if c").contains("expected `=>` and a handler"));
    assert!(error("a = b => 1 c = d => 2").contains("a handler without braces ends with a comma"));
}

#[test]
fn else_is_last_and_alone() {
    let message =
        "`else` is the last branch of a `select!`, and there is one of it: move it to the end";
    assert_eq!(error("else => 1, a = b => 2"), message);
    assert_eq!(error("a = b => 2, else => 1, else => 2"), message);
}

#[test]
fn the_branch_after_the_last_says_how_many_there_may_be() {
    let branches = |count| "_ = f => {}".repeat(count);
    assert!(is_read(&branches(64)));
    assert!(is_read(&format!("{} else => 1", branches(64))));
    assert!(error(&branches(65)).starts_with("`select!` takes up to 64 branches"));
}

#[test]
fn the_shape_of_a_pattern_has_no_binding_modes() {
    let shape_of = |pattern: &str| {
        let pattern = Pat::parse_multi_with_leading_vert.parse_str(pattern).expect("a pattern");
        shape(&pattern).to_string()
    };
    assert_eq!(
        shape_of("S { ref a, b: Some(mut c @ 1..=2), .. }"),
        "S { a , b : Some (c @ 1 ..= 2) , .. }"
    );
    assert_eq!(shape_of("[&mut a, r#ref] | X"), "[& a , r#ref] | X");
}
