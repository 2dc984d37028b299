//! A difference for a terminal: the summary first, then every class, the worst first.

use std::fmt::Write as _;

use serde_json::Value;
use yoshino::diagnostic::Color;
use yoshino::impact::{Change, Class, Difference, FieldChange};

use super::super::words;
use super::shown::shown;

/// How many fields, clusters or Applications are shown at one place.
const MOST: usize = 12;

/// How many characters of a value are shown.
const LONGEST: usize = 60;

/// Returns the difference as text.
pub fn text(difference: &Difference, color: Color) -> String {
    let text = Text { color, has_many: has_many_managements(difference) };
    let mut out = format!("{} → {}\n", short(&difference.base), short(&difference.head));
    let summary = difference.summary();
    let counts = summary.iter().filter(|(_, count)| **count > 0);
    let counts: Vec<String> = counts
        .map(|(class, count)| {
            text.class(*class, &format!("{} {}", class.word(), words::number(*count as u64)))
        })
        .collect();
    if counts.is_empty() && difference.half_applied.is_empty() {
        out.push_str("nothing changes\n");
        return out;
    }
    _ = writeln!(out, "{}", counts.join(", "));
    for class in Class::ALL {
        let changes = shown(difference, class);
        if !changes.is_empty() {
            _ = writeln!(out, "\n{}", text.class(class, class.word()));
        }
        changes.iter().for_each(|shown| text.change(&mut out, &shown.change));
    }
    text.half_applied(&mut out, difference);
    out
}

/// Says in words what is limited: `Applications are deleted`.
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

/// How everything is written.
struct Text {
    color: Color,
    /// Whether it must be said which management cluster is meant.
    has_many: bool,
}

impl Text {
    fn change(&self, out: &mut String, change: &Change) {
        _ = write!(out, "  {} {}", change.kind, change.name);
        let place = words::place(change).filter(|_| !change.clusters.is_empty());
        if let Some(place) = place {
            _ = write!(out, " of {place}");
        }
        if self.has_many {
            _ = write!(out, " on {}", change.management);
        }
        let mut said = words::effects(change);
        let mut reasons = change.reasons.iter();
        // Most changes have one reason and nothing else to show.
        if said.is_empty() && change.reasons.len() == 1 && change.fields.is_empty() {
            said.extend(reasons.next().map(|reason| words::harmless(reason).into_owned()));
        }
        match said.is_empty() {
            true => out.push('\n'),
            false => _ = writeln!(out, ": {}", said.join(", ")),
        }
        for reason in reasons {
            _ = writeln!(out, "    {}", words::harmless(reason));
        }
        if change.clusters.len() > 1 {
            let names = change.clusters.iter();
            let names: Vec<String> = names.map(|one| format!("{}/{}", one.project, one.name)).collect();
            _ = writeln!(out, "    {}", listed(&names));
        }
        for field in change.fields.iter().take(MOST) {
            _ = writeln!(out, "    {}", self.field(field));
        }
        if change.fields.len() > MOST {
            _ = writeln!(out, "    and {} more fields", change.fields.len() - MOST);
        }
    }

    fn field(&self, field: &FieldChange) -> String {
        let path = &words::harmless(&field.path);
        let is_file = !path.starts_with('/') && !path.contains('#');
        let value = |value: &Value| {
            let text = words::value(path, value);
            words::shortened(&words::harmless(&text), LONGEST)
        };
        let gone = |text: &str| self.painted("31", text);
        let new = |text: &str| self.painted("32", text);
        match (&field.from, &field.to) {
            (Some(_), Some(_)) if is_file => path.to_string(),
            (Some(_), None) if is_file => format!("{path} {}", gone("is gone")),
            (None, Some(_)) if is_file => format!("{path} {}", new("is new")),
            (Some(from), Some(to)) => format!("{path}: {} → {}", gone(&value(from)), new(&value(to))),
            (None, Some(to)) => format!("{path}: {}", new(&format!("+ {}", value(to)))),
            (Some(from), None) => format!("{path}: {}", gone(&format!("- {}", value(from)))),
            (None, None) => path.to_string(),
        }
    }

    fn half_applied(&self, out: &mut String, difference: &Difference) {
        if !difference.half_applied.is_empty() {
            _ = writeln!(out, "\n{}", self.class(Class::Destroys, "while only a part is applied"));
        }
        for finding in &difference.half_applied {
            let place = if self.has_many { format!(" on {}", finding.management) } else { String::new() };
            let count = words::counted(finding.applications.len() as u64, "Application");
            _ = writeln!(out, "  {}{place}: {count}: {}", finding.state, finding.what);
            _ = writeln!(out, "    {}", listed(&finding.applications));
        }
    }

    fn class(&self, class: Class, text: &str) -> String {
        let code = match class {
            Class::Destroys | Class::Refuses => "1;31",
            Class::Replaces => "1;33",
            Class::Installs => "1;32",
            Class::Upgrades => "1;36",
            Class::Changes => "1",
            Class::Cosmetic => "2",
        };
        self.painted(code, text)
    }

    fn painted(&self, code: &str, text: &str) -> String {
        match self.color {
            Color::Always => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            Color::Never => text.to_owned(),
        }
    }
}

fn has_many_managements(difference: &Difference) -> bool {
    let of_changes = difference.changes.iter().map(|change| &change.management);
    let mut all = of_changes.chain(difference.half_applied.iter().map(|finding| &finding.management));
    let first = all.next();
    all.any(|other| Some(other) != first)
}

fn listed(names: &[String]) -> String {
    let shown = names.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Returns a commit's id cut to what tells it from others.
fn short(revision: &str) -> &str {
    let is_id = revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id { &revision[..12] } else { revision }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_that_users_write_moves_the_cursor() {
        let change = Change {
            class: Class::Upgrades,
            kind: "Application".into(),
            management: "east".into(),
            project: None,
            cluster: None,
            namespace: None,
            name: "charts".into(),
            clusters: Vec::new(),
            addon: None,
            machines: None,
            workloads: None,
            reasons: vec!["from 1 to \u{1b}[2J".into()],
            fields: vec![FieldChange { path: "/a\u{7}".into(), from: None, to: Some(json!("\u{1b}[31m")) }],
        };
        let difference = Difference { changes: vec![change], ..Difference::default() };

        let text = text(&difference, Color::Never);

        assert!(
            text.contains("from 1 to \u{fffd}[2J") && text.contains("/a\u{fffd}: + \u{fffd}[31m"),
            "{text}"
        );
        assert!(text.chars().all(|character| character == '\n' || !character.is_control()), "{text:?}");
    }
}
