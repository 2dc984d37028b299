//! `pick status`: what is where.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use yoshino::branch::history::short;
use yoshino::branch::pick::{Plan, PlannedUnit, Releases, Status};
use yoshino::error::Failure;
use yoshino::location::Sources;

use super::Inputs;
use super::table::matrix;
use crate::cli::{Exit, Format, Session};

/// Shows which commit is on which minor, and in which release it came
#[derive(Debug, clap::Args)]
pub struct StatusVerb {
    #[command(flatten)]
    inputs: Inputs,
    /// List commits, too, that no minor has or waits for
    #[arg(long)]
    all: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

impl StatusVerb {
    /// Prints the matrix.
    ///
    /// # Errors
    /// Reports what is wrong with the policy; says what the environment refused.
    pub fn run(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        let (store, plan) = self.inputs.plan(session, sources)?;
        let releases = Releases::of(store.repository(), &plan.inputs)?;
        match self.format {
            Format::Json => session.terminal.print_json(&json(&plan, &releases))?,
            Format::Text => {
                let is_shown = |unit: &PlannedUnit| {
                    self.all
                        || unit.place.is_some()
                        || !matches!(unit.status, Status::InBase | Status::NotSelected)
                };
                session.terminal.print(&matrix(&plan, is_shown, |unit| cell(unit, &releases)))?;
            }
        }
        Ok(Exit::Fine)
    }
}

/// Returns where a unit is: the release it came in, else the commit; else what becomes of it.
fn cell(unit: &PlannedUnit, releases: &Releases) -> String {
    match (unit.place, releases.first_with(unit.minor, unit.place)) {
        (Some(_), Some(release)) => release.to_owned(),
        (Some(place), None) => short(place),
        // It was, and trunk has taken it back since.
        (None, _) if unit.status == Status::AlreadyPicked => "reverted".to_owned(),
        (None, _) => unit.status.word().to_owned(),
    }
}

fn json(plan: &Plan, releases: &Releases) -> Value {
    let mut units: Vec<Value> = Vec::new();
    let mut places: BTreeMap<_, usize> = BTreeMap::new();
    for unit in &plan.units {
        let at = *places.entry(unit.commit).or_insert_with(|| {
            units.push(json!({"commit": unit.commit.to_string(), "subject": unit.subject, "minors": {}}));
            units.len() - 1
        });
        units[at]["minors"][unit.minor.to_string()] = json!({
            "status": unit.status.word(),
            "commit": unit.place.map(|place| place.to_string()),
            "release": releases.first_with(unit.minor, unit.place),
        });
    }
    let plan = plan.to_json();
    let kept = ["policy", "source", "now", "targets"].map(|key| (key.to_owned(), plan[key].clone()));
    let mut result: Map<String, Value> = kept.into_iter().collect();
    result.insert("units".to_owned(), units.into());
    result.into()
}
