//! The classes of characters that Go 1.26 knows: those of Unicode 15.0.
//!
//! The tables are regex-syntax's, which are newer; what was not yet a character then is left out.

use regex_syntax::Parser;
use regex_syntax::hir::{Class, ClassUnicode, HirKind};

/// Returns the characters of a general category or a script, `L`, `Nd`, `Greek`; none for a name that regex-syntax does
/// not know.
pub(super) fn class(name: &str) -> ClassUnicode {
    let parsed = Parser::new().parse(&format!(r"[\p{{{name}}}&&\p{{age:15.0}}]"));
    match parsed.map(regex_syntax::hir::Hir::into_kind) {
        Ok(HirKind::Class(Class::Unicode(class))) => class,
        _ => ClassUnicode::empty(),
    }
}

/// Returns whether a class has a character.
pub(super) fn contains(class: &ClassUnicode, char: char) -> bool {
    let behind = class.ranges().partition_point(|range| range.start() <= char);
    behind > 0 && char <= class.ranges()[behind - 1].end()
}
