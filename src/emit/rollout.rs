//! Steps of Argo CD's RollingSync.
//!
//! Argo CD never syncs an Application that no step matches, so what the fleet's steps leave out is a step of its own
//! (Argo CD 3.5, "Progressive Syncs"). Whether steps overlap is not looked at here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::spec::fleet::RolloutStep;

/// What one step asks of a label.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Demand<'a> {
    In(&'a str),
    NotIn(BTreeSet<&'a str>),
}

/// Demands that must all hold, by label.
type Demands<'a> = BTreeMap<&'a str, Demand<'a>>;

/// Returns the steps as Argo CD has them, those for the Applications in no step last.
pub fn steps(steps: &[RolloutStep]) -> Value {
    let own = steps.iter().map(|step| {
        let labels = step.match_labels.iter();
        let demands: Demands<'_> = labels.map(|(key, value)| (key.as_str(), Demand::In(value))).collect();
        let mut written = expressions(&demands);
        if let Some(max_update) = &step.max_update {
            written["maxUpdate"] = max_update.clone();
        }
        written
    });
    own.chain(left_out(steps).iter().map(expressions)).collect()
}

/// Returns demands that, taken together, hold exactly where no step does; no two of them hold at once.
///
/// Where each step has one label they are one. A step with more is missed in several ways: at its first label, or
/// there in it and at its second, and so on.
fn left_out(steps: &[RolloutStep]) -> Vec<Demands<'_>> {
    let mut open: Vec<Demands<'_>> = vec![Demands::new()];
    for step in steps {
        let mut next = Vec::new();
        for demands in open {
            let mut reached = Some(demands);
            for (key, value) in &step.match_labels {
                let Some(so_far) = reached else { break };
                next.extend(without(&so_far, key, value));
                reached = with(&so_far, key, value);
            }
        }
        open = next;
    }
    open
}

/// Returns the demands that hold where `demands` do and the label has another value; `None` where nothing is left.
fn without<'a>(demands: &Demands<'a>, key: &'a str, value: &'a str) -> Option<Demands<'a>> {
    let mut demands = demands.clone();
    match demands.entry(key).or_insert_with(|| Demand::NotIn(BTreeSet::new())) {
        Demand::In(own) if *own == value => return None,
        Demand::In(_) => {}
        Demand::NotIn(values) => {
            values.insert(value);
        }
    }
    Some(demands)
}

/// Returns the demands that hold where `demands` do and the label has this value; `None` where nothing is left.
fn with<'a>(demands: &Demands<'a>, key: &'a str, value: &'a str) -> Option<Demands<'a>> {
    let possible = match demands.get(key) {
        None => true,
        Some(Demand::In(own)) => *own == value,
        Some(Demand::NotIn(values)) => !values.contains(value),
    };
    let mut demands = demands.clone();
    demands.insert(key, Demand::In(value));
    possible.then_some(demands)
}

fn expressions(demands: &Demands<'_>) -> Value {
    let expression = |(key, demand): (&&str, &Demand<'_>)| match demand {
        Demand::In(value) => json!({"key": key, "operator": "In", "values": [value]}),
        Demand::NotIn(values) => json!({"key": key, "operator": "NotIn", "values": values}),
    };
    json!({"matchExpressions": demands.iter().map(expression).collect::<Vec<_>>()})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(value: Value) -> Vec<RolloutStep> {
        serde_json::from_value(value).expect("because the table's steps are well formed")
    }

    #[test]
    fn clusters_in_no_step_form_the_last_one() {
        let given = parsed(json!([
            {"matchLabels": {"tier": "canary"}},
            {"matchLabels": {"tier": "production"}, "maxUpdate": "10%"},
        ]));
        let expected = json!([
            {"matchExpressions": [{"key": "tier", "operator": "In", "values": ["canary"]}]},
            {"matchExpressions": [{"key": "tier", "operator": "In", "values": ["production"]}], "maxUpdate": "10%"},
            {"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["canary", "production"]}]},
        ]);
        assert_eq!(steps(&given), expected);
    }

    #[test]
    fn every_combination_of_labels_is_in_exactly_one_step() {
        let given = parsed(json!([
            {"matchLabels": {"tier": "canary", "region": "east"}},
            {"matchLabels": {"tier": "canary", "region": "west", "gpu": "yes"}},
            {"matchLabels": {"tier": "production"}},
        ]));
        let written = steps(&given);
        for tier in ["", "canary", "production", "staging"] {
            for region in ["", "east", "west"] {
                for gpu in ["", "yes"] {
                    let labels = json!({"tier": tier, "region": region, "gpu": gpu});
                    let matching =
                        written.as_array().into_iter().flatten().filter(|step| holds(step, &labels));
                    assert_eq!(matching.count(), 1, "{labels} in {written}");
                }
            }
        }
    }

    fn holds(step: &Value, labels: &Value) -> bool {
        step["matchExpressions"].as_array().into_iter().flatten().all(|expression| {
            let label = &labels[expression["key"].as_str().unwrap_or_default()];
            let listed = expression["values"].as_array().is_some_and(|values| values.contains(label));
            listed == (expression["operator"] == "In")
        })
    }
}
