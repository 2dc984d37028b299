//! Writing nodes: where lines begin, how deep, and where they are folded (go-yaml v2.4.3, `emitterc.go`).

use std::fmt::Write;
use std::sync::Arc;

use super::analysis::{Role, Style, is_break, is_printable, is_simple_key, style};
use super::source::Source;

/// Lines are folded behind this column.
const WIDTH: usize = 80;

/// Blanks by which a level is indented.
const INDENT: usize = 2;

pub(super) fn document(source: &Source) -> String {
    let mut emitter =
        Emitter { out: String::new(), indent: None, column: 0, after_blank: true, only_indented: true };
    emitter.node(source, Parent::Document);
    emitter.indent = None;
    emitter.begin_line();
    emitter.out
}

/// What a node stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parent {
    Document,
    List,
    Map,
}

struct Emitter {
    out: String,
    /// The column at which lines begin; `None` outside of the first node.
    indent: Option<usize>,
    /// Characters in the line.
    column: usize,
    /// Whether what comes next needs no blank before it.
    after_blank: bool,
    /// Whether the line has nothing but indentation and the signs of blocks.
    only_indented: bool,
}

impl Emitter {
    fn node(&mut self, source: &Source, parent: Parent) {
        match source {
            Source::Plain(text) => self.scalar(text, Style::Plain, Role::Node),
            Source::Text(text) => self.scalar(text, style(text, Role::Node), Role::Node),
            Source::List(items) if items.is_empty() => self.empty("[", "]"),
            Source::List(items) => self.list(items, parent),
            Source::Map(entries) if entries.is_empty() => self.empty("{", "}"),
            Source::Map(entries) => self.map(entries),
        }
    }

    fn list(&mut self, items: &[Source], parent: Parent) {
        let outer = self.indent;
        if !(parent == Parent::Map && !self.only_indented && outer.is_some()) {
            self.indent = Some(outer.map_or(0, |indent| indent + INDENT));
        }
        for item in items {
            self.begin_line();
            self.sign("-");
            self.node(item, Parent::List);
        }
        self.indent = outer;
    }

    fn map(&mut self, entries: &[(Arc<str>, Source)]) {
        let outer = self.indent;
        self.indent = Some(outer.map_or(0, |indent| indent + INDENT));
        for (key, value) in entries {
            self.begin_line();
            if is_simple_key(key) {
                self.scalar(key, style(key, Role::SimpleKey), Role::SimpleKey);
                self.indicator(":");
            } else {
                self.sign("?");
                self.scalar(key, style(key, Role::Node), Role::Node);
                self.begin_line();
                self.sign(":");
            }
            self.node(value, Parent::Map);
        }
        self.indent = outer;
    }

    fn empty(&mut self, opening: &str, closing: &str) {
        self.need_blank();
        self.put(opening);
        self.after_blank = true;
        self.indicator(closing);
    }

    fn scalar(&mut self, text: &str, style: Style, role: Role) {
        let outer = self.indent;
        self.indent = Some(outer.map_or(INDENT, |indent| indent + INDENT));
        match style {
            Style::Plain => self.plain(text, role),
            Style::Single => self.single(text, role),
            Style::Double => self.double(text, role),
            Style::Literal => self.literal(text),
        }
        self.indent = outer;
    }

