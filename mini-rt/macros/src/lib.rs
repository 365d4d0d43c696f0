//! The part of mini-rt's macros that has to read the caller's tokens. Use them from `mini_rt`, where
//! they are documented.
//!
//! Each macro is a function from tokens to tokens over `proc_macro2`, so that its tests call it; this
//! file is the shell that the compiler calls.
//!
//! 1. What an attribute or a macro does not understand is an error at the token that it did not
//!    understand, and says what to write instead.
//! 2. An attribute with an error still leaves a function of that name and signature behind, so that the
//!    error is the only one, and editors go on completing.
//! 3. What is generated names its own variables by [`Span::mixed_site`], which the caller's code does not
//!    see, and mini-rt by the path given to it: `$crate` comes first in the input of each function-like
//!    macro, put there by a `macro_rules!` of mini-rt, so a renamed or re-exported crate works.
//! 4. No unsafe code is generated: futures are pinned by `std::pin::pin!`, each a variable of its own.
//!
//! Rejected: `select!` by `macro_rules!` alone, as in Tokio: it needs tables of 64 rows to count by, and
//! a procedural macro for the patterns all the same.
//!
//! [`Span::mixed_site`]: proc_macro2::Span::mixed_site

mod biased;
mod entry;
mod join;
mod select;

use proc_macro::TokenStream;

/// See `mini_rt::main`.
#[proc_macro_attribute]
pub fn main(options: TokenStream, function: TokenStream) -> TokenStream {
    entry::expand(entry::Kind::Main, options.into(), function.into()).into()
}

/// See `mini_rt::test`.
#[proc_macro_attribute]
pub fn test(options: TokenStream, function: TokenStream) -> TokenStream {
    entry::expand(entry::Kind::Test, options.into(), function.into()).into()
}

/// See `mini_rt::select`. The input begins with the path of mini-rt.
#[proc_macro]
pub fn select(input: TokenStream) -> TokenStream {
    or_error(select::expand(input.into()))
}

/// See `mini_rt::join`. The input begins with the path of mini-rt.
#[proc_macro]
pub fn join(input: TokenStream) -> TokenStream {
    or_error(join::expand(join::Kind::Join, input.into()))
}

/// See `mini_rt::try_join`. The input begins with the path of mini-rt.
#[proc_macro]
pub fn try_join(input: TokenStream) -> TokenStream {
    or_error(join::expand(join::Kind::TryJoin, input.into()))
}

fn or_error(expanded: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    expanded.unwrap_or_else(syn::Error::into_compile_error).into()
}
