//! `schema import`: the schemas of CRDs become part of the fleet.

use std::collections::BTreeMap;
use std::path::PathBuf;

use yoshino::crd::file_of;
use yoshino::diagnostic::{Diagnostic, Report};
use yoshino::error::Failure;
use yoshino::location::{SourceName, Sources};
use yoshino::spec::yaml::{Node, Options, parse};
use yoshino::tree::{RepoPath, Selection, read_given, read_worktree};

use crate::cli::words::counted;
use crate::cli::{Exit, Session, files};

/// Takes the schemas of CustomResourceDefinitions into the fleet, so that `check` knows their kinds
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Reads every *.yaml, *.yml and *.json beneath the folders, and standard input for `-`; other objects are passed over:
  helm template external-secrets/external-secrets | yoshino schema import -
Writes `schemas/<group>/<kind>.json` for each kind: what decides whether an object is valid, and nothing else. Commit
these files. They win over the schemas that the binary has; delete a file to forget it.")]
pub struct Import {
    /// Files or folders that hold CustomResourceDefinitions, or `-`
    #[arg(value_name = "DIR", required = true)]
    paths: Vec<PathBuf>,
}

impl Import {
    /// Writes what is not there yet.
    ///
    /// # Errors
    /// Reports what is no YAML, and definitions that cannot be taken, and then writes nothing; says which file could not
    /// be read or written.
    pub fn run(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        // Links that lead out of the fleet are refused here, so that nothing is written through one.
        let fleet = read_worktree(&session.directory, Selection::FLEET)?;
        if !fleet.0.keys().any(|path| path.as_str() == "fleet.yaml") {
            let nowhere = Diagnostic::error_nowhere("no-fleet", "there is no Fleet in `fleet.yaml` here");
            return Err(Report::from(nowhere.hint("`-C DIR` works in another folder")).into());
        }
        let taken = self.taken(session, sources)?;
        let is_new = |(path, text): &(&String, &String)| {
            RepoPath::new(path)
                .map_or(true, |path| fleet.0.get(&path).map(AsRef::as_ref) != Some(text.as_bytes()))
        };
        let new: Vec<(&String, &String)> = taken.iter().filter(is_new).collect();
        for (path, text) in &new {
            files::write(&session.path(path.as_ref()), text)?;
        }
        let same = match taken.len() - new.len() {
            0 => String::new(),
            same => format!(", {same} as they were"),
        };
        session.terminal.say(&format!("wrote {}{same}", counted(new.len() as u64, "schema")));
        Ok(Exit::Fine)
    }

    /// Reads the definitions, and returns the files that they become.
    fn taken(&self, session: &Session, sources: &mut Sources) -> Result<BTreeMap<String, String>, Failure> {
        let mut report = Report::default();
        let mut taken: BTreeMap<String, String> = BTreeMap::new();
        for given in read_given(&session.directory, &self.paths)? {
            let file = sources.add(SourceName::of_user(&given.name), given.bytes.clone());
            let documents = match parse(file, &given.bytes, Options::FOREIGN) {
                Ok(documents) => documents,
                Err(findings) => {
                    report.extend(findings);
                    continue;
                }
            };
            for document in &documents {
                for object in objects(&document.root) {
                    take(object, &mut taken, &mut report);
                }
            }
        }
        if taken.is_empty() && report.is_empty() {
            let message = "no CustomResourceDefinition is among the files";
            report.push(Diagnostic::error_nowhere("schema-import", message));
        }
        Ok(report.or(taken)?)
    }
}

/// Returns the objects that a document holds: those of a `List`, as `kubectl get crds -o yaml` prints one, or the one that it is.
fn objects(document: &Node) -> Vec<&Node> {
    let text = |field: &str| document.get(field).and_then(Node::as_str).unwrap_or_default();
    let is_list = (text("apiVersion") == "v1" && text("kind") == "List")
        || text("kind") == "CustomResourceDefinitionList";
    match document.get("items").and_then(Node::items) {
        Some(items) if is_list => items.iter().collect(),
        Some(_) | None => vec![document],
    }
}

/// Adds the file that a definition becomes, or reports why it becomes none.
fn take(object: &Node, taken: &mut BTreeMap<String, String>, report: &mut Report) {
    let wrong = |message: String| Diagnostic::error("schema-import", object.location, message);
    match file_of(&object.to_json()) {
        Ok(None) => {}
        Ok(Some((path, text))) => {
            if taken.insert(path.clone(), text.clone()).is_some_and(|other| other != text) {
                let finding = wrong(format!("there is another definition of what becomes `{path}`"));
                report.push(finding.hint("import the one that the clusters have"));
            }
        }
        Err(why) => report.push(
            wrong(format!("the definition cannot be taken: {why}"))
                .hint("name the files of whole definitions, instead of a folder that holds others too"),
        ),
    }
}
