//! What do `#[main]` and `#[test]` turn a function into?
//!
//! The same function without its `async`, whose body builds a runtime and gives it the old body as the
//! future of `block_on`. [`Options`] reads what stands in the attribute, [`Function`] the item.

#[cfg(test)]
mod tests;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Error, Expr, Lit, Meta, Path, ReturnType, Signature, Token, Type, Visibility,
};

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Main,
    Test,
}

#[derive(Clone, Copy, PartialEq)]
enum Flavor {
    CurrentThread,
    MultiThread,
    Local,
}

/// What the attribute says. Each with the place of its value, for errors found later.
#[derive(Default)]
struct Options {
    flavor: Option<Flavor>,
    worker_threads: Option<(usize, Span)>,
    start_paused: Option<(bool, Span)>,
    name: Option<String>,
    mini_rt: Option<Path>,
}

const OPTIONS: &str = "`flavor`, `worker_threads`, `start_paused`, `name`, `crate`";

pub(crate) fn expand(kind: Kind, options: TokenStream, item: TokenStream) -> TokenStream {
    let function: Function = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => return TokenStream::from_iter([item, error.into_compile_error()]),
    };
    match check(kind, &function).and_then(|()| Options::read(kind, options)) {
        Ok(options) => function.into_tokens(kind, options),
        Err(error) => {
            let function = function.into_tokens(kind, Options::default());
            TokenStream::from_iter([function, error.into_compile_error()])
        }
    }
}

fn check(kind: Kind, function: &Function) -> Result<(), Error> {
    let signature = &function.signature;
    if signature.asyncness.is_none() {
        let message = format!("`#[{kind}]` is for an async function: write `async fn`");
        return Err(Error::new_spanned(signature.fn_token, message));
    }
    if kind == Kind::Main && signature.ident == "main" && !signature.inputs.is_empty() {
        let message = "`main` takes no arguments: read them from `std::env::args()`";
        return Err(Error::new_spanned(&signature.inputs, message));
    }
    match function.attributes.iter().find(|attribute| attribute.path().is_ident("test")) {
        Some(second) if kind == Kind::Test => {
            let message =
                "the function is a test already by `#[mini_rt::test]`: remove this attribute";
            Err(Error::new_spanned(second, message))
        }
        _ => Ok(()),
    }
}

impl Options {
    fn read(kind: Kind, tokens: TokenStream) -> Result<Self, Error> {
        let mut options = Self::default();
        for option in Punctuated::<Meta, Token![,]>::parse_terminated.parse2(tokens)? {
            options.read_one(kind, &option)?;
        }
        options.check(kind)?;
        Ok(options)
    }

    fn read_one(&mut self, kind: Kind, option: &Meta) -> Result<(), Error> {
        let name = option.path().get_ident().map(Ident::to_string).unwrap_or_default();
        let Meta::NameValue(option) = option else {
            let message = match name.as_str() {
                "flavor" | "worker_threads" | "start_paused" | "name" | "crate" => {
                    format!("`{name}` needs a value: `{name} = ...`")
                }
                "multi_thread" | "current_thread" | "local" => {
                    format!(
                        "the flavor is an option with a value: `#[{kind}(flavor = \"{name}\")]`"
                    )
                }
                _ => format!("no such option; there are {OPTIONS}"),
            };
            return Err(Error::new_spanned(option, message));
        };
        let Expr::Lit(value) = &option.value else {
            return Err(Error::new_spanned(&option.value, format!("`{name}` takes a literal")));
        };
        let (value, span) = (&value.lit, value.lit.span());
        let is_new = match name.as_str() {
            "flavor" => self.flavor.replace(flavor(value)?).is_none(),
            "worker_threads" => {
                self.worker_threads.replace((worker_threads(value)?, span)).is_none()
            }
            "start_paused" => self.start_paused.replace((boolean(value)?, span)).is_none(),
            "crate" => self.mini_rt.replace(path(value)?).is_none(),
            "name" => self.name.replace(string(value, "name")?).is_none(),
            "unhandled_panic" => {
                let message = format!("mini-rt's runtimes have no `{name}`; there are {OPTIONS}");
                return Err(Error::new_spanned(&option.path, message));
            }
            _ => {
                let message = format!("no such option; there are {OPTIONS}");
                return Err(Error::new_spanned(&option.path, message));
            }
        };
        if is_new { Ok(()) } else { Err(Error::new(span, format!("`{name}` is there twice"))) }
    }

