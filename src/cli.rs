//! The command line: one verb a file, from arguments to a library call to what is printed.
//!
//! Nothing here decides what is right; the library knows nothing of this.

mod base;
mod branch;
mod check;
mod completions;
mod diff;
mod edits;
mod explain;
mod files;
mod fleet;
mod hooks;
mod init;
mod list;
mod man;
mod pick;
mod pin;
mod preview;
mod publish;
mod reference;
mod release;
mod render;
mod schema;
mod table;
mod templates;
mod terminal;
mod test;
mod upgrade;
mod words;

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use serde_json::{Value, json};
use yoshino::error::Failure;
use yoshino::location::Sources;

use terminal::{Terminal, Verbosity, WhenColored};

/// What stands beneath the help of every command.
const EXIT_CODES: &str = "\
Exit codes:
  0  fine
  1  differences found
  2  the input is wrong: specs, templates, policy, arguments, a limit exceeded
  3  a human must decide
  4  the environment refused: files, locks, permissions, git";

/// Generates the manifests of a fleet of Kubernetes clusters from declarative specs.
#[derive(Debug, Parser)]
#[command(name = "yoshino", version, max_term_width = 100, after_help = EXIT_CODES, propagate_version = true)]
pub struct Arguments {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

/// Options that every command takes.
#[derive(Debug, clap::Args)]
struct Globals {
    /// Work in this folder; paths given to options are relative to it
    #[arg(short = 'C', value_name = "DIR", default_value = ".", global = true, hide_default_value = true)]
    directory: PathBuf,
    /// Use this many threads; as many as there are processors by default
    #[arg(long, value_name = "N", global = true)]
    jobs: Option<NonZeroUsize>,
    /// When to use colour; NO_COLOR is honoured
    #[arg(long, value_name = "WHEN", value_enum, default_value_t, global = true, hide_default_value = true)]
    color: WhenColored,
    /// Say nothing but what is wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more about what is done
    #[arg(short, long, global = true)]
    verbose: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Init),
    Templates(templates::Templates),
    Render(render::Render),
    Check(check::Check),
    Test(test::Test),
    Diff(diff::Diff),
    List(list::List),
    Explain(explain::Explain),
    Preview(preview::Preview),
    Branch(branch::Branch),
    Release(release::Release),
    Pick(pick::Pick),
    Pin(pin::Pin),
    Publish(publish::Publish),
    Upgrade(upgrade::Upgrade),
    Hooks(hooks::Hooks),
    Schema(schema::Schema),
    Completions(completions::Completions),
    Man(man::Man),
}

/// How a result is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// How a command ended; there is no other exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Fine.
    Fine = 0,
    /// Differences were found.
    Different = 1,
    /// The input is wrong.
    Wrong = 2,
    /// A human must decide.
    Undecided = 3,
    /// The environment refused.
    Refused = 4,
}

/// What every verb is given beside its own arguments.
#[derive(Debug)]
pub struct Session {
    /// The folder to work in.
    directory: PathBuf,
    /// Where to print.
    terminal: Terminal,
}

impl Session {
    /// Returns where `path`, given to an option, lies.
    fn path(&self, path: &Path) -> PathBuf {
        self.directory.join(path)
    }
}

/// Runs the command that `arguments` ask for.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let Arguments { globals, command } = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(refusal) => return show_refusal(&refusal),
    };
    let verbosity = match (globals.quiet, globals.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, true) => Verbosity::Verbose,
        _ => Verbosity::Normal,
    };
    let session =
        Session { directory: globals.directory, terminal: Terminal { when: globals.color, verbosity } };
    set_threads(globals.jobs);
    let mut sources = Sources::default();
    let exit = match command.run(&session, &mut sources) {
        Ok(exit) => exit,
        Err(failure) => show_failure(failure, command.format(), &session.terminal, &sources),
    };
    ExitCode::from(exit as u8)
}

impl Command {
    fn run(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        match self {
            Self::Init(verb) => verb.run(session),
            Self::Templates(verb) => verb.run(session),
            Self::Render(verb) => verb.run(session, sources),
            Self::Check(verb) => verb.run(session, sources),
            Self::Test(verb) => verb.run(session),
            Self::Diff(verb) => verb.run(session, sources),
            Self::List(verb) => verb.run(session, sources),
            Self::Explain(verb) => verb.run(session, sources),
            Self::Preview(verb) => verb.run(session, sources),
            Self::Branch(verb) => verb.run(session, sources),
            Self::Release(verb) => verb.run(session, sources),
            Self::Pick(verb) => verb.run(session, sources),
            Self::Pin(verb) => verb.run(session, sources),
            Self::Publish(verb) => verb.run(session, sources),
            Self::Upgrade(verb) => verb.run(session, sources),
            Self::Hooks(verb) => verb.run(session, sources),
            Self::Schema(verb) => verb.run(session, sources),
            Self::Completions(verb) => verb.run(session),
            Self::Man(verb) => verb.run(session),
        }
    }

    /// Returns how the command prints its result, and so what keeps it from having one.
    fn format(&self) -> Format {
        match self {
            Self::Check(verb) => verb.failure_format(),
            Self::Diff(verb) => verb.format(),
            Self::Render(verb) => verb.format(),
            Self::Test(verb) => verb.format(),
            Self::List(verb) => verb.format(),
            Self::Explain(verb) => verb.format(),
            Self::Preview(verb) => verb.format(),
            Self::Branch(verb) => verb.format(),
            Self::Release(verb) => verb.format(),
            Self::Pick(verb) => verb.format(),
            Self::Pin(verb) => verb.format(),
            Self::Publish(verb) => verb.format(),
            Self::Upgrade(verb) => verb.format(),
            Self::Templates(verb) => verb.format(),
            Self::Init(_) | Self::Hooks(_) | Self::Schema(_) | Self::Completions(_) | Self::Man(_) => {
                Format::Text
            }
        }
    }
}

/// Prints what is wrong with the arguments, or the help that was asked for.
fn show_refusal(refusal: &clap::Error) -> ExitCode {
    // Whoever closed the pipe does not want to read it.
    _ = refusal.print();
    ExitCode::from(if refusal.use_stderr() { Exit::Wrong } else { Exit::Fine } as u8)
}

/// Sets how many threads work; the number decides the time alone, never the result.
fn set_threads(jobs: Option<NonZeroUsize>) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.map_or(0, NonZeroUsize::get));
    pool.build_global().expect("because nothing ran in the pool before");
}

/// Prints why there is no result: findings and refusals as text on stderr, or as JSON where the result would be.
fn show_failure(failure: Failure, format: Format, terminal: &Terminal, sources: &Sources) -> Exit {
    let (exit, shown) = match failure {
        Failure::Report(report) => {
            let report = report.sorted(sources);
            match format {
                Format::Text => terminal.show_report(&report, sources),
                Format::Json => _ = terminal.print_json(&json!({"diagnostics": report.to_json(sources)})),
            }
            return Exit::Wrong;
        }
        Failure::Error(error) => (Exit::Refused, error.to_string()),
    };
    terminal.show_error(&shown);
    if format == Format::Json {
        _ = terminal.print_json(&json!({"diagnostics": Value::Array(Vec::new()), "error": shown}));
    }
    exit
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        Arguments::command().debug_assert();
    }
}
