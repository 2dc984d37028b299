//! The only writer of YAML: block form, two blanks deeper for each level, lists at the column of their key, long lines
//! never folded.
//!
//! Whatever is written is read back as the same value by readers of YAML 1.1 and of YAML 1.2 alike: PyYAML, libyaml,
//! ruamel.yaml, go-yaml v2 and v3, sigs.k8s.io/yaml, and our own. So text stays plain only where no reader could take
//! it for anything else. It must not know what any key is for, nor choose the order of keys.
//!
//! [`write_document`] writes a value. Who has no value, but pieces of one, puts a document together with
//! [`write_key`], [`write_text`] and [`write_number`].

mod comment;
mod escape;
mod number;
mod plain;
mod text;
mod value;

use std::collections::BTreeMap;

use serde_json::Value;

pub use self::number::write_number;
pub use self::text::write_text;
use self::value::Writer;

/// Writes `value` as one document, without `---`, with a line break at its end.
pub fn write_document(out: &mut String, value: &Value) {
    Writer { out, comments: None }.document(value);
}

/// Writes `value` as [`write_document`] does, with comments behind scalars and empty collections.
///
/// `comments` has a text for each JSON pointer: `/data/server`. Line breaks and what a terminal would not show are
/// written as escapes; a pointer to nothing, or to what has entries, has no effect.
pub fn write_document_with_comments(out: &mut String, value: &Value, comments: &BTreeMap<String, String>) {
    Writer { out, comments: Some((comments, String::new())) }.document(value);
}

/// Says how the value behind a key must be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyForm {
    /// `key:`. A list may stand at the key's own column.
    Short,
    /// `? key` and `:` on the next line, for keys of more than a thousand bytes. A list must stand deeper.
    Long,
}

/// Writes a key up to and with its `:`; a blank and a scalar, or a line break and a collection, must follow.
///
/// `indent` is the column at which the key stands: the column is there already.
pub fn write_key(out: &mut String, key: &str, indent: usize) -> KeyForm {
    let start = out.len();
    text::write_line(out, key);
    // Readers look for `:` among the 1,024 characters behind the beginning of a key.
    if out.len() - start <= 1000 {
        out.push(':');
        return KeyForm::Short;
    }
    out.insert_str(start, "? ");
    out.push('\n');
    write_indent(out, indent);
    out.push(':');
    KeyForm::Long
}

/// Writes `columns` blanks.
#[inline]
pub fn write_indent(out: &mut String, columns: usize) {
    const BLANKS: &str = "                                                                ";
    let mut left = columns;
    while left > BLANKS.len() {
        out.push_str(BLANKS);
        left -= BLANKS.len();
    }
    out.push_str(&BLANKS[..left]);
}
