//! Looking through files as text: templates, manifests, and the comments of specs.

use rayon::prelude::*;

use super::{Exposure, Sign, is_reference, key_sign};
use crate::check::Specs;
use crate::credential::{Assignment, assignments, embedded, find_all, is_credential_key};
use crate::location::{FileId, Location};
use crate::spec::yaml::{Duplicates, Node, Options, parse};
use crate::tree::RepoPath;

/// Looks through every file of the fleet; what the walk over the specs has seen is passed over.
pub fn find(specs: &Specs<'_>, seen: &[Location]) -> Vec<Exposure> {
    let files: Vec<_> = specs.catalog.trunk.files.0.iter().collect();
    let found = files.into_par_iter().map(|(path, bytes)| find_in_file(path, bytes, specs, seen));
    found.collect::<Vec<_>>().into_iter().flatten().collect()
}

fn find_in_file(path: &RepoPath, bytes: &[u8], specs: &Specs<'_>, seen: &[Location]) -> Vec<Exposure> {
    let forms = find_all(bytes);
    let keys = if is_spec(path) { Vec::new() } else { find_keys(path, bytes) };
    if forms.is_empty() && keys.is_empty() {
        return Vec::new();
    }
    let file = specs.sources.find(path);
    let expose = |range: std::ops::Range<usize>, sign: Sign| {
        let location = file.map(|file| Location::new(file, range.start, range.end));
        Exposure { location, path: path.clone(), sign, pointer: None }
    };
    let forms = forms.into_iter().map(|found| expose(found.range, Sign::Form(found.what)));
    let keys = keys.into_iter().map(|(range, key)| expose(range, Sign::Key(key)));
    let is_new = |exposure: &Exposure| {
        exposure.location.is_none_or(|own| {
            let holds = |other: &&Location| {
                other.file == own.file && other.start <= own.start && own.start < other.end
            };
            !seen.iter().any(|other| holds(&other))
        })
    };
    let mut found: Vec<Exposure> = forms.chain(keys).filter(is_new).collect();
    // A value that has both a form and a key is one.
    found.sort_by_key(|exposure| exposure.location);
    found.dedup_by(|later, first| match (later.location, first.location) {
        (Some(later), Some(first)) => later.start < first.end,
        _ => false,
    });
    found
}

/// Returns whether a file is a spec, which is walked as a tree.
fn is_spec(path: &RepoPath) -> bool {
    let parts: Vec<&str> = path.as_str().split('/').collect();
    match parts[..] {
        ["fleet.yaml"] => true,
        ["clusters" | "tenants", .., file] => file.ends_with(".yaml"),
        ["addons", _, "addon.yaml"] => true,
        _ => false,
    }
}

/// A value's place in a file, and its key.
type Keyed = (std::ops::Range<usize>, String);

/// Returns the literals at keys of credentials, in files that hold manifests or templates of them.
fn find_keys(path: &RepoPath, bytes: &[u8]) -> Vec<Keyed> {
    let is_template = path.as_str().ends_with(".j2");
    let is_manifest = [".yaml", ".yml", ".json"].iter().any(|end| path.as_str().ends_with(end));
    if !(is_template || is_manifest) || !may_hold_key(bytes) {
        return Vec::new();
    }
    let options = Options { duplicates: Duplicates::LastHolds, ..Options::SPEC };
    match parse(FileId(0), bytes, options) {
        Ok(documents) if is_manifest => {
            let mut found = Vec::new();
            for document in documents {
                walk(&document.root, &mut found);
            }
            found
        }
        _ => find_keys_in_lines(bytes),
    }
}

/// Returns whether some `:` or `=` stands behind the key of a credential: nearly no file has one, and only those have to
/// be read.
fn may_hold_key(bytes: &[u8]) -> bool {
    const LONGEST_KEY: usize = 64;
    let colons = bytes.iter().enumerate().filter(|(_, byte)| matches!(byte, b':' | b'='));
    let mut keys = colons.map(|(at, _)| &bytes[at.saturating_sub(LONGEST_KEY)..at]);
    let is_key = |before: &[u8]| {
        let end = before.iter().rposition(|byte| !matches!(byte, b'"' | b'\'' | b' '));
        let last = end.map(|end| &before[..=end]).unwrap_or_default();
        let may_end =
            matches!(last.last(), Some(b'd' | b'D' | b'n' | b'N' | b't' | b'T' | b'y' | b'Y' | b'_' | b'-'));
        let part_of_key = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let start = last.iter().rposition(|byte| !part_of_key(byte)).map_or(0, |start| start + 1);
        may_end && std::str::from_utf8(&last[start..]).is_ok_and(is_credential_key)
    };
    // `name: X_TOKEN` with a `value:` beside it has no such key.
    keys.any(is_key) || holds_pair(bytes)
}

/// Returns whether a `name` is that of a credential, as in lists of environment variables.
fn holds_pair(bytes: &[u8]) -> bool {
    let lines =
        bytes.split(|byte| *byte == b'\n').filter_map(|line| line.trim_ascii().strip_prefix(b"- name:"));
    let mut names = lines.filter_map(|name| std::str::from_utf8(name.trim_ascii()).ok());
    names.any(|name| is_credential_key(name.trim_matches(['"', '\''])))
}

fn walk(node: &Node, found: &mut Vec<Keyed>) {
    for item in node.items().unwrap_or_default() {
        walk(item, found);
    }
    let entries = node.entries().unwrap_or_default();
    for entry in entries.iter().filter(|entry| !is_reference(&entry.key)) {
        let key = key_sign(entry, entries).or_else(|| entry.value.as_str().and_then(embedded));
        match key {
            Some(key) => {
                let at = entry.value.location;
                found.push((at.start as usize..at.end as usize, key.to_owned()));
            }
            None => walk(&entry.value, found),
        }
    }
}

/// Looks through a template, which is no YAML before it is filled.
fn find_keys_in_lines(bytes: &[u8]) -> Vec<Keyed> {
    let text = String::from_utf8_lossy(bytes);
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let is_comment = line.trim_start().starts_with('#');
        let behind_colon = |assignment: &Assignment| {
            let between =
                line[assignment.key.end..assignment.value.start].trim_start_matches(['"', '\'', ' ']);
            let is_word = between.ends_with(['"', '\'']) || !line[assignment.value.clone()].contains(' ');
            between.starts_with(':') && is_word
        };
        for assignment in
            assignments(line.trim_end()).into_iter().filter(|_| !is_comment).filter(behind_colon)
        {
            let value = start + assignment.value.start..start + assignment.value.end;
            found.push((value, line[assignment.key].to_owned()));
        }
        start += line.len();
    }
    found
}
