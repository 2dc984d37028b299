//! What we say Argo CD makes is what Argo CD's own code says: the answers of `tests/oracle`, recorded.
#![expect(clippy::disallowed_methods, reason = "tests read the project's own files")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use yoshino::argocd::{ApplicationSet, ClusterSecret, applications, held};
use yoshino::location::FileId;
use yoshino::spec::yaml::{Options, parse};

/// The documents that Argo CD would read, by kind.
#[derive(Default)]
struct World {
    sets: Vec<Value>,
    secrets: Vec<Value>,
    projects: BTreeSet<String>,
}

impl World {
    fn read(paths: &[PathBuf]) -> Result<Self, String> {
        let mut world = Self::default();
        for path in paths {
            let bytes = fs::read(path).map_err(|refusal| format!("{}: {refusal}", path.display()))?;
            let documents = parse(FileId(0), &bytes, Options::SPEC)
                .map_err(|report| format!("{}: {report:?}", path.display()))?;
            for document in documents {
                world.add(document.root.to_json());
            }
        }
        Ok(world)
    }

    fn add(&mut self, mut object: Value) {
        if object["metadata"]["namespace"].is_null() {
            object["metadata"]["namespace"] = json!("argocd");
        }
        match object["kind"].as_str() {
            Some("ApplicationSet") => self.sets.push(object),
            Some("Secret") => self.secrets.push(object),
            Some("AppProject") => {
                self.projects.extend(object["metadata"]["name"].as_str().map(str::to_owned));
            }
            _ => {}
        }
    }

    /// Returns the Applications of each set, or why they cannot be said.
    fn expand(&self) -> Vec<(&Value, Result<Vec<Value>, String>)> {
        let read: Result<Vec<_>, _> = self.secrets.iter().map(ClusterSecret::read).collect();
        let secrets = read.map(|read| read.into_iter().flatten().collect::<Vec<ClusterSecret<'_>>>());
        let expand = |set: &Value| {
            let secrets = secrets.as_ref().map_err(|refused| refused.0.clone())?;
            let set = ApplicationSet::compile(set).map_err(|refused| refused.0)?;
            applications(&set, secrets).map_err(|refused| refused.0)
        };
        self.sets.iter().map(|set| (set, expand(set))).collect()
    }
}

fn yaml_files(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = fs::read_dir(folder).map_err(|refusal| format!("{}: {refusal}", folder.display()))?;
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            yaml_files(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
    found.sort();
    Ok(())
}

fn read_json(path: &Path) -> Result<Value, String> {
    let bytes = fs::read(path).map_err(|refusal| format!("{}: {refusal}", path.display()))?;
    serde_json::from_slice(&bytes).map_err(|refusal| format!("{}: {refusal}", path.display()))
}

#[test]
fn the_applications_of_the_reference_fleet_are_those_that_argo_cd_makes() -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let recorded = read_json(&root.join("tests/recorded/rendered-applications.json"))?;
    let mut expected: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for application in recorded.as_array().into_iter().flatten() {
        let management = application["management"].as_str().unwrap_or_default().to_owned();
        expected.entry(management).or_default().push(application);
    }
    assert!(!expected.is_empty(), "nothing is recorded");

    for (management, expected) in expected {
        let mut files = Vec::new();
        for folder in ["applicationsets", "clusters", "projects"] {
            yaml_files(&root.join("rendered").join(&management).join(folder), &mut files)?;
        }
        let world = World::read(&files)?;
        let projects: BTreeSet<&str> = world.projects.iter().map(String::as_str).collect();
        let mut made = Vec::new();
        for (set, applications) in world.expand() {
            let applications = applications.map_err(|why| format!("{}: {why}", set["metadata"]["name"]))?;
            assert_eq!(held(&applications, &projects), BTreeMap::new());
            made.extend(applications);
        }
        made.sort_by_key(|application| application["metadata"]["name"].to_string());
        let mut expected: Vec<Value> = expected
            .iter()
            .map(|one| json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": one["metadata"], "spec": one["spec"]}))
            .collect();
        expected.sort_by_key(|application| application["metadata"]["name"].to_string());
        assert_eq!(made.len(), expected.len(), "{management}");
        for (made, expected) in made.iter().zip(&expected) {
            assert_eq!(made, expected, "{management}");
        }
    }
    Ok(())
}

#[test]
fn recorded_cases_are_answered_as_argo_cd_does_or_refused_by_name() -> Result<(), String> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded/expand");
    let mut folders: Vec<PathBuf> = fs::read_dir(&cases)
        .map_err(|refusal| refusal.to_string())?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    folders.sort();
    let mut answered = 0;
    for folder in &folders {
        let world = World::read(&[folder.join("input.yaml")])?;
        let recorded = read_json(&folder.join("expected.json"))?;
        for (set, made) in world.expand() {
            let name = &set["metadata"]["name"];
            let all = recorded["applicationsets"].as_array().into_iter().flatten();
            let recorded = all.into_iter().find(|one| one["name"] == *name);
            let recorded = recorded.ok_or_else(|| format!("{}: {name} is not recorded", folder.display()))?;
            let Ok(made) = made else { continue };
            answered += 1;
            assert_eq!(recorded["error"], Value::Null, "{}", folder.display());
            assert_eq!(Value::from(made), recorded["applications"], "{}", folder.display());
        }
    }
    assert!(answered >= 5, "only {answered} cases were answered");
    Ok(())
}
