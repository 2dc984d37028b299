//! What we answer for an input, and whether it is what Argo CD answers: shared by the tests that compare the two.
#![allow(dead_code, reason = "each test uses a part")]

pub mod answer;
pub mod cases;
pub mod oracle;
pub mod verdict;

use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::Value;
use yoshino::location::FileId;
use yoshino::spec::yaml::{Options, parse};

/// What a test fails with.
pub type Failure = Box<dyn Error>;

/// Reads a file of JSON.
pub fn read_json(file: &Path) -> Result<Value, Failure> {
    let text = fs::read(file).map_err(|refusal| format!("{}: {refusal}", file.display()))?;
    Ok(serde_json::from_slice(&text).map_err(|wrong| format!("{}: {wrong}", file.display()))?)
}

/// Reads documents as Argo CD's own library does.
pub fn documents(text: &[u8]) -> Result<Vec<Value>, Failure> {
    let documents = parse(FileId(0), text, Options::FOREIGN).map_err(|report| format!("{report:?}"))?;
    Ok(documents.iter().map(|document| document.root.to_json()).collect())
}
