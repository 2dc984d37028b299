//! A commit's message, judged before it is a commit: whether its trailers say what their writer meant.
//!
//! Once a commit is on trunk its message stays, and a trailer that nobody can read is a decision that is not carried
//! out. Which lines are trailers is decided where messages are read; this module must not decide it anew.

use std::ops::Range;
use std::sync::Arc;

use crate::branch::history::message::{ID, trailers};
use crate::branch::pick::Wish;
use crate::diagnostic::{Diagnostic, Report};
use crate::impact::Allowance;
use crate::location::{FileId, Location, SourceName, Sources};
use crate::spec::pick_policy::NotAPickRange;

/// The trailers that people write, and how the values of each are judged.
const WRITTEN: [(&str, Judge); 5] = [
    ("Pick-To", minors),
    ("No-Pick-To", minors_with_reason),
    ("Pick-Requires", commit_id),
    ("Pick-Kind", kinds),
    ("Allow", allowances),
];

/// Says what is wrong with a value, and what to do.
type Judge = fn(&str) -> Result<(), (String, String)>;

/// The trailers that picks bear.
const OF_PICKS: [&str; 7] = [
    "Pick-Rule",
    "Pick-Resolved",
    "Pick-Regenerated",
    "Pick-Partial",
    "Pick-Dependency-Of",
    "Pick-Conflict",
    "Not-Picked-Because",
];

/// What git writes above the difference that `commit --verbose` shows, behind the character that begins a comment.
const SCISSORS: &[u8] = b" ------------------------ >8 ------------------------";

/// Judges the message in a file, as git gives it to its hook: comments that it will take out count for nothing.
/// `comment` is the character that begins one. The message is added to `sources`.
pub fn judge(name: SourceName, message: &[u8], comment: u8, sources: &mut Sources) -> Report {
    let file = sources.add(name, Arc::from(message));
    let lines: Vec<Range<usize>> = kept(message, comment);
    let text: Vec<u8> =
        lines.iter().flat_map(|line| [&message[line.clone()], b"\n"]).flatten().copied().collect();
    let mut report = Report::default();
    for (key, judge) in WRITTEN {
        let at: Vec<&Range<usize>> =
            lines.iter().filter(|line| has_key(&message[(*line).clone()], key)).collect();
        let values = trailers(&text, key);
        // Whatever stands above the last paragraph is no trailer; the trailers are the last lines with the key.
        let (above, inside) = at.split_at(at.len().saturating_sub(values.len()));
        for (line, value) in inside.iter().zip(&values) {
            if let Err((what, hint)) = judge(value) {
                let message = format!("`{key}: {value}` {what}");
                report.push(finding(file, line, message).hint(hint));
            }
        }
        for line in above {
            let value = String::from_utf8_lossy(value(&message[(*line).clone()])).into_owned();
            // Prose may begin with this word.
            if key != "Allow" || judge(&value).is_ok() {
                let message = format!("`{key}: {value}` counts for nothing here");
                report.push(finding(file, line, message).hint(
                    "trailers stand in the last paragraph, which holds nothing else, with an empty line above it",
                ));
            }
        }
    }
    for line in &lines {
        report.diagnostics.extend(unknown(file, line, &message[line.clone()]));
    }
    report
}

/// Returns the lines that git will keep, without their newlines.
fn kept(message: &[u8], comment: u8) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        let end = start + line.len();
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        match line.first() == Some(&comment) {
            true if line[1..] == *SCISSORS => break,
            true => {}
            false => lines.push(start..start + line.len()),
        }
        start = end;
    }
    lines
}

/// Returns whether a line has this key, in any spelling of its case.
fn has_key(line: &[u8], key: &str) -> bool {
    line.split_at_checked(key.len()).is_some_and(|(start, rest)| {
        start.eq_ignore_ascii_case(key.as_bytes()) && rest.trim_ascii_start().starts_with(b":")
    })
}

