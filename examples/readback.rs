//! Prints what our reader of YAML makes of files, for tests that compare it with other readers.
//!
//! ```text
//! readback FILE...       {"file": FILE, "documents": […]} a line; a file that is refused is an error
//! readback --lines       {"id", "yaml"} a line on standard input; {"id", "json"} or {"id", "error"} a line,
//!                        and "strict": false where our own specs would not be read so
//! ```
//!
//! It must not know what any file is for.
#![expect(clippy::print_stdout, reason = "a program prints")]
#![expect(clippy::disallowed_methods, reason = "an example reads the files that it is given")]

use std::error::Error;
use std::fs;
use std::io::{BufRead as _, stdin};

use serde_json::{Value, json};
use yoshino::location::FileId;
use yoshino::spec::yaml::{Options, parse};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments == ["--lines"] {
        return read_lines();
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
