//! What Argo CD would take from YAML documents that others wrote: ApplicationSets, and the [`World`] around them.
//!
//! Documents are read as kubectl and the API server read them: the last of two equal keys holds, fields that no
//! object has are dropped, lists of objects are taken apart, other kinds are passed over. What happens silently there
//! is a note here; what the API server would refuse is an error. It must not judge what a set says.

mod object;

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::Value;

use self::object::Object;
use super::world::{World, has_sound_config};
use crate::diagnostic::{Diagnostic, Report};
use crate::location::{FileId, Location, SourceName, Sources};
use crate::spec::yaml::{Document, Node, Options, Part, parts};

/// What was taken from the documents of some files.
#[derive(Clone, Debug, Default)]
pub struct Intake {
    /// What the controller can see beside the sets.
    pub world: World,
    /// The ApplicationSets, sorted by namespace and name.
    pub sets: Vec<SetDocument>,
    /// What happens silently when these documents are applied.
    pub notes: Report,
}

/// An ApplicationSet, and where it was written.
#[derive(Clone, Debug)]
pub struct SetDocument {
    /// Its name; empty where it has none.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// The set as JSON, its namespace filled in; nothing is dropped yet.
    pub body: Value,
    /// The document, for the places of what is said about the set.
    pub root: Node,
}

/// Adds a file to those that messages may point into; the lines of one that may hold Secrets are never shown.
pub fn add_source(sources: &mut Sources, name: SourceName, bytes: Arc<[u8]>) -> FileId {
    let holds_secrets = may_hold_secrets(&bytes);
    let file = sources.add(name, bytes);
    if holds_secrets {
        sources.hide(file);
    }
    file
}

/// Returns whether `kind: Secret` stands in a file, quoted or not, alone or as a list.
fn may_hold_secrets(bytes: &[u8]) -> bool {
    let is_between = |letter: char| matches!(letter, '"' | '\'' | ':' | ' ' | '\t' | '\r' | '\n');
    let Ok(text) = std::str::from_utf8(bytes) else { return true };
    text.match_indices("Secret").any(|(at, _)| {
        let key = text[..at].trim_end_matches(is_between);
        key.len() < at && key.ends_with("kind")
    })
}

/// Reads files as Argo CD and the API server would; `namespace` is that of Argo CD, and of every document without one.
///
/// # Errors
/// Reports everything that is no YAML, and every object that the API server would refuse.
pub fn read(files: &[FileId], sources: &Sources, namespace: &str) -> Result<Intake, Report> {
    let mut errors = Report::default();
    let mut all = Vec::new();
    for file in files {
        match parts(*file, &sources.get(*file).bytes, Options::FOREIGN) {
            Ok(parts) => all.extend(parts),
            Err(findings) => errors.extend(findings),
        }
    }
    let taken: Vec<Taken> = all.par_iter().map(|part| take(part, namespace)).collect();
    let mut intake = Intake { world: World::new(namespace), ..Intake::default() };
    let mut secrets = Secrets::default();
    for part in taken {
        errors.extend(part.errors);
        intake.notes.extend(part.notes);
        for object in part.objects {
            intake.add(object, &mut secrets);
        }
    }
    intake.world.secrets = secrets.stored;
    intake.sets.sort_by(|one, other| (&one.namespace, &one.name).cmp(&(&other.namespace, &other.name)));
    for pair in intake.sets.windows(2).filter(|pair| pair[0].is_called_like(&pair[1])) {
        intake.notes.push(twice(pair[0].location(), pair[1].location(), "ApplicationSet", &pair[1].name));
    }
    errors.or(intake)
}

/// What one part of a file holds.
#[derive(Default)]
struct Taken {
    objects: Vec<Object>,
    notes: Report,
    errors: Report,
}

/// The cluster Secrets so far.
#[derive(Default)]
struct Secrets {
    stored: Vec<Value>,
    /// Where each stands among them, and where it was written, by name.
    places: BTreeMap<String, (usize, Location)>,
}

fn take(part: &Part<'_>, namespace: &str) -> Taken {
    let mut taken = Taken::default();
    match part.parse() {
        Err(findings) => taken.errors = findings,
        Ok(documents) => documents.into_iter().for_each(|document| taken.add(document, namespace)),
    }
    taken
}

