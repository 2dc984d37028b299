//! Files that a user names on the command line, wherever they lie: manifests that others wrote.
//!
//! This module must not know what any file means. Of a folder it reads nothing that lies outside of it.
#![expect(clippy::disallowed_methods, reason = "reading files is what this is for")]

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use walkdir::{DirEntry, WalkDir};

use super::selection;
use crate::diagnostic::{Diagnostic, Report};
use crate::error::{Error, Failure};

/// A file, and what the user would call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenFile {
    /// The path as it was given, what lies in a folder appended to that of the folder.
    pub name: String,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
}

/// Bytes of one file at most, and of all of them.
const MOST_BYTES: [u64; 2] = [256 << 20, 1 << 30];

/// Files at most.
const MOST_FILES: usize = 200_000;

/// Reads what the paths name, relative ones from `base`: files whatever they are called, of folders every `*.yaml`,
/// `*.yml` and `*.json` beneath them, sorted; `-` is standard input. What is named twice is read once.
///
/// # Errors
/// Reports links out of a given folder, and the limit of size or number that was exceeded; an [`Error::Io`] is what
/// could not be read.
pub fn read_given(base: &Path, paths: &[PathBuf]) -> Result<Vec<GivenFile>, Failure> {
    let mut report = Report::default();
    let mut found: Vec<(String, PathBuf)> = Vec::new();
    for path in paths {
        let lies = base.join(path);
        match path.as_os_str() == "-" || !lies.is_dir() {
            true => found.push((path.display().to_string(), lies)),
            false => found.extend(listed(path, &lies, &mut report)?),
        }
        if found.len() > MOST_FILES {
            report.push(too_large(format!("more than {MOST_FILES} files are given")));
            break;
        }
    }
    let mut report = report.or(Report::default())?;
    let mut seen = BTreeSet::new();
    found.retain(|(name, _)| seen.insert(name.clone()));
    let read: Vec<Result<GivenFile, Error>> = found.into_par_iter().map(read).collect();
    let files = read.into_iter().collect::<Result<Vec<GivenFile>, Error>>()?;
    let [most, most_in_total] = MOST_BYTES;
    for file in files.iter().filter(|file| file.bytes.len() as u64 > most) {
        report.push(too_large(format!("`{}` holds more than {most} bytes", file.name)));
    }
    if files.iter().map(|file| file.bytes.len() as u64).sum::<u64>() > most_in_total {
        report.push(too_large(format!("the files that are given hold more than {most_in_total} bytes")));
    }
    Ok(report.or(files)?)
}

fn too_large(message: String) -> Diagnostic {
    Diagnostic::error_nowhere("input-too-large", message)
}

/// Lists the manifests beneath a folder.
fn listed(given: &Path, lies: &Path, report: &mut Report) -> Result<Vec<(String, PathBuf)>, Error> {
    let root = std::fs::canonicalize(lies).map_err(|source| Error::io("read", lies, source))?;
    let mut found = Vec::new();
    let is_entered = |entry: &DirEntry| !(entry.file_type().is_dir() && entry.file_name() == ".git");
    for entry in WalkDir::new(lies).sort_by_file_name().into_iter().filter_entry(is_entered) {
        let entry = entry.map_err(|refusal| unlisted(refusal, lies))?;
        let beneath = entry.path().strip_prefix(lies).unwrap_or(entry.path());
        let name = given.join(beneath).display().to_string();
        if !is_manifest(entry.path()) || entry.file_type().is_dir() {
            continue;
        }
        match std::fs::canonicalize(entry.path()) {
            // A folder behind a link is not entered, as by Argo CD's own tools.
            Ok(target) if target.is_dir() => {}
            Ok(target) if !target.is_file() => {
                report.push(selection::kind_finding(&name, "no plain file", "a file"));
            }
            Ok(target) if target.starts_with(&root) => found.push((name, target)),
            Ok(_) => {
                let message = format!("`{name}` is a link that leads out of `{}`", given.display());
                report.push(Diagnostic::error_nowhere("path-not-confined", message));
            }
            Err(source) => return Err(Error::io("read", entry.path(), source)),
        }
        if found.len() > MOST_FILES {
            break;
        }
    }
    Ok(found)
}

fn is_manifest(path: &Path) -> bool {
    path.extension().is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|known| extension == *known))
}

fn unlisted(refusal: walkdir::Error, lies: &Path) -> Error {
    let path = refusal.path().unwrap_or(lies).to_owned();
    let source = refusal.into_io_error().unwrap_or_else(|| io::Error::other("the folder holds itself"));
    Error::io("read", path, source)
}

fn read((name, path): (String, PathBuf)) -> Result<GivenFile, Error> {
    if name == "-" {
        let bytes =
            read_all(io::stdin().lock()).map_err(|source| Error::io("read", "standard input", source))?;
        return Ok(GivenFile { name: "standard input".to_owned(), bytes });
    }
    let bytes = std::fs::File::open(&path).and_then(read_all);
    Ok(GivenFile { bytes: bytes.map_err(|source| Error::io("read", path, source))?, name })
}

/// Reads one byte more than may be, so that whoever asks knows.
fn read_all(from: impl Read) -> io::Result<Arc<[u8]>> {
    let mut bytes = Vec::new();
    from.take(MOST_BYTES[0] + 1).read_to_end(&mut bytes)?;
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::temp::{TempFolder, TestResult};

    fn names(base: &Path, paths: &[&str]) -> Result<Vec<String>, Failure> {
        let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        Ok(read_given(base, &paths)?.into_iter().map(|file| file.name).collect())
    }

    #[test]
    fn folders_are_read_with_everything_beneath_and_files_as_they_are_named() -> TestResult {
        let folder = TempFolder::with(&[
            ("b/z.yaml", "z"),
            ("b/a/y.yml", "y"),
            ("b/x.json", "x"),
            ("b/README.md", ""),
            ("b/.git/config.yaml", ""),
            ("a.txt", "a"),
        ])?;
        folder.link("b/link.yaml", "a/y.yml")?;
        folder.link("b/folder.yaml", "a")?;

        let found = names(folder.path(), &["b", "a.txt", "./b/x.json", "a.txt"]);

        let expected = ["b/a/y.yml", "b/link.yaml", "b/x.json", "b/z.yaml", "a.txt", "./b/x.json"];
        assert_eq!(found.map_err(|failure| format!("{failure:?}"))?, expected);
        Ok(())
    }

    #[test]
    fn nothing_outside_of_a_given_folder_is_read() -> TestResult {
        let folder = TempFolder::with(&[("out.yaml", "secret"), ("in/a.yaml", "a")])?;
        folder.link("in/b.yaml", "../out.yaml")?;

        let Err(Failure::Report(report)) = read_given(folder.path(), &["in".into()]) else {
            return Err("it was read".into());
        };

        assert_eq!(report.diagnostics[0].message, "`in/b.yaml` is a link that leads out of `in`");
        assert!(matches!(read_given(folder.path(), &["absent".into()]), Err(Failure::Error(_))));
        Ok(())
    }
}
