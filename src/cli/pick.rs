//! `pick`: trunk's commits on minor branches.

mod apply;
mod plan;
mod status;
mod table;
mod verify;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use yoshino::branch::history::short;
use yoshino::branch::pick::{Plan, PolicyFile, Request};
use yoshino::branch::store::Store;
use yoshino::diagnostic::{Diagnostic, Report};
use yoshino::error::{Error, Failure};
use yoshino::location::Sources;
use yoshino::spec::pick_policy::Moment;

use super::words::harmless;
use super::{Exit, Format, Session};

/// Brings trunk's commits to the branches of minors
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The policy is `picks.yaml` at the tip of trunk; `yoshino schema PickPolicy` says what may stand in it. No fleet is\n\
needed, and no work tree.")]
pub struct Pick {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Plan(plan::PlanVerb),
    Apply(apply::ApplyVerb),
    Status(status::StatusVerb),
    Verify(verify::VerifyVerb),
}

/// What every plan is computed from.
#[derive(Debug, clap::Args)]
struct Inputs {
    /// Take the policy from this file instead of trunk's tip
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The day, or time, by which the lives of minors are judged; what git would date a commit with by default
    #[arg(long, value_name = "DATE", value_parser = moment)]
    now: Option<Moment>,
    /// Plan these commits alone
    #[arg(long, value_name = "REV", num_args = 1..)]
    only: Vec<String>,
}

impl Pick {
    /// Runs the verb.
    ///
    /// # Errors
    /// Those of the verb.
    pub fn run(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        match &self.what {
            What::Plan(verb) => verb.run(session, sources),
            What::Apply(verb) => verb.run(session, sources),
            What::Status(verb) => verb.run(session, sources),
            What::Verify(verb) => verb.run(session, sources),
        }
    }

    /// Returns how the result is printed.
    pub fn format(&self) -> Format {
        match &self.what {
            What::Plan(verb) => verb.format,
            What::Apply(verb) => verb.format,
            What::Status(verb) => verb.format,
            What::Verify(verb) => verb.format,
        }
    }
}

impl Inputs {
    /// Opens the repository and computes the plan.
    fn plan(&self, session: &Session, sources: &mut Sources) -> Result<(Store, Plan), Failure> {
        let store = Store::open(&session.directory)?;
        let plan = self.plan_in(session, &store, sources)?;
        Ok((store, plan))
    }

    /// Computes the plan in a repository that is open.
    fn plan_in(&self, session: &Session, store: &Store, sources: &mut Sources) -> Result<Plan, Failure> {
        let policy = self.policy.as_ref().map(|path| policy(session, path)).transpose()?;
        let request = Request { policy, now: self.now, only: &self.only };
        yoshino::branch::pick::plan(store, &request, sources)
    }
}

fn moment(text: &str) -> Result<Moment, String> {
    text.parse()
        .map_err(|_| "expected a day such as 2026-12-11, or a time such as 2026-12-11T12:00:00Z".to_owned())
}

/// Reads the file of a policy, from where `-C` leads.
fn policy(session: &Session, path: &Path) -> Result<PolicyFile, Error> {
    Ok(PolicyFile { name: path.display().to_string(), bytes: read(&session.path(path))?.into() })
}

/// Reads a file that the user names.
#[expect(clippy::disallowed_methods, reason = "the user names the file")]
fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| Error::io("read", path, source))
}

/// Says what is wrong with units themselves, once for each.
fn show_errors(session: &Session, plan: &Plan, sources: &Sources) {
    let mut report = Report::default();
    let mut said: Vec<(yoshino::branch::pick::UnitId, &str)> = Vec::new();
    for unit in &plan.units {
        let Some(id) = unit.error.filter(|id| !said.contains(&(unit.commit, id))) else { continue };
        said.push((unit.commit, id));
        let same = plan.units.iter().filter(|other| other.commit == unit.commit && other.error == Some(id));
        let minors: Vec<String> = same.map(|other| other.minor.to_string()).collect();
        let why =
            unit.reason.strip_prefix(id).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(&unit.reason);
        let commit = short(unit.commit);
        let message = format!("{why} ({commit} on {})", minors.join(", "));
        let finding = Diagnostic { rule: id, ..Diagnostic::error_nowhere("pick-unit", harmless(&message)) };
        report.push(finding.hint("an entry under `exclude` in the policy settles it for good"));
    }
    if !report.is_empty() {
        session.terminal.show_report(&report, sources);
    }
}
