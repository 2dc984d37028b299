//! From an ApplicationSet to its Applications.
//!
//! Follows `GenerateApplications` of Argo CD 3.5.1, and `Reconcile` around it as far as it decides whether there is a
//! result: where any generator, template or patch fails, the controller changes nothing.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::Value;

use super::application_set::ApplicationSet;
use super::generator::{Generated, Generators, Sources};
use super::note::{Note, NoteKind};
use super::{Fault, field};

/// What an ApplicationSet comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expanded {
    /// The Applications, sorted by name, equal names by content; none where there is a fault.
    pub applications: Vec<Value>,
    /// Where each of them comes from.
    pub origins: Vec<Origin>,
    /// Why the controller changes nothing: the first of what fails, in the order of the generators.
    pub fault: Option<Fault>,
    /// What there is to say besides, sorted by place.
    pub notes: Vec<Note>,
}

/// Where an Application comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The entry of `spec.generators`.
    pub entry: usize,
    /// The cluster Secret whose name and server are among its parameters, as an index of [`Sources::clusters`].
    pub cluster: Option<usize>,
}

/// Expands an ApplicationSet.
///
/// What generators give in an order that is random in Argo CD is only random where it shows: in another order, the
/// Applications must differ.
pub fn expand(set: &Value, sources: &Sources<'_>) -> Expanded {
    let set = match ApplicationSet::read(set) {
        Ok(set) => set,
        Err(fault) => return Expanded { fault: Some(fault), ..Expanded::default() },
    };
    let (mut expanded, aside) = once(&set, sources);
    let is_random = |note: &Note| note.kind == NoteKind::Random;
    if expanded.notes.iter().any(is_random) {
        let differs = |other: &Sources<'_>| {
            let (other, _) = once(&set, other);
            other.applications != expanded.applications || other.fault != expanded.fault
        };
        if !sources.in_other_orders().iter().any(differs) {
            expanded.notes.retain(|note| !is_random(note));
        }
    }
    if let Some(shifted) = set.in_other_order() {
        let (other, _) = once(&shifted, sources);
        if other.applications != expanded.applications || other.fault != expanded.fault {
            expanded.notes.push(random_keys());
        }
    }
    let notes = std::mem::take(&mut expanded.notes).into_iter();
    let notes = notes.chain(set.unknown.iter().map(|path| unknown(path)));
    let notes: BTreeSet<Note> = notes.chain(aside).collect();
    Expanded { notes: notes.into_iter().collect(), ..expanded }
}

/// Expands a set with the Secrets in the order that they have; also returns what does not depend on the order.
fn once(set: &ApplicationSet, sources: &Sources<'_>) -> (Expanded, BTreeSet<Note>) {
    let generators = Generators::new(&set.spec, &set.language, sources);
    let mut making = Making { set, sources, made: Vec::new(), fault: None, notes: BTreeSet::new() };
    for index in 0..set.entries() {
        match generators.transform(index) {
            Ok(all) => all.into_iter().for_each(|generated| making.add(index, &generated)),
            Err(fault) => making.fail(fault),
        }
    }
    let Making { mut made, fault, notes, .. } = making;
    match fault {
        Some(_) => made.clear(),
        None => made.sort_by(|(one, _), (other, _)| order(one, other)),
    }
    let (applications, origins) = made.into_iter().unzip();
    (Expanded { applications, origins, fault, notes: generators.notes() }, notes)
}

/// The Applications of a set, as far as they are made.
struct Making<'s> {
    set: &'s ApplicationSet,
    sources: &'s Sources<'s>,
    made: Vec<(Value, Origin)>,
    fault: Option<Fault>,
    notes: BTreeSet<Note>,
}

impl Making<'_> {
    fn add(&mut self, entry: usize, generated: &Generated<'_>) {
        let template = self.set.compile(&generated.template);
        let mut is_settled = false;
        for params in &generated.params {
            let checked =
                if is_settled || params.is_empty() { Ok(()) } else { template.check_namespace(params) };
            is_settled |= self.set.settles_namespace(params);
            match checked.and_then(|()| self.set.application(&template, params)) {
                Ok(filled) => {
                    self.notes.extend(filled.collides.then(collision));
                    self.notes.extend(filled.dropped.iter().map(|path| without_effect(path)));
                    let cluster = self.sources.cluster_of(params);
                    self.made.push((filled.application, Origin { entry, cluster }));
                }
                Err(fault) => self.fail(fault),
            }
        }
    }

    fn fail(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }
}

