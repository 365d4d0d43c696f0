//! What does `select!` turn into?
//!
//! A block that pins each future in a variable of its own, polls them from a random one on, and takes the
//! first output out of the scope of the futures; then a `match` on it, with the handlers as arms. So a
//! handler may use what a future borrowed, and `?`, `break`, `return` and `.await` in it mean what they
//! mean around the macro. In this order, which is Tokio's:
//!
//! 1. All conditions, from the first to the last.
//! 2. All future expressions, also of branches that are disabled; temporaries in them live as long as
//!    those of a `let`. Then their `into_future`.
//! 3. Polls. A branch whose output does not fit its pattern is disabled, and its output dropped.
//! 4. The futures are dropped, from the first to the last; then the handler runs, or `else`.

#[cfg(test)]
mod tests;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Expr, Pat, Token};

/// As in Tokio. Which branches are disabled is one bit each in a `u64`.
const BRANCHES_MAX: usize = 64;

pub(crate) fn expand(input: TokenStream) -> syn::Result<TokenStream> {
    let select: Select = syn::parse2(input)?;
    Ok(if select.branches.is_empty() {
        // Nothing to poll, so no `.await` either: as in Tokio, it may stand outside of async code.
        select.otherwise.map_or_else(TokenStream::new, |expr| in_braces(&expr))
    } else {
        select.into_tokens()
    })
}

struct Select {
    mini_rt: TokenTree,
    biased: bool,
    branches: Vec<Branch>,
    otherwise: Option<Expr>,
}

/// `pattern = future, if condition => handler,`
struct Branch {
    pattern: Pat,
    future: Expr,
    condition: Option<Expr>,
    handler: TokenStream,
}

impl Parse for Select {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mini_rt = input.parse()?;
        let biased = crate::biased::parse(input)?;
        let mut select = Self { mini_rt, biased, branches: Vec::new(), otherwise: None };
        while !input.is_empty() {
            if let Some(token) = input.parse::<Option<Token![else]>>()? {
                select.otherwise = Some(parse_else(token, input)?);
                break;
            }
            if select.branches.len() == BRANCHES_MAX {
                let message = format!(
                    "`select!` takes up to {BRANCHES_MAX} branches, and this is one more: put some of \
                     them into an async block with a `select!` of its own"
                );
                return Err(input.error(message));
            }
            select.branches.push(input.parse()?);
        }
        if select.branches.is_empty() && select.otherwise.is_none() {
            let message = "`select!` needs at least one branch: `pattern = future => handler`";
            return Err(syn::Error::new(Span::call_site(), message));
        }
        Ok(select)
    }
}

fn parse_else(token: Token![else], input: ParseStream<'_>) -> syn::Result<Expr> {
    input.parse::<Token![=>]>()?;
    let handler = input.parse()?;
    input.parse::<Option<Token![,]>>()?;
    if !input.is_empty() {
        let message =
            "`else` is the last branch of a `select!`, and there is one of it: move it to the end";
        return Err(syn::Error::new_spanned(token, message));
    }
    Ok(handler)
}

impl Parse for Branch {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        if !input.peek(Token![=]) || input.peek(Token![=>]) {
            return Err(input.error("expected `=` and a future: `pattern = future => handler`"));
        }
        input.parse::<Token![=]>()?;
        let future = input.parse()?;
        let condition = match input.parse::<Option<Token![,]>>()? {
            Some(_) if input.peek(Token![if]) => {
                input.parse::<Token![if]>()?;
                Some(input.parse()?)
            }
            Some(_) => return Err(input.error("expected `if` and a condition after the comma")),
            None => None,
        };
        if !input.peek(Token![=>]) {
            return Err(input.error("expected `=>` and a handler: `pattern = future => handler`"));
        }
        input.parse::<Token![=>]>()?;
        Ok(Self { pattern, future, condition, handler: parse_handler(input)? })
    }
}

/// A block, after which a comma may stand; or another expression, after which it must unless it is
/// the last.
fn parse_handler(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    if input.peek(syn::token::Brace) {
        // One token for us: what is in it is the compiler's to read.
        let block: TokenTree = input.parse()?;
        input.parse::<Option<Token![,]>>()?;
        return Ok(block.into());
    }
    let handler: Expr = input.parse()?;
    if !input.is_empty() && !input.peek(Token![,]) {
        return Err(input.error("expected `,`: a handler without braces ends with a comma"));
    }
    input.parse::<Option<Token![,]>>()?;
    Ok(handler.into_token_stream())
}

