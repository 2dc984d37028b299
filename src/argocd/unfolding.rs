//! Whether the sets and Secrets that are written come to the Applications that were folded.
//!
//! Checked at every render, so it must cost next to nothing. What does not differ between the clusters of a variant
//! is compared once: the set's template against the variant's, and for its first cluster the whole Application. For
//! every other cluster only what is looked up is: which generators select its Secret, and each parameter's value.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::emitted_set;
use super::schema::{Names, TEMPLATE, Type, decode, floated};
use super::{ClusterSecret, EmittedSet, Fault, Parameter, Refused};
use crate::diagnostic::{Diagnostic, Report};
use crate::emit::Object;
use crate::emit::fold::{Fold, Folded, Variant};
use crate::emit::look_up::{AddonKeys, AddonLookUps, ClusterLookUps, LookUp};
use crate::spec::addon::Addon;
use crate::spec::fleet::Management;
use crate::spec::selector::Selector;

/// The sets of one management cluster, ready to be compared with each Secret.
#[derive(Debug)]
pub struct Unfolding<'f, 'a> {
    fold: &'f Fold<'a>,
    sets: Vec<Set<'f, 'a>>,
    /// Every parameter that any set asks for; a Secret is read once for all of them.
    parameters: Vec<Parameter>,
}

/// One set, and what it must come to.
#[derive(Debug)]
struct Set<'f, 'a> {
    addon: &'a Addon,
    compiled: EmittedSet,
    variants: Vec<&'f Variant<'a>>,
    generators: Vec<Generator<'a>>,
}

/// What a generator asks of a Secret, as places among the parameters.
#[derive(Debug)]
struct Generator<'a> {
    equal: Vec<(usize, String)>,
    expressions: Vec<(usize, crate::spec::selector::Expression)>,
    look_ups: Vec<(usize, LookUp<'a>)>,
}

/// One addon of one cluster, and what must be looked up for it.
#[derive(Clone, Copy)]
struct Expected<'e, 'a> {
    folded: Folded<'e, 'a>,
    look_ups: &'e ClusterLookUps<'e>,
    addon: &'e AddonLookUps<'e>,
}

impl<'f, 'a> Unfolding<'f, 'a> {
    /// Compares the sets of a management cluster with the variants they were made from.
    ///
    /// # Errors
    /// Reports sets that come to something else: a patch has changed what they make.
    pub fn new(fold: &'f Fold<'a>, management: &Management, sets: &[Object]) -> Result<Self, Report> {
        let mut report = Report::default();
        let mut unfolding = Self { fold, sets: Vec::new(), parameters: Vec::new() };
        let addons = fold.expansion.catalog.emitted_addons();
        for set in sets {
            let Some((_, addon)) = addons.get(set.name()) else {
                report.push(changed(set, &format!("its name is `{}`", set.name())));
                continue;
            };
            let variants = fold.variants(&management.name, &addon.name);
            match unfolding.read(addon, variants, &set.body) {
                Ok(read) => unfolding.sets.push(read),
                Err(Refused(why)) => report.push(changed(set, &why)),
            }
        }
        unfolding.sets.sort_by(|one, other| one.addon.name.cmp(&other.addon.name));
        report.or(unfolding)
    }

    /// Reads a set and compares it with the variants.
    fn read(
        &mut self,
        addon: &'a Addon,
        variants: Vec<&'f Variant<'a>>,
        set: &Value,
    ) -> Result<Set<'f, 'a>, Refused> {
        let compiled = EmittedSet::compile(set)?;
        let fleet = &self.fold.expansion.catalog.fleet;
        let keys = AddonKeys::new(&fleet.spec.label_domain, &addon.name);
        let expected = crate::emit::application_set::generators(addon, &keys, &variants);
        if compiled.generators.len() != expected.len() {
            return Err(Refused(format!(
                "it has {} generators instead of {}",
                compiled.generators.len(),
                expected.len()
            )));
        }
        for (index, (generator, expected)) in compiled.generators.iter().zip(&expected).enumerate() {
            let expected_selector: Result<Selector, _> =
                serde_json::from_value(expected["clusters"]["selector"].clone());
            if expected_selector.ok().as_ref() != Some(&generator.selector) {
                return Err(Refused(format!("`/spec/generators/{index}/clusters/selector` selects others")));
            }
            let expected = as_read(&expected["clusters"]["template"]).map_err(unread)?;
            if let Some(pointer) = difference(&expected, &generator.merged) {
                return Err(Refused(format!(
                    "`/spec/generators/{index}/clusters/template{pointer}` differs"
                )));
            }
        }
        let known = known_look_ups(&fleet.rollout_keys(), &fleet.spec.label_domain, &keys);
        let generators = compiled.generators.iter().map(|generator| self.intern(generator, &known));
        let generators = generators.collect::<Result<Vec<_>, _>>()?;
        Ok(Set { addon, compiled, variants, generators })
    }

