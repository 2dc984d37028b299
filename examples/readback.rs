//! Prints what our reader of YAML makes of files, for tests that compare it with other readers.
//!
//! ```text
//! readback FILE...       {"file": FILE, "documents": […]} a line; a file that is refused is an error
//! readback --lines       {"id", "yaml"} a line on standard input; {"id", "json"} or {"id", "error"} a line,
//!                        and "strict": false where our own specs would not be read so
//! readback --strange DIR writes strings that readers take for something else, as keys and as values, to
//!                        DIR/strange.yaml by our writer and to DIR/strange.json
//! ```
//!
//! It must not know what any file is for.
#![expect(clippy::disallowed_methods, reason = "an example reads the files that it is given")]

use std::error::Error;
use std::fs;
use std::io::{BufRead as _, stdin};
use std::path::Path;

use serde_json::{Value, json};
use yoshino::emit::yaml::write_document;
use yoshino::location::FileId;
use yoshino::spec::yaml::{Options, parse};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments == ["--lines"] {
        return read_lines();
    }
    if let [flag, folder] = &arguments[..]
        && flag == "--strange"
    {
        return write_strange(Path::new(folder));
    }
    for file in arguments {
        let documents =
            read(&fs::read(&file)?, Options::SPEC).map_err(|problem| format!("{file}: {problem}"))?;
        println!("{}", json!({"file": file, "documents": documents}));
    }
    Ok(())
}

fn read(bytes: &[u8], options: Options) -> Result<Vec<Value>, String> {
    let documents = parse(FileId(0), bytes, options).map_err(|report| format!("{report:?}"))?;
    Ok(documents.iter().map(|document| document.root.to_json()).collect())
}

/// Reads as files by others are read, of which Kubernetes' library gives the first document only.
fn read_lines() -> Result<(), Box<dyn Error>> {
    for line in stdin().lock().lines() {
        let case: Value = serde_json::from_str(&line?)?;
        let text = case["yaml"].as_str().ok_or("a case without `yaml`")?;
        let strict = read(text.as_bytes(), Options::SPEC).is_ok();
        let answer = match read(text.as_bytes(), Options::FOREIGN) {
            Ok(documents) => json!({"id": case["id"], "json": documents.first(), "strict": strict}),
            Err(problem) => json!({"id": case["id"], "error": problem}),
        };
        println!("{answer}");
    }
    Ok(())
}

/// Text that some reader of YAML 1.1 or 1.2 takes for a boolean, a number, a date, null, a key or a comment, that
/// breaks lines in an unusual way, or that is merely long.
const STRANGE: &[&str] = &[
    "",
    " ",
    "  two  ",
    "a ",
    " a",
    "\t",
    "a\tb",
    "\ta",
    "a\t",
    "y",
    "Y",
    "yes",
    "Yes",
    "YES",
    "n",
    "no",
    "on",
    "On",
    "off",
    "OFF",
    "true",
    "True",
    "false",
    "FALSE",
    "null",
    "Null",
    "NULL",
    "~",
    "0",
    "-0",
    "+1",
    "0777",
    "0o14",
    "0x1F",
    "0b101",
    "08",
    "1_000",
    "1e3",
    "1E3",
    "1.5",
    ".5",
    "5.",
    "1.",
    "-.5",
    "+.5",
    "1e",
    "1.30",
    ".inf",
    "-.Inf",
    ".NaN",
    "nan",
    "Infinity",
    "12:30:45",
    "1:20",
    "190:20:30.15",
    "2026-11-21",
    "2026-11-21T10:00:00Z",
    "2026-11-21 10:00:00",
    "=",
    "<<",
    "<",
    "-",
    "--",
    "---",
    "...",
    "--- a",
    "- a",
    "? a",
    "?",
    ":",
    "a: b",
    "a:",
    ":a",
    "a :b",
    "a#b",
    "a #b",
    "#",
    "&a",
    "*a",
    "!a",
    "!!str a",
    "|",
    "|-",
    ">",
    ">-",
    "%",
    "%YAML",
    "@",
    "@a",
    "`",
    "`a",
    "'",
    "''",
    "\"",
    "\"a\"",
    "'a'",
    "a'b",
    "[",
    "]",
    "[]",
    "{",
    "}",
    "{}",
    "{a",
    "a,b",
    ",",
    "a, b",
    "\\",
    "a\\nb",
    "$",
    "${a}",
    "{{a}}",
    "${{ a }}",
    "a\nb",
    "a\n",
    "\na",
    "\n",
    "\n\n",
    "a\n\n",
    " a\nb",
    "a\n b",
    "a\n\n\nb",
    "a \nb",
    "a\nb ",
    "#a\nb",
    "a\n#b",
    "a\n---\nb",
    "a\n...\nb",
    "\ta\nb",
    "a\n\tb",
    "a\nb: c\n",
    "a\r\nb",
    "a\rb",
    "\r",
    "a\u{85}b",
    "\u{85}",
    "a\u{2028}b",
    "a\u{2029}b",
    "\u{a0}",
    "a\u{a0}b",
    "\u{feff}",
    "\u{feff}a",
    "a\u{feff}b",
    "\u{7f}",
    "\u{1}",
    "\u{1b}[31m",
    "\0",
    "a\0b",
    "\u{1f338}",
    "a\u{1f338}b\u{1f338}",
    "\u{fffd}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{10ffff}",
    "e\u{301}",
    "\u{e9}",
    "\u{202e}a",
    "\u{200b}",
    "\u{5bd2}\u{4e18}",
    "!",
    "! a",
    "a!",
    "a\u{3000}b",
    "_",
    "1_",
    "_1",
    "0.0.0.0",
    "10.0.0.1/16",
    "1.2.3",
    "v1",
    "1h",
    "1e1000",
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "0x",
    "0o",
    "0b",
    "0b2",
    "1-1",
    "1,000",
    "+",
    "-a",
    "+a",
    ".",
    "..",
    ".a",
    "a.",
    "a:b",
    "::",
    "://",
];

/// The value is an object of Kubernetes' form, so that kubectl can read it too.
fn write_strange(folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut short: Vec<String> = STRANGE.iter().map(|text| (*text).to_owned()).collect();
    short.extend(short.clone().iter().map(|text| format!("before\n{text}\nbehind")));
    let long = ["a".repeat(5000), "a b ".repeat(5000), "word\n".repeat(500), "x".repeat(1 << 20)];
    let keys = short.iter().chain(&long[..1]).map(|text| (text.clone(), json!({ text: [text] })));
    let value = json!({
        "apiVersion": "test.yoshino.dev/v1",
        "kind": "Strange",
        "metadata": { "name": "strange" },
        "values": short,
        "long": long,
        "nested": short.iter().map(|text| json!([{ "value": text, "list": [text] }])).collect::<Vec<_>>(),
        "keys": Value::Object(keys.collect()),
        "numbers": [0, -1, i64::MIN, i64::MAX, 0.5, -2.5e-7, 1e21, 1.797_693_134_862_315_7e308, 5e-324],
        "empty": { "list": [], "map": {}, "null": null, "inside": [[], {}, [[]], [{}], null] },
        "booleans": [true, false],
    });
    let mut text = String::new();
    write_document(&mut text, &value);
    fs::write(folder.join("strange.yaml"), text)?;
    Ok(fs::write(folder.join("strange.json"), json!([value]).to_string())?)
}
