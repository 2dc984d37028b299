//! Findings that waivers let stand, as programs are given them.

use serde_json::{Value, json};
use yoshino::check::Waived;
use yoshino::diagnostic::{Diagnostic, Report};
use yoshino::location::Sources;

/// Returns waived findings as the report's JSON has findings, each with its `waiver`: `{"owner", "reason", "until", "file",
/// "line", "column"}`.
pub fn to_json(waived: &[Waived], sources: &Sources) -> Vec<Value> {
    with_waivers(findings(waived), waived, |words| words.to_json(sources), sources)
}

/// Returns the same with the places of another revision moved to this tree, or left out where it has none.
pub fn to_json_in_tree(waived: &[Waived], sources: &Sources) -> Vec<Value> {
    let json = |words: Report| words.in_tree(sources).to_json(sources);
    with_waivers(findings(waived).in_tree(sources), waived, json, sources)
}

fn findings(waived: &[Waived]) -> Report {
    Report { diagnostics: waived.iter().map(|waived| waived.finding.clone()).collect() }
}

fn with_waivers(
    findings: Report,
    waived: &[Waived],
    json: impl Fn(Report) -> Value,
    sources: &Sources,
) -> Vec<Value> {
    let mut findings = findings.to_json(sources).as_array().cloned().unwrap_or_default();
    for (finding, waived) in findings.iter_mut().zip(waived) {
        finding["waiver"] = waiver(waived, &json);
    }
    findings
}

fn waiver(waived: &Waived, json: impl Fn(Report) -> Value) -> Value {
    let Waived { waiver, .. } = waived;
    // A finding's words are masked where its lines hold a credential, and so must these be.
    let place = Diagnostic::note("waiver-rule", waiver.location, "");
    let masked = |words: &str| json(Report::from(Diagnostic { message: words.to_owned(), ..place.clone() }));
    let (owner, reason) = (masked(&waiver.owner), masked(&waiver.reason));
    let mut said = json!({"owner": owner[0]["message"], "reason": reason[0]["message"], "until": waiver.until.to_string()});
    for field in ["file", "line", "column"] {
        if let Some(value) = reason[0].get(field) {
            said[field] = value.clone();
        }
    }
    said
}
