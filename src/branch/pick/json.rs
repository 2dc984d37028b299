//! A plan as JSON.

use serde_json::{Map, Value, json};

use super::{Plan, PlannedUnit, Tip};
use crate::branch::merge::Conflict;

impl Plan {
    /// Returns the plan as `pick plan --format json` prints it.
    pub fn to_json(&self) -> Value {
        let inputs = &self.inputs;
        let targets = inputs.targets.iter().map(|(minor, tip)| (minor.to_string(), tip_json(tip)));
        json!({
            "policy": {"source": inputs.origin.source, "id": inputs.origin.id.to_string()},
            "source": tip_json(&inputs.source),
            "now": inputs.now.to_string(),
            "only": inputs.only.as_ref().map(|only| only.iter().map(ToString::to_string).collect::<Vec<_>>()),
            "targets": targets.collect::<Map<_, _>>(),
            "units": self.units.iter().map(unit_json).collect::<Vec<_>>(),
        })
    }
}

fn tip_json(tip: &Tip) -> Value {
    json!({"ref": tip.reference, "tip": tip.id.to_string()})
}

fn unit_json(unit: &PlannedUnit) -> Value {
    let mut entry = json!({
        "commit": unit.commit.to_string(),
        "subject": unit.subject,
        "minor": unit.minor.to_string(),
        "status": unit.status.word(),
        "action": unit.status.action(),
        "rule": unit.rule,
        "reason": unit.reason,
        "requires": unit.requires.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "conflicts": unit.conflicts.iter().map(conflict_json).collect::<Vec<_>>(),
    });
    if !unit.parts.is_empty() {
        entry["parts"] = unit.parts.iter().map(ToString::to_string).collect();
    }
    entry
}

fn conflict_json(conflict: &Conflict) -> Value {
    let mut entry = json!({"path": conflict.path, "kind": conflict.kind.word()});
    if let Some(suggest) = &conflict.suggest {
        entry["suggest"] = json!(suggest);
    }
    entry
}
