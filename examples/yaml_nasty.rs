//! Writes YAML files that are hard to read, each beside the JSON of its documents, for other readers to be tried on.
//!
//! ```text
//! yaml_nasty FOLDER [COUNT]     NAME.yaml and NAME.json, of both kinds COUNT (default 20) with random content
//! ```
//!
//! `NAME.json` is a list with one value for each document of `NAME.yaml`. Files named `configmap-…` hold ConfigMaps,
//! whose keys and values are text, so that `kubectl label --local -f FILE -o json x=1` reads them; `tree-…` any values.
//! The same arguments give the same files.
#![expect(clippy::disallowed_methods, reason = "an example writes the files that it is asked for")]

use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};
use yoshino::emit::yaml::write_document;

/// Texts that some reader takes for something else, or that are hard to quote: a list in JSON.
const NASTY: &str = include_str!("../tests/yaml-nasty.json");

#[path = "../tests/nasty/pieces.rs"]
mod pieces;

use pieces::PIECES;

/// A small generator of pseudo-random numbers (xorshift), so that the same seed gives the same files everywhere.
struct Random {
    state: u64,
    nasty: Vec<String>,
}

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state % bound as u64) as usize
    }

    fn text(&mut self) -> String {
        match self.below(4) {
            0 => {
                let index = self.below(self.nasty.len());
                self.nasty[index].clone()
            }
            _ => (0..self.below(12)).map(|_| PIECES[self.below(PIECES.len())]).collect(),
        }
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 8 } else { 14 }) {
            0 => Value::Null,
            1 => json!(self.below(2) == 0),
            2 => json!(self.state as i64),
            3 => json!(self.state),
            4 => json!((self.state as i64 as f64) / 10_f64.powi(self.below(60) as i32 - 20)),
            5..=7 => Value::String(self.text()),
            8..=10 => Value::Array((0..self.below(5)).map(|_| self.value(depth - 1)).collect()),
            _ => Value::Object((0..self.below(5)).map(|_| (self.text(), self.value(depth - 1))).collect()),
        }
    }
}

fn config_map(name: &str, data: Map<String, Value>) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data})
}

/// Files with every nasty text: as values, as keys, as both, in lists, and very long.
fn fixed(nasty: &[String]) -> Vec<(&'static str, Vec<Value>)> {
    let values = nasty.iter().enumerate().map(|(index, text)| (format!("k{index}"), json!(text))).collect();
    let keys =
        nasty.iter().enumerate().map(|(index, text)| (text.clone(), json!(format!("v{index}")))).collect();
    let both: Map<String, Value> = nasty.iter().map(|text| (text.clone(), json!(text))).collect();
    let between = |text: &String| json!(format!("before\n{text}\nbehind"));
    let lines = nasty.iter().enumerate().map(|(index, text)| (format!("k{index}"), between(text))).collect();
    let list: Vec<Value> = nasty.iter().map(|text| json!(text)).collect();
    let nested = list.iter().map(|text| json!([[text, [text]], {"k": text}, {"k": [text]}])).collect();
    let long = |length: usize| "long \"line\": #".repeat(length / 14);
    let lengths = [900, 1000, 1020, 1022, 1023, 1024, 1025, 1100, 5000].iter();
    let long_keys = lengths.map(|length| ("k".repeat(*length), json!(*length))).collect();
    let deep_keys = json!({long(2000): {long(3000): [1, {long(4000): []}], "a\nb": "c\n"}, "k": ["a", {long(1500): "x\n\n"}]});
    let texts = [long(1 << 20), "line\n".repeat(1 << 18), "\u{4e95}".repeat(1 << 18)];
    let texts: Map<String, Value> =
        texts.iter().enumerate().map(|(i, text)| (format!("k{i}"), json!(text))).collect();
    let numbers = json!([
        0,
        -1,
        i64::MIN,
        i64::MAX,
        u64::MAX,
        0.5,
        -0.0,
        1e21,
        1e-7,
        1.5e300,
        5e-324,
        123456789.25,
        1e15,
        1e16,
        1e17
    ]);
    vec![
        ("configmap-values", vec![config_map("values", values)]),
        ("configmap-keys", vec![config_map("keys", keys)]),
        ("configmap-both", vec![config_map("both", both.clone())]),
        ("configmap-lines", vec![config_map("lines", lines)]),
        ("configmap-long-keys", vec![config_map("long-keys", long_keys)]),
        ("configmap-long-values", vec![config_map("long-values", texts)]),
        ("tree-list", vec![Value::Array(list)]),
        ("tree-nested", vec![Value::Array(nested), Value::Object(both)]),
        ("tree-keys", vec![deep_keys]),
        ("tree-numbers", vec![numbers]),
        ("tree-roots", nasty.iter().map(|text| json!(text)).collect()),
        (
            "tree-empty",
            vec![json!({}), json!([]), json!([[], {}, [[]], [{}], {"a": []}, {"a": {}}]), json!({"a": [[]]})],
        ),
    ]
}

fn write(folder: &Path, name: &str, documents: &[Value]) -> Result<(), Box<dyn Error>> {
    let mut text = String::new();
    for document in documents {
        text.push_str("---\n");
        write_document(&mut text, document);
    }
    fs::write(folder.join(format!("{name}.yaml")), text)?;
    fs::write(folder.join(format!("{name}.json")), serde_json::to_vec(documents)?)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = Path::new(arguments.first().ok_or("usage: yaml_nasty FOLDER [COUNT]")?);
    let count = arguments.get(1).map_or(Ok(20), |count| count.parse::<usize>())?;
    fs::create_dir_all(folder)?;
    let nasty: Vec<String> = serde_json::from_str(NASTY)?;
    for (name, documents) in fixed(&nasty) {
        write(folder, name, &documents)?;
    }
    let mut random = Random { state: 0x9e37_79b9_7f4a_7c15, nasty };
    for index in 0..count {
        let data = (0..200).map(|_| (random.text(), json!(random.text()))).collect();
        write(folder, &format!("configmap-random-{index}"), &[config_map("random", data)])?;
        let documents: Vec<Value> = (0..200).map(|_| random.value(4)).collect();
        write(folder, &format!("tree-random-{index}"), &documents)?;
    }
    Ok(())
}