impl Select {
    fn into_tokens(self) -> TokenStream {
        let Self { mini_rt, biased, branches, otherwise } = self;
        let site = Span::mixed_site();
        let support = quote_spanned!(site=> #mini_rt::macros::support);
        let count = branches.len();
        let futures: Vec<_> = names("future", count).collect();
        let last_to_first = futures.iter().rev();
        let variants: Vec<_> = names("Branch", count).collect();
        let expressions = branches.iter().map(|branch| &branch.future);
        // "Is not a future" is said of the caller's expression.
        let into_futures = branches.iter().zip(&futures).map(|(branch, future)| {
            let site = site.located_at(branch.future.span());
            let future = Ident::new(&future.to_string(), site);
            quote_spanned!(site=> #support::IntoFuture::into_future(#future))
        });
        let handlers = branches.iter().zip(&variants).map(|(Branch { pattern, handler, .. }, variant)| {
            quote_spanned!(site=> __MiniRtSelected::#variant(#pattern) => #handler,)
        });
        let conditions = branches.iter().enumerate().filter_map(|(idx, branch)| {
            let condition = branch.condition.as_ref()?;
            Some(quote_spanned!(site=> if !(#condition) { disabled |= 1_u64 << #idx; }))
        });
        let polls = branches.iter().enumerate().map(|(idx, branch)| {
            let (future, variant, shape) = (&futures[idx], &variants[idx], shape(&branch.pattern));
            poll_one(&support, idx, future, variant, &shape)
        });
        let start = if biased || count == 1 {
            quote_spanned!(site=> 0_usize)
        } else {
            quote_spanned!(site=> #support::random_below(#count))
        };
        let otherwise = otherwise.map_or_else(
            || quote_spanned!(site=> ::core::panic!("all branches are disabled and there is no else branch")),
            |expr| in_braces(&expr),
        );
        quote_spanned! {site=> {
            enum __MiniRtSelected<#(#variants),*> { #(#variants(#variants),)* Disabled }
            let mut disabled = 0_u64;
            #(#conditions)*
            #[allow(unused_mut)] // for a pattern with `ref mut`
            let mut selected = {
                // A `let` of its own: it makes the temporaries in the expressions live as long.
                let (#(#futures,)*) = (#(#expressions,)*);
                let (#(#futures,)*) = (#(#into_futures,)*);
                #(let mut #last_to_first = #support::pin!(#last_to_first);)*
                let selected = #support::poll_fn(|cx| {
                    #support::ready!(#support::poll_budget_available(cx));
                    let mut is_pending = false;
                    let start = #start;
                    #[allow(clippy::modulo_one, clippy::integer_division_remainder_used)]
                    #[allow(clippy::needless_continue)]
                    for step in 0..#count {
                        match (start + step) % #count {
                            #(#polls)*
                            _ => ::core::unreachable!("a remainder is below its divisor"),
                        }
                    }
                    if is_pending {
                        #support::Poll::Pending
                    } else {
                        #support::Poll::Ready(__MiniRtSelected::Disabled)
                    }
                })
                .await;
                selected
            };
            match selected {
                #(#handlers)*
                __MiniRtSelected::Disabled => #otherwise,
                #[allow(unreachable_patterns)]
                _ => ::core::unreachable!("an output that does not fit its pattern is not selected"),
            }
        }}
    }
}

/// The arm that polls one branch: it returns its output, or disables it, or finds it pending.
fn poll_one(
    support: &TokenStream,
    idx: usize,
    future: &Ident,
    variant: &Ident,
    shape: &TokenStream,
) -> TokenStream {
    quote_spanned! {Span::mixed_site()=>
        #[allow(unreachable_code)]
        #idx => {
            if disabled & (1_u64 << #idx) != 0 {
                continue;
            }
            let #support::Poll::Ready(output) = #support::Future::poll(#future.as_mut(), cx) else {
                is_pending = true;
                continue;
            };
            disabled |= 1_u64 << #idx;
            #[allow(unused_variables)]
            match &output {
                #shape => return #support::Poll::Ready(__MiniRtSelected::#variant(output)),
                #[allow(unreachable_patterns)]
                _ => continue,
            }
        }
    }
}

/// A pattern that fits the same values, and fits a reference to them too: there, bindings must not say
/// `ref` or `mut`. (A keyword is no identifier, so these two words mean nothing else in a pattern.)
fn shape(pattern: &Pat) -> TokenStream {
    fn without_modes(tokens: TokenStream) -> TokenStream {
        let kept = tokens.into_iter().filter_map(|token| match token {
            TokenTree::Ident(ident) if ident == "ref" || ident == "mut" => None,
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), without_modes(group.stream()));
                inner.set_span(group.span());
                Some(TokenTree::Group(inner))
            }
            token => Some(token),
        });
        kept.collect()
    }
    without_modes(pattern.to_token_stream())
}

/// Variables, or variants and their type parameters, that the caller's code does not see.
fn names(prefix: &str, count: usize) -> impl Iterator<Item = Ident> {
    (0..count).map(move |idx| format_ident!("{prefix}{idx}", span = Span::mixed_site()))
}

/// Around an `else` that may be any expression, so that it can be an arm or stand alone.
fn in_braces(expr: &Expr) -> TokenStream {
    TokenTree::Group(Group::new(Delimiter::Brace, expr.to_token_stream())).into()
}
