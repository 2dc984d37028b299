//! Where words go: data to stdout, talk to stderr.
//!
//! A reader that goes away, as `head` does, is no failure. Nothing here decides what is said.

use std::io::{ErrorKind, IsTerminal as _, Write as _};

use clap::ValueEnum;
use serde_json::Value;
use yoshino::diagnostic::{Color, Report};
use yoshino::error::Error;
use yoshino::location::Sources;

/// When to write ANSI colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum WhenColored {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How much is said beside the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// What is wrong.
    Quiet,
    /// What was done, too.
    Normal,
    /// How it was done, too.
    Verbose,
}

/// The two streams of a command.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    /// When to write ANSI colours.
    pub when: WhenColored,
    /// How much is said.
    pub verbosity: Verbosity,
}

impl Terminal {
    /// Prints data.
    ///
    /// # Errors
    /// Says why the data could not be written; a reader that went away is no error.
    pub fn print(&self, data: &str) -> Result<(), Error> {
        let mut stdout = std::io::stdout().lock();
        match stdout.write_all(data.as_bytes()).and_then(|()| stdout.flush()) {
            Err(refusal) if refusal.kind() != ErrorKind::BrokenPipe => {
                Err(Error::io("write", "stdout", refusal))
            }
            _ => Ok(()),
        }
    }

    /// Prints data as indented JSON.
    ///
    /// # Errors
    /// Those of [`Terminal::print`].
    pub fn print_json(&self, data: &Value) -> Result<(), Error> {
        self.print(&format!("{data:#}\n"))
    }

    /// Says what was done.
    pub fn say(&self, sentence: &str) {
        if self.verbosity >= Verbosity::Normal {
            self.talk(&format!("{sentence}\n"));
        }
    }

    /// Says how it was done, for those who asked.
    pub fn say_more(&self, sentence: &str) {
        if self.verbosity >= Verbosity::Verbose {
            self.talk(&format!("{sentence}\n"));
        }
    }

    /// Shows every finding of a sorted report, and how many there are.
    pub fn show_report(&self, report: &Report, sources: &Sources) {
        self.talk(&report.to_text(sources, self.color(std::io::stderr().is_terminal())));
        self.say(&count(report));
    }

    /// Shows what the environment refused.
    pub fn show_error(&self, message: &str) {
        let (paint, reset) = match self.color(std::io::stderr().is_terminal()) {
            Color::Always => ("\u{1b}[1;31m", "\u{1b}[0m"),
            Color::Never => ("", ""),
        };
        self.talk(&format!("{paint}error{reset}: {message}\n"));
    }

    /// Returns whether data on stdout is coloured.
    pub fn data_color(&self) -> Color {
        self.color(std::io::stdout().is_terminal())
    }

    fn color(&self, is_terminal: bool) -> Color {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        match self.when {
            WhenColored::Always => Color::Always,
            WhenColored::Auto if is_terminal && !set("NO_COLOR") && !is_dumb() => Color::Always,
            WhenColored::Auto | WhenColored::Never => Color::Never,
        }
    }

    /// Writes to stderr; where that is closed there is nobody to tell.
    fn talk(&self, text: &str) {
        _ = std::io::stderr().lock().write_all(text.as_bytes());
    }
}

/// Says how many findings a report has: `2 errors, 1 warning`; `0 errors` where it has none.
pub fn count(report: &Report) -> String {
    use yoshino::diagnostic::Severity;
    let of = |severity: Severity| report.diagnostics.iter().filter(|one| one.severity == severity).count();
    let kinds = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")];
    let counted = kinds.map(|(severity, word)| match of(severity) {
        1 => format!("1 {word}"),
        count => format!("{count} {word}s"),
    });
    let shown: Vec<String> = counted.iter().filter(|words| !words.starts_with("0 ")).cloned().collect();
    if shown.is_empty() { counted[0].clone() } else { shown.join(", ") }
}
