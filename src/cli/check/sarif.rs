//! Findings as SARIF 2.1.0 (OASIS), which code scanning of GitHub and others reads.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use yoshino::check::{Explanation, explanation};
use yoshino::diagnostic::Severity;

/// Returns the log of one run, given the findings as the report's JSON has them.
pub fn log(findings: &[Value]) -> Value {
    let found = findings.iter().filter_map(|finding| explanation(finding["rule"].as_str()?));
    let rules: BTreeMap<&str, Explanation> = found.map(|rule| (rule.id, rule)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "yoshino",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.values().map(rule).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": findings.iter().map(result).collect::<Vec<_>>(),
        }],
    })
}

fn rule(rule: &Explanation) -> Value {
    let level = match rule.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    json!({
        "id": rule.id,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.to_text()},
        "defaultConfiguration": {"level": level},
    })
}

fn result(finding: &Value) -> Value {
    let text = |field: &str| finding[field].as_str().unwrap_or_default();
    let hints = finding["hints"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let words = [text("message"), text("label")].into_iter().chain(hints).filter(|words| !words.is_empty());
    let mut result = json!({
        "ruleId": text("rule"),
        "level": text("severity"),
        "message": {"text": words.collect::<Vec<_>>().join("\n")},
    });
    if finding.get("file").is_some() {
        result["locations"] = json!([{"physicalLocation": place(finding)}]);
    }
    let related = finding["related"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !related.is_empty() {
        let location = |(index, other): (usize, &Value)| json!({"id": index, "message": {"text": other["message"]}, "physicalLocation": place(other)});
        result["relatedLocations"] = related.iter().enumerate().map(location).collect();
    }
    if let Some(waiver) = finding.get("waiver") {
        result["suppressions"] = json!([suppression(waiver)]);
    }
    result
}

/// Returns what lets a finding stand: readers of SARIF show it as dismissed.
fn suppression(waiver: &Value) -> Value {
    let word = |field: &str| waiver[field].as_str().unwrap_or_default();
    let mut suppression = json!({
        "kind": "inSource",
        "status": "accepted",
        "justification": format!("{} ({}, until {})", word("reason"), word("owner"), word("until")),
    });
    if waiver.get("file").is_some() {
        suppression["location"] = json!({"physicalLocation": place(waiver)});
    }
    suppression
}

fn place(finding: &Value) -> Value {
    let mut region = json!({"startLine": finding["line"], "startColumn": finding["column"]});
    for end in ["endLine", "endColumn"] {
        if let Some(end_of) = finding.get(end) {
            region[end] = end_of.clone();
        }
    }
    let uri = encoded(finding["file"].as_str().unwrap_or_default());
    json!({"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}, "region": region})
}

/// Returns a path as a relative URI reference.
fn encoded(path: &str) -> String {
    let letter = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    path.bytes().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_names_its_rule_and_its_places() {
        let finding = json!({
            "rule": "pool-version", "severity": "error", "message": "m", "label": "l", "hints": ["h"],
            "file": "clusters/a b.yaml", "line": 3, "column": 5, "endLine": 3, "endColumn": 9,
            "related": [{"file": "fleet.yaml", "line": 1, "column": 1, "message": "r"}],
        });

        let run = &log(&[finding])["runs"][0];

        assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "pool-version");
        let expected = json!({
            "ruleId": "pool-version",
            "level": "error",
            "message": {"text": "m\nl\nh"},
            "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": "clusters/a%20b.yaml", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 9},
            }}],
            "relatedLocations": [{
                "id": 0,
                "message": {"text": "r"},
                "physicalLocation": {
                    "artifactLocation": {"uri": "fleet.yaml", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 1, "startColumn": 1},
                },
            }],
        });
        assert_eq!(run["results"], json!([expected]));
    }
}
