//! Names of refs that are written.
//!
//! git takes backticks, dollar signs, quotes, bidirectional marks and bytes that are no text; whatever prints or pastes
//! such a name, in a shell of a pipeline above all, is then in the hands of whoever chose it. What is written is therefore
//! named by letters, digits and four signs. Capitals are taken, since trunks and tags have them. This module must not
//! know which refs there are.

use std::fmt;

use crate::diagnostic::{Diagnostic, Report};

/// The full name of a branch (`refs/heads/release/1.36`), a tag, or a ref of our own beneath `refs/yoshino/`.
///
/// Behind that, at most 100 characters in parts between `/`: ASCII letters, digits, `.`, `_`, `-` and `+`, each part
/// beginning with a letter or digit, without `..`, `.` or `.lock` at its end. Every such name is one to git, too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefName(String);

/// Characters of a name behind its kind.
const MOST_CHARACTERS: usize = 100;

const KINDS: [(&str, &str); 3] =
    [("refs/heads/", "a branch"), ("refs/tags/", "a tag"), ("refs/yoshino/", "a ref")];

impl RefName {
    /// Reads the name of a branch: `release/1.36`.
    ///
    /// # Errors
    /// Reports a name beyond the rules, escaped.
    pub fn branch(name: &str) -> Result<Self, Report> {
        Self::new(&format!("refs/heads/{name}"))
    }

    /// Reads the name of a tag: `v1.35-ake.261121.1`.
    ///
    /// # Errors
    /// Reports a name beyond the rules, escaped.
    pub fn tag(name: &str) -> Result<Self, Report> {
        Self::new(&format!("refs/tags/{name}"))
    }

    /// Reads a full name: `refs/heads/release/1.36`.
    ///
    /// # Errors
    /// Reports a name beyond the rules, escaped, and kinds of refs that are not written.
    pub fn new(full: &str) -> Result<Self, Report> {
        let kind = KINDS.iter().find_map(|(prefix, kind)| Some((full.strip_prefix(prefix)?, *kind)));
        let (short, kind) = kind.unwrap_or((full, "a ref that is written"));
        if short != full && is_taken(short) {
            return Ok(Self(full.to_owned()));
        }
        let message = format!("`{}` is not taken as the name of {kind}", short.escape_debug());
        let hint = "at most 100 letters, digits and `.`, `_`, `-`, `+` in parts between `/`; each begins with a letter or digit";
        Err(Diagnostic::error_nowhere("ref-name", message).hint(hint).into())
    }

    /// Returns the full name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name without its kind: `release/1.36`.
    pub fn short(&self) -> &str {
        KINDS.iter().find_map(|(prefix, _)| self.0.strip_prefix(prefix)).unwrap_or(&self.0)
    }

    /// Returns whether it is a branch's.
    pub fn is_branch(&self) -> bool {
        self.0.starts_with("refs/heads/")
    }

    /// Returns the names of which this one lies beneath, the kinds aside: `refs/heads/release`.
    pub(super) fn above(&self) -> impl Iterator<Item = &str> {
        let kind = self.0.len() - self.short().len();
        self.0.match_indices('/').map(|(at, _)| at).filter(move |at| *at > kind).map(|at| &self.0[..at])
    }
}

impl fmt::Display for RefName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.short())
    }
}

fn is_taken(short: &str) -> bool {
    let is_sign = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-' | '+');
    let is_part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphanumeric())
            && part.chars().all(is_sign)
            && !part.contains("..")
            && !part.ends_with('.')
            // In any case: some file systems know only one.
            && !part.to_ascii_lowercase().ends_with(".lock")
    };
    short.len() <= MOST_CHARACTERS && short != "HEAD" && short.split('/').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_and_tags_as_teams_name_them_are_taken() {
        let names =
            ["main", "release/1.36", "v1.35-ake.261121.1", "picks/1.36/0123456789ab-conflict", "Main_2+x"];
        for name in names {
            assert_eq!(RefName::branch(name).map(|name| name.short().to_owned()), Ok(name.to_owned()));
            assert!(git2::Reference::is_valid_name(&format!("refs/tags/{name}")), "{name}");
        }
        assert!(RefName::new("refs/yoshino/releases").is_ok());
        assert!(RefName::branch(&"a".repeat(100)).is_ok());
    }

    #[test]
    fn what_a_shell_a_terminal_or_a_path_would_misread_is_refused() {
        let names = [
            "",
            "a$(id)",
            "a`id`",
            "a|b",
            "a;b",
            "a&b",
            "a'b",
            "a\"b",
            "a b",
            "-a",
            "a/-b",
            ".a",
            "a/.b",
            "a..b",
            "a.",
            "a./b",
            "a.lock",
            "a.LOCK/b",
            "a//b",
            "/a",
            "a/",
            "a@{1}",
            "@",
            "HEAD",
            "a\u{202e}b",
            "a\u{200b}b",
            "é",
            "a\nb",
            "a\\b",
            "../a",
            "a/../b",
        ];
        for name in names {
            assert!(RefName::branch(name).is_err(), "{name}");
        }
        assert!(RefName::branch(&"a".repeat(101)).is_err());
        for full in
            ["main", "HEAD", "refs/remotes/origin/main", "refs/heads", "refs/stash", "refs/heads/../x"]
        {
            assert!(RefName::new(full).is_err(), "{full}");
        }
    }

    #[test]
    fn a_refused_name_is_shown_without_what_turns_a_terminal_around() {
        let refusal = RefName::branch("a\u{202e}b").map_err(|report| report.diagnostics[0].message.clone());

        assert_eq!(refusal, Err("`a\\u{202e}b` is not taken as the name of a branch".to_owned()));
    }

    #[test]
    fn names_above_end_at_the_kind() {
        let name = RefName::branch("picks/1.36/a").expect("because it is taken");

        assert_eq!(name.above().collect::<Vec<_>>(), ["refs/heads/picks", "refs/heads/picks/1.36"]);
    }
}
