//! Commits and tags as the bytes that git hashes.
//!
//! Bytes of others (an author's name, a message) go through as they are: reading and writing them again would change
//! encodings, blanks and dates that git keeps. This module must not know where objects go.

use git2::{Commit, Oid};

use super::RefName;
use crate::branch::identity::Identity;

/// A commit to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewCommit<'a> {
    /// Its files.
    pub tree: Oid,
    /// The commits that it follows, the branch's own first; none for the first commit of an orphan.
    pub parents: &'a [Oid],
    /// Who wrote it and when, as in a commit's `author` line: `Ada <ada@example.com> 1763700000 +0900`.
    pub author: &'a [u8],
    /// Who makes it.
    pub committer: &'a Identity,
    /// What its text is encoded in, where that is not UTF-8.
    pub encoding: Option<&'a [u8]>,
    /// The message, byte for byte, ending as it ends.
    pub message: &'a [u8],
}

/// An annotated tag to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewTag<'a> {
    /// The commit that is tagged.
    pub commit: Oid,
    /// The tag's name.
    pub name: &'a RefName,
    /// Who makes it.
    pub tagger: &'a Identity,
    /// The message; a line break is put to its end where it lacks one, since a signature begins a line.
    pub message: &'a [u8],
}

/// Returns a commit's `author` line without its key, byte for byte; empty where it has none.
pub fn author_of(commit: &Commit<'_>) -> Vec<u8> {
    header_of(commit, "author").unwrap_or_default()
}

/// Returns a commit's `encoding`, if it names one.
pub fn encoding_of(commit: &Commit<'_>) -> Option<Vec<u8>> {
    header_of(commit, "encoding")
}

fn header_of(commit: &Commit<'_>, key: &str) -> Option<Vec<u8>> {
    commit.header_field_bytes(key).ok().map(|field| field.to_vec())
}

impl NewCommit<'_> {
    /// Returns the object's bytes.
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = format!("tree {}\n", self.tree).into_bytes();
        for parent in self.parents {
            bytes.extend_from_slice(format!("parent {parent}\n").as_bytes());
        }
        push_line(&mut bytes, "author", self.author);
        push_line(&mut bytes, "committer", &self.committer.to_bytes());
        if let Some(encoding) = self.encoding {
            push_line(&mut bytes, "encoding", encoding);
        }
        bytes.push(b'\n');
        bytes.extend_from_slice(until_nul(self.message));
        bytes
    }
}

impl NewTag<'_> {
    /// Returns the object's bytes.
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let mut bytes =
            format!("object {}\ntype commit\ntag {}\n", self.commit, self.name.short()).into_bytes();
        push_line(&mut bytes, "tagger", &self.tagger.to_bytes());
        bytes.push(b'\n');
        bytes.extend_from_slice(until_nul(self.message));
        if !bytes.ends_with(b"\n") {
            bytes.push(b'\n');
        }
        bytes
    }
}

/// Writes a header; what would end it early is left out.
fn push_line(bytes: &mut Vec<u8>, key: &str, value: &[u8]) {
    bytes.extend_from_slice(key.as_bytes());
    bytes.push(b' ');
    bytes.extend(value.iter().filter(|byte| !matches!(byte, b'\n' | b'\0')));
    bytes.push(b'\n');
}

/// Returns the message as far as git reads it.
fn until_nul(message: &[u8]) -> &[u8] {
    message.split(|byte| *byte == 0).next().unwrap_or_default()
}
