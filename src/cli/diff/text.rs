//! A difference for a terminal: the summary first, then every class, the worst first.

use std::fmt::Write as _;

use serde_json::Value;
use yoshino::diagnostic::Color;
use yoshino::impact::{Change, Class, Difference, FieldChange, Machines};

/// How many fields, or clusters, of one change are shown.
const MOST: usize = 12;

/// Returns the difference as text.
pub fn text(difference: &Difference, color: Color) -> String {
    let paint = Paint { color };
    let mut text = format!("{} → {}\n", short(&difference.base), short(&difference.head));
    let summary = difference.summary();
    let parts = summary.iter().filter(|(_, count)| **count > 0);
    let parts: Vec<String> =
        parts.map(|(class, count)| paint.class(*class, &format!("{} {count}", class.word()))).collect();
    if parts.is_empty() {
        text.push_str("nothing changes\n");
        return text;
    }
    _ = writeln!(text, "{}", parts.join(" · "));
    let mut last = None;
    for change in &difference.changes {
        if last != Some(change.class) {
            _ = writeln!(text, "\n{}", paint.class(change.class, change.class.word()));
            last = Some(change.class);
        }
        write_change(&mut text, change);
    }
    for finding in &difference.half_applied {
        _ = writeln!(text, "\n{}", paint.class(Class::Destroys, &format!("half applied: {}", finding.state)));
        _ = writeln!(text, "  {}: {}", finding.management, finding.what);
        _ = writeln!(text, "    {}", listed(&finding.applications));
    }
    text
}

/// Says in words what is limited: `applications are deleted`.
pub fn limited(name: &str, found: u64) -> &'static str {
    let one = found == 1;
    match name {
        "applications" if one => "Application is deleted",
        "applications" => "Applications are deleted",
        "clusters" if one => "cluster is destroyed",
        "clusters" => "clusters are destroyed",
        "pools" if one => "pool is destroyed",
        "pools" => "pools are destroyed",
        "controlPlanes" if one => "control plane is replaced",
        "controlPlanes" => "control planes are replaced",
        "nodes" if one => "node is replaced",
        "nodes" => "nodes are replaced",
        _ if one => "change is refused",
        _ => "changes are refused",
    }
}

fn write_change(text: &mut String, change: &Change) {
    let place = match (&change.project, &change.cluster) {
        (Some(project), Some(cluster)) => format!(" of {project}/{cluster}"),
        _ if change.clusters.len() > 1 => format!(" of {} clusters", change.clusters.len()),
        _ => String::new(),
    };
    _ = write!(text, "  {} {}{place} on {}", change.kind, change.name, change.management);
    if let Some(workloads) = change.workloads {
        _ = write!(text, ": workloads {}", workloads.word());
    }
    if let Some(machines) = change.machines {
        _ = write!(text, ": {}", counted(machines));
    }
    text.push('\n');
    for reason in &change.reasons {
        _ = writeln!(text, "    {reason}");
    }
    if change.clusters.len() > 1 {
        let names: Vec<String> =
            change.clusters.iter().map(|cluster| format!("{}/{}", cluster.project, cluster.name)).collect();
        _ = writeln!(text, "    {}", listed(&names));
    }
    for field in change.fields.iter().take(MOST) {
        _ = writeln!(text, "      {}", field_text(field));
    }
    if change.fields.len() > MOST {
        _ = writeln!(text, "      and {} more fields", change.fields.len() - MOST);
    }
}

fn counted(machines: Machines) -> String {
    let nodes = machines.nodes;
    let planes = match machines.control_planes {
        0 => None,
        1 => Some("1 control plane".to_owned()),
        count => Some(format!("{count} control planes")),
    };
    let nodes = match (nodes.min, nodes.max) {
        (0, 0) => None,
        (1, 1) => Some("1 node".to_owned()),
        (min, max) if min == max => Some(format!("{max} nodes")),
        (min, max) => Some(format!("{min} to {max} nodes")),
    };
    planes.into_iter().chain(nodes).collect::<Vec<_>>().join(", ")
}

fn field_text(field: &FieldChange) -> String {
    match (&field.from, &field.to) {
        (Some(from), Some(to)) if !field.path.contains(['#', ' ']) && !field.path.starts_with('/') => {
            _ = (from, to);
            format!("{} changes", field.path)
        }
        (Some(from), Some(to)) => format!("{}: {} → {}", field.path, shown(from), shown(to)),
        (None, Some(to)) => format!("{}: + {}", field.path, shown(to)),
        (Some(from), None) => format!("{}: - {}", field.path, shown(from)),
        (None, None) => field.path.clone(),
    }
}

/// Returns a value on one line, cut where it is long.
fn shown(value: &Value) -> String {
    const LONG: usize = 60;
    let text = match value {
        Value::String(text) if !text.is_empty() => text.replace('\n', "⏎"),
        other => other.to_string(),
    };
    match text.char_indices().nth(LONG) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn listed(names: &[String]) -> String {
    let more = names.len().saturating_sub(MOST);
    let shown = names.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// Returns a commit id cut to what tells it from others.
fn short(revision: &str) -> &str {
    let is_id = revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id { &revision[..12] } else { revision }
}

struct Paint {
    color: Color,
}

impl Paint {
    fn class(&self, class: Class, text: &str) -> String {
        let code = match class {
            Class::Destroys | Class::Refuses => "1;31",
            Class::Replaces => "1;33",
            Class::Installs => "1;32",
            Class::Upgrades => "1;36",
            Class::Changes => "1",
            Class::Cosmetic => "2",
        };
        match self.color {
            Color::Always => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            Color::Never => text.to_owned(),
        }
    }
}