    fn intern(
        &mut self,
        generator: &emitted_set::Generator,
        known: &BTreeMap<String, LookUp<'a>>,
    ) -> Result<Generator<'a>, Refused> {
        let equal = generator.selector.match_labels.iter();
        let equal =
            equal.map(|(key, value)| (self.place(Parameter::Label(key.clone())), value.clone())).collect();
        let expressions = generator.selector.match_expressions.iter();
        let expressions = expressions
            .map(|expression| (self.place(Parameter::Label(expression.key.clone())), expression.clone()))
            .collect();
        let names: BTreeSet<&str> = generator.names().into_iter().collect();
        let mut look_ups = Vec::new();
        for name in names {
            let look_up = known.get(name).zip(Parameter::named(name));
            let Some((look_up, parameter)) = look_up else {
                return Err(Refused(format!("it looks up `{name}`, which no cluster Secret has")));
            };
            look_ups.push((self.place(parameter), *look_up));
        }
        Ok(Generator { equal, expressions, look_ups })
    }

    fn place(&mut self, parameter: Parameter) -> usize {
        let known = self.parameters.iter().position(|known| *known == parameter);
        known.unwrap_or_else(|| {
            self.parameters.push(parameter);
            self.parameters.len() - 1
        })
    }

    /// Compares as [`Unfolding::check`] does, once the Secret is an object.
    ///
    /// # Errors
    /// Those of [`Unfolding::check`], and a Secret that Argo CD would not read as a cluster.
    pub fn check_object(&self, index: usize, secret: &Value) -> Result<(), Report> {
        match ClusterSecret::read(secret) {
            Ok(Some(secret)) => self.check(index, &secret),
            Ok(None) => Err(self.finding(index, "Argo CD would not take its Secret for a cluster").into()),
            Err(Refused(why)) => Err(self.finding(index, &why).into()),
        }
    }

    /// Compares what the sets make of a Secret with the Applications of its cluster, `index` among the expansion's.
    ///
    /// # Errors
    /// Reports every Application that is missing, too many or different, with the addon, the cluster and the field.
    pub fn check(&self, index: usize, secret: &ClusterSecret<'_>) -> Result<(), Report> {
        let cluster = &self.fold.expansion.clusters[index];
        let values: Vec<Option<&str>> =
            self.parameters.iter().map(|parameter| secret.parameter(parameter)).collect();
        let look_ups = ClusterLookUps::new(&self.fold.expansion.catalog.fleet, cluster);
        let mut report = Report::default();
        let mut addons = self.fold.addons(index).enumerate().peekable();
        for set in &self.sets {
            while addons.next_if(|(_, folded)| folded.installed.addon.name < set.addon.name).is_some() {}
            let own = addons.next_if(|(_, folded)| folded.installed.addon.name == set.addon.name);
            let own = own.filter(|(_, folded)| folded.variant.is_some());
            let expected = own.map(|(_, folded)| (folded, self.fold.look_ups(cluster, folded)));
            let expected = expected.as_ref().map(|(folded, addon)| Expected {
                folded: *folded,
                look_ups: &look_ups,
                addon,
            });
            if let Err(why) = set.check(expected, &values) {
                report.push(self.finding(index, &why));
            }
            if let Some((position, Some(variant))) = own.map(|(position, folded)| (position, folded.variant))
                && variant.first == (index, position)
                && report.is_empty()
            {
                report.extend(self.check_sample(set, variant, secret));
            }
        }
        report.or(())
    }

    /// Compares the Application of the first cluster that has a variant, whole.
    fn check_sample(&self, set: &Set<'_, 'a>, variant: &Variant<'a>, secret: &ClusterSecret<'_>) -> Report {
        let (index, position) = variant.first;
        let sample = match self.fold.application(index, position) {
            Ok(sample) => sample.unwrap_or_default(),
            Err(findings) => return findings,
        };
        let made = set.compiled.applications(secret);
        let difference = match (made.as_deref(), as_read(&sample).as_ref()) {
            (Ok([made]), Ok(sample)) => ["metadata", "spec"].into_iter().find_map(|part| {
                let difference = difference(&floated(&sample[part]), &floated(&made[part]))?;
                Some(format!("/{part}{difference}"))
            }),
            (Ok(made), Ok(_)) => Some(format!(": {} Applications are made instead of one", made.len())),
            (Err(fault), _) | (_, Err(fault)) => Some(format!(": {}", unread(fault.clone()).0)),
        };
        let finding = |pointer: String| {
            self.finding(index, &format!("the Application of `{}` differs at `{pointer}`", set.addon.name))
        };
        Report { diagnostics: difference.map(finding).into_iter().collect() }
    }

    fn finding(&self, index: usize, what: &str) -> Diagnostic {
        let cluster = self.fold.expansion.clusters[index].cluster;
        let place =
            cluster.document.at("/metadata/name").map_or(cluster.document.location, |node| node.location);
        let message = format!("`{}` would not get what its specs say: {what}", cluster.identity());
        Diagnostic::error("unfold", place, message).hint(
            "a patch changes what Argo CD looks up on the cluster Secret; patch kind Application instead",
        )
    }
}