    /// Finds options that do not go together.
    fn check(&self, kind: Kind) -> Result<(), Error> {
        match (self.flavor(kind), self.worker_threads, self.start_paused) {
            (Flavor::CurrentThread | Flavor::Local, Some((_, span)), _) => {
                let message = format!(
                    "a runtime of one thread has no worker threads: leave `worker_threads` out, or \
                     write `#[{kind}(flavor = \"multi_thread\", ...)]`"
                );
                Err(Error::new(span, message))
            }
            (Flavor::MultiThread, _, Some((_, span))) => {
                let message = format!(
                    "the clock of a multi-thread runtime cannot be paused: leave `start_paused` out, or \
                     write `#[{kind}(flavor = \"current_thread\", ...)]`"
                );
                Err(Error::new(span, message))
            }
            _ => Ok(()),
        }
    }

    fn flavor(&self, kind: Kind) -> Flavor {
        self.flavor.unwrap_or(match kind {
            Kind::Main => Flavor::MultiThread,
            Kind::Test => Flavor::CurrentThread,
        })
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Kind::Main => "mini_rt::main",
            Kind::Test => "mini_rt::test",
        })
    }
}

fn flavor(value: &Lit) -> Result<Flavor, Error> {
    let message = match string(value, "flavor")?.as_str() {
        "current_thread" => return Ok(Flavor::CurrentThread),
        "multi_thread" => return Ok(Flavor::MultiThread),
        "local" => return Ok(Flavor::Local),
        _ => "no such flavor; there are \"current_thread\", \"multi_thread\" and \"local\"",
    };
    Err(Error::new_spanned(value, message))
}

fn worker_threads(value: &Lit) -> Result<usize, Error> {
    let count = match value {
        Lit::Int(count) => count.base10_parse()?,
        _ => 0,
    };
    if count > 0 {
        return Ok(count);
    }
    Err(Error::new_spanned(value, "`worker_threads` takes a number, 1 or more"))
}

fn boolean(value: &Lit) -> Result<bool, Error> {
    match value {
        Lit::Bool(value) => Ok(value.value),
        _ => Err(Error::new_spanned(value, "`start_paused` takes `true` or `false`")),
    }
}

fn path(value: &Lit) -> Result<Path, Error> {
    let path = string(value, "crate")?;
    syn::parse_str(&path).map_err(|_| {
        Error::new_spanned(value, format!("`crate` takes a path, and \"{path}\" is none"))
    })
}

fn string(value: &Lit, name: &str) -> Result<String, Error> {
    match value {
        Lit::Str(value) => Ok(value.value()),
        _ => Err(Error::new_spanned(value, format!("`{name}` takes a string: `{name} = \"...\"`"))),
    }
}

/// A function whose body is left as it is: it may be half-written.
struct Function {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    signature: Signature,
    body: TokenStream,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let signature = input.parse()?;
        let body;
        syn::braced!(body in input);
        // The body becomes a block, which has no inner attributes: the function gets them.
        attributes.extend(body.call(Attribute::parse_inner)?.into_iter().map(|mut attribute| {
            attribute.style = syn::AttrStyle::Outer;
            attribute
        }));
        Ok(Self { attributes, visibility, signature, body: body.parse()? })
    }
}

