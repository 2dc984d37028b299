//! Names that exist, recorded for ever: a machine template whose name changes without its meaning rolls machines.
//!
//! `golden/names/<Kind>.yaml` holds objects, `golden/names/recorded.txt` the name of each, `golden/names/same/` objects
//! that are written differently and mean the same. All three may only be added to.
#![allow(clippy::disallowed_methods, reason = "the tests read files of this repository")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use yoshino::emit::cluster_api::{content_hash, name_templates};
use yoshino::emit::{Object, Origin};
use yoshino::location::{FileId, Location};
use yoshino::spec::yaml::{Options, parse};

type TestResult = Result<(), Box<dyn Error>>;

/// The first lines of `recorded.txt`: how many, and the hash of them all. Take new lines in by raising both.
const FROZEN: (usize, &str) = (30, "8e585f3c");

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/names")
}

/// Returns the objects of every YAML file in a folder.
fn objects(folder: &Path) -> Result<Vec<Value>, Box<dyn Error>> {
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        files.push(entry?.path());
    }
    files.sort();
    let mut objects = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "yaml")) {
        let documents = parse(FileId(0), &std::fs::read(file)?, Options::SPEC);
        let documents = documents.map_err(|report| format!("{}: {report:?}", file.display()))?;
        objects.extend(documents.iter().map(|document| document.root.to_json()));
    }
    Ok(objects)
}

/// Returns an object's kind and base name.
fn key(object: &Value) -> (String, String) {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    (text("/kind"), text("/metadata/name"))
}

/// Returns the name that an object gets.
fn name_of(body: Value) -> Result<String, Box<dyn Error>> {
    let origin = Origin { spec: Location::start_of(FileId(0)), template: None };
    let mut objects = [Object { body, origin }];
    name_templates(&mut objects).map_err(|report| format!("{report:?}"))?;
    Ok(objects[0].name().to_owned())
}

/// Returns the recorded lines, each `<kind> <name>`.
fn recorded() -> Result<Vec<String>, Box<dyn Error>> {
    let text = std::fs::read_to_string(folder().join("recorded.txt"))?;
    Ok(text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect())
}

#[test]
fn every_object_has_the_name_that_was_recorded_for_it() -> TestResult {
    let mut names = Vec::new();
    for object in objects(&folder())? {
        let (kind, _) = key(&object);
        names.push(format!("{kind} {}", name_of(object)?));
    }

    let mut recorded = recorded()?;
    names.sort();
    recorded.sort();

    assert_eq!(names, recorded, "a name may be added to `recorded.txt`, and none may change or go");
    Ok(())
}

#[test]
fn what_was_recorded_stays_as_it_is() -> TestResult {
    let (count, hash) = FROZEN;
    let recorded = recorded()?;
    let first: Vec<&String> = recorded.iter().take(count).collect();

    assert_eq!(first.len(), count, "lines are missing");
    assert_eq!(content_hash(&json!({"kind": "Names", "spec": first})), hash, "a recorded line has changed");
    Ok(())
}

#[test]
fn layout_order_api_version_and_defaults_change_no_name() -> TestResult {
    let originals: BTreeMap<(String, String), Value> =
        objects(&folder())?.into_iter().map(|object| (key(&object), object)).collect();

    for same in objects(&folder().join("same"))? {
        let key = key(&same);
        let original = originals.get(&key).ok_or_else(|| format!("there is no {} `{}`", key.0, key.1))?;
        assert_eq!(name_of(same)?, name_of(original.clone())?, "{} `{}`", key.0, key.1);
    }
    for (key, original) in originals {
        assert_eq!(content_hash(&reversed(&original)), content_hash(&original), "{} `{}`", key.0, key.1);
    }
    Ok(())
}

#[test]
fn different_objects_have_different_names() -> TestResult {
    let objects = objects(&folder())?;
    let hashes: BTreeMap<String, (String, String)> =
        objects.iter().map(|object| (content_hash(object), key(object))).collect();
    assert_eq!(hashes.len(), objects.len());
    Ok(())
}

/// Returns a value with the keys of every map in the opposite order.
fn reversed(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let entries = map.iter().rev().map(|(key, value)| (key.clone(), reversed(value)));
            Value::Object(entries.collect::<Map<String, Value>>())
        }
        Value::Array(items) => items.iter().map(reversed).collect(),
        other => other.clone(),
    }
}
