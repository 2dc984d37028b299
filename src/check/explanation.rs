//! What people read about an id that a finding has.

use super::{RULES, Rule, elsewhere};
use crate::diagnostic::Severity;

/// What people read about an id that a finding has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The id.
    pub id: &'static str,
    /// How bad a finding is.
    pub severity: Severity,
    /// What must hold, in one line.
    pub summary: &'static str,
    /// Why it must hold: what would break.
    pub why: &'static str,
    /// What is wrong, and the same put right: fragments of files, each after a line `# <path>`.
    pub examples: Option<(&'static str, &'static str)>,
}

/// Returns the explanation of every id: those of rules, then those of the other stages.
pub fn explanations() -> impl Iterator<Item = Explanation> {
    RULES.iter().map(|rule| of_rule(rule)).chain(elsewhere::explanations())
}

/// Returns the explanation of `id`.
pub fn explanation(id: &str) -> Option<Explanation> {
    explanations().find(|explanation| explanation.id == id)
}

fn of_rule(rule: &Rule) -> Explanation {
    let page = &rule.page;
    Explanation {
        id: rule.id,
        severity: rule.severity,
        summary: page.summary,
        why: page.why,
        examples: Some((page.wrong, page.right)),
    }
}

impl Explanation {
    /// Returns the page as text, at most 100 characters wide.
    pub fn to_text(&self) -> String {
        let word = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let mut text = format!("{word}[{}]: {}\n\n{}\n", self.id, self.summary, wrapped(self.why, 100));
        if let Some((wrong, right)) = self.examples {
            text.push_str(&format!("\nWrong:\n\n{}\nRight:\n\n{}", indented(wrong), indented(right)));
        }
        text
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}

/// Breaks a text into lines of at most `most` characters.
fn wrapped(text: &str, most: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("because there is always a line");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > most {
            lines.push(word.to_owned());
        } else {
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_is_explained_once() {
        let mut ids: Vec<&str> = explanations().map(|explanation| explanation.id).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }

    #[test]
    fn a_page_fits_a_terminal() {
        for explanation in explanations() {
            let text = explanation.to_text();
            let widest = text.lines().map(|line| line.chars().count()).max();
            assert!(widest.is_some_and(|widest| widest <= 120), "{} {widest:?}", explanation.id);
        }
    }
}
