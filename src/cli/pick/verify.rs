//! `pick verify`: what the pull request of picks is held against.

use std::path::PathBuf;

use serde_json::{Value, json};
use yoshino::branch::history::short;
use yoshino::branch::pick::{find_policy, source_tip};
use yoshino::branch::regenerate::Commands;
use yoshino::branch::store::Store;
use yoshino::branch::verify::{Finding, Range, Verification, Verified, verify};
use yoshino::error::Failure;
use yoshino::location::Sources;

use crate::cli::words::{counted, harmless};
use crate::cli::{Exit, Format, Session};

/// Holds the commits of a pull request against trunk and policy
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Looks for conflicts that were committed, commits that are not from trunk and do not say why\n\
(`Not-Picked-Because: …`), merges that do more than merge, and generated files that are not what is generated.\n\
Exits with 2 where something is wrong, and with 4 where only a command could have told and none may be run.")]
pub struct VerifyVerb {
    /// The commits, as git names them: `origin/release/1.36..HEAD`
    #[arg(value_name = "RANGE", value_parser = range)]
    range: Range,
    /// Take the policy from this file instead of trunk's tip
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Run the commands that the policy names for generated files; what they run lies in the commits themselves
    #[arg(long)]
    run_commands: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

fn range(text: &str) -> Result<Range, String> {
    text.parse().map_err(|_| "expected BASE..HEAD, such as `origin/release/1.36..HEAD`".to_owned())
}

impl VerifyVerb {
    /// Verifies and prints what was found.
    ///
    /// # Errors
    /// Reports what is wrong with the policy and revisions that are not there; says what the environment refused.
    pub fn run(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        let store = Store::open(&session.directory)?;
        let repository = store.repository();
        let policy = self.policy.as_ref().map(|path| super::policy(session, path)).transpose()?;
        let found = find_policy(repository, policy, sources)?;
        let trunk = source_tip(repository, &found)?.id;
        let ends = self.range.find(repository)?;
        let minor = self.range.minor(repository, &found.policy, ends, trunk)?;
        let commands = if self.run_commands { Commands::Run } else { Commands::Refuse };
        let verification = Verification { policy: &found.policy, trunk, minor, commands };
        let verified = verify(repository, ends, &verification)?;
        match self.format {
            Format::Json => session.terminal.print_json(&json(&verified))?,
            Format::Text => session.terminal.print(&text(&verified))?,
        }
        self.summarize(session, &verified);
        Ok(match (verified.findings.is_empty(), verified.unverified.is_empty()) {
            (false, _) => Exit::Wrong,
            (true, false) => Exit::Refused,
            (true, true) => Exit::Fine,
        })
    }

    fn summarize(&self, session: &Session, verified: &Verified) {
        if !verified.unverified.is_empty() {
            let paths = verified.unverified.join(", ");
            let why = if self.run_commands {
                "which minor they are for cannot be told"
            } else {
                "`--run-commands` runs the commands that make them"
            };
            session.terminal.say(&harmless(&format!("not verified: {paths}; {why}")));
        }
        let commits = counted(verified.commits as u64, "commit");
        let wrong = match verified.findings.len() {
            0 => "nothing wrong".to_owned(),
            found => counted(found as u64, "finding"),
        };
        session.terminal.say(&format!("{commits}, {wrong}"));
    }
}

fn text(verified: &Verified) -> String {
    verified.findings.iter().map(line).collect()
}

fn line(finding: &Finding) -> String {
    let commit = short(finding.commit);
    let path = finding.path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default();
    format!("{}\n", harmless(&format!("{commit} {path}{} [{}]", finding.message, finding.rule.id())))
}

fn json(verified: &Verified) -> Value {
    let finding = |finding: &Finding| {
        json!({
            "rule": finding.rule.id(),
            "commit": finding.commit.to_string(),
            "path": finding.path,
            "message": finding.message,
        })
    };
    json!({
        "commits": verified.commits,
        "findings": verified.findings.iter().map(finding).collect::<Vec<_>>(),
        "unverified": verified.unverified,
    })
}
