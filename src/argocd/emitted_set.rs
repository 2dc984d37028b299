//! ApplicationSets as yoshino emits them, generator by generator: plain look-ups, cluster generators with a selector.
//!
//! Rendering holds every cluster Secret against every set, so that here a selector is asked and a name looked up
//! without an Application being made.

use serde_json::Value;

use super::application_set::ApplicationSet;
use super::language::Language;
use super::params::{Params, SecretParams};
use super::template::{Template, merged};
use super::{ClusterSecret, Fault, Refused};
use crate::spec::selector::Selector;

/// An ApplicationSet of cluster generators.
#[derive(Clone, Debug)]
pub struct EmittedSet {
    /// The set.
    pub set: ApplicationSet,
    /// Its generators, in order.
    pub generators: Vec<Generator>,
}

/// One generator of a set.
#[derive(Clone, Debug)]
pub struct Generator {
    /// Which Secrets it selects; never empty, so that the management cluster is none of them.
    pub selector: Selector,
    /// The template of its Applications, that of the set merged in.
    pub merged: Value,
    template: Template,
}

/// What may stand in an entry of `spec.generators` beside `clusters`.
const OTHERS: [&str; 8] =
    ["list", "git", "scmProvider", "clusterDecisionResource", "pullRequest", "matrix", "merge", "plugin"];

impl EmittedSet {
    /// Reads an ApplicationSet.
    ///
    /// # Errors
    /// Says what Argo CD cannot read, and names what no emitted set has.
    pub fn compile(set: &Value) -> Result<Self, Refused> {
        let set = ApplicationSet::read(set).map_err(|fault| match fault {
            Fault::Wrong(why) => Refused(why),
            Fault::Refused(refused) => refused,
        })?;
        if let Some(path) = set.unknown.first() {
            return Err(Refused(format!("Argo CD has no field `{path}`")));
        }
        match set.language {
            Language::Plain => {}
            Language::Go(_) | Language::Unusable(_) => {
                return Err(Refused("`goTemplate: true` is not supported".into()));
            }
        }
        if set.spec.get("templatePatch").is_some() {
            return Err(Refused("`templatePatch` is not supported".into()));
        }
        let entries = set.spec.get("generators").and_then(Value::as_array).map(Vec::as_slice);
        let generators = entries.unwrap_or_default().iter().map(|entry| Generator::read(entry, &set));
        Ok(Self { generators: generators.collect::<Result<_, _>>()?, set })
    }

    /// Returns the Applications of one cluster, in the order of the generators.
    ///
    /// # Errors
    /// Says what is wrong with a text of the template.
    pub fn applications(&self, secret: &ClusterSecret<'_>) -> Result<Vec<Value>, Fault> {
        let params = Params::Secret(SecretParams::new(secret));
        let selecting = self.generators.iter().filter(|generator| generator.selects(secret));
        let make = |generator: &Generator| self.set.application(&generator.template, &params);
        selecting.map(|generator| Ok(make(generator)?.application)).collect()
    }
}

impl Generator {
    fn read(entry: &Value, set: &ApplicationSet) -> Result<Self, Refused> {
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
        let selector: Selector =
            serde_json::from_value(generator["selector"].clone()).map_err(|refusal| {
                Refused(format!("the selector of a cluster generator is malformed: {refusal}"))
            })?;
        if selector.match_labels.is_empty() && selector.match_expressions.is_empty() {
            return Err(Refused("a cluster generator without a selector is not supported".into()));
        }
        let merged = merged(&generator["template"], &set.spec["template"]);
        Ok(Self { selector, template: set.compile(&merged), merged })
    }

    /// Returns whether the generator selects a Secret.
    pub fn selects(&self, secret: &ClusterSecret<'_>) -> bool {
        self.selector.holds(|key| secret.label(key))
    }

    /// Returns the names that the template looks up, in its order, with repetitions.
    pub fn names(&self) -> Vec<&str> {
        self.template.names()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_no_emitted_set_has_is_named() {
        for (spec, expected) in [
            (json!({"generators": [{"matrix": {}}]}), "the generator `matrix` is not supported"),
            (
                json!({"generators": [{"clusters": {}, "selector": {}}]}),
                "the field `selector` beside a generator is not supported",
            ),
            (json!({"generators": [{}]}), "an entry of `generators` has no generator that is known"),
            (json!({"generators": [{"cluster": {}}]}), "Argo CD has no field `spec.generators[0].cluster`"),
            (
                json!({"generators": [{"clusters": {"flatList": true}}]}),
                "`flatList` of the generator `clusters` is not supported",
            ),
            (
                json!({"generators": [{"clusters": {"selector": {}}}]}),
                "a cluster generator without a selector is not supported",
            ),
            (json!({"goTemplate": true}), "`goTemplate: true` is not supported"),
            (json!({"generators": {}}), "`spec.generators` is a map where a list is wanted"),
        ] {
            let refused = EmittedSet::compile(&json!({"spec": spec})).err().map(|refused| refused.0);
            assert_eq!(refused.as_deref(), Some(expected));
        }
    }
}
