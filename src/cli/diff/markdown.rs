//! A comparison as a comment on a pull request: worst first, folded, and cut where it would not fit.

use std::fmt::Write as _;

use yoshino::impact::{Change, Class, Difference, FieldChange};

use super::super::words;
use super::shown::{Shown, shown};

/// Most bytes of a comment; the forges take 65,536 characters, and whoever posts it may add some.
const MOST: usize = 60_000;

/// How much is said of each change, the most first.
const DETAILS: [Detail; 5] = [
    Detail { fields: usize::MAX, clusters: usize::MAX, reasons: usize::MAX, value: 400 },
    Detail { fields: 40, clusters: 200, reasons: 10, value: 200 },
    Detail { fields: 12, clusters: 40, reasons: 5, value: 120 },
    Detail { fields: 4, clusters: 10, reasons: 3, value: 80 },
    Detail { fields: 0, clusters: 3, reasons: 1, value: 80 },
];

/// How much is said of each change.
#[derive(Clone, Copy)]
struct Detail {
    /// At most so many fields.
    fields: usize,
    /// At most so many clusters by name.
    clusters: usize,
    /// At most so many reasons.
    reasons: usize,
    /// At most so many characters of a value.
    value: usize,
}

/// Returns the comment, at most 60,000 bytes long.
pub fn markdown(difference: &Difference) -> String {
    let head = head(difference);
    for detail in &DETAILS[..DETAILS.len() - 1] {
        let comment = format!("{head}{}", whole(difference, *detail));
        if comment.len() <= MOST {
            return comment;
        }
    }
    let room = MOST.saturating_sub(head.len());
    format!("{head}{}", cut(difference, DETAILS[DETAILS.len() - 1], room))
}

