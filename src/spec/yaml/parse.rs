//! From bytes to nodes.

use std::sync::Arc;

use super::compose::Composer;
use super::input;
use super::node::Node;
use crate::diagnostic::Report;
use crate::location::{FileId, Location};

/// What to do with a key that stands twice in one map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplicates {
    /// An error at both places: our own specs and templates.
    Refuse,
    /// The last one holds, as for Argo CD, and [`Document::duplicates`] names it: files written by others.
    LastHolds,
}

/// What to do with private-use characters, which mark the holes of templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivateUse {
    /// An error: everything that people write.
    Refuse,
    /// They pass: a rendered template.
    Allow,
}

/// How much one file may make of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file; as many again may be repeated through aliases.
    pub bytes: usize,
    /// Nodes of the whole file, those behind aliases counted as often as they are used.
    pub nodes: usize,
    /// Anchors, aliases and `%TAG` lines.
    pub aliases: usize,
    /// Nesting of lists and maps.
    pub depth: usize,
}

/// How to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Keys that stand twice.
    pub duplicates: Duplicates,
    /// Private-use characters.
    pub private_use: PrivateUse,
    /// Limits.
    pub limits: Limits,
}

/// One document of a file; empty documents are left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The root.
    pub root: Node,
    /// Keys that stood twice under [`Duplicates::LastHolds`], in the order of the later ones.
    pub duplicates: Vec<Duplicate>,
}

/// A key that stands twice in one map, of which the last holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The key as the text JSON gives it.
    pub key: Arc<str>,
    /// Where the entry stands that is lost.
    pub lost: Location,
    /// Where the entry stands that holds.
    pub holds: Location,
}

impl Limits {
    /// What people write: 16 MiB, 500,000 nodes, 10,000 aliases, 120 levels: with 128, `serde_json` could not read its own JSON back.
    pub const SPEC: Self = Self { bytes: 16 << 20, nodes: 500_000, aliases: 10_000, depth: 120 };
}

impl Options {
    /// How our own specs are read: nothing twice, no private-use characters.
    pub const SPEC: Self =
        Self { duplicates: Duplicates::Refuse, private_use: PrivateUse::Refuse, limits: Limits::SPEC };
    /// How a rendered template is read, whose holes are private-use characters.
    pub const SKELETON: Self = Self { private_use: PrivateUse::Allow, ..Self::SPEC };
    /// How files by others are read, as Argo CD reads them.
    pub const FOREIGN: Self =
        Self { duplicates: Duplicates::LastHolds, private_use: PrivateUse::Allow, ..Self::SPEC };
}

/// Reads every document of a file.
///
/// # Errors
/// Reports the first syntax error, or every duplicate key, or the limit that was exceeded.
pub fn parse(file: FileId, bytes: &[u8], options: Options) -> Result<Vec<Document>, Report> {
    let (text, start) = input::admit(file, bytes, options)?;
    Composer::new(file, text, start, options).compose()
}

/// Reads the first document of a text, whatever follows, as sigs.k8s.io/yaml does; `None` where it is empty or null.
///
/// # Errors
/// As [`parse`].
pub fn parse_first(file: FileId, bytes: &[u8], options: Options) -> Result<Option<Document>, Report> {
    let (text, start) = input::admit(file, bytes, options)?;
    Composer::new(file, text, start, options).compose_first()
}

#[cfg(test)]
mod tests {
    use super::super::node::{Kind, Style};
    use super::*;
    use serde_json::{Value, json};

    fn read(text: &str, options: Options) -> Result<Vec<Value>, Report> {
        let documents = parse(FileId(0), text.as_bytes(), options)?;
        Ok(documents.iter().map(|document| document.root.to_json()).collect())
    }

    fn root(text: &str) -> Node {
        parse(FileId(0), text.as_bytes(), Options::SKELETON).expect("because the text is good").remove(0).root
    }

    /// Returns each finding: its rule, the text it points at, its message, and the texts it points at besides.
    fn findings(text: &str, options: Options) -> Vec<(&'static str, String, String, Vec<String>)> {
        let at = |location: Location| text[location.start as usize..location.end as usize].to_owned();
        let report = parse(FileId(0), text.as_bytes(), options).expect_err("because the text is bad");
        let finding = |found: crate::diagnostic::Diagnostic| {
            let related = found.related.iter().map(|(location, _)| at(*location)).collect();
            (found.rule, found.location.map_or(String::new(), at), found.message, related)
        };
        report.diagnostics.into_iter().map(finding).collect()
    }

    fn limited(change: impl FnOnce(&mut Limits)) -> Options {
        let mut options = Options::SPEC;
        change(&mut options.limits);
        options
    }

