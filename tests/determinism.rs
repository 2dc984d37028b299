//! Same input, same bytes: in any number of threads, wherever the clone lies, in whatever order its files were made.
#![allow(clippy::disallowed_methods, reason = "the tests write a clone of their own")]

use std::error::Error;
use std::path::{Path, PathBuf};

use rayon::{ThreadPool, ThreadPoolBuilder};
use yoshino::diagnostic::Color;
use yoshino::error::Failure;
use yoshino::golden::cases;
use yoshino::location::Sources;
use yoshino::render::render_tree;
use yoshino::spec::pin::no_releases;
use yoshino::tree::{FileTree, Selection, read_worktree};

type TestResult = Result<(), Box<dyn Error>>;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn fleet(folder: &Path) -> Result<FileTree, Box<dyn Error>> {
    read_worktree(folder, Selection::FLEET).map_err(|failure| described(&failure, &Sources::default()).into())
}

/// Returns what a tree renders to, or what is said about it.
fn outcome(files: &FileTree) -> Result<FileTree, String> {
    let mut sources = Sources::default();
    render_tree(files.clone(), &mut sources, &no_releases).map_err(|failure| described(&failure, &sources))
}

fn described(failure: &Failure, sources: &Sources) -> String {
    match failure {
        Failure::Report(report) => report.clone().sorted(sources).to_text(sources, Color::Never),
        Failure::Error(error) => error.to_string(),
    }
}

/// Returns what a tree gives in a pool of so many threads.
fn with_threads(threads: usize, files: &FileTree) -> Result<Result<FileTree, String>, Box<dyn Error>> {
    Ok(pool(threads)?.install(|| outcome(files)))
}

fn pool(threads: usize) -> Result<ThreadPool, Box<dyn Error>> {
    Ok(ThreadPoolBuilder::new().num_threads(threads).build()?)
}

/// Writes a clone of `files` from the last file to the first.
fn clone_backwards(files: &FileTree, name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    for (path, bytes) in files.0.iter().rev() {
        let file = folder.join(path.as_str());
        std::fs::create_dir_all(file.parent().unwrap_or(&folder))?;
        std::fs::write(&file, bytes)?;
    }
    Ok(folder)
}

#[test]
fn the_reference_fleet_renders_the_same_in_any_number_of_threads() -> TestResult {
    let files = fleet(repository())?;
    let expected = with_threads(1, &files)?;

    assert!(expected.is_ok(), "{}", expected.err().unwrap_or_default());
    for threads in [2, 16] {
        assert!(with_threads(threads, &files)? == expected, "in {threads} threads");
    }
    Ok(())
}

#[test]
fn the_reference_fleet_renders_the_same_from_a_clone_made_backwards() -> TestResult {
    let files = fleet(repository())?;
    let clone = clone_backwards(&files, "a clone made backwards")?;

    assert!(outcome(&fleet(&clone)?) == outcome(&files));
    Ok(())
}

#[test]
fn golden_cases_give_the_same_in_any_number_of_threads() -> TestResult {
    let files = read_worktree(repository(), Selection::FLEET_AND_GOLDEN);
    let files = files.map_err(|failure| described(&failure, &Sources::default()))?;
    for case in cases(&files) {
        let run = |threads| Ok::<_, Box<dyn Error>>(pool(threads)?.install(|| case.run()));
        let expected = run(1)?;
        for threads in [2, 16] {
            assert!(run(threads)? == expected, "{} in {threads} threads", case.name);
        }
    }
    Ok(())
}
