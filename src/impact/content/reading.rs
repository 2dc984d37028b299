//! What an Application reads from this repository: its sources, as places.

use serde_json::Value;

use crate::spec::fleet::Fleet;

/// Something that an Application reads from this repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reading {
    /// A file of values for a chart.
    Values {
        /// Where it lies.
        place: Place,
        /// Its path in the repository.
        path: String,
    },
    /// A folder that is applied.
    Folder {
        /// Where it lies.
        place: Place,
        /// Its path in the repository.
        path: String,
        /// What the source says about its form.
        declared: Declared,
    },
}

/// Where in the repository's history something lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// What the side renders to.
    Rendered,
    /// The side's own tree.
    Tree,
    /// The tree of a tag or of another branch.
    Revision(String),
}

/// What a source says about the form of its folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Declared {
    /// Plain YAML; with what lies in folders beneath it, too.
    Directory {
        /// Whether folders beneath it count.
        recurse: bool,
    },
    /// A kustomization.
    Kustomize,
    /// A chart.
    Helm,
    /// Nothing: what lies in it decides.
    Nothing,
}

impl Reading {
    /// Returns where it lies.
    pub fn place(&self) -> &Place {
        match self {
            Self::Values { place, .. } | Self::Folder { place, .. } => place,
        }
    }

    /// Returns its path in the repository.
    pub fn path(&self) -> &str {
        match self {
            Self::Values { path, .. } | Self::Folder { path, .. } => path,
        }
    }
}

/// Returns the sources of an Application's `spec`: that in `source`, or those in `sources`.
pub fn sources(spec: &Value) -> &[Value] {
    match spec.get("sources").and_then(Value::as_array) {
        Some(sources) if !sources.is_empty() => sources,
        _ => spec.get("source").map(std::slice::from_ref).unwrap_or_default(),
    }
}

/// Returns whether a source reads this repository.
pub fn is_own(source: &Value, fleet: &Fleet) -> bool {
    let plain = |url: &str| url.trim_end_matches('/').trim_end_matches(".git").to_lowercase();
    let url = source.get("repoURL").and_then(Value::as_str).unwrap_or_default();
    plain(url) == plain(&fleet.spec.repository.url) && source.get("chart").is_none()
}

/// Returns what the sources of an Application read from this repository: values first, then folders, each in the order
/// of the sources.
pub fn readings(spec: &Value, fleet: &Fleet) -> (Vec<Reading>, Vec<Reading>) {
    let sources = sources(spec);
    let (mut values, mut folders) = (Vec::new(), Vec::new());
    for source in sources {
        for file in source.pointer("/helm/valueFiles").and_then(Value::as_array).into_iter().flatten() {
            values.extend(file.as_str().and_then(|file| values_file(file, sources, fleet)));
        }
        let path = source.get("path").and_then(Value::as_str).filter(|_| is_own(source, fleet));
        if let Some(path) = path {
            let path = path.trim_start_matches("./").trim_end_matches('/').to_owned();
            let place = place(revision(source), &path, fleet);
            folders.push(Reading::Folder { place, path, declared: declared(source) });
        }
    }
    (values, folders)
}

/// Returns a file of values that another source holds: `$values/path`.
fn values_file(file: &str, sources: &[Value], fleet: &Fleet) -> Option<Reading> {
    let (name, path) = file.strip_prefix('$')?.split_once('/')?;
    let holds = |source: &&Value| source.get("ref").and_then(Value::as_str) == Some(name);
    let source = sources.iter().find(holds).filter(|source| is_own(source, fleet))?;
    Some(Reading::Values { place: place(revision(source), path, fleet), path: path.to_owned() })
}

fn revision(source: &Value) -> &str {
    source.get("targetRevision").and_then(Value::as_str).unwrap_or_default()
}

fn place(revision: &str, path: &str, fleet: &Fleet) -> Place {
    let is_trunk = matches!(revision, "" | "HEAD") || revision == fleet.spec.repository.trunk;
    let in_output = fleet.output_path().is_none_or(|output| {
        path.strip_prefix(output).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    if in_output && revision == fleet.output_revision() {
        Place::Rendered
    } else if is_trunk {
        Place::Tree
    } else {
        Place::Revision(revision.to_owned())
    }
}

/// Returns the form that a source asks for (Argo CD 3.5, "Tool Detection").
fn declared(source: &Value) -> Declared {
    let recurse = source.pointer("/directory/recurse") == Some(&Value::Bool(true));
    if source.get("directory").is_some() {
        Declared::Directory { recurse }
    } else if source.get("kustomize").is_some() {
        Declared::Kustomize
    } else if source.get("helm").is_some() {
        Declared::Helm
    } else {
        Declared::Nothing
    }
}
