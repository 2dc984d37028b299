//! Applications as the rows of a table.

use serde_json::Value;
use yoshino::argocd::Validation;
use yoshino::error::Error;

use super::super::table::print_table;
use super::super::terminal::Terminal;
use super::input::Estate;

const HEAD: [&str; 6] = ["APPLICATION", "CLUSTER", "NAMESPACE", "PROJECT", "SOURCE", "REVISION"];

/// Returns the rows of some Applications.
pub fn rows(validation: &Validation<'_>, applications: &[&Value]) -> Vec<Vec<String>> {
    applications.iter().map(|application| row(validation, application)).collect()
}

/// Prints the rows of every set; the management cluster of each stands in front where there are several.
///
/// # Errors
/// Says why the table could not be written.
pub fn print(
    terminal: &Terminal,
    estates: &[Estate],
    sets: &[(usize, Vec<Vec<String>>)],
) -> Result<(), Error> {
    let own = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    let mut table = vec![own(&HEAD)];
    if estates.len() > 1 {
        table[0].insert(0, "MANAGEMENT".to_owned());
    }
    for (estate, rows) in sets {
        let management = estates[*estate].management.as_ref().filter(|_| estates.len() > 1);
        let row = |row: &Vec<String>| management.into_iter().chain(row).cloned().collect();
        table.extend(rows.iter().map(row));
    }
    print_table(terminal, &table)
}

fn row(validation: &Validation<'_>, application: &Value) -> Vec<String> {
    let text = |pointer: &str| application.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let sources = sources(application);
    vec![
        text("/metadata/name").to_owned(),
        validation.cluster(application).to_owned(),
        text("/spec/destination/namespace").to_owned(),
        text("/spec/project").to_owned(),
        joined(sources.iter().map(|source| place(source))),
        joined(sources.iter().map(|source| revision(source).to_owned())),
    ]
}

/// Returns the sources that make objects: those that others only refer to, for values files, are left out.
fn sources(application: &Value) -> Vec<&Value> {
    let all = match application.pointer("/spec/sources").and_then(Value::as_array) {
        Some(sources) if !sources.is_empty() => sources.iter().collect(),
        _ => application.pointer("/spec/source").into_iter().collect::<Vec<_>>(),
    };
    let dry = application.pointer("/spec/sourceHydrator/drySource");
    let is_referred_to = |source: &Value| !field(source, "ref").is_empty() && place_in(source).is_empty();
    let made = all.iter().copied().filter(|source| !is_referred_to(source)).collect::<Vec<_>>();
    dry.into_iter().chain(if made.is_empty() { all } else { made }).collect()
}

fn field<'s>(source: &'s Value, name: &str) -> &'s str {
    source.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Returns what of a repository is read: a chart or a path.
fn place_in(source: &Value) -> &str {
    match field(source, "chart") {
        "" => field(source, "path"),
        chart => chart,
    }
}

fn place(source: &Value) -> String {
    format!("{} {}", field(source, "repoURL"), place_in(source)).trim_end().to_owned()
}

/// Returns the revision; where there is none, what that means to Argo CD.
fn revision(source: &Value) -> &str {
    match field(source, "targetRevision") {
        "" if field(source, "chart").is_empty() => "HEAD",
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
