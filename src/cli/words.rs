//! Words and values as people read them, shared by what is printed for them.

use serde_json::Value;
use yoshino::credential::masked_line;
pub use yoshino::harmless::harmless;
use yoshino::impact::{Change, Nodes};

/// Returns a number with a comma between thousands.
pub fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns how many there are of something: `1 node`, `1,000 nodes`.
pub fn counted(count: u64, what: &str) -> String {
    format!("{} {what}{}", number(count), if count == 1 { "" } else { "s" })
}

/// Returns a number of nodes: `3 nodes`, `1 to 10 nodes`.
pub fn nodes(nodes: Nodes) -> String {
    if nodes.min == nodes.max {
        return counted(nodes.min, "node");
    }
    format!("{} to {} nodes", number(nodes.min), number(nodes.max))
}

/// Returns where a change happens: a cluster, many of them, or a management cluster; `None` where the name says it.
pub fn place(change: &Change) -> Option<String> {
    match &change.clusters[..] {
        [] => Some(change.management.clone()),
        [cluster] => Some(format!("{}/{}", cluster.project, cluster.name)),
        all => Some(counted(all.len() as u64, "cluster")),
    }
}

/// Returns what a change does to workloads and machines, in words.
pub fn effects(change: &Change) -> Vec<String> {
    let mut effects = Vec::new();
    effects.extend(change.workloads.map(|workloads| format!("workloads are {}", workloads.word())));
    if let Some(machines) = change.machines {
        if machines.control_planes > 0 {
            effects.push(format!("{} rolled", counted(machines.control_planes, "control plane")));
        }
        if machines.nodes.max > 0 {
            effects.push(format!("{} rolled", nodes(machines.nodes)));
        }
    }
    effects
}

/// Returns a field's value in one line, masked where it looks like a credential.
pub fn value(path: &str, value: &Value) -> String {
    // What stands at a key that is called like a credential is masked by that key.
    let key = path.rsplit(['/', '#']).next().unwrap_or_default();
    let line = format!("{key}: {}", one_line(value));
    let masked = masked_line(&line, 1);
    masked.strip_prefix(&format!("{key}: ")).unwrap_or(&masked).to_owned()
}

/// Returns a value in one line: a text as it is, anything else as JSON.
pub fn one_line(value: &Value) -> String {
    match value {
        Value::String(text) => text.replace('\n', "\\n"),
        value => value.to_string(),
    }
}

/// Returns at most so many characters of a text.
pub fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
