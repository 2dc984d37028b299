//! Repositories that real git makes for tests, with a fixed identity and nobody's configuration.
#![allow(dead_code, reason = "every file of tests uses a part of it")]

use std::error::Error;
use std::path::Path;
use std::process::{Command, Output};

/// Returns a program that sees neither the user's configuration nor variables of a git that runs the tests.
pub fn isolated(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    command.env_remove("XDG_CONFIG_HOME");
    command.envs([
        // libgit2 finds the user's configuration there.
        ("HOME", "/nonexistent"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_AUTHOR_NAME", "A"),
        ("GIT_AUTHOR_EMAIL", "a@example.com"),
        ("GIT_AUTHOR_DATE", "2026-11-21T00:00:00Z"),
        ("GIT_COMMITTER_NAME", "C"),
        ("GIT_COMMITTER_EMAIL", "c@example.com"),
        ("GIT_COMMITTER_DATE", "2026-11-21T00:00:00Z"),
        ("LC_ALL", "C"),
    ]);
    command
}

/// Runs git, whatever it says.
pub fn try_git(folder: &Path, arguments: &[&str]) -> std::io::Result<Output> {
    isolated("git", folder).args(arguments).output()
}

/// Runs git, which must succeed, and returns what it printed.
pub fn git(folder: &Path, arguments: &[&str]) -> Result<String, Box<dyn Error>> {
    let output = try_git(folder, arguments)?;
    match output.status.success() {
        true => Ok(String::from_utf8(output.stdout)?.trim_end().to_owned()),
        false => Err(format!("git {}: {}", arguments.join(" "), said(&output)).into()),
    }
}

/// Returns all that a program printed.
pub fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|stream| String::from_utf8_lossy(stream)).concat()
}
