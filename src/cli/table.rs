//! Plain tables for people and scripts.

use std::borrow::Cow;

use yoshino::error::Error;

use super::terminal::Terminal;

/// Prints rows, the head first: columns aligned with at least two blanks between them, `-` in an empty cell.
///
/// # Errors
/// Says why the table could not be written.
pub fn print_table<C: AsRef<str>>(terminal: &Terminal, rows: &[Vec<C>]) -> Result<(), Error> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().map(|row| shown(&row[column]).chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut table = String::new();
    for row in rows {
        for (cell, width) in row.iter().zip(&widths) {
            let cell = shown(cell);
            table.push_str(&cell);
            table.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
        }
        table.truncate(table.trim_end_matches(' ').len());
        table.push('\n');
    }
    terminal.print(&table)
}

/// Returns what a cell shows; what would move a terminal's cursor gives way to U+FFFD.
fn shown<C: AsRef<str>>(cell: &C) -> Cow<'_, str> {
    match cell.as_ref() {
        "" => Cow::Borrowed("-"),
        text if text.chars().any(char::is_control) => Cow::Owned(text.replace(char::is_control, "\u{fffd}")),
        text => Cow::Borrowed(text),
    }
}
