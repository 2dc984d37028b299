//! A plan as `pick plan --format json` printed it: what it was computed from, so that it can be computed again.

use std::collections::BTreeMap;

use git2::Oid;
use serde_json::Value;

use super::tips;
use crate::branch::history::message::ID;
use crate::branch::history::short;
use crate::branch::pick::Inputs;
use crate::diagnostic::{Diagnostic, Report};
use crate::error::Error;
use crate::spec::pick_policy::Moment;

/// The inputs of a plan that was printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The day or time by which it was made.
    pub now: Moment,
    /// The units that were planned; all where it is empty.
    pub only: Vec<String>,
    /// Whether the policy came from a file, which must be given again.
    pub has_own_policy: bool,
    policy: Oid,
    source: (String, Oid),
    targets: BTreeMap<String, (String, Oid)>,
}

impl Recorded {
    /// Reads the JSON of a plan.
    ///
    /// # Errors
    /// Reports what is no plan.
    pub fn read(bytes: &[u8]) -> Result<Self, Report> {
        let plan: Value =
            serde_json::from_slice(bytes).map_err(|error| no_plan(&format!("it is no JSON: {error}")))?;
        let text =
            |pointer: &str| plan.pointer(pointer).and_then(Value::as_str).ok_or_else(|| lacks(pointer));
        let id = |pointer: &str| text(pointer).and_then(|text| full_id(text).ok_or_else(|| lacks(pointer)));
        let only = match plan.get("only") {
            None | Some(Value::Null) => Vec::new(),
            Some(only) => ids(only).ok_or_else(|| lacks("/only"))?,
        };
        let targets = plan.get("targets").and_then(Value::as_object).ok_or_else(|| lacks("/targets"))?;
        let target = |(minor, tip): (&String, &Value)| {
            let reference = tip.get("ref")?.as_str()?.to_owned();
            Some((minor.clone(), (reference, full_id(tip.get("tip")?.as_str()?)?)))
        };
        Ok(Self {
            now: text("/now")?.parse().map_err(|_| lacks("/now"))?,
            only,
            has_own_policy: text("/policy/source")? == "file",
            policy: id("/policy/id")?,
            source: (text("/source/ref")?.to_owned(), id("/source/tip")?),
            targets: targets.iter().map(target).collect::<Option<_>>().ok_or_else(|| lacks("/targets"))?,
        })
    }

    /// Refuses inputs that are not those of the plan: a policy, trunk or a minor branch is another one by now.
    ///
    /// # Errors
    /// [`Error::Refused`] with the first that differs; nothing may then be written at all.
    pub fn refuse_stale(&self, inputs: &Inputs) -> Result<(), Error> {
        let stale = |what: String| Error::Refused {
            doing: "carry out the plan".to_owned(),
            why: format!("{what}; plan again"),
        };
        if self.policy != inputs.origin.id {
            let (old, new) = (short(self.policy), short(inputs.origin.id));
            return Err(stale(format!("the policy is {new}, and was {old} when it was made")));
        }
        let found = tips(&inputs.targets);
        let source = ("trunk".to_owned(), (inputs.source.reference.clone(), inputs.source.id));
        let planned = [("trunk".to_owned(), self.source.clone())].into_iter().chain(self.targets.clone());
        let found: BTreeMap<String, (String, Oid)> = [source].into_iter().chain(found).collect();
        let planned: BTreeMap<String, (String, Oid)> = planned.collect();
        for (name, (reference, id)) in &planned {
            match found.get(name) {
                Some((other, now)) if other == reference && now == id => {}
                Some((other, now)) => {
                    let old = short(*id);
                    return Err(stale(format!(
                        "`{other}` is at {}, and `{reference}` was at {old} when it was made",
                        short(*now)
                    )));
                }
                None => return Err(stale(format!("`{reference}` is gone"))),
            }
        }
        match found.iter().find(|(name, _)| !planned.contains_key(*name)) {
            Some((_, (reference, _))) => Err(stale(format!("`{reference}` is new"))),
            None => Ok(()),
        }
    }
}

fn ids(list: &Value) -> Option<Vec<String>> {
    list.as_array()?.iter().map(|id| Some(full_id(id.as_str()?)?.to_string())).collect()
}

fn full_id(text: &str) -> Option<Oid> {
    Oid::from_str(text).ok().filter(|_| text.len() == ID)
}

fn lacks(pointer: &str) -> Report {
    no_plan(&format!("`{pointer}` is not there, or not as `pick plan --format json` writes it"))
}

fn no_plan(why: &str) -> Report {
    Diagnostic::error_nowhere("pick-plan", format!("this is no plan: {why}")).into()
}
