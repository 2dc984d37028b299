//! Files of many documents, read in parts, so that several threads can.
//!
//! A line that begins with `---` and a blank starts a document wherever it stands: no quoted text and no block scalar
//! may hold one. Only `%` lines belong to the document behind the `---`; a file that has any is one part.

use super::compose::Composer;
use super::input;
use super::parse::{Document, Limits, Options};
use crate::diagnostic::Report;
use crate::location::{FileId, Location};

/// Some of a file's documents.
#[derive(Clone, Copy, Debug)]
pub struct Part<'t> {
    file: FileId,
    /// The file up to the end of the part, so that offsets are those of the file.
    text: &'t str,
    start: usize,
    options: Options,
}

/// Splits a file into parts of some documents each; the limits of `options` are those of each part.
///
/// # Errors
/// Reports bytes that no YAML file may hold.
pub fn parts(file: FileId, bytes: &[u8], options: Options) -> Result<Vec<Part<'_>>, Report> {
    const LEAST: usize = 64 << 10;
    let unlimited = Options { limits: Limits { bytes: usize::MAX, ..options.limits }, ..options };
    let (text, mut start) = input::admit(file, bytes, unlimited)?;
    let mut parts = Vec::new();
    if !text[start..].starts_with('%') && !text.contains("\n%") {
        for (at, _) in text.match_indices("\n---") {
            let (end, next) = (at + 1, text.as_bytes().get(at + 4));
            let is_marker = next.is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
            if is_marker && end >= start + LEAST {
                parts.push(Part { file, text: &text[..end], start, options });
                start = end;
            }
        }
    }
    parts.push(Part { file, text, start, options });
    Ok(parts)
}

impl Part<'_> {
    /// Reads every document of the part.
    ///
    /// # Errors
    /// Those of [`parse`](super::parse()).
    pub fn parse(&self) -> Result<Vec<Document>, Report> {
        let (bytes, most) = (self.text.len() - self.start, self.options.limits.bytes);
        if bytes > most {
            let location = Location::new(self.file, self.start, self.start);
            let message = format!("documents from here on have {bytes} bytes; the limit is {most}");
            return Err(input::limit(location, message).into());
        }
        Composer::new(self.file, self.text, self.start, self.options).compose()
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn the_parts_of_a_file_have_its_documents_at_their_places() -> Result<(), Report> {
        let document = |number: usize| {
            let filler = format!("  {}\n", "x".repeat(60)).repeat(200);
            format!("--- # {number}\na: {number}\nb: |\n  ---\n{filler}c: 'd\n  ---'\n")
        };
        let text: String = (0..40).map(document).collect();
        for text in [text.clone(), format!("\u{feff}{text}...\n"), format!("%YAML 1.1\n{text}")] {
            let parts = parts(FileId(0), text.as_bytes(), Options::FOREIGN)?;

            let parsed: Vec<Vec<Document>> = parts.iter().map(Part::parse).collect::<Result<_, _>>()?;

            assert_eq!(parts.len() == 1, text.starts_with('%'));
            assert_eq!(parsed.concat(), parse(FileId(0), text.as_bytes(), Options::FOREIGN)?);
        }
        Ok(())
    }

    #[test]
    fn a_part_keeps_to_the_limits() {
        let mut options = Options::FOREIGN;
        options.limits.bytes = 4;
        let found = parts(FileId(0), b"a: bcd", options).and_then(|parts| parts[0].parse());
        let message = found.err().map(|report| report.diagnostics[0].message.clone());
        assert_eq!(message.as_deref(), Some("documents from here on have 6 bytes; the limit is 4"));
    }
}
