//! What is said about each mistake, and that a function is left behind.

use super::*;

/// Expands the attribute on a function. Returns all that it says as errors.
fn errors(kind: Kind, options: &str, item: &str) -> Vec<String> {
    let expanded = expand(kind, options.parse().expect("tokens"), item.parse().expect("tokens"));
    let file: syn::File = syn::parse2(expanded).expect("items");
    let is_function =
        |item: &syn::Item| matches!(item, syn::Item::Fn(item) if item.sig.ident == "work");
    assert!(file.items.iter().any(is_function), "the function is left");
    let errors = file.items.into_iter().filter_map(|item| match item {
        syn::Item::Macro(item) => {
            Some(item.mac.parse_body::<syn::LitStr>().expect("a message").value())
        }
        _ => None,
    });
    errors.collect()
}

/// The one error of options on a `#[main]` function.
fn error(options: &str) -> String {
    let errors = errors(Kind::Main, options, "async fn work() {}");
    assert_eq!(errors.len(), 1, "{options}: {errors:?}");
    errors.into_iter().next().expect("one")
}

#[test]
fn what_is_right_is_no_error() {
    for options in [
        "",
        "flavor = \"current_thread\"",
        "flavor = \"local\"",
        "flavor = \"multi_thread\", worker_threads = 3",
        "name = \"crew\"",
        "worker_threads = 1, crate = \"::some::path\",",
        "flavor = \"current_thread\", start_paused = true",
    ] {
        assert_eq!(errors(Kind::Main, options, "pub async fn work() {}"), [""; 0], "{options}");
    }
    assert_eq!(errors(Kind::Test, "", "#[should_panic] async fn work() { #![allow(x)] }"), [""; 0]);
}

#[test]
fn an_option_that_is_none_names_those_there_are() {
    let there_are = "there are `flavor`, `worker_threads`, `start_paused`, `name`, `crate`";
    assert_eq!(error("threads = 2"), format!("no such option; {there_are}"));
    assert_eq!(error("threads"), format!("no such option; {there_are}"));
    assert_eq!(error("a::b = 2"), format!("no such option; {there_are}"));
    assert_eq!(
        error("unhandled_panic = \"ignore\""),
        format!("mini-rt's runtimes have no `unhandled_panic`; {there_are}")
    );
}

#[test]
fn an_option_without_its_value_says_where_it_goes() {
    assert_eq!(error("worker_threads"), "`worker_threads` needs a value: `worker_threads = ...`");
    assert_eq!(error("flavor(multi_thread)"), "`flavor` needs a value: `flavor = ...`");
    assert_eq!(
        error("multi_thread"),
        "the flavor is an option with a value: `#[mini_rt::main(flavor = \"multi_thread\")]`"
    );
}

#[test]
fn a_wrong_value_says_which_are_right() {
    assert_eq!(
        error("flavor = \"threaded\""),
        "no such flavor; there are \"current_thread\", \"multi_thread\" and \"local\""
    );
    assert_eq!(error("flavor = 1"), "`flavor` takes a string: `flavor = \"...\"`");
    for count in ["0", "\"2\"", "1.5"] {
        let said = error(&format!("worker_threads = {count}"));
        assert_eq!(said, "`worker_threads` takes a number, 1 or more");
    }
    assert_eq!(error("worker_threads = 1 + 1"), "`worker_threads` takes a literal");
    assert_eq!(error("start_paused = 1"), "`start_paused` takes `true` or `false`");
    assert_eq!(error("crate = \"a b\""), "`crate` takes a path, and \"a b\" is none");
}

#[test]
fn options_that_do_not_go_together_say_what_to_change() {
    let threads = error("flavor = \"current_thread\", worker_threads = 2");
    assert!(threads.contains("`#[mini_rt::main(flavor = \"multi_thread\", ...)]`"), "{threads}");
    let paused = error("start_paused = true");
    assert!(paused.contains("`#[mini_rt::main(flavor = \"current_thread\", ...)]`"), "{paused}");
    assert_eq!(error("worker_threads = 1, worker_threads = 2"), "`worker_threads` is there twice");
}

#[test]
fn a_function_that_is_none_of_its_kind_says_why() {
    assert_eq!(
        errors(Kind::Test, "", "fn work() {}"),
        ["`#[mini_rt::test]` is for an async function: write `async fn`"]
    );
    assert_eq!(
        errors(Kind::Test, "", "#[test] async fn work() {}"),
        ["the function is a test already by `#[mini_rt::test]`: remove this attribute"]
    );
    let main = "async fn main(args: u32) {}";
    let expanded = expand(Kind::Main, TokenStream::new(), main.parse().expect("tokens"));
    assert!(expanded.to_string().contains("`main` takes no arguments"));
}

#[test]
fn what_is_no_function_is_left_as_it_is() {
    let expanded = expand(Kind::Main, TokenStream::new(), "struct S;".parse().expect("tokens"));
    assert!(expanded.to_string().starts_with("struct S ;"), "{expanded}");
    assert!(expanded.to_string().contains("compile_error"), "{expanded}");
}

#[test]
fn the_last_statement_is_found() {
    let words = |body: &str| {
        let tokens: Vec<_> = body.parse::<TokenStream>().expect("tokens").into_iter().collect();
        let statement = last_statement(tokens.clone());
        statement.map(|(first, last)| (tokens[first].to_string(), tokens[last].to_string()))
    };
    let pair = |first: &str, last: &str| Some((first.to_owned(), last.to_owned()));
    assert_eq!(words("a; b c; d e"), pair("d", "e"));
    assert_eq!(words("a; b c;"), pair("b", ";"));
    assert_eq!(words("a"), pair("a", "a"));
    assert_eq!(words(""), None);
}
