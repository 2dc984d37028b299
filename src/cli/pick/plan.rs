//! `pick plan`: what would be brought where, and why not.

use yoshino::branch::history::short;
use yoshino::branch::pick::{Plan, PlannedUnit, Status};
use yoshino::error::Failure;
use yoshino::location::Sources;

use super::table::{cell, matrix};
use super::{Inputs, show_errors};
use crate::cli::words::{counted, harmless, shortened};
use crate::cli::{Exit, Format, Session};

/// Says which commits would be brought to which minors; writes nothing
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exits with 3 where a human must decide: a conflict, a commit that waits for another one, a commit that is wrong.")]
pub struct PlanVerb {
    #[command(flatten)]
    inputs: Inputs,
    /// List commits, too, for which there is nothing to do
    #[arg(long)]
    all: bool,
    /// How to print the plan
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

impl PlanVerb {
    /// Computes and prints the plan.
    ///
    /// # Errors
    /// Reports what is wrong with the policy; says what the environment refused.
    pub fn run(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        let (_, plan) = self.inputs.plan(session, sources)?;
        match self.format {
            Format::Json => session.terminal.print_json(&plan.to_json())?,
            Format::Text => session.terminal.print(&text(&plan, self.all))?,
        }
        show_errors(session, &plan, sources);
        session.terminal.say(&summary(&plan));
        Ok(if plan.is_undecided() { Exit::Undecided } else { Exit::Fine })
    }
}

/// Returns the plan for people: units by minors, then what a human must decide.
pub(super) fn text(plan: &Plan, all: bool) -> String {
    let mut text = matrix(plan, |unit| all || is_news(unit.status), cell);
    let undecided: Vec<&PlannedUnit> = plan.units.iter().filter(|unit| unit.is_undecided()).collect();
    for unit in undecided {
        let commit = short(unit.commit);
        text.push_str(&format!("\n{} {commit} on {}", unit.status.word(), unit.minor));
        text.push_str(&format!(": {}\n", harmless(&shortened(&unit.reason, 200))));
        text.push_str(&format!("    {}\n", harmless(&shortened(&unit.subject, 100))));
        for needed in &unit.requires {
            text.push_str(&format!("    requires {needed}\n"));
        }
        for conflict in &unit.conflicts {
            let suggest = conflict.suggest.as_ref().map(|path| format!(", to {path}?")).unwrap_or_default();
            let line = format!("    {:16} {}{suggest}", conflict.kind.word(), conflict.path);
            text.push_str(&harmless(&line));
            text.push('\n');
        }
    }
    text
}

/// Returns whether a status is worth a line to whoever asks what there is to do.
fn is_news(status: Status) -> bool {
    match status {
        Status::InBase
        | Status::NotSelected
        | Status::AlreadyPicked
        | Status::Equivalent
        | Status::Empty
        | Status::OnlyGenerated
        | Status::Cancelled
        | Status::Eol => false,
        Status::Excluded
        | Status::Frozen
        | Status::Incompatible
        | Status::RevertedOnTarget
        | Status::Blocked
        | Status::Conflict
        | Status::Pick
        | Status::Revert
        | Status::Reapply => true,
    }
}

/// Returns in one line what there is to do.
pub(super) fn summary(plan: &Plan) -> String {
    let picks = plan.units.iter().filter(|unit| unit.status.is_action()).count();
    let undecided = plan.units.iter().filter(|unit| unit.is_undecided()).count();
    let minors =
        plan.inputs.targets.keys().filter(|minor| plan.of_minor(**minor).any(|unit| unit.status.is_action()));
    let minors: Vec<String> = minors.map(ToString::to_string).collect();
    let done = match picks {
        0 => "nothing to pick".to_owned(),
        picks => format!("{} to make on {}", counted(picks as u64, "pick"), minors.join(", ")),
    };
    match undecided {
        0 => done,
        1 => format!("{done}; 1 needs a decision"),
        many => format!("{done}; {many} need a decision"),
    }
}