    /// Returns the message of the one finding, which must be about a limit.
    fn limit(text: &str, options: Options) -> String {
        let report = parse(FileId(0), text.as_bytes(), options).expect_err("because it exceeds a limit");
        assert_eq!((report.diagnostics.len(), report.diagnostics[0].rule), (1, "yaml-limit"));
        report.diagnostics[0].message.clone()
    }

    #[test]
    fn the_first_document_is_read_whatever_follows() {
        let first = |text: &str| {
            let read = parse_first(FileId(0), text.as_bytes(), Options::FOREIGN);
            read.map(|document| document.map(|document| document.root.to_json())).map_err(|_| ())
        };
        assert_eq!(first("a: 1\n---\n]"), Ok(Some(json!({"a": 1}))));
        assert_eq!(first("---\n---\na: 1"), Ok(None));
        assert_eq!(first(""), Ok(None));
        assert_eq!(first("{}: a"), Ok(Some(json!({}))));
        assert_eq!(first("a: b: c"), Err(()));
    }

    #[test]
    fn every_document_of_a_file_is_read_and_empty_ones_are_left_out() -> Result<(), Report> {
        let documents = read("# nothing\n---\na: yes\n---\n---\n- 0777\n- 1e3\n...\n---\n", Options::SPEC)?;

        assert_eq!(documents, [json!({"a": true}), json!([511, 1000])]);
        Ok(())
    }

    #[test]
    fn a_file_of_comments_has_no_documents() -> Result<(), Report> {
        assert_eq!(read("", Options::SPEC)?, Vec::<Value>::new());
        assert_eq!(read("\u{feff}# nothing\r\n# here\r\n", Options::SPEC)?, Vec::<Value>::new());
        Ok(())
    }

    #[test]
    fn every_node_knows_its_bytes() {
        let text = "a: &x !!str 1\nb:\n  - 'c'\n  -\n  - {d: [e], f}\ng: |  # c\n  h\n\ni: *x\nj: k\n  l\n\n";
        let root = root(text);
        let at = |pointer: &str| {
            let location = root.at(pointer).expect("because it is there").location;
            (location.start, &text[location.start as usize..location.end as usize])
        };

        assert_eq!(at("/a"), (12, "1"));
        assert_eq!(at("/b"), (19, "- 'c'\n  -\n  - {d: [e], f}"));
        assert_eq!(at("/b/0"), (21, "'c'"));
        assert_eq!(at("/b/1"), (28, ""));
        assert_eq!(at("/b/2"), (33, "{d: [e], f}"));
        assert_eq!(at("/b/2/d"), (37, "[e]"));
        assert_eq!(at("/b/2/f"), (43, ""));
        assert_eq!(at("/g"), (48, "|  # c\n  h"));
        assert_eq!(at("/i"), (12, "1"));
        assert_eq!(at("/j"), (69, "k\n  l"));
        assert_eq!(at(""), (0, text.trim_end()));
        let keys = root.entries().unwrap_or_default().iter();
        let keys: Vec<_> = keys.map(|entry| (entry.key_location.start, entry.key_location.end)).collect();
        assert_eq!(keys, [(0, 1), (14, 15), (45, 46), (60, 61), (66, 67)]);
    }

    #[test]
    fn what_is_left_out_stands_behind_its_indicator() {
        let text = "a:\nb: {c: , d: }\n";
        let root = root(text);
        let at = |pointer: &str| {
            let location = root.at(pointer).expect("because it is there").location;
            (location.start, location.end)
        };

        assert_eq!([at("/a"), at("/b/c"), at("/b/d")], [(2, 2), (9, 9), (14, 14)]);
    }

    #[test]
    fn styles_and_forms_are_kept() {
        let root = root("a: x\nb: 'x'\nc: \"x\"\nd: |\n  x\ne: >\n  x\nf: [1]\ng:\n- 1\nh: {}\n");
        let style = |key: &str| match &root.get(key).expect("because it is there").kind {
            Kind::Scalar { style, .. } => (Some(*style), false),
            Kind::List { flow, .. } | Kind::Map { flow, .. } => (None, *flow),
        };

        let expected = [
            (Some(Style::Plain), false),
            (Some(Style::Quoted), false),
            (Some(Style::Quoted), false),
            (Some(Style::Block), false),
            (Some(Style::Block), false),
            (None, true),
            (None, false),
            (None, true),
        ];
        assert_eq!(["a", "b", "c", "d", "e", "f", "g", "h"].map(style), expected);
    }

