//! Files of objects: a header that says what they were generated from, then a YAML document per object.

use std::fmt::Display;

use super::Object;
use super::yaml::write_document;
use crate::tree::HEADER;

/// Writes a file of objects.
pub fn write_objects(text: &mut String, source: impl Display, objects: &[Object]) {
    write_header(text, source);
    for (index, object) in objects.iter().enumerate() {
        if index > 0 {
            text.push_str("---\n");
        }
        write_document(text, &object.body);
    }
}

/// Writes the line with which every file of the output begins.
pub fn write_header(text: &mut String, source: impl Display) {
    text.push_str(HEADER);
    text.push_str(&source.to_string());
    text.push('\n');
}