impl Taken {
    fn add(&mut self, document: Document, namespace: &str) {
        let before = self.objects.len() + self.errors.diagnostics.len();
        self.add_node(&document.root, namespace);
        // Whether a key stands twice in what is passed over is nobody's concern.
        if self.objects.len() + self.errors.diagnostics.len() == before {
            return;
        }
        for twice in document.duplicates {
            let message = format!("the key `{}` stands twice in one map; the last holds", twice.key);
            let note = Diagnostic::note("key-twice", twice.lost, message).label("this entry is lost");
            self.notes.push(note.related(twice.holds, "this one holds"));
        }
    }

    fn add_node(&mut self, node: &Node, namespace: &str) {
        let text = |key: &str| node.get(key).and_then(Node::as_str).unwrap_or_default();
        let items = node.get("items").and_then(Node::items);
        if text("kind") == "List" || text("kind").ends_with("List") && items.is_some() {
            items.unwrap_or_default().iter().for_each(|item| self.add_node(item, namespace));
            return;
        }
        match Object::read(node, namespace, &mut self.notes) {
            Ok(object) => self.objects.extend(object),
            Err(refused) => self.errors.extend(refused),
        }
    }
}

impl Intake {
    fn add(&mut self, object: Object, secrets: &mut Secrets) {
        let own = self.world.namespace.clone();
        match object {
            Object::Set(set) => self.sets.push(*set),
            // One in another namespace counts as one: then those of Argo CD's namespace are all there are.
            Object::Project { namespace, name } => {
                let projects = self.world.projects.get_or_insert_default();
                if namespace == own {
                    projects.insert(name);
                }
            }
            Object::Settings { namespace, in_cluster_enabled } => {
                if namespace == own {
                    self.world.in_cluster_enabled = in_cluster_enabled;
                }
            }
            Object::Secret { namespace, name, body, location } if namespace == own => {
                if !has_sound_config(&body) {
                    self.notes.push(unreadable_config(&name, location));
                }
                self.notes.diagnostics.extend(secrets.add(name, body, location));
            }
            Object::Secret { namespace, name, location, .. } => {
                let message = format!("Argo CD does not read the cluster Secret `{name}` in `{namespace}`");
                let note = Diagnostic::note("secret-elsewhere", location, message);
                self.notes.push(
                    note.hint(format!("it reads those of its own namespace, `{own}`; see `--namespace`")),
                );
            }
        }
    }
}

impl Secrets {
    /// Adds a Secret, in the place of an earlier one of the same name; returns what is to be said of that.
    fn add(&mut self, name: String, body: Value, location: Location) -> Option<Diagnostic> {
        let known = self.places.get(&name).copied().filter(|_| !name.is_empty());
        let Some((index, earlier)) = known else {
            self.places.insert(name, (self.stored.len(), location));
            self.stored.push(body);
            return None;
        };
        self.stored[index] = body;
        let note = twice(earlier, location, "Secret", &name);
        self.places.insert(name, (index, location));
        Some(note)
    }
}

impl SetDocument {
    /// Returns where the set is said to be one: at its name, or at the beginning of its document.
    pub fn location(&self) -> Location {
        let name = self.root.at("/metadata/name").filter(|name| !name.is_null());
        name.map_or_else(|| object::beginning(&self.root), |name| name.location)
    }

    fn is_called_like(&self, other: &Self) -> bool {
        !self.name.is_empty() && self.name == other.name && self.namespace == other.namespace
    }
}

fn twice(earlier: Location, later: Location, kind: &str, name: &str) -> Diagnostic {
    let message = format!("the {kind} `{name}` is written twice; the one that is applied last holds");
    Diagnostic::note("object-twice", later, message).related(earlier, "written here, too")
}

