//! Runs under `strace`, which lets them end, or refuses them something, at a call of one's choice.
#![allow(dead_code, reason = "every file of tests uses a part of it")]
#![allow(clippy::disallowed_methods, reason = "tests start processes")]
#![allow(clippy::print_stderr, reason = "a test that cannot run says so")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};

/// The calls that can change something.
pub const CALLS: &str = "openat,open,creat,write,pwrite64,mkdir,mkdirat,link,linkat,symlink,symlinkat,rename,renameat,\
                         renameat2,unlink,unlinkat,rmdir,chmod,fchmod,fchmodat,chown,fchown,ftruncate,utimensat";

/// A call of a run: its kind, and its number among those. `strace` counts each kind by itself, in each thread.
pub type Call = (String, usize);

/// Which opened files count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    All,
    /// Those that are made by it: to be killed before reading a file is to be killed before whatever comes next.
    New,
}

/// Returns the command, run under `strace` with these arguments.
pub fn traced(command: &Command, arguments: &[&str]) -> Command {
    let mut traced = Command::new("strace");
    traced.args(["-f", "-qq", "--seccomp-bpf", "--signal=none"]).args(arguments);
    traced.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => traced.env(name, value),
            None => traced.env_remove(name),
        };
    }
    traced.stdout(Stdio::null()).stderr(Stdio::null());
    traced
}

/// Returns whether faults can be made here; says so if not.
pub fn can_trace() -> bool {
    let tried =
        Command::new("strace").args(["-f", "true"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    match tried {
        Ok(status) if status.success() => true,
        Ok(_) => {
            eprintln!("not run: strace may not trace on this machine");
            false
        }
        Err(_) => {
            eprintln!("not run: strace is not on this machine");
            false
        }
    }
}

/// Returns the thread and the kind of the call that begins on this line of a log of `strace -f -o`. Not every line that
/// holds a parenthesis begins one: a call that was interrupted by another thread's may end on its own line with the text
/// of an error, and of a thread that ends while it is looked at strace knows no call and writes `???`.
pub fn call_in(line: &str) -> Option<(&str, &str)> {
    let (thread, rest) = line.split_once(' ')?;
    let (kind, _) = rest.trim_start().split_once('(')?;
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (!kind.is_empty() && kind.bytes().all(is_name)).then_some((thread, kind))
}

/// Returns the calls that a log of `strace -f -o` holds.
pub fn calls_in(log: &str, opened: Opened) -> Vec<Call> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut calls = BTreeSet::new();
    for line in log.lines() {
        let Some((thread, kind)) = call_in(line) else { continue };
        let count = counts.entry((thread, kind)).or_default();
        *count += 1;
        if opened == Opened::All || kind != "openat" || line.contains("O_CREAT") {
            calls.insert((kind.to_owned(), *count));
        }
    }
    calls.into_iter().collect()
}
