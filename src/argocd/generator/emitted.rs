//! Cluster generators with a template of their own, as yoshino emits them; any other is refused by name.

use serde_json::Value;

use crate::argocd::Refused;
use crate::spec::selector::Selector;

/// A cluster generator with a selector and a template of its own.
#[derive(Clone, Debug)]
pub struct ClusterGenerator {
    /// Which Secrets it selects; never empty, so that the management cluster is none of them.
    pub selector: Selector,
    /// Its template, as written; an empty map where it has none.
    pub template: Value,
}

/// Generators of Argo CD 3.5.1 that are not done.
const OTHERS: [&str; 8] =
    ["list", "git", "scmProvider", "clusterDecisionResource", "pullRequest", "matrix", "merge", "plugin"];

impl ClusterGenerator {
    /// Reads an entry of `spec.generators`.
    ///
    /// # Errors
    /// Refuses by name every generator and every field that is not done.
    pub fn read(entry: &Value) -> Result<Self, Refused> {
        if let Some(other) = OTHERS.iter().find(|other| entry.get(**other).is_some()) {
            return Err(Refused(format!("the generator `{other}` is not supported")));
        }
        if entry.get("selector").is_some() {
            return Err(Refused("the field `selector` beside a generator is not supported".into()));
        }
        let Some(generator) = entry.get("clusters") else {
            return Err(Refused("an entry of `generators` has no generator that is known".into()));
        };
        if let Some(field) = ["values", "flatList"].into_iter().find(|field| generator.get(*field).is_some())
        {
            return Err(Refused(format!("`{field}` of the generator `clusters` is not supported")));
        }
        let selector = generator.get("selector").cloned().unwrap_or(Value::Null);
        let selector: Selector = serde_json::from_value(selector).map_err(|refusal| {
            Refused(format!("the selector of a cluster generator is malformed: {refusal}"))
        })?;
        if selector.match_labels.is_empty() && selector.match_expressions.is_empty() {
            return Err(Refused("a cluster generator without a selector is not supported".into()));
        }
        let template =
            generator.get("template").cloned().unwrap_or_else(|| Value::Object(Default::default()));
        Ok(Self { selector, template })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_done_is_refused_by_name() {
        for (entry, expected) in [
            (json!({"matrix": {}}), "the generator `matrix` is not supported"),
            (
                json!({"clusters": {}, "selector": {}}),
                "the field `selector` beside a generator is not supported",
            ),
            (json!({"cluster": {}}), "an entry of `generators` has no generator that is known"),
            (
                json!({"clusters": {"flatList": true}}),
                "`flatList` of the generator `clusters` is not supported",
            ),
            (
                json!({"clusters": {"selector": {}}}),
                "a cluster generator without a selector is not supported",
            ),
        ] {
            assert_eq!(
                ClusterGenerator::read(&entry).err().map(|refused| refused.0),
                Some(expected.to_owned())
            );
        }
    }
}
