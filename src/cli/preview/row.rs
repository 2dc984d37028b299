//! Applications as the rows of a table.

use serde_json::Value;
use yoshino::argocd::{Validation, field};
use yoshino::error::Error;

use super::super::table::print_table;
use super::super::terminal::Terminal;

const HEAD: [&str; 6] = ["APPLICATION", "CLUSTER", "NAMESPACE", "PROJECT", "SOURCE", "REVISION"];

/// Returns the rows of some Applications.
pub fn rows(validation: &Validation<'_>, applications: &[&Value]) -> Vec<Vec<String>> {
    applications.iter().map(|application| row(validation, application)).collect()
}

/// The rows of every set.
pub struct Table {
    names_management: bool,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Begins a table; the management cluster stands in front where there are several.
    pub fn new(names_management: bool) -> Self {
        let mut head = HEAD.map(str::to_owned).to_vec();
        if names_management {
            head.insert(0, "MANAGEMENT".to_owned());
        }
        Self { names_management, rows: vec![head] }
    }

    /// Adds the rows of a set.
    pub fn add(&mut self, management: Option<&str>, rows: Vec<Vec<String>>) {
        let management = management.filter(|_| self.names_management);
        for mut row in rows {
            if let Some(name) = management {
                row.insert(0, name.to_owned());
            }
            self.rows.push(row);
        }
    }

    /// Prints the table.
    ///
    /// # Errors
    /// Says why it could not be written.
    pub fn print(&self, terminal: &Terminal) -> Result<(), Error> {
        print_table(terminal, &self.rows)
    }
}

fn row(validation: &Validation<'_>, application: &Value) -> Vec<String> {
    let text = |path: &[&str]| field::text(application, path).to_owned();
    let sources = sources(application);
    vec![
        text(&["metadata", "name"]),
        validation.cluster(application).to_owned(),
        text(&["spec", "destination", "namespace"]),
        text(&["spec", "project"]),
        joined(sources.iter().map(|source| place(source))),
        joined(sources.iter().map(|source| revision(source).to_owned())),
    ]
}

/// Returns the sources that make objects: those that others only refer to, for values files, are left out.
fn sources(application: &Value) -> Vec<&Value> {
    let there = |path: &[&str]| Some(field::at(application, path)).filter(|found| !found.is_null());
    let all = match there(&["spec", "sources"]).and_then(Value::as_array) {
        Some(sources) if !sources.is_empty() => sources.iter().collect(),
        _ => there(&["spec", "source"]).into_iter().collect::<Vec<_>>(),
    };
    let dry = there(&["spec", "sourceHydrator", "drySource"]);
    let is_referred_to = |source: &Value| !own(source, "ref").is_empty() && place_in(source).is_empty();
    let made = all.iter().copied().filter(|source| !is_referred_to(source)).collect::<Vec<_>>();
    dry.into_iter().chain(if made.is_empty() { all } else { made }).collect()
}

fn own<'s>(source: &'s Value, name: &str) -> &'s str {
    field::text(source, &[name])
}

/// Returns what of a repository is read: a chart or a path.
fn place_in(source: &Value) -> &str {
    match own(source, "chart") {
        "" => own(source, "path"),
        chart => chart,
    }
}

fn place(source: &Value) -> String {
    format!("{} {}", own(source, "repoURL"), place_in(source)).trim_end().to_owned()
}

/// Returns the revision; where there is none, what that means to Argo CD.
fn revision(source: &Value) -> &str {
    match own(source, "targetRevision") {
        "" if own(source, "chart").is_empty() => "HEAD",
        "" => "*",
        revision => revision,
    }
}

/// Joins what differs.
fn joined(texts: impl Iterator<Item = String>) -> String {
    let mut all: Vec<String> = texts.collect();
    all.dedup();
    all.join(" + ")
}