    fn put(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    fn put_char(&mut self, char: char) {
        self.out.push(char);
        self.column += 1;
    }

    /// Writes a line break of the text; what begins the next line is not indented yet.
    fn put_break(&mut self, char: char) {
        self.out.push(char);
        self.column = 0;
    }

    fn need_blank(&mut self) {
        if !self.after_blank {
            self.put_char(' ');
        }
    }

    /// Writes `-`, `?` or `:` of a block, which a node may follow on the same line.
    fn sign(&mut self, sign: &str) {
        self.need_blank();
        self.put(sign);
        self.after_blank = false;
    }

    /// Writes what closes something, without a blank before it.
    fn indicator(&mut self, indicator: &str) {
        self.put(indicator);
        self.after_blank = false;
        self.only_indented = false;
    }

    /// Goes to where lines begin, on a new line unless this one has only got there.
    fn begin_line(&mut self) {
        let indent = self.indent.unwrap_or(0);
        let is_past = self.column > indent || self.column == indent && !self.after_blank;
        if !self.only_indented || is_past {
            self.put_break('\n');
        }
        while self.column < indent {
            self.put_char(' ');
        }
        self.after_blank = true;
        self.only_indented = true;
    }

    fn end_scalar(&mut self) {
        self.after_blank = false;
        self.only_indented = false;
    }

    /// A blank is folded where the line is long and no other blank is beside it.
    fn plain(&mut self, text: &str, role: Role) {
        self.need_blank();
        let mut after_space = false;
        let mut chars = text.chars().peekable();
        while let Some(char) = chars.next() {
            let is_single = char == ' ' && !after_space && chars.peek() != Some(&' ');
            if is_single && role == Role::Node && self.column > WIDTH {
                self.begin_line();
            } else {
                self.put_char(char);
                self.only_indented &= char == ' ';
            }
            after_space = char == ' ';
        }
        self.end_scalar();
    }

    fn single(&mut self, text: &str, role: Role) {
        self.need_blank();
        self.indicator("'");
        let (mut after_space, mut after_break) = (false, false);
        let mut chars = text.char_indices().peekable();
        while let Some((at, char)) = chars.next() {
            if char == ' ' {
                let is_inner = at > 0 && chars.peek().is_some_and(|(_, next)| *next != ' ');
                if role == Role::Node && !after_space && self.column > WIDTH && is_inner {
                    self.begin_line();
                } else {
                    self.put_char(' ');
                }
                after_space = true;
            } else if is_break(char) {
                if !after_break && char == '\n' {
                    self.put_break('\n');
                }
                self.put_break(char);
                self.only_indented = true;
                after_break = true;
            } else {
                if after_break {
                    self.begin_line();
                }
                self.put(if char == '\'' { "'" } else { "" });
                self.put_char(char);
                self.only_indented = false;
                (after_space, after_break) = (false, false);
            }
        }
        self.indicator("'");
    }

    fn double(&mut self, text: &str, role: Role) {
        self.need_blank();
        self.indicator("\"");
        // With a byte order mark at its beginning go-yaml escapes all of a text.
        let all = text.starts_with('\u{feff}');
        let mut after_space = false;
        let mut chars = text.char_indices().peekable();
        while let Some((at, char)) = chars.next() {
            if all || !is_printable(char) || is_break(char) || matches!(char, '"' | '\\') {
                self.escaped(char);
                after_space = false;
            } else if char == ' ' {
                let next = chars.peek().map(|(_, next)| *next);
                if role == Role::Node && !after_space && self.column > WIDTH && at > 0 && next.is_some() {
                    self.begin_line();
                    self.put(if next == Some(' ') { "\\" } else { "" });
                } else {
                    self.put_char(' ');
                }
                after_space = true;
            } else {
                self.put_char(char);
                after_space = false;
            }
        }
        self.indicator("\"");
    }

    fn escaped(&mut self, char: char) {
        let short = match char {
            '\0' => '0',
            '\u{7}' => 'a',
            '\u{8}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{b}' => 'v',
            '\u{c}' => 'f',
            '\r' => 'r',
            '\u{1b}' => 'e',
            '"' | '\\' => char,
            '\u{85}' => 'N',
            '\u{a0}' => '_',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            _ => {
                let start = self.out.len();
                let number = u32::from(char);
                let _ = match number {
                    0..=0xff => write!(self.out, "\\x{number:02X}"),
                    0x100..=0xffff => write!(self.out, "\\u{number:04X}"),
                    _ => write!(self.out, "\\U{number:08X}"),
                };
                self.column += self.out.len() - start;
                return;
            }
        };
        self.put_char('\\');
        self.put_char(short);
    }

    fn literal(&mut self, text: &str) {
        self.need_blank();
        self.indicator("|");
        if text.starts_with(|char| char == ' ' || is_break(char)) {
            self.put("2");
        }
        let mut last = text.chars().rev().map(is_break);
        match (last.next().unwrap_or(false), last.next()) {
            (false, _) => self.put("-"),
            (true, None | Some(true)) => self.put("+"),
            (true, Some(false)) => {}
        }
        self.put_break('\n');
        (self.after_blank, self.only_indented) = (true, true);
        let mut after_break = true;
        for char in text.chars() {
            if is_break(char) {
                self.put_break(char);
                self.only_indented = true;
            } else {
                if after_break {
                    self.begin_line();
                }
                self.put_char(char);
                self.only_indented = false;
            }
            after_break = is_break(char);
        }
    }
}
