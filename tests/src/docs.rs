//! What a document tells its reader to type, and whether that exists.
//!
//! Code in a Markdown text is either between backticks or indented by four spaces. What of it
//! begins with a program of ours, or is a flag by itself, is a [`Command`]; the rest (what to type
//! into a client, names of types) is left alone.

use std::collections::BTreeSet;

/// A command line in a document: its words, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command(pub Vec<String>);

/// Programs whose command lines are checked.
const PROGRAMS: [&str; 3] = ["cargo", "chat", ".ci/run"];

impl Command {
    /// Every command in a Markdown text.
    pub fn all_in(markdown: &str) -> Vec<Command> {
        code_in(markdown).iter().filter_map(|code| Command::parse(code)).collect()
    }

    /// The words of `code`, if it is a command: assignments before the program are dropped.
    fn parse(code: &str) -> Option<Command> {
        let words: Vec<String> =
            split(code).into_iter().skip_while(|word| is_assignment(word)).collect();
        let first = words.first()?;
        let is_command = PROGRAMS.contains(&first.as_str()) || first.starts_with("--");
        // A flag alone is `--`, then a name; `---` and `-- ` are punctuation.
        let is_flag = |word: &str| word.trim_start_matches("--").starts_with(char::is_alphabetic);
        (is_command && (!first.starts_with('-') || is_flag(first))).then_some(Command(words))
    }

    /// The flags in it, without their values: of `--out=x` it is `--out`.
    pub fn flags(&self) -> impl Iterator<Item = &str> {
        let flags = self.0.iter().filter(|word| word.starts_with('-') && word.len() > 1);
        flags.filter(|word| *word != "--").map(|word| word.split('=').next().expect("never empty"))
    }

    /// The words before and after the first `--`.
    pub fn parts(&self) -> (Command, Command) {
        let end = self.0.iter().position(|word| word == "--").unwrap_or(self.0.len());
        let after = self.0.get(end + 1..).unwrap_or_default();
        (Command(self.0[..end].to_vec()), Command(after.to_vec()))
    }

    /// The word after `flag`.
    pub fn value(&self, flag: &str) -> Option<&str> {
        let at = self.0.iter().position(|word| word == flag)?;
        self.0.get(at + 1).map(String::as_str)
    }
}

/// The flags that a program's `--help` names.
pub fn flags_of(help: &str) -> BTreeSet<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let words = help.split(|c: char| !is_name(c));
    words.filter(|word| word.starts_with('-') && word.len() > 1).map(str::to_owned).collect()
}

/// Code between backticks, indented, or fenced.
fn code_in(markdown: &str) -> Vec<String> {
    let mut code = Vec::new();
    let mut fenced = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if fenced || line.starts_with("    ") {
            code.push(line.trim().to_owned());
        } else {
            code.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    code
}

/// Splits at white space, but not between double quotes, as a shell would.
fn split(code: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in code.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => words.push(String::new()),
            c => words.last_mut().expect("there is always one").push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// `NAME=value` in front of a program.
fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map_or("", |(name, _)| name);
    !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        Command::all_in(text).into_iter().map(|Command(words)| words.join("|")).collect()
    }

    #[test]
    fn commands_are_found_wherever_code_stands() {
        let text = "Type `cargo bench -- --quick`, or `--workers N`; not `Vec<u8>` or `NICK bob`.\n\
            \n    RUSTFLAGS=\"--cfg loom\" cargo test -p x\n    irssi --nick=ada\n\
            ```sh\nchat load --rate=5\n```\n| a | --- | `---` |\n";
        let expected = ["cargo|bench|--|--quick", "--workers|N", "cargo|test|-p|x"];
        assert_eq!(words(text), [&expected[..], &["chat|load|--rate=5"]].concat());
    }

    #[test]
    fn a_command_is_taken_apart() {
        let command = Command::parse("cargo run -p x --example e -- --out=a -v").unwrap();
        let (before, after) = command.parts();
        assert_eq!(before.flags().collect::<Vec<_>>(), ["-p", "--example"]);
        assert_eq!(after.flags().collect::<Vec<_>>(), ["--out", "-v"]);
        assert_eq!(before.value("--example"), Some("e"));
        assert_eq!(before.value("-v"), None);
    }

    #[test]
    fn help_names_its_flags() {
        let help = "  -o, --out <DIR>  Where to; see --in[=x].\n  well-known";
        let flags: Vec<String> = flags_of(help).into_iter().collect();
        assert_eq!(flags, ["--in", "--out", "-o"]);
    }
}
