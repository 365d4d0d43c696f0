//! What do `join!` and `try_join!` turn into?
//!
//! A block that pins each future, with the place of its output, in a variable of its own, and polls all
//! that are not done whenever it is polled. Each time it begins with the next one, unless it is `biased`:
//! so each of them gets on although another uses up the budget of the poll. Futures are dropped from the
//! first to the last.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Token};

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Join,
    TryJoin,
}

pub(crate) fn expand(kind: Kind, input: TokenStream) -> syn::Result<TokenStream> {
    let join: Join = syn::parse2(input)?;
    Ok(join.into_tokens(kind))
}

struct Join {
    mini_rt: TokenTree,
    biased: bool,
    futures: Punctuated<Expr, Token![,]>,
}

impl Parse for Join {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mini_rt = input.parse()?;
        let biased = crate::biased::parse(input)?;
        Ok(Self { mini_rt, biased, futures: Punctuated::parse_terminated(input)? })
    }
}

impl Join {
    fn into_tokens(self, kind: Kind) -> TokenStream {
        let Self { mini_rt, biased, futures } = self;
        let site = Span::mixed_site();
        let support = quote_spanned!(site=> #mini_rt::macros::support);
        let count = futures.len();
        let names: Vec<Ident> =
            (0..count).map(|idx| format_ident!("future{idx}", span = site)).collect();
        let last_to_first = names.iter().rev();
        let polls = names.iter().enumerate().map(|(idx, name)| poll_one(kind, &support, idx, name));
        let outputs = quote_spanned! {site=>
            (#(#support::Option::expect(#names.as_mut().take_output(), "all are done"),)*)
        };
        let outputs = match kind {
            Kind::Join => outputs,
            Kind::TryJoin => quote_spanned!(site=> #support::Result::Ok(#outputs)),
        };
        if count == 0 {
            return match kind {
                Kind::Join => quote_spanned!(site=> async {}.await),
                Kind::TryJoin => quote_spanned!(site=> async { #outputs }.await),
            };
        }
        let maybe_done = futures.iter().map(|expression| {
            // "Is not a future" is said of the caller's expression.
            let site = site.located_at(expression.span());
            match kind {
                Kind::Join => quote_spanned!(site=> #support::maybe_done(#expression)),
                Kind::TryJoin => quote_spanned!(site=> #support::try_maybe_done(#expression)),
            }
        });
        let next = if biased { 0 } else { 1_usize };
        quote_spanned! {site=> {
            let (#(#names,)*) = (#(#maybe_done,)*);
            #(let mut #last_to_first = #support::pin!(#last_to_first);)*
            let mut start = 0_usize;
            let outputs = #support::poll_fn(|cx| {
                let mut is_pending = false;
                #[allow(clippy::modulo_one, clippy::integer_division_remainder_used)]
                for step in start..start + #count {
                    match step % #count {
                        #(#polls)*
                        _ => ::core::unreachable!("a remainder is below its divisor"),
                    }
                }
                start += #next;
                if start == #count {
                    start = 0;
                }
                if is_pending {
                    return #support::Poll::Pending;
                }
                #[allow(unreachable_code)]
                #support::Poll::Ready(#outputs)
            })
            .await;
            outputs
        }}
    }
}

/// The arm that polls one future. One that is done says so again.
fn poll_one(kind: Kind, support: &TokenStream, idx: usize, name: &Ident) -> TokenStream {
    let on_ready = match kind {
        Kind::Join => quote_spanned!(Span::mixed_site()=> _ => {}),
        Kind::TryJoin => quote_spanned! {Span::mixed_site()=>
            #support::Poll::Ready(#support::Result::Ok(())) => {}
            #support::Poll::Ready(#support::Result::Err(error)) => {
                return #support::Poll::Ready(#support::Result::Err(error));
            }
        },
    };
    quote_spanned! {Span::mixed_site()=>
        #[allow(unreachable_code)]
        #idx => match #support::Future::poll(#name.as_mut(), cx) {
            #support::Poll::Pending => is_pending = true,
            #on_ready
        },
    }
}
