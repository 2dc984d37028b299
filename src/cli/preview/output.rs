//! Applications and findings for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};
use yoshino::argocd::intake::SetDocument;
use yoshino::diagnostic::{Diagnostic, Report, Severity};
use yoshino::emit::yaml::write_document;
use yoshino::error::Error;
use yoshino::location::Sources;

use super::super::terminal::Terminal;

/// Something that is to be said, and of what.
pub struct Finding {
    management: Option<String>,
    set: Option<String>,
    /// What is to be said.
    pub diagnostic: Diagnostic,
}

impl Finding {
    /// Takes the findings of a report, all of them of one set, or of none.
    pub fn all_of(management: Option<&str>, set: Option<&SetDocument>, report: Report) -> Vec<Self> {
        let finding = |diagnostic| Self {
            management: management.map(str::to_owned),
            set: set.map(|set| set.name.clone()),
            diagnostic,
        };
        report.diagnostics.into_iter().map(finding).collect()
    }

    fn to_json(&self, sources: &Sources) -> Value {
        let mut value = Report::from(self.diagnostic.clone()).to_json(sources)[0].take();
        value["applicationset"] = json!(self.set);
        if let Some(management) = &self.management {
            value["management"] = json!(management);
        }
        value
    }
}

/// Returns Applications as JSON, one a line, with a comma before all but the first.
pub fn json_lines(applications: &[&Value]) -> String {
    let mut text = String::new();
    for application in applications {
        let comma = if text.is_empty() { "" } else { ",\n" };
        _ = write!(text, "{comma}{application}");
    }
    text
}

/// Returns Applications as YAML documents, each begun with `---`.
pub fn yaml_documents(applications: &[&Value]) -> String {
    let mut text = String::new();
    for application in applications {
        text.push_str("---\n");
        write_document(&mut text, application);
    }
    text
}

/// `{"applications": […], "errors": […], "notes": […]}`, of each list an item a line, as it is printed.
pub struct JsonStream<'t> {
    terminal: &'t Terminal,
    is_empty: bool,
}

impl<'t> JsonStream<'t> {
    /// Begins the object and its first list.
    ///
    /// # Errors
    /// Says why it could not be written, as the other functions here do.
    pub fn begin(terminal: &'t Terminal) -> Result<Self, Error> {
        terminal.print("{\"applications\":[")?;
        Ok(Self { terminal, is_empty: true })
    }

    /// Adds what [`json_lines`] made.
    pub fn add(&mut self, lines: &str) -> Result<(), Error> {
        if lines.is_empty() {
            return Ok(());
        }
        self.terminal.print(if self.is_empty { "\n" } else { ",\n" })?;
        self.is_empty = false;
        self.terminal.print(lines)
    }

    /// Ends the object with what is to be said.
    pub fn end(self, findings: &[Finding], sources: &Sources) -> Result<(), Error> {
        let list = |wanted: Severity| {
            let found = findings.iter().filter(|finding| finding.diagnostic.severity == wanted);
            let lines: Vec<String> = found.map(|finding| format!("\n{}", finding.to_json(sources))).collect();
            lines.join(",")
        };
        let (errors, notes) = (list(Severity::Error), list(Severity::Note));
        self.terminal.print(&format!("\n],\"errors\":[{errors}\n],\"notes\":[{notes}\n]}}\n"))
    }
}
