//! Findings as workflow commands of GitHub Actions, which shows them beside the lines of a pull request.

use std::fmt::Write as _;

use serde_json::Value;

/// Returns a line for each finding, given as the report's JSON has them.
pub fn commands(findings: &[Value]) -> String {
    let mut lines = String::new();
    for finding in findings {
        let text = |field: &str| finding[field].as_str().unwrap_or_default();
        let place = [
            ("file", "file"),
            ("line", "line"),
            ("col", "column"),
            ("endLine", "endLine"),
            ("endColumn", "endColumn"),
        ];
        let given = place.iter().filter_map(|(name, field)| Some((*name, plain(finding.get(*field)?))));
        let title = [("title", text("rule").to_owned())];
        let properties: Vec<String> =
            given.chain(title).map(|(name, value)| format!("{name}={}", property(&value))).collect();
        let mut message = text("message").to_owned();
        for more in [text("label")]
            .into_iter()
            .chain(finding["hints"].as_array().into_iter().flatten().filter_map(Value::as_str))
        {
            if !more.is_empty() {
                message.push('\n');
                message.push_str(more);
            }
        }
        _ = writeln!(lines, "::{} {}::{}", text("severity"), properties.join(","), data(&message));
    }
    lines
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Escapes a message as the runner unescapes it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property, in which `:` and `,` have a meaning.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_finding_is_one_line_whatever_it_says() {
        let finding = json!({
            "rule": "pool-version", "severity": "error", "message": "100% wrong: a, b", "label": "1.36",
            "hints": ["do\nthis"], "file": "clusters/a,b.yaml", "line": 3, "column": 5, "endLine": 3, "endColumn": 9,
        });
        let nowhere =
            json!({"rule": "no-fleet", "severity": "warning", "message": "x", "label": "", "hints": []});
        assert_eq!(
            commands(&[finding, nowhere]),
            "::error file=clusters/a%2Cb.yaml,line=3,col=5,endLine=3,endColumn=9,title=pool-version::100%25 wrong: a, b%0A1.36%0Ado%0Athis\n\
             ::warning title=no-fleet::x\n"
        );
    }
}