/// Returns what stands behind the colon.
fn value(line: &[u8]) -> &[u8] {
    let colon = line.iter().position(|byte| *byte == b':').map_or(line.len(), |at| at + 1);
    line[colon..].trim_ascii()
}

fn finding(file: FileId, line: &Range<usize>, message: String) -> Diagnostic {
    Diagnostic::error("commit-message", Location::new(file, line.start, line.end), message)
}

/// Reports a key that is called like ours and is none.
fn unknown(file: FileId, line: &Range<usize>, text: &[u8]) -> Option<Diagnostic> {
    let key = std::str::from_utf8(&text[..text.iter().position(|byte| *byte == b':')?]).ok()?.trim_end();
    let is_key = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let lower = key.to_ascii_lowercase();
    let is_ours = ["pick-", "no-pick", "not-pick"].iter().any(|start| lower.starts_with(start));
    let known = || WRITTEN.map(|(key, _)| key).into_iter().chain(OF_PICKS);
    if !is_key || !is_ours || known().any(|known| known.eq_ignore_ascii_case(key)) {
        return None;
    }
    let named = WRITTEN.map(|(key, _)| format!("`{key}`")).join(", ");
    let message = format!("there is no trailer `{key}`");
    Some(finding(file, line, message).hint_nearest(key, known(), &format!("there are {named}")))
}

fn minors(text: &str) -> Result<(), (String, String)> {
    let (what, hint) = match text.parse::<Wish>() {
        Ok(_) => return Ok(()),
        Err(NotAPickRange::Comma(meant)) => {
            let what = "would hold for every minor that either part allows: a comma means or".to_owned();
            (what, format!("write `{meant}` for minors of which both parts hold"))
        }
        Err(NotAPickRange::Syntax) => {
            ("names no minors".to_owned(), "write `1.36, 1.37`, `>=1.35`, `all` or `none`".to_owned())
        }
    };
    Err((what, hint))
}

fn minors_with_reason(text: &str) -> Result<(), (String, String)> {
    let (range, reason) = text.split_once('(').unwrap_or((text, ")"));
    if !reason.trim_end().ends_with(')') {
        let what = "has a reason that does not end".to_owned();
        return Err((what, "write it in parentheses at the end: `No-Pick-To: 1.35 (reason)`".to_owned()));
    }
    minors(range)
}

