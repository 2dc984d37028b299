//! Whether what a pick leads to runs on the minor: fields of the result that say on which minors it does.

use std::collections::BTreeSet;
use std::path::Path;

use git2::{ErrorCode, Oid, Repository};

use crate::error::Error;
use crate::location::FileId;
use crate::spec::pick_policy::Compat;
use crate::spec::version::{Minor, MinorRange};
use crate::spec::yaml::{Options, parse};

/// What a result says about a minor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It runs there, as far as it says.
    Runs,
    /// It does not, and what says so.
    DoesNot(String),
    /// What it says cannot be read.
    Unreadable(String),
}

/// Asks the result `tree` of a unit that changed `paths`; files among `unmerged` say nothing yet.
pub(super) fn ask(
    repository: &Repository,
    rules: &[Compat],
    paths: &[String],
    (tree, minor): (Oid, Minor),
    unmerged: &BTreeSet<&str>,
) -> Result<Verdict, Error> {
    let mut asked: BTreeSet<(String, &str)> = BTreeSet::new();
    for rule in rules {
        for captures in paths.iter().filter_map(|path| rule.paths.captures(path)) {
            let fill =
                |file: String, (name, value): (&String, &String)| file.replace(&format!("{{{name}}}"), value);
            asked.insert((captures.iter().fold(rule.file.clone(), fill), &rule.field));
        }
    }
    for (file, field) in asked.iter().filter(|(file, _)| !unmerged.contains(file.as_str())) {
        match read(repository, tree, file)?.map(|bytes| judge(&bytes, field, minor)) {
            None | Some(Ok(None)) => {}
            Some(Ok(Some(range))) => {
                return Ok(Verdict::DoesNot(format!("`{file}` says `{range}`")));
            }
            Some(Err(why)) => return Ok(Verdict::Unreadable(format!("`{field}` of `{file}` {why}"))),
        }
    }
    Ok(Verdict::Runs)
}

/// Returns the range where it leaves the minor out.
fn judge(bytes: &[u8], field: &str, minor: Minor) -> Result<Option<String>, &'static str> {
    let documents = parse(FileId(0), bytes, Options::SPEC).map_err(|_| "is in no YAML")?;
    let node = documents.first().and_then(|document| document.root.at(field)).filter(|node| !node.is_null());
    let Some(node) = node else { return Ok(None) };
    let text = node.as_str().ok_or("is no text")?;
    let range: MinorRange = text.parse().map_err(|_| "is no range of minors")?;
    Ok((!range.contains(minor)).then(|| text.to_owned()))
}

fn read(repository: &Repository, tree: Oid, path: &str) -> Result<Option<Vec<u8>>, Error> {
    let refused = |source| Error::Git { doing: format!("read `{path}` of a picked tree"), source };
    let entry = match repository.find_tree(tree).map_err(refused)?.get_path(Path::new(path)) {
        Ok(entry) => entry.id(),
        Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
        Err(source) => return Err(refused(source)),
    };
    match repository.find_blob(entry) {
        Ok(blob) => Ok(Some(blob.content().to_vec())),
        // A folder of that name says nothing.
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(source) => Err(refused(source)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_of_the_result_decides() {
        let minor: Minor = "1.35".parse().expect("because it is a minor");
        let table: [(&str, Result<Option<&str>, &str>); 6] = [
            ("spec: {kubernetes: '>=1.35'}", Ok(None)),
            ("spec: {kubernetes: '>=1.36'}", Ok(Some(">=1.36"))),
            ("spec: {kubernetes: '>=1.33 <1.35'}", Ok(Some(">=1.33 <1.35"))),
            ("spec: {}", Ok(None)),
            ("spec: {kubernetes: 1.35}", Err("is no text")),
            ("spec: {kubernetes: soon}", Err("is no range of minors")),
        ];
        for (text, expected) in table {
            let found = judge(text.as_bytes(), "/spec/kubernetes", minor);
            assert_eq!(found, expected.map(|range| range.map(str::to_owned)), "{text}");
        }
    }
}
