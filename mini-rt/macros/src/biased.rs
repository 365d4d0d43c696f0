//! `biased;`, with which `select!` and its like may begin.

use syn::Token;
use syn::parse::ParseStream;

syn::custom_keyword!(biased);

/// Takes `biased;`, if the input goes on with it. Whether it does.
pub(super) fn parse(input: ParseStream<'_>) -> syn::Result<bool> {
    let is_biased = input.peek(biased) && input.peek2(Token![;]);
    if is_biased {
        input.parse::<biased>()?;
        input.parse::<Token![;]>()?;
    }
    Ok(is_biased)
}
