//! Files of objects: a header that says what they were generated from, then a YAML document per object.

use std::collections::BTreeMap;

use super::Object;
use super::yaml::{write_document, write_document_with_comments};
use crate::tree::{HEADER, RepoPath};

/// Writes a file of objects.
pub fn write_objects(text: &mut String, source: &RepoPath, objects: &[Object]) {
    write_header(text, source);
    for (index, object) in objects.iter().enumerate() {
        if index > 0 {
            text.push_str("---\n");
        }
        write_document(text, &object.body);
    }
}

/// Writes a file of one object, with comments behind the values at some JSON pointers.
pub fn write_object_with_comments(
    text: &mut String,
    source: &RepoPath,
    object: &Object,
    comments: &[(&'static str, String)],
) {
    write_header(text, source);
    let comments: BTreeMap<String, String> =
        comments.iter().map(|(pointer, comment)| ((*pointer).to_owned(), comment.clone())).collect();
    write_document_with_comments(text, &object.body, &comments);
}

/// Writes the line with which every file of the output begins.
pub fn write_header(text: &mut String, source: &RepoPath) {
    text.push_str(HEADER);
    text.push_str(source.as_str());
    text.push('\n');
}