fn collision() -> Note {
    Note {
        place: "spec.template".to_owned(),
        kind: NoteKind::Random,
        text: "two keys of one map become the same; which value holds is random in Argo CD".to_owned(),
    }
}

fn random_keys() -> Note {
    let text =
        "`keys` and `values` give what is in a map in random order in Argo CD; sort it with `sortAlpha`";
    Note { place: "spec.template".to_owned(), kind: NoteKind::Random, text: text.to_owned() }
}

fn unknown(path: &str) -> Note {
    let text = "Argo CD has no such field; the API server drops it".to_owned();
    Note { place: path.to_owned(), kind: NoteKind::Ignored, text }
}

fn without_effect(path: &str) -> Note {
    let text = match path {
        "spec.project" => "the project of an Application stays what the template says".to_owned(),
        path => format!("an Application has no field `{path}`; Argo CD drops what the patch says of it"),
    };
    Note { place: "spec.templatePatch".to_owned(), kind: NoteKind::Ignored, text }
}

fn order(one: &Value, other: &Value) -> Ordering {
    name(one).cmp(name(other)).then_with(|| written(one).cmp(&written(other)))
}

fn name(application: &Value) -> &str {
    field::text(application, &["metadata", "name"])
}

/// Returns an Application as Go writes it.
fn written(application: &Value) -> String {
    let mut written = application.to_string();
    for (letter, escape) in [('<', "\\u003c"), ('>', "\\u003e"), ('&', "\\u0026")] {
        if written.contains(letter) {
            written = written.replace(letter, escape);
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::argocd::World;

    /// Expands the set of a `spec`, to which a name, a destination and a list of one element are added.
    fn expanded(spec: &Value) -> Expanded {
        let mut set = json!({
            "metadata": {"name": "set", "namespace": "argocd"},
            "spec": {
                "generators": [{"list": {"elements": [{"a": "x", "b": "x"}]}}],
                "template": {"metadata": {"name": "app"}, "spec": {"project": "p", "destination": {"name": "c"}}},
            },
        });
        json_patch::merge(&mut set["spec"], spec);
        let world = World::new("argocd");
        let sources = Sources::new(&world).expect("because there is no Secret");
        expand(&set, &sources)
    }

    #[test]
    fn texts_keys_and_json_are_filled_and_the_set_says_the_namespace() {
        let made = expanded(&json!({"template": {
            "metadata": {"namespace": "{{a}}", "labels": {"{{a}}": "{{b}}", "z": "{{ nope }}"}},
            "spec": {"source": {
                "repoURL": "{{a}}", "targetRevision": "{{c}}",
                "helm": {"valuesObject": {"{{a}}": [null, {"n": null, "m": 9_007_199_254_740_993_i64}], "a": "{{b}}"}},
                "kustomize": {"replicas": [{"name": "{{a}}", "count": "{{b}}"}]},
            }},
        }}));
        let application = json!({
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {
                "name": "app",
                "namespace": "argocd",
                "labels": {"x": "x", "z": "{{ nope }}"},
                "finalizers": ["resources-finalizer.argocd.argoproj.io"],
            },
            "spec": {
                "source": {
                    "repoURL": "x",
                    "targetRevision": "{{c}}",
                    "helm": {"valuesObject": {"a": "x", "x": [null, {"m": 9_007_199_254_740_992_i64}]}},
                    "kustomize": {"replicas": [{"name": "x", "count": "x"}]},
                },
                "destination": {"name": "c"},
                "project": "p",
            },
        });
        let origins = vec![Origin { entry: 0, cluster: None }];
        assert_eq!(made, Expanded { applications: vec![application], origins, ..Expanded::default() });
    }

    #[test]
    fn without_parameters_the_template_stays_as_it_is() {
        let made = expanded(&json!({
            "generators": [{"list": {"elements": [{}]}}],
            "template": {"metadata": {"name": "{{a}}"}, "spec": {"source": {"helm": {"valuesObject": {"l": [{"n": null}]}}}}},
        }));
        let application = &made.applications[0];
        assert_eq!(application["metadata"], json!({"name": "{{a}}", "namespace": "argocd"}));
        assert_eq!(application.pointer("/spec/source/helm/valuesObject"), Some(&json!({"l": [{"n": null}]})));
    }

    #[test]
    fn finalizers_are_added_where_there_are_none_and_resources_are_not_preserved() {
        for (spec, expected) in [
            (json!({}), json!(["resources-finalizer.argocd.argoproj.io"])),
            (json!({"syncPolicy": {"preserveResourcesOnDeletion": true}}), Value::Null),
            (json!({"template": {"metadata": {"finalizers": ["{{a}}"]}}}), json!(["x"])),
        ] {
            let made = expanded(&spec);
            assert_eq!(made.applications[0]["metadata"]["finalizers"], expected, "{spec}");
        }
    }

    #[test]
    fn any_fault_leaves_everything_as_it_is() {
        for (spec, expected) in [
            (
                json!({"template": {"spec": {"revisionHistoryLimit": "{{a}}"}}}),
                "`spec.template.spec.revisionHistoryLimit` is the text `{{a}}` where a whole number is wanted",
            ),
            (
                json!({"goTemplate": true, "goTemplateOptions": ["missingkey=never"]}),
                "panic: unrecognized option: missingkey=never",
            ),
            (
                json!({"generators": [{"list": {"elements": [{"a": 1}]}}, {"list": {"elements": [{"a": "x"}]}}]}),
                "error parsing value as string %!w(<nil>)",
            ),
        ] {
            let made = expanded(&spec);
            let fault = Some(Fault::wrong(expected));
            assert_eq!((made.applications, made.fault), (Vec::new(), fault), "{spec}");
        }
    }

    #[test]
    fn fields_that_are_dropped_and_keys_that_become_one_are_noted() {
        let made = expanded(&json!({"template": {"metadata": {
            "Name": "n", "labels": {"{{a}}": "1", "{{b}}": "2"}, "annotations": {"{{a}}": "1", "{{b}}": "1"},
        }}}));
        let notes: Vec<_> = made.notes.iter().map(|note| (note.place.as_str(), note.kind)).collect();
        assert_eq!(
            notes,
            [("spec.template", NoteKind::Random), ("spec.template.metadata.Name", NoteKind::Ignored)]
        );
    }

    #[test]
    fn what_depends_on_the_order_of_keys_is_noted_where_it_shows() {
        let is_random = |template: &str| {
            let label = template.replace("$MAP", r#"(dict "a" "1" "b" "2" "c" "3")"#);
            let template = json!({"metadata": {"labels": {"l": label}}});
            let made = expanded(&json!({"goTemplate": true, "template": template}));
            made.notes.iter().any(|note| note.kind == NoteKind::Random)
        };
        for template in
            ["{{ keys $MAP | join `-` }}", "{{ index (values $MAP) 1 }}", "{{ keys $MAP | first }}"]
        {
            assert!(is_random(template), "{template}");
        }
        for template in [
            "{{ keys $MAP | sortAlpha | join `-` }}",
            "{{ len (values $MAP) }}",
            "{{ keys (dict `a` 1) (dict `b` 1) }}",
            "{{ has `a` (keys $MAP) }}",
        ] {
            assert!(!is_random(template), "{template}");
        }
    }

    #[test]
    fn a_template_patch_is_laid_over_each_application_but_for_its_project() {
        let made = |patch: &str| expanded(&json!({"templatePatch": patch}));
        let patched = made(
            "METADATA: {finalizers: [b], namespace: x}\nspec:\n  project: other\n  info: [{name: '{{a}}'}]\n  nope: 1\noperation: {sync: {}}\n",
        );
        let expected = json!([{
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": "app", "namespace": "argocd", "finalizers": ["resources-finalizer.argocd.argoproj.io"]},
            "spec": {"destination": {"name": "c"}, "project": "p", "info": [{"name": "x", "value": ""}]},
            "operation": {"sync": {}, "initiatedBy": {}, "retry": {}},
        }]);
        assert_eq!((patched.fault, Value::Array(patched.applications)), (None, expected));
        let notes: Vec<&str> = patched.notes.iter().map(|note| note.text.as_str()).collect();
        let dropped = "an Application has no field `spec.nope`; Argo CD drops what the patch says of it";
        assert_eq!(notes, [dropped, "the project of an Application stays what the template says"]);
        assert_eq!(made("").applications, expanded(&json!({})).applications);
        for patch in ["- a", "spec: {project: 1}", "{\"spec\": }", "a: [", "spec: {$patch: merge}"] {
            assert!(matches!(made(patch).fault, Some(Fault::Wrong(_))), "{patch}");
        }
    }
}
