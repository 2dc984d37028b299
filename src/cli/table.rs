//! Plain tables for people and scripts.

use std::borrow::Cow;

use yoshino::error::Error;

use super::terminal::Terminal;
use super::words::harmless;

/// Prints rows, the head first: columns aligned with at least two blanks between them, `-` in an empty cell.
///
/// # Errors
/// Says why the table could not be written.
pub fn print_table<C: AsRef<str>>(terminal: &Terminal, rows: &[Vec<C>]) -> Result<(), Error> {
    terminal.print(&aligned(rows, "-"))
}

/// Returns rows as lines: columns aligned with at least two blanks between them, `empty` in an empty cell. A row may
/// have fewer cells than others.
pub fn aligned<C: AsRef<str>>(rows: &[Vec<C>], empty: &'static str) -> String {
    let shown = |cell: &'_ C| -> usize { text(cell.as_ref(), empty).chars().count() };
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(shown).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut table = String::new();
    for row in rows {
        for (cell, width) in row.iter().zip(&widths) {
            let cell = text(cell.as_ref(), empty);
            table.push_str(&cell);
            table.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
        }
        table.truncate(table.trim_end_matches(' ').len());
        table.push('\n');
    }
    table
}

/// Returns what a cell shows.
fn text<'c>(cell: &'c str, empty: &'static str) -> Cow<'c, str> {
    if cell.is_empty() { Cow::Borrowed(empty) } else { harmless(cell) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_nothing_moves_the_cursor() {
        let rows = [vec!["a", "", "c"], vec!["long", "\u{1b}[2J"]];
        assert_eq!(aligned(&rows, "-"), "a     -     c\nlong  \u{fffd}[2J\n");
        assert_eq!(aligned(&rows, ""), "a           c\nlong  \u{fffd}[2J\n");
    }
}