    #[test]
    fn a_duplicate_key_names_both_places_and_all_are_found() {
        let found = findings("a: 1\nb: {c: 1, 'c': 2}\na: 3\n", Options::SPEC);

        let twice = |key: &str| format!("the key `{key}` stands twice in one map");
        let expected = [
            ("yaml-duplicate-key", "'c'".to_owned(), twice("c"), vec!["c".to_owned()]),
            ("yaml-duplicate-key", "a".to_owned(), twice("a"), vec!["a".to_owned()]),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_syntax_error_does_not_hide_the_duplicates_before_it() {
        let found = findings("a: 1\na: 2\nb: [\n", Options::SPEC);

        assert_eq!(
            found.iter().map(|finding| finding.0).collect::<Vec<_>>(),
            ["yaml-duplicate-key", "yaml-syntax"]
        );
    }

    #[test]
    fn a_merge_behind_an_explicit_key_is_a_duplicate() {
        let found = findings("x: &x {a: 1}\ny:\n  a: 2\n  <<: *x\n", Options::SPEC);

        let message = "`<<` brings the key `a`, which stands before it".to_owned();
        let places = vec!["a".to_owned(), "a".to_owned()];
        assert_eq!(found, [("yaml-duplicate-key", "<<".to_owned(), message, places)]);
    }

    #[test]
    fn the_last_of_two_keys_holds_where_others_wrote_them_and_is_named() -> Result<(), Report> {
        let text = "a: 1\nb: 2\n'a': 3\nc: {d: 4}\n---\ne: &e {a: 5}\nf: {a: 6, <<: *e}\n";

        let documents = parse(FileId(0), text.as_bytes(), Options::FOREIGN)?;

        let at = |location: Location| &text[location.start as usize..location.end as usize];
        let named = |document: &Document| {
            let name = |found: &Duplicate| (found.key.to_string(), at(found.lost), at(found.holds));
            (document.root.to_json(), document.duplicates.iter().map(name).collect::<Vec<_>>())
        };
        let first = (json!({"a": 3, "b": 2, "c": {"d": 4}}), vec![("a".to_owned(), "a", "'a'")]);
        let second = (json!({"e": {"a": 5}, "f": {"a": 5}}), vec![("a".to_owned(), "a", "<<")]);
        assert_eq!(documents.iter().map(named).collect::<Vec<_>>(), [first, second]);
        Ok(())
    }

    #[test]
    fn of_many_keys_the_twice_written_one_is_found() {
        let mut text: String = (0..100).map(|index| format!("k{index}: {index}\n")).collect();
        assert!(read(&text, Options::SPEC).is_ok());
        text.push_str("k63: 1\n");

        assert_eq!(findings(&text, Options::SPEC)[0].1, "k63");
    }

    #[test]
    fn merged_entries_stand_last_and_explicit_ones_win() {
        let root = root("l: &l {a: 1, b: 2}\nm: {<<: *l, c: 3, a: 4}\n");

        let keys = root.at("/m").and_then(Node::entries).unwrap_or_default().iter();
        assert_eq!(keys.map(|entry| entry.key.to_string()).collect::<Vec<_>>(), ["c", "a", "b"]);
        assert_eq!(root.at("/m").map(Node::to_json), Some(json!({"c": 3, "a": 4, "b": 2})));
    }

    #[test]
    fn holes_of_templates_are_text_in_every_place() {
        let (open, close) = ('\u{e000}', '\u{e001}');
        let text = format!(
            "{open}1{close}: {open}2{close}\na: x{open}3{close}\nb: \"{open}4{close}\"\nc: |\n  {open}5{close}\n- {open}6{close}\n"
        )
        .replace("- ", "d:\n- ");

        let root = root(&text);

        let hole = |number: u8| format!("{open}{number}{close}");
        let expected = json!({
            hole(1): hole(2), "a": format!("x{}", hole(3)), "b": hole(4), "c": format!("{}\n", hole(5)), "d": [hole(6)],
        });
        assert_eq!(root.to_json(), expected);
        assert_eq!(findings(&text, Options::SPEC)[0].0, "yaml-private-use");
    }

    #[test]
    fn an_escape_cannot_make_a_hole() {
        let found = findings("a: \"\\uE000\"\n", Options::SKELETON);

        assert_eq!((found[0].0, &*found[0].1), ("yaml-private-use", "\\uE000"));
    }

    #[test]
    fn what_no_file_may_hold_is_refused_with_its_place() {
        let place = |bytes: &[u8]| {
            let report = parse(FileId(0), bytes, Options::SPEC).expect_err("because the bytes are bad");
            let location = report.diagnostics[0].location.map(|location| (location.start, location.end));
            (report.diagnostics[0].rule, report.diagnostics[0].message.clone(), location)
        };

        let encoding = |message: &str, start, end| ("yaml-encoding", message.to_owned(), Some((start, end)));
        assert_eq!(place(b"a: \0"), encoding("a NUL character, U+0000, may not stand in YAML", 3, 4));
        assert_eq!(place(b"a: \x1b["), encoding("a control character, U+001B, may not stand in YAML", 3, 4));
        assert_eq!(place(b"a: b\xff"), encoding("these bytes are not UTF-8", 4, 5));
        assert_eq!(place(b"a: \xe2\x80"), encoding("these bytes are not UTF-8", 3, 5));
        assert_eq!(place(b"\xff\xfea\0"), encoding("the file is UTF-16", 0, 2));
        let message = "the private-use character U+E000 may not stand in a spec".to_owned();
        assert_eq!(place("a: \u{e000}".as_bytes()), ("yaml-private-use", message, Some((3, 6))));
    }

    #[test]
    fn each_limit_is_named_with_its_number() {
        let bomb: String = (b'b'..=b'j').fold("a: &a [x]\n".to_owned(), |text, name| {
            let (name, before) = (char::from(name), char::from(name - 1));
            text + &format!("{name}: &{name} [{}]\n", vec![format!("*{before}"); 9].join(", "))
        });
        let repeated = format!("a: &a {}\nb: [*a, *a, *a]\n", "x".repeat(500));

        assert_eq!(
            limit("a: b\n", limited(|limits| limits.bytes = 4)),
            "the file has 5 bytes; the limit is 4"
        );
        assert_eq!(
            limit(&bomb, Options::SPEC),
            "the file has more nodes than the limit of 500000, aliases counted as often as used"
        );
        assert_eq!(
            limit("- &a x\n- *a\n- *a\n", limited(|limits| limits.aliases = 2)),
            "the file has more anchors, aliases and `%TAG` lines than the limit of 2"
        );
        assert_eq!(
            limit(&repeated, limited(|limits| limits.bytes = 1000)),
            "aliases repeat more bytes of the file than the limit of 1000"
        );
        let deep = "lists and maps nest deeper than the limit of 120";
        assert_eq!(limit(&"[".repeat(10_000), Options::SPEC), deep);
        assert_eq!(limit(&"{a: ".repeat(10_000), Options::SPEC), deep);
        assert_eq!(limit(&"- ".repeat(10_000), Options::SPEC), deep);
        let lines: String = (0..1_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        assert_eq!(limit(&lines, Options::SPEC), deep);
    }

    #[test]
    fn an_alias_counts_as_deep_as_what_it_names() {
        let text = "a: &a [[[x]]]\nb: [*a]\n";

        assert!(read(text, limited(|limits| limits.depth = 5)).is_ok());
        assert_eq!(
            limit(text, limited(|limits| limits.depth = 4)),
            "lists and maps nest deeper than the limit of 4"
        );
    }

    #[test]
    fn an_anchor_cannot_contain_itself() {
        let found = findings("a: &a [*a]\n", Options::SPEC);

        assert_eq!(
            found,
            [("yaml-syntax", "*a".to_owned(), "the anchor `&a` contains itself".to_owned(), vec![])]
        );
    }

    #[test]
    fn a_syntax_error_points_at_what_is_wrong_and_says_what_to_do() {
        let said = |text: &str| {
            let report =
                parse(FileId(0), text.as_bytes(), Options::SPEC).expect_err("because the text is bad");
            let finding = &report.diagnostics[0];
            let location = finding.location.expect("because a text has places");
            let at = text[location.start as usize..location.end as usize].to_owned();
            (at, finding.message.clone(), finding.hints.join("; "))
        };
        let expect =
            |at: &str, message: &str, hint: &str| (at.to_owned(), message.to_owned(), hint.to_owned());

        let hint =
            "quote the text if it holds `: `; a key stands on one line, at the column of its neighbours";
        assert_eq!(said("a: b: c\n"), expect(":", "no key can end here", hint));
        assert_eq!(said("a:\n\tb: c\n"), expect("\t", "a tab cannot indent", "indent with blanks"));
        assert_eq!(said("a: @b\n"), expect("@", "no plain text can begin with `@`", "quote the text"));
        assert_eq!(said("a: 'b\n"), expect("'", "the closing `'` is missing", ""));
        assert_eq!(said("{}: a\n"), expect("{}", "an empty `{}` or `[]` cannot be a key", "quote it"));
        let hint = "every line at this column is a key with `: ` behind it, at most 1024 characters on";
        assert_eq!(said("a: b\nc\nd: e\n"), expect("c", "`: ` is missing behind this key", hint));
        let hint = "quote it if it is meant as text";
        assert_eq!(said("a: .inf\n"), expect(".inf", "`.inf` is a number that JSON does not have", hint));
    }
}
