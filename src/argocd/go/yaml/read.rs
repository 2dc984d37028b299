//! YAML read as sigs.k8s.io/yaml v1.6.0 reads it into an `interface {}`.

use crate::argocd::Fault;
use crate::argocd::go::value::Value;
use crate::diagnostic::Report;
use crate::location::FileId;
use crate::spec::yaml::{Document, Options, parse_first};

/// Reads the first document, numbers as floats; `None` for nothing and null.
///
/// # Errors
/// Says what is no YAML; refuses what our reader limits and Argo CD's does not.
pub fn read(text: &[u8]) -> Result<Option<Value>, Fault> {
    if text.starts_with("\u{feff}\u{feff}".as_bytes()) {
        return Err(Fault::refused("YAML with two byte order marks is not supported"));
    }
    match parse_first(FileId(0), text, Options::FOREIGN) {
        Ok(None) => Ok(None),
        Ok(Some(Document { root, .. })) => Ok(Some(Value::from_json(&root.to_json()))),
        Err(report) => Err(fault(report)),
    }
}

/// Our limits are not Argo CD's; all else that is found is wrong there too.
fn fault(report: Report) -> Fault {
    let Some(first) = report.diagnostics.into_iter().next() else { return Fault::wrong("yaml: unreadable") };
    match first.rule {
        "yaml-limit" | "yaml-private-use" => {
            Fault::refused(format!("YAML as large or strange as this is not supported: {}", first.message))
        }
        _ => Fault::wrong(format!("error converting YAML to JSON: yaml: {}", first.message)),
    }
}