impl<'a> Set<'_, 'a> {
    /// Compares one cluster's Application, `None` where it has none, with what is made of its parameters' `values`.
    fn check(&self, own: Option<Expected<'_, 'a>>, values: &[Option<&str>]) -> Result<(), String> {
        let mut selecting =
            (0..self.generators.len()).filter(|index| self.generators[*index].selects(values));
        let (first, second) = (selecting.next(), selecting.next());
        let wanted = own.and_then(|expected| {
            let variant = expected.folded.variant?;
            self.variants.iter().position(|known| std::ptr::eq(*known, variant))
        });
        if first != wanted || second.is_some() {
            let addon = &self.addon.name;
            return Err(match (first, wanted) {
                (None, _) => format!("the Application of `{addon}` would be missing"),
                (Some(_), None) => format!("there would be an Application of `{addon}`"),
                (Some(_), Some(_)) => format!("the Application of `{addon}` would be another variant"),
            });
        }
        let Some((expected, generator)) = own.zip(first.map(|index| &self.generators[index])) else {
            return Ok(());
        };
        for (place, look_up) in &generator.look_ups {
            let expected = expected.look_ups.get(*look_up, expected.addon);
            if values[*place] != Some(expected) {
                let found = values[*place].unwrap_or("nothing");
                return Err(format!(
                    "for `{}`, {look_up:?} is `{found}` on the cluster Secret instead of `{expected}`",
                    self.addon.name
                ));
            }
        }
        Ok(())
    }
}

impl Generator<'_> {
    fn selects(&self, values: &[Option<&str>]) -> bool {
        self.equal.iter().all(|(place, value)| values[*place] == Some(value))
            && self.expressions.iter().all(|(place, expression)| expression.holds(values[*place]))
    }
}

/// Returns every look-up by the name under which a template asks for it.
fn known_look_ups<'a>(
    rollout_keys: &[&'a str],
    domain: &str,
    keys: &AddonKeys,
) -> BTreeMap<String, LookUp<'a>> {
    let fixed = [
        LookUp::Name,
        LookUp::NormalizedName,
        LookUp::Project,
        LookUp::Cluster,
        LookUp::Revision,
        LookUp::Namespace,
        LookUp::Version,
        LookUp::Path,
        LookUp::Values,
    ];
    let labels = rollout_keys.iter().map(|key| LookUp::Label(key));
    // The first of two that lie under one key is the one the contract names.
    let all = labels.chain(fixed);
    all.map(|look_up| (look_up.parameter(domain, keys), look_up)).collect()
}

/// Returns a template, or what of an Application is one, as the controller reads it.
fn as_read(template: &Value) -> Result<Value, Fault> {
    Ok(decode(Type::Struct(TEMPLATE), template, Names::Exact)?.value)
}

fn unread(fault: Fault) -> Refused {
    match fault {
        Fault::Wrong(why) => Refused(why),
        Fault::Refused(refused) => refused,
    }
}

/// Returns the JSON pointer of the first difference; `None` where the two mean the same.
fn difference(expected: &Value, found: &Value) -> Option<String> {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            let differing = |(key, value): (&String, &Value)| {
                let inner = match found.get(key) {
                    None => String::new(),
                    Some(found) => difference(value, found)?,
                };
                Some(format!("/{}{inner}", key.replace('~', "~0").replace('/', "~1")))
            };
            let missing = expected.iter().find_map(differing);
            let added = || found.keys().find(|key| !expected.contains_key(*key)).map(|key| format!("/{key}"));
            missing.or_else(added)
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            let mut pairs = expected.iter().zip(found).enumerate();
            pairs.find_map(|(index, (expected, found))| {
                Some(format!("/{index}{}", difference(expected, found)?))
            })
        }
        (expected, found) => (expected != found).then(String::new),
    }
}

