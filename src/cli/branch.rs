//! `branch`: branches of minors.

use clap::Subcommand;
use serde_json::{Value, json};
use yoshino::branch::cut::{Attention, Cut, Order, Request, carry_out, plan};
use yoshino::branch::history::short;
use yoshino::branch::store::Store;
use yoshino::error::Failure;
use yoshino::location::Sources;
use yoshino::spec::version::{Minor, NotAVersion};

use super::words::counted;
use super::{Exit, Format, Session};

/// Makes branches of minors
#[derive(Debug, clap::Args)]
pub struct Branch {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Makes a minor's branch from trunk, without what trunk alone has
    #[command(after_help = "\
The branch begins at trunk's tip, or at a commit of trunk's own chain, and the paths that `trunkOnly` of picks.yaml names
are taken out in one commit. What addons need for the new minor is listed: ranges that do not cover it, and versions that
were written for another one. A minor is cut after the one before it.")]
    Cut(CutBranch),
}

#[derive(Debug, clap::Args)]
struct CutBranch {
    /// The minor: `1.37`
    #[arg(value_parser = read_minor)]
    minor: Minor,
    /// The commit of trunk that the branch begins at; trunk's tip by default
    commit: Option<String>,
    /// Cut the minor although it is not the next one
    #[arg(long)]
    out_of_order: bool,
    /// Push the branch to the fleet's remote, too
    #[arg(long)]
    push: bool,
    /// Write nothing; say what would be made
    #[arg(long)]
    dry_run: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn read_minor(text: &str) -> Result<Minor, String> {
    text.parse().map_err(|NotAVersion| "expected a minor such as `1.35`".to_owned())
}

impl Branch {
    /// Makes the branch.
    ///
    /// # Errors
    /// Reports what speaks against it; says what the environment refused. Nothing is written then.
    pub fn run(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        let Verb::Cut(verb) = &self.verb;
        verb.run(session, sources)
    }

    /// Returns how the result is printed.
    pub fn format(&self) -> Format {
        let Verb::Cut(verb) = &self.verb;
        verb.format
    }
}

impl CutBranch {
    fn run(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        let store = Store::open(&session.directory)?;
        let order = if self.out_of_order { Order::Ignore } else { Order::Keep };
        let request = Request { minor: self.minor, at: self.commit.as_deref(), order };
        let cut = plan(&store, &session.directory, request, sources)?;
        let made = match self.dry_run {
            true => None,
            false => Some(carry_out(&store, &cut, self.push.then_some(cut.remote.as_str()))?.to_string()),
        };
        match self.format {
            Format::Json => session.terminal.print_json(&self.to_json(&cut, made, sources))?,
            Format::Text => session.terminal.print(&to_text(&cut, sources))?,
        }
        let done = if self.dry_run { "would be cut" } else { "is cut" };
        let looks = match cut.attention.len() {
            0 => String::new(),
            1 => "; one place to look at".to_owned(),
            count => format!("; {count} places to look at"),
        };
        session.terminal.say(&format!("`{}` {done} from `{}`{looks}", cut.branch, cut.trunk));
        Ok(Exit::Fine)
    }

    fn to_json(&self, cut: &Cut, made: Option<String>, sources: &Sources) -> Value {
        let attention = |one: &Attention| {
            let at = sources.position(one.location);
            json!({
                "about": one.about.word(),
                "addon": one.addon,
                "file": sources.get(one.location.file).name.as_str(),
                "line": at.line,
                "column": at.column,
                "message": one.message,
                "toDo": one.to_do,
            })
        };
        json!({
            "dryRun": self.dry_run,
            "minor": cut.minor.to_string(),
            "branch": cut.branch.as_str(),
            "trunk": cut.trunk,
            "from": cut.from.to_string(),
            "commit": made.filter(|made| *made != cut.from.to_string()),
            "trunkOnly": cut.trunk_only,
            "removed": cut.removed,
            "attention": cut.attention.iter().map(attention).collect::<Vec<_>>(),
        })
    }
}

/// Returns what the branch is made of, and what wants a look, for people.
fn to_text(cut: &Cut, sources: &Sources) -> String {
    let from = short(cut.from);
    let without = match cut.removed.len() {
        0 => "nothing of it is trunk's alone".to_owned(),
        count => format!("without {} that trunk alone has", counted(count as u64, "file")),
    };
    let mut text = format!("{} from {from} of {}, {without}\n", cut.branch, cut.trunk);
    for one in &cut.attention {
        let at = sources.position(one.location);
        let file = sources.get(one.location.file).name.as_str();
        text.push_str(&format!("\n{file}:{}:{}\n", at.line, at.column));
        text.push_str(&format!("  {}\n  {}\n", one.message, one.to_do));
    }
    text
}