impl Function {
    fn into_tokens(self, kind: Kind, options: Options) -> TokenStream {
        let Self { attributes, visibility, mut signature, body } = self;
        signature.asyncness = None;
        // The compiler tells of a wrong type at what is generated: at the end of the body, then.
        let tokens: Vec<TokenTree> = body.clone().into_iter().collect();
        let (first, last) = last_statement(tokens.iter().cloned()).map_or_else(
            || (Span::call_site(), Span::call_site()),
            |(first, last)| (tokens[first].span(), tokens[last].span()),
        );
        let mini_rt = options.mini_rt.as_ref().map_or_else(
            || Ident::new("mini_rt", Span::call_site().located_at(first)).into_token_stream(),
            Path::to_token_stream,
        );
        // Its name is looked up where it was made, whichever macro the body comes from.
        let future = Ident::new("body", Span::mixed_site().located_at(last));
        let mut builder = match options.flavor(kind) {
            Flavor::CurrentThread | Flavor::Local => {
                quote_spanned!(first=> Builder::new_current_thread())
            }
            Flavor::MultiThread => quote_spanned!(first=> Builder::new_multi_thread()),
        };
        if let Some((count, _)) = options.worker_threads {
            builder = quote_spanned!(first=> #builder.worker_threads(#count));
        }
        if let Some((start_paused, _)) = options.start_paused {
            builder = quote_spanned!(first=> #builder.start_paused(#start_paused));
        }
        if let Some(name) = &options.name {
            builder = quote_spanned!(first=> #builder.name(#name));
        }
        let build = match options.flavor(kind) {
            Flavor::CurrentThread | Flavor::MultiThread => quote_spanned!(last=> build()),
            Flavor::Local => {
                quote_spanned!(last=> build_local(#mini_rt::runtime::LocalOptions::default()))
            }
        };
        let test = (kind == Kind::Test).then(|| quote!(#[::core::prelude::v1::test]));
        let typed = typed(kind, &future, &signature.output);
        let run = quote_spanned! {last=>
            #[allow(clippy::expect_used, clippy::needless_return, clippy::diverging_sub_expression)]
            {
                use #mini_rt::runtime::Builder;
                // With `return` an error of its type is told of once.
                return #builder
                    .enable_all()
                    .#build
                    .expect("the operating system gives threads and an event queue to a runtime")
                    .block_on(#future);
            }
        };
        quote! {
            #(#attributes)*
            #test
            #visibility #signature {
                let #future = async { #body };
                #typed
                #run
            }
        }
    }
}

/// Tells the compiler the type of the body's output, so that `?` and the last expression know it.
fn typed(kind: Kind, future: &Ident, output: &ReturnType) -> TokenStream {
    let output = match output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, output) if kind == Kind::Main && is_opaque(output) => return quote!(),
        ReturnType::Type(_, output) => output.to_token_stream(),
    };
    match kind {
        Kind::Main => quote! {
            if false {
                let _: &dyn ::core::future::Future<Output = #output> = &#future;
            }
        },
        // A `block_on` for each test would be compiled for nothing: all tests share this one.
        Kind::Test => quote! {
            let #future: ::core::pin::Pin<&mut dyn ::core::future::Future<Output = #output>> =
                ::core::pin::pin!(#future);
        },
    }
}

/// Whether a type cannot be written in the type of a variable: `!` and `impl Trait`.
fn is_opaque(output: &Type) -> bool {
    fn has_impl(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == "impl",
            TokenTree::Group(group) => has_impl(group.stream()),
            _ => false,
        })
    }
    matches!(output, Type::Never(_)) || has_impl(output.to_token_stream())
}

/// Returns the positions of the first and the last token of a body's last statement.
fn last_statement(body: impl IntoIterator<Item = TokenTree>) -> Option<(usize, usize)> {
    let (mut positions, mut is_over) = (None, true);
    for (idx, token) in body.into_iter().enumerate() {
        let first = positions.filter(|_| !is_over).map_or(idx, |(first, _)| first);
        positions = Some((first, idx));
        is_over = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ';');
    }
    positions
}
