//! The classes of characters that Go 1.26 knows: those of Unicode 15.0.
//!
//! The tables are regex-syntax's, which are newer. What was not yet a character then is left out, and the few characters
//! that have changed since are put back; with that they were the same as Go's for every name and every character.

use regex_syntax::Parser;
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, HirKind};

/// Returns the characters of a general category or a script by Go's name, `L`, `Nd`, `Greek`; none for other names.
pub(in crate::argocd) fn class(name: &str) -> ClassUnicode {
    match name {
        "Cs" => ClassUnicode::empty(),
        "Cn" => unassigned(),
        "C" => {
            let mut class = read(r"\p{C}");
            class.union(&unassigned());
            class
        }
        "LC" => read(r"[\p{Cased_Letter}&&\p{age:15.0}]"),
        "Mc" => with(&read(r"[\p{Mc}&&\p{age:15.0}]"), '\u{1171e}', false),
        "Mn" => with(&read(r"[\p{Mn}&&\p{age:15.0}]"), '\u{1171e}', true),
        _ => read(&format!(r"[\p{{{name}}}&&\p{{age:15.0}}]")),
    }
}

/// Returns a class with all characters that differ from its own in case alone (`unicode.SimpleFold`).
pub(super) fn folded(class: &ClassUnicode) -> ClassUnicode {
    /// Those that have got such a character since.
    const LONE: [char; 6] = ['\u{390}', '\u{3b0}', '\u{1fd3}', '\u{1fe3}', '\u{fb05}', '\u{fb06}'];
    let known = read(r"\p{age:15.0}");
    let mut folded = class.clone();
    folded.intersect(&known);
    if folded.try_case_fold_simple().is_err() {
        return class.clone();
    }
    folded.intersect(&known);
    folded.union(class);
    for char in LONE {
        folded = with(&folded, char, contains(class, char));
    }
    folded
}

/// Returns whether a class has a character.
pub(in crate::argocd) fn contains(class: &ClassUnicode, char: char) -> bool {
    let behind = class.ranges().partition_point(|range| range.start() <= char);
    behind > 0 && char <= class.ranges()[behind - 1].end()
}

fn unassigned() -> ClassUnicode {
    let mut class = read(r"\p{age:15.0}");
    class.negate();
    class.union(&read(r"\p{Cn}"));
    class
}

/// Returns a class with a character, or without it.
fn with(class: &ClassUnicode, char: char, is_in: bool) -> ClassUnicode {
    let single = ClassUnicode::new([ClassUnicodeRange::new(char, char)]);
    let mut class = class.clone();
    match is_in {
        true => class.union(&single),
        false => class.difference(&single),
    }
    class
}

fn read(expression: &str) -> ClassUnicode {
    match Parser::new().parse(expression).map(regex_syntax::hir::Hir::into_kind) {
        Ok(HirKind::Class(Class::Unicode(class))) => class,
        // A class of one character is one to nobody.
        Ok(HirKind::Literal(literal)) => {
            let text = String::from_utf8_lossy(&literal.0);
            ClassUnicode::new(text.chars().map(|char| ClassUnicodeRange::new(char, char)))
        }
        _ => ClassUnicode::empty(),
    }
}