fn commit_id(text: &str) -> Result<(), (String, String)> {
    let is_id = (7..=ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let hint = "`git rev-parse COMMIT` prints it; several commits take a line each";
    if is_id { Ok(()) } else { Err(("is no id of a commit".to_owned(), hint.to_owned())) }
}

fn kinds(text: &str) -> Result<(), (String, String)> {
    let is_word = |word: &str| {
        !word.is_empty()
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    match text.split(',').all(|word| is_word(word.trim())) {
        true => Ok(()),
        false => Err(("names no kinds".to_owned(), "a kind is one word: `Pick-Kind: security`".to_owned())),
    }
}

fn allowances(text: &str) -> Result<(), (String, String)> {
    let hint = "write what `yoshino diff` names, as `Allow: applications=3`";
    match Allowance::read_all(text) {
        Ok(read) if !read.is_empty() => Ok(()),
        Ok(_) => Err(("lets nothing through".to_owned(), hint.to_owned())),
        Err(why) => Err((format!("lets nothing through: {why}"), hint.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    /// Returns what is found, each with its line.
    fn found(message: &str) -> Vec<String> {
        let mut sources = Sources::default();
        let report =
            judge(SourceName::of_user("message"), message.as_bytes(), b'#', &mut sources).sorted(&sources);
        let line = |found: &Diagnostic| found.location.map_or(0, |at| sources.position(at).line);
        report.diagnostics.iter().map(|found| format!("{}: {}", line(found), found.message)).collect()
    }

    #[test]
    fn trailers_that_can_be_read_pass() {
        let table = [
            "".to_owned(),
            "Pick-To: 1.36".replace("Pick-To", "pick to"),
            "fix\n\nPick-To: 1.36, 1.37\nNo-Pick-To: 1.35 (it has no such field)\nPick-Kind: security\n".into(),
            "fix\n\npick-to: ALL\n".into(),
            "fix\n\nPick-To: >=1.35 <1.37\nPick-To: none\nNo-Pick-To: 1.35\n".into(),
            format!("fix\n\nPick-Requires: {A}\nAllow: applications=3, nodes=10\nSigned-off-by: A <a@b>\n"),
            "fix\n\nPick-To: 1.36,\n  1.37\nPick-Requires: abcdef0\n".into(),
            "allow: more pods\n\nAllow: whoever wants to.\n\nIt is right.\n".into(),
            "fix\n\nSee Pick-To: it is described there. Pickles: none\n".into(),
            format!("fix\n\nbody\n\n(cherry picked from commit {A})\nPick-Rule: addons\nPick-Conflict: a\n"),
            "fix\n\n    Pick-To: quoted\n\nbody\n".into(),
            "fix\n\nPick-To: 1.36\n\n# Please enter\n#\tPick-To: soon\n".into(),
            "fix\n\nPick-To: 1.36\n# ------------------------ >8 ------------------------\ndiff\n+Pick-To: soon\n".into(),
        ];
        for message in table {
            assert_eq!(found(&message), [""; 0], "{message:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_at_its_line() {
        let table = [
            ("fix\n\nPick-To: soon\n", "3: `Pick-To: soon` names no minors"),
            (
                "fix\n\nPick-To: >=1.34, <=1.37\n",
                "3: `Pick-To: >=1.34, <=1.37` would hold for every minor that either part allows: a comma means or",
            ),
            ("fix\n\nNo-Pick-To: 1.35 (why\n", "3: `No-Pick-To: 1.35 (why` has a reason that does not end"),
            ("fix\n\nNo-Pick-To: (why)\n", "3: `No-Pick-To: (why)` names no minors"),
            ("fix\n\nPick-Requires: main~1\n", "3: `Pick-Requires: main~1` is no id of a commit"),
            ("fix\n\nPick-Requires: abcdef\n", "3: `Pick-Requires: abcdef` is no id of a commit"),
            ("fix\n\nPick-Kind: very secure\n", "3: `Pick-Kind: very secure` names no kinds"),
            (
                "fix\n\nSigned-off-by: A <a@b>\nAllow: application=3\n",
                "4: `Allow: application=3` lets nothing through: `application` is not limited; expected one of applications, clusters, pools, controlPlanes, nodes, refuses",
            ),
            ("fix\n\nAllow: \n", "3: `Allow: ` lets nothing through"),
            (
                "fix\n\nPick-To: 1.36\n\nSigned-off-by: A <a@b>\n",
                "3: `Pick-To: 1.36` counts for nothing here",
            ),
            ("Pick-To: 1.36\n", "1: `Pick-To: 1.36` counts for nothing here"),
            ("fix\nAllow: pools=1\n\nbody\n", "2: `Allow: pools=1` counts for nothing here"),
            ("fix\n\nwords of prose\nPick-To: 1.36\n", "4: `Pick-To: 1.36` counts for nothing here"),
            ("fix\n\nPick-Too: 1.36\n", "3: there is no trailer `Pick-Too`"),
            ("fix\n\nNo-Pick: 1.36\n", "3: there is no trailer `No-Pick`"),
        ];
        for (message, expected) in table {
            assert_eq!(found(message), [expected], "{message:?}");
        }
    }

    #[test]
    fn a_trailer_above_and_one_in_its_place_are_told_apart() {
        assert_eq!(
            found("fix\n\nPick-To: 1.36\n\nbody\n\nPick-To: soon\n"),
            ["3: `Pick-To: 1.36` counts for nothing here", "7: `Pick-To: soon` names no minors"]
        );
    }
}