fn changed(set: &Object, why: &str) -> Diagnostic {
    let message = format!("a patch changes what the ApplicationSet `{}` makes: {why}", set.name());
    Diagnostic::error("unfold", set.origin.spec, message).hint(
        "mend the patch of kind Application that says so; where it is of kind ApplicationSet, patch Application \
         instead: such patches are folded into variants of their own",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::emit::fixture::{catalog, emit};

    /// Returns what is found once the fleet has a patch.
    fn found(patch: &str) -> Vec<(&'static str, String)> {
        let fleet = format!(
            "{{apiVersion: yoshino.dev/v1alpha1, kind: Fleet, metadata: {{name: ake}}, spec: {{labelDomain: ake.example.com, repository: {{url: https://git.example.com/fleet.git}}, minors: ['1.35'], management: [{{name: east}}], patches: [{patch}]}}}}"
        );
        let (catalog, _) = catalog(&[("fleet.yaml", &fleet)]);
        let report = emit(&catalog).err().unwrap_or_default();
        report.diagnostics.into_iter().map(|found| (found.rule, found.message)).collect()
    }

    #[test]
    fn patches_that_change_what_a_set_makes_are_found() {
        for (change, expected) in [
            (
                "{op: replace, path: /spec/generators/0/clusters/template/spec/project, value: x}",
                "`/spec/generators/0/clusters/template/spec/project` differs",
            ),
            (
                "{op: add, path: /spec/template/metadata/labels, value: {a: b}}",
                "`/spec/generators/0/clusters/template/metadata/labels/a` differs",
            ),
            (
                "{op: replace, path: /spec/generators/0/clusters/selector, value: {matchLabels: {a: b}}}",
                "`/spec/generators/0/clusters/selector` selects others",
            ),
            ("{op: remove, path: /spec/generators/1}", "it has 1 generators instead of 2"),
            ("{op: add, path: /spec/goTemplate, value: true}", "`goTemplate: true` is not supported"),
        ] {
            let found =
                found(&format!("{{target: {{kind: ApplicationSet, name: charts}}, json: [{change}]}}"));
            let [(rule, message)] = &found[..] else { panic!("{change}: {found:?}") };
            assert_eq!(*rule, "unfold");
            assert!(message.ends_with(expected), "{message}");
        }
        let harmless = "{target: {kind: ApplicationSet, name: charts}, merge: {metadata: {labels: {a: b}}, spec: {syncPolicy: {applicationsSync: create-update}}}}";
        assert_eq!(found(harmless), []);
    }

    #[test]
    fn patches_that_change_what_is_looked_up_are_found() {
        for (change, expected) in [
            (
                "{metadata: {labels: {addons.ake.example.com/charts: 'false'}}}",
                "the Application of `charts` would be missing",
            ),
            ("{metadata: {labels: {addons.ake.example.com/managed: 'true'}}}", ""),
            (
                "{metadata: {labels: {addons.ake.example.com/charts.source: helm-0}}}",
                "the Application of `charts` would be another variant",
            ),
            (
                "{metadata: {annotations: {addons.ake.example.com/charts.version: '9'}}}",
                "for `charts`, Version is `9` on the cluster Secret instead of `1.0.0`",
            ),
            (
                "{metadata: {annotations: {addons.ake.example.com/charts.version: null}}}",
                "for `charts`, Version is `nothing` on the cluster Secret instead of `1.0.0`",
            ),
            (
                "{metadata: {labels: {argocd.argoproj.io/secret-type: null}}}",
                "Argo CD would not take its Secret for a cluster",
            ),
            ("{data: {name: '?'}}", "`data.name` of a cluster Secret is no text in Base64"),
        ] {
            let found = found(&format!("{{target: {{kind: Secret}}, merge: {change}}}"));
            if expected.is_empty() {
                assert_eq!(found, [], "{change}");
                continue;
            }
            let [(rule, message)] = &found[..] else { panic!("{change}: {found:?}") };
            assert_eq!(*rule, "unfold");
            assert!(message.ends_with(expected), "{message}");
        }
    }

    #[test]
    fn a_difference_is_named_by_its_pointer() {
        for (expected, found, pointer) in [
            (json!({"a": [1, {"b": 2}]}), json!({"a": [1, {"b": 2}]}), None),
            (json!({"a": [1, {"b": 2}]}), json!({"a": [1, {"b": 3}]}), Some("/a/1/b")),
            (json!({"a/b": 1}), json!({}), Some("/a~1b")),
            (json!({}), json!({"c": 1}), Some("/c")),
            (json!([1]), json!([1, 2]), Some("")),
        ] {
            assert_eq!(difference(&expected, &found).as_deref(), pointer, "{expected} {found}");
        }
    }
}