fn unreadable_config(name: &str, location: Location) -> Diagnostic {
    let message = format!("Argo CD cannot read `config` of the cluster Secret `{name}`");
    Diagnostic::note("cluster-config", location, message).hint(
        "no destination finds this cluster, and no ApplicationSet deletes anything until it is mended; \
         `config` is JSON with the fields that Argo CD's documentation of declarative clusters lists",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::location::SourceName;

    fn intake(files: &[&str]) -> (Sources, Result<Intake, Report>) {
        let mut sources = Sources::default();
        let files: Vec<FileId> = files
            .iter()
            .enumerate()
            .map(|(number, text)| {
                sources.add(SourceName::of_user(&format!("{number}.yaml")), text.as_bytes().into())
            })
            .collect();
        let taken = read(&files, &sources, "argocd");
        (sources, taken)
    }

    /// Returns each finding as `line:column message`.
    fn said(report: &Report, sources: &Sources) -> Vec<String> {
        let place = |found: &Diagnostic| {
            let at = found.location.map(|location| sources.position(location));
            at.map_or(String::new(), |at| format!("{}:{} ", at.line, at.column))
        };
        report.diagnostics.iter().map(|found| format!("{}{}", place(found), found.message)).collect()
    }

    const SECRET: &str = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: c1\n  labels: {argocd.argoproj.io/secret-type: cluster}\n";

    #[test]
    fn documents_become_what_the_api_server_stores() -> Result<(), Report> {
        let list = "kind: List\nitems:\n- {apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: {name: blue}}\n- {apiVersion: argoproj.io/v1alpha1, kind: AppProjectList, items: [{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: {name: red, namespace: x}}]}\n";
        let settings = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: argocd-cm}\ndata: {cluster.inClusterEnabled: 'false'}\n---\nreplicas: 3\n---\n- a list\n";
        let set =
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: a}\nspec: {x: 1}\n";
        let secret =
            format!("{SECRET}data: {{server: aHR0cHM6Ly8x, other: null}}\nstringData: {{name: web}}\n");
        let (_, taken) = intake(&[list, settings, set, &secret]);

        let Intake { world, sets, notes } = taken?;

        assert!(notes.is_empty(), "{notes:?}");
        assert_eq!(world.projects, Some(["blue".to_owned()].into()));
        assert!(!world.in_cluster_enabled);
        let stored = json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "c1", "namespace": "argocd", "labels": {"argocd.argoproj.io/secret-type": "cluster"}},
            "data": {"server": "aHR0cHM6Ly8x", "other": "", "name": "d2Vi"},
        });
        assert_eq!(world.secrets, [stored]);
        let body = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet", "metadata": {"name": "a", "namespace": "argocd"}, "spec": {"x": 1}});
        assert_eq!(sets.into_iter().map(|set| set.body).collect::<Vec<_>>(), [body]);
        Ok(())
    }

    #[test]
    fn what_happens_silently_is_noted_with_its_place() -> Result<(), Report> {
        let secret = format!("{SECRET}  label: {{a: b}}\nstringdata: {{}}\ndata: {{config: e30=}}\n");
        let again = format!("{SECRET}data: {{config: ew==}}\n");
        let elsewhere = SECRET
            .replace("name: c1", "{name: c1, namespace: x}")
            .replace("metadata:\n  {", "metadata: {")
            .replace("}\n  labels", ", labels");
        let elsewhere = elsewhere.replace("cluster}\n", "cluster}}\n");
        let twice = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: a}\nspec: {}\nspec: {x: 1}\n";
        let (sources, taken) = intake(&[&secret, &again, &elsewhere, twice, "a: 1\na: 2\n"]);

        let taken = taken?;

        let expected = [
            "7:1 the API server drops `stringdata`: a Secret has no such field",
            "6:3 the API server drops `metadata.label`: a Secret has no such field",
            "4:9 Argo CD cannot read `config` of the cluster Secret `c1`",
            "4:9 the Secret `c1` is written twice; the one that is applied last holds",
            "3:18 Argo CD does not read the cluster Secret `c1` in `x`",
            "4:1 the key `spec` stands twice in one map; the last holds",
        ];
        assert_eq!(said(&taken.notes, &sources), expected);
        assert_eq!(taken.world.secrets.len(), 1);
        assert_eq!(taken.sets[0].body["spec"], json!({"x": 1}));
        Ok(())
    }

    #[test]
    fn what_the_api_server_refuses_is_an_error_that_shows_no_value() {
        let label = SECRET.replace("{argocd", "{plain: y, argocd");
        let data = format!("{SECRET}data: {{password: hunter2}}\n");
        let number = format!("{SECRET}stringData: {{password: 12345}}\n");
        let other =
            "apiVersion: v1\nkind: Secret\nmetadata: {name: other, labels: {plain: y}}\ndata: {a: 1}\n";
        let (sources, taken) = intake(&[&label, &data, &number, other, "a: [\n"]);

        let report = taken.err().unwrap_or_default();

        let expected = [
            "5:19 the API server would refuse this Secret: `metadata.labels.plain` is a boolean, where text is expected",
            "6:18 the API server would refuse this Secret: `data.password` is no Base64",
            "6:24 the API server would refuse this Secret: `stringData.password` is a number, where text is expected",
        ];
        assert_eq!(said(&report, &sources)[..3], expected);
        assert_eq!(report.diagnostics.len(), 4);
        let shown = report.to_text(&sources, crate::diagnostic::Color::Never);
        assert!(!shown.contains("hunter2") && !shown.contains("12345"), "{shown}");
    }
}
