//! `pick apply`: a plan, carried out.

use std::path::PathBuf;

use clap::ValueEnum;
use yoshino::branch::apply::{Applied, Branch, Onto, Order, Recorded, apply};
use yoshino::branch::history::short;
use yoshino::branch::pick::{Inputs as PlanInputs, Plan, Request, plan_for};
use yoshino::branch::sign::Signing;
use yoshino::branch::store::Store;
use yoshino::diagnostic::{Diagnostic, Report};
use yoshino::error::Failure;
use yoshino::location::Sources;

use super::plan::{summary, text};
use super::{Inputs, policy, read, show_errors};
use crate::cli::words::counted;
use crate::cli::{Exit, Format, Session};

/// Brings the commits to branches for pull requests, or to the branches of minors themselves
#[derive(Debug, clap::Args)]
#[command(after_help = "\
What a human must decide about is left out, and everything else is done: with 3 it exits all the same. With 4 it exits\n\
where a branch is no longer where the plan saw it, or is checked out; that minor is then left as it was.")]
pub struct ApplyVerb {
    #[command(flatten)]
    inputs: Inputs,
    /// Carry out this plan, as `pick plan --format json` printed it, if nothing has moved since
    #[arg(long, value_name = "FILE", conflicts_with_all = ["now", "only"])]
    plan: Option<PathBuf>,
    /// Where the commits go
    #[arg(long, value_enum, default_value_t)]
    onto: Destination,
    /// Bring the branches to the remote, too, with your own git
    #[arg(long)]
    push: bool,
    /// Say what would be done, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// How to print what was done
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Where picks go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Destination {
    /// To `picks/<minor>/<trunk's tip>`, for a pull request; a conflict leaves a draft beside it
    #[default]
    Branch,
    /// To the branches of minors
    Direct,
}

impl ApplyVerb {
    /// Plans, and carries the plan out.
    ///
    /// # Errors
    /// Reports what is wrong with the policy; says what the environment refused. Nothing is written then.
    pub fn run(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        let signing = if self.dry_run { Signing::Nothing } else { Signing::AsConfigured };
        let store = Store::open(&session.directory)?.signing(signing)?;
        let plan = self.planned(session, &store, sources)?;
        let onto = match self.onto {
            Destination::Branch => Onto::Branch,
            Destination::Direct => Onto::Direct,
        };
        let push = self.push.then_some(plan.inputs.remote.as_str());
        let applied = match self.dry_run {
            true => Applied::default(),
            false => apply(&store, &plan, Order { onto, push })?,
        };
        self.show(session, &plan, &applied)?;
        show_errors(session, &plan, sources);
        for (minor, error) in &applied.refused {
            session.terminal.show_error(&format!("{minor} is left as it was: {error}"));
        }
        session.terminal.say(&summary(&plan));
        Ok(match (applied.refused.is_empty(), plan.is_undecided()) {
            (false, _) => Exit::Refused,
            (true, true) => Exit::Undecided,
            (true, false) => Exit::Fine,
        })
    }

    fn planned(&self, session: &Session, store: &Store, sources: &mut Sources) -> Result<Plan, Failure> {
        let Some(path) = &self.plan else { return self.inputs.plan_in(session, store, sources) };
        let recorded = Recorded::read(&read(&session.path(path))?)?;
        let given = self.inputs.policy.as_ref().map(|path| policy(session, path)).transpose()?;
        if recorded.has_own_policy && given.is_none() {
            let message = "the plan was made with a policy of its own";
            let finding = Diagnostic::error_nowhere("pick-plan", message);
            return Err(Report::from(finding.hint("give it again with `--policy FILE`")).into());
        }
        let request = Request { policy: given, now: Some(recorded.now), only: &recorded.only };
        // Before anything is computed, since that may run commands of the policy.
        let inputs = PlanInputs::find(store.repository(), &request, sources)?;
        recorded.refuse_stale(&inputs)?;
        plan_for(store, inputs)
    }

    fn show(&self, session: &Session, plan: &Plan, applied: &Applied) -> Result<(), Failure> {
        if self.format == Format::Json {
            let mut json = plan.to_json();
            if let (Some(json), Some(done)) = (json.as_object_mut(), applied.to_json().as_object()) {
                json.extend(done.clone());
            }
            session.terminal.print_json(&json)?;
            return Ok(());
        }
        let mut shown = text(plan, false);
        if !applied.branches.is_empty() {
            shown.push('\n');
        }
        applied.branches.iter().for_each(|branch| shown.push_str(&line(branch)));
        session.terminal.print(&shown)?;
        Ok(())
    }
}

fn line(branch: &Branch) -> String {
    let tip = short(branch.tip);
    let was_there = if branch.was_there { ", there already" } else { "" };
    match branch.draft_of {
        Some(unit) => {
            let unit = short(unit);
            format!("{tip}  {}: a draft of {unit}, to be merged by hand{was_there}\n", branch.name.short())
        }
        None => {
            let commits = counted(branch.commits as u64, "commit");
            format!("{tip}  {}: {commits}{was_there}\n", branch.name.short())
        }
    }
}