/// Returns what stands above all changes: how many there are, the limits, and what goes wrong half-way.
fn head(difference: &Difference) -> String {
    let mut text = "## What this change does\n\n".to_owned();
    let (base, head) = (code(&difference.base, 80), code(&difference.head, 80));
    _ = writeln!(text, "{base} → {head}\n");
    if difference.changes.is_empty() && difference.half_applied.is_empty() {
        text.push_str("Nothing changes on any cluster.\n");
        return text;
    }
    let summary = difference.summary();
    let row = |cell: &dyn Fn(Class) -> String| {
        let cells: Vec<String> = Class::ALL.iter().map(|class| cell(*class)).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    text.push_str(&row(&|class| class.word().to_owned()));
    text.push_str(&row(&|_| "---:".to_owned()));
    text.push_str(&row(&|class| match summary[&class] {
        0 => "0".to_owned(),
        count => format!("**{}**", words::number(count as u64)),
    }));
    let applications = &difference.applications;
    _ = writeln!(
        text,
        "\nApplications: {} added, {} removed, {} changed.\n",
        words::number(applications.added.len() as u64),
        words::number(applications.removed.len() as u64),
        words::number(applications.changed.len() as u64)
    );
    text.push_str(&beyond(difference));
    for finding in difference.half_applied.iter().take(20) {
        let count = finding.applications.len();
        let named = listed(finding.applications.iter().map(String::as_str), 5);
        _ = writeln!(
            text,
            "> [!WARNING]\n> While only a part is applied ({} on {}): {}: {} ({named})\n",
            plain(finding.state),
            plain(&finding.management),
            plain(&finding.what),
            words::counted(count as u64, "Application"),
        );
    }
    text
}

/// Returns the limits that are exceeded, with the line that lets the change through.
fn beyond(difference: &Difference) -> String {
    let beyond: Vec<_> = difference.limits.iter().filter(|(_, limit)| limit.found > limit.allowed).collect();
    if beyond.is_empty() {
        return String::new();
    }
    let mut text =
        "> [!CAUTION]\n> More than the fleet lets through. To acknowledge it, add to a commit message:\n>\n"
            .to_owned();
    text.push_str("> ```text\n");
    for (name, limit) in &beyond {
        _ = writeln!(text, "> Allow: {name}={}", limit.found);
    }
    text.push_str("> ```\n>\n");
    let said = beyond.iter().map(|(name, limit)| {
        let (found, allowed) = (words::number(limit.found), words::number(limit.allowed));
        format!("{name}: {found} found, {allowed} let through")
    });
    _ = writeln!(text, "> {}\n", said.collect::<Vec<_>>().join(" · "));
    text
}

fn whole(difference: &Difference, detail: Detail) -> String {
    let mut text = String::new();
    for class in Class::ALL {
        let changes = shown(difference, class);
        if changes.is_empty() {
            continue;
        }
        text.push_str(&opening(class, &changes));
        for change in changes {
            text.push_str(&block(&change.change, detail));
        }
        text.push_str("\n</details>\n\n");
    }
    text
}

/// Returns as many changes as fit, the worst first, and how many of each class are left out.
fn cut(difference: &Difference, detail: Detail, room: usize) -> String {
    // What closes a class and says what was left out of it.
    const CLOSING: usize = 200;
    let mut text = String::new();
    for class in Class::ALL {
        let changes = shown(difference, class);
        if changes.is_empty() {
            continue;
        }
        let opening = opening(class, &changes);
        // Each class that follows must have room to say that it is there.
        let needed = text.len() + opening.len() + CLOSING * (Class::ALL.len() - class as usize);
        let mut blocks = String::new();
        let mut fitting = 0;
        for change in &changes {
            let block = block(&change.change, detail);
            if needed + blocks.len() + block.len() > room {
                break;
            }
            blocks.push_str(&block);
            fitting += 1;
        }
        text.push_str(&opening);
        text.push_str(&blocks);
        let left: u64 = changes[fitting..].iter().map(|change| change.count as u64).sum();
        if left > 0 {
            _ = writeln!(
                text,
                "- … and {} more, which do not fit here; `yoshino diff` shows them all",
                words::number(left)
            );
        }
        text.push_str("\n</details>\n\n");
    }
    text
}

fn opening(class: Class, changes: &[Shown<'_>]) -> String {
    let count: u64 = changes.iter().map(|change| change.count as u64).sum();
    let open = if class <= Class::Replaces { " open" } else { "" };
    format!("<details{open}><summary><b>{}</b> ({})</summary>\n\n", class.word(), words::number(count))
}

/// Returns one change as an item of a list.
fn block(change: &Change, detail: Detail) -> String {
    let mut text = format!("- **{}** {}", plain(&change.kind), code(&change.name, 120));
    if let Some(place) = words::place(change) {
        _ = write!(text, " of {}", plain(&place));
    }
    for part in words::effects(change) {
        _ = write!(text, " · {}", plain(&part));
    }
    text.push('\n');
    for reason in change.reasons.iter().take(detail.reasons) {
        _ = writeln!(text, "  - {}", plain(reason));
    }
    left_out(&mut text, change.reasons.len(), detail.reasons, "reason");
    if change.clusters.len() > 1 && detail.clusters > 0 {
        let names: Vec<String> =
            change.clusters.iter().map(|cluster| format!("{}/{}", cluster.project, cluster.name)).collect();
        _ = writeln!(text, "  - clusters: {}", listed(names.iter().map(String::as_str), detail.clusters));
    }
    if detail.fields > 0 && !change.fields.is_empty() {
        text.push_str("\n    ```diff\n");
        for field in change.fields.iter().take(detail.fields) {
            text.push_str(&of_field(field, detail.value));
        }
        text.push_str("    ```\n");
    }
    left_out(&mut text, change.fields.len(), detail.fields, "field");
    text
}

fn left_out(text: &mut String, all: usize, shown: usize, what: &str) {
    if all > shown {
        _ = writeln!(text, "  - … and {}", words::counted((all - shown) as u64, &format!("more {what}")));
    }
}

/// Returns a field as lines of a diff, indented to stand in an item.
fn of_field(field: &FieldChange, most: usize) -> String {
    let mut text = format!("    @@ {} @@\n", fenced(&field.path, 200));
    for (sign, value) in [('-', &field.from), ('+', &field.to)] {
        if let Some(value) = value {
            _ = writeln!(text, "    {sign} {}", fenced(&words::value(&field.path, value), most));
        }
    }
    text
}

/// Returns names, the first of them, and how many more there are.
fn listed<'n>(names: impl ExactSizeIterator<Item = &'n str>, most: usize) -> String {
    let all = names.len();
    let mut shown: Vec<String> = names.take(most).map(plain).collect();
    if all > most {
        shown.push(format!("and {} more", words::number((all - most) as u64)));
    }
    shown.join(", ")
}

/// Returns text in which nothing is markup.
fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            // Backticks are ours: they mark what a user wrote.
            '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '@' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '\n' | '\r' => escaped.push(' '),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// Returns text as a piece of code in a line.
fn code(text: &str, most: usize) -> String {
    let text = fenced(text, most);
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Returns text that neither ends its line nor the block it stands in, at most so many characters of it.
fn fenced(text: &str, most: usize) -> String {
    let one_line = text.replace('\n', "\\n").replace('\r', "\\r").replace("```", "'''");
    words::shortened(&one_line, most)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use yoshino::impact::{ClusterId, Limit, Workloads};

    use super::*;

    fn change(class: Class, name: &str, clusters: usize) -> Change {
        let cluster = |number: usize| ClusterId { project: "payments".into(), name: format!("c{number:04}") };
        Change {
            class,
            kind: "Application".into(),
            management: "tokyo".into(),
            project: None,
            cluster: None,
            namespace: Some("argocd".into()),
            name: name.into(),
            clusters: (0..clusters).map(cluster).collect(),
            addon: Some("cilium".into()),
            machines: None,
            workloads: (class == Class::Destroys).then_some(Workloads::Deleted),
            reasons: vec!["the cluster switches it off".into()],
            fields: vec![FieldChange {
                path: "/spec/source/targetRevision".into(),
                from: Some(json!("1.0.0")),
                to: Some(json!("2.0.0")),
            }],
        }
    }

    fn difference(changes: Vec<Change>) -> Difference {
        Difference { base: "1a2b3c4".into(), head: "the work tree".into(), changes, ..Difference::default() }
    }

    #[test]
    fn a_comment_has_the_numbers_first_and_each_change_folded_by_class() {
        let mut difference = difference(vec![change(Class::Destroys, "cilium-payments-c0000", 1)]);
        difference.limits.insert("applications", Limit { found: 1, allowed: 0 });

        let comment = markdown(&difference);

        let expected = "\
## What this change does

`1a2b3c4` → `the work tree`

| destroys | refuses | replaces | installs | upgrades | changes | cosmetic |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| **1** | 0 | 0 | 0 | 0 | 0 | 0 |

Applications: 0 added, 0 removed, 0 changed.

> [!CAUTION]
> More than the fleet lets through. To acknowledge it, add to a commit message:
>
> ```text
> Allow: applications=1
> ```
>
> applications: 1 found, 0 let through

<details open><summary><b>destroys</b> (1)</summary>

- **Application** `cilium-payments-c0000` of payments/c0000 · workloads are deleted
  - the cluster switches it off

    ```diff
    @@ /spec/source/targetRevision @@
    - 1.0.0
    + 2.0.0
    ```

</details>

";
        assert_eq!(comment, expected);
    }

    #[test]
    fn a_change_of_a_thousand_clusters_is_one_item() {
        let comment = markdown(&difference(vec![change(Class::Upgrades, "cilium-*", 1000)]));

        assert!(comment.contains("<details><summary><b>upgrades</b> (1,000)</summary>"));
        assert!(comment.contains("`cilium-*` of 1,000 clusters\n"));
        assert!(comment.contains("payments/c0999"), "all of them have room");
    }

    #[test]
    fn whatever_does_not_fit_is_counted_and_the_worst_comes_first() {
        let destroyed =
            (0..3000).map(|number| change(Class::Destroys, &format!("cilium-payments-{number}"), 1));
        let changed = (0..3000).map(|number| change(Class::Changes, &format!("loki-{number}"), 1));

        let comment = markdown(&difference(destroyed.chain(changed).collect()));

        assert!(comment.len() <= MOST, "{}", comment.len());
        let shown = comment.matches("**Application**").count();
        let left: usize = comment
            .lines()
            .filter_map(|line| {
                line.strip_prefix("- … and ")?.split(' ').next()?.replace(',', "").parse::<usize>().ok()
            })
            .sum();
        assert_eq!(shown + left, 6000);
        assert!(shown > 300);
        assert!(comment.contains("<b>changes</b> (3,000)"), "a class is named though none of it fits");
        assert_eq!(comment.matches("<details").count(), comment.matches("</details>").count());
    }

    #[test]
    fn what_users_write_is_never_markup() {
        let mut hostile = change(Class::Changes, "a`b``c", 1);
        hostile.reasons = vec!["<script>alert(1)</script> @everyone *bold* [x](y)".into()];
        hostile.fields[0].to = Some(json!("```\n</details>\n# title"));
        hostile.fields[0].path = "/data/password".into();
        hostile.fields[0].from = Some(json!("hunter2hunter2"));

        let comment = markdown(&difference(vec![hostile]));

        assert!(comment.contains("```a`b``c```"), "{comment}");
        assert!(comment.contains("\\<script\\>alert(1)\\</script\\> \\@everyone \\*bold\\*"), "{comment}");
        assert_eq!(comment.matches("</details>").count(), 1, "what is masked is not shown either");
        assert_eq!(comment.lines().filter(|line| line.trim_start().starts_with("```")).count(), 2);
        assert!(!comment.contains("hunter2"), "{comment}");
    }

    #[test]
    fn nothing_is_said_of_nothing() {
        assert!(markdown(&difference(Vec::new())).ends_with("Nothing changes on any cluster.\n"));
    }
}
