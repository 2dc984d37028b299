//! Files of cases, read as `tests/oracle/cases.go` reads them: what a case says is laid over what its file says as a
//! JSON Merge Patch (RFC 7386), and objects are added.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::{Failure, documents};

/// One case.
pub struct Case {
    /// The sentence that it shows.
    pub name: String,
    /// The documents of what the controller finds in its cluster.
    pub text: Vec<u8>,
    /// The texts that are filled, each the annotation `filled` of a set of its own; `None` where it is not about texts.
    pub fill: Option<Vec<String>>,
    /// The files of the repository, by path.
    pub repository: BTreeMap<String, String>,
}

/// The URL of the repository of a case.
pub const REPOSITORY: &str = "https://git.example.com/repository.git";

/// Reads the cases of a file.
pub fn read(file: &Path) -> Result<Vec<Case>, Failure> {
    let text = fs::read(file)?;
    let shared = documents(&text)?.pop().unwrap_or_default();
    let folder = file.parent().unwrap_or(file);
    let cases = shared["cases"].as_object().into_iter().flatten();
    cases.map(|(name, of_case)| case(name, &shared, of_case, folder)).collect()
}

fn case(name: &str, shared: &Value, of_case: &Value, folder: &Path) -> Result<Case, Failure> {
    let fill: Option<Vec<String>> =
        of_case.get("fill").map(|fill| serde_json::from_value(fill.clone())).transpose()?;
    let input = match (of_case["inputFile"].as_str(), of_case["input"].as_str()) {
        (Some(file), _) => Some(fs::read(folder.join(file))?),
        (None, text) => text.map(|text| text.as_bytes().to_vec()),
    };
    let text = match input {
        Some(text) => text,
        None => composed(shared, of_case, fill.as_deref()).into_bytes(),
    };
    let repository = serde_json::from_value(laid("repository", shared, of_case))?;
    Ok(Case { name: name.to_owned(), text, fill, repository })
}

fn laid(field: &str, shared: &Value, of_case: &Value) -> Value {
    let mut under = shared.get(field).cloned().unwrap_or_else(|| json!({}));
    json_patch::merge(&mut under, of_case.get(field).unwrap_or(&json!({})));
    under
}

fn composed(shared: &Value, of_case: &Value, fill: Option<&[String]>) -> String {
    let spec = laid("set", shared, of_case);
    let mut documents = match fill {
        None => vec![set("set", spec)],
        Some(texts) => texts.iter().enumerate().map(|(at, text)| filling(at, text, &spec)).collect(),
    };
    let clusters = laid("clusters", shared, of_case);
    for (name, cluster) in clusters.as_object().into_iter().flatten() {
        documents.push(secret(name, cluster));
    }
    for part in [shared, of_case] {
        documents.extend(part["objects"].as_array().into_iter().flatten().cloned());
    }
    documents.iter().map(|document| format!("---\n{document}\n")).collect()
}

fn filling(at: usize, text: &str, spec: &Value) -> Value {
    let mut spec = spec.clone();
    json_patch::merge(&mut spec, &json!({"template": {"metadata": {"annotations": {"filled": text}}}}));
    set(&format!("set-{at:03}"), spec)
}

fn set(name: &str, spec: Value) -> Value {
    json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": name, "namespace": "argocd"},
        "spec": spec,
    })
}

fn secret(name: &str, cluster: &Value) -> Value {
    let as_object_name = |letter: char| match letter {
        'a'..='z' | '0'..='9' => letter,
        'A'..='Z' => letter.to_ascii_lowercase(),
        _ => '-',
    };
    let id: String = name.chars().map(as_object_name).collect();
    let with = |mut first: Map<String, Value>, field: &str| {
        first.extend(cluster[field].as_object().cloned().unwrap_or_default());
        first
    };
    let labels: Map<String, Value> =
        [("argocd.argoproj.io/secret-type".into(), json!("cluster"))].into_iter().collect();
    let data: Map<String, Value> =
        [("name".into(), json!(name)), ("server".into(), json!(format!("https://{id}.example.com")))]
            .into_iter()
            .collect();
    let mut metadata =
        json!({"name": format!("cluster-{id}"), "namespace": "argocd", "labels": with(labels, "labels")});
    if let Some(annotations) = cluster.get("annotations") {
        metadata["annotations"] = annotations.clone();
    }
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": with(data, "data")})
}
