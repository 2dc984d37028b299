//! The text of a hook, and how one that we wrote is known again.
//!
//! It is POSIX shell and uses what every shell has built in: programs with windows start git with next to no `PATH`.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// A hook that is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hook {
    PreCommit,
    /// Which git runs instead where a merge makes the commit.
    PreMergeCommit,
    CommitMsg,
    PrePush,
}

/// Whose a file is that stands in a hook's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// We wrote it, as it is.
    Yoshino,
    /// We wrote it, and somebody changed it.
    YoshinoAndOthers,
    /// Somebody else.
    Others,
    /// Somebody else, and it acts by the name under which it is called.
    OthersByName,
}

/// How our second line begins; the checksum of what follows stands behind it.
const MARK: &str = "# yoshino hooks install: ";

impl Hook {
    /// Every one of them.
    pub const ALL: [Self; 4] = [Self::PreCommit, Self::PreMergeCommit, Self::CommitMsg, Self::PrePush];

    /// Returns its name in git.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PreMergeCommit => "pre-merge-commit",
            Self::CommitMsg => "commit-msg",
            Self::PrePush => "pre-push",
        }
    }

    /// Returns the word behind `hooks run` that does its work.
    pub const fn work(self) -> &'static str {
        match self {
            Self::PreCommit | Self::PreMergeCommit => "pre-commit",
            Self::CommitMsg | Self::PrePush => self.name(),
        }
    }

    /// Returns the name of the hook that was there before.
    pub fn former(self) -> String {
        format!("{}.before-yoshino", self.name())
    }

    /// Returns the text of the hook: it calls `program` for each of the fleets, by their folders in the work tree.
    pub fn text(self, program: &Path, fleets: &Fleets) -> Vec<u8> {
        let (name, former) = (self.name(), self.former());
        let mut text =
            b"# First the hook that was here before, then yoshino; `yoshino hooks uninstall` puts it back.\n"
                .to_vec();
        let mut words = Vec::new();
        for fleet in fleets {
            text.extend([FLEET, fleet.as_os_str().as_bytes(), b"\n"].concat());
            words.extend([b" ", &*quoted(&Path::new(".").join(fleet))].concat());
        }
        text.extend([b"yoshino=", &*quoted(program), b"\n"].concat());
        let (read, given) = match self {
            Self::PreCommit | Self::PreMergeCommit | Self::CommitMsg => ("", ""),
            Self::PrePush => (READ, "printf '%s' \"$pushed\" | "),
        };
        text.extend(read.bytes());
        text.extend(
            format!(
                r#"before="${{0%/*}}/{former}"
if [ -f "$before" ] && [ -x "$before" ]; then
  {given}"$before" "$@" || exit
fi
[ -x "$yoshino" ] || yoshino=$(command -v yoshino) || {{
  echo '{name}: yoshino is not where it was, nor in PATH: install it and run `yoshino hooks install` again' >&2
  exit 1
}}
for fleet in"#
            )
            .bytes(),
        );
        text.extend([&*words, b"; do\n", self.step(given).as_bytes(), b"done\n"].concat());
        [b"#!/bin/sh\n", MARK.as_bytes(), checksum(&text).as_bytes(), b"\n", &text].concat()
    }

    /// Returns what is done for one fleet.
    fn step(self, given: &str) -> String {
        match self {
            // A message is one for all fleets.
            Self::CommitMsg => r#"  [ ! -f "$fleet/fleet.yaml" ] || exec "$yoshino" hooks run commit-msg "$1"
"#
            .to_owned(),
            Self::PreCommit | Self::PreMergeCommit | Self::PrePush => {
                format!("  {given}\"$yoshino\" -C \"$fleet\" hooks run {} \"$@\" || exit\n", self.work())
            }
        }
    }
}

/// The folders of fleets, as paths from the root of the work tree; without line breaks.
pub type Fleets = BTreeSet<PathBuf>;

/// How the line of a fleet begins.
const FLEET: &[u8] = b"# fleet: ";

/// Returns the fleets that a hook of ours calls yoshino for.
pub fn fleets(text: &[u8]) -> Fleets {
    let lines = text.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(FLEET));
    lines.map(|path| PathBuf::from(OsStr::from_bytes(path))).collect()
}

/// Keeps what git says on standard input, which several programs are to read.
const READ: &str = r#"pushed=
while IFS= read -r line; do
  pushed="$pushed$line
"
done
"#;

/// Returns whose a hook is.
pub fn author(text: &[u8]) -> Author {
    let mut lines = text.splitn(3, |byte| *byte == b'\n').skip(1);
    let (second, rest) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    match second.strip_prefix(MARK.as_bytes()) {
        Some(sum) if sum == checksum(rest).as_bytes() => Author::Yoshino,
        Some(_) => Author::YoshinoAndOthers,
        None if String::from_utf8_lossy(text).lines().any(asks_for_its_name) => Author::OthersByName,
        None => Author::Others,
    }
}

/// Returns whether a line of a hook takes the last part of its own path: under another name it would do something
/// else, or nothing.
fn asks_for_its_name(line: &str) -> bool {
    let own = ["$0", "${0", "BASH_SOURCE", "__FILE__", "sys.argv", "PROGRAM_NAME", "process.argv"];
    let is_code = !line.trim_start().starts_with('#');
    let takes_part = line.contains("basename") && own.iter().any(|word| line.contains(word));
    is_code && (takes_part || line.contains("${0##*/}"))
}

/// Returns a path as a word of shell, whatever it holds.
fn quoted(path: &Path) -> Vec<u8> {
    let mut word = b"'".to_vec();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'\'' => word.extend(br"'\''"),
            byte => word.push(*byte),
        }
    }
    word.push(b'\'');
    word
}

fn checksum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_hooks_are_known_again_until_somebody_changes_them() {
        for hook in Hook::ALL {
            let of = Fleets::from(["".into(), "deploy/a $(b) 'c'".into()]);
            let text = hook.text(Path::new("/opt/it's/yoshino"), &of);
            assert_eq!(author(&text), Author::Yoshino);
            assert_eq!(fleets(&text), of);
            let changed = [&*text, b"echo more\n"].concat();
            assert_eq!(author(&changed), Author::YoshinoAndOthers);
        }
    }

    #[test]
    fn hooks_that_act_by_their_name_are_told_from_those_that_do_not() {
        let by_name = [
            "#!/bin/sh\nhook=$(basename \"$0\")\nexec run \"$hook\"\n",
            "#!/bin/sh\nexec run ${0##*/}\n",
            "#!/usr/bin/env ruby\nhook_type = File.basename($PROGRAM_NAME)\n",
        ];
        for text in by_name {
            assert_eq!(author(text.as_bytes()), Author::OthersByName, "{text}");
        }
        let others = [
            "",
            "#!/bin/sh",
            "#!/bin/sh\nHERE=\"$(cd \"$(dirname \"$0\")\" && pwd)\"\n",
            "#!/bin/sh\n# basename $0\nname=$(basename \"$file\")\n",
            "\u{7f}ELF\0",
        ];
        for text in others {
            assert_eq!(author(text.as_bytes()), Author::Others, "{text}");
        }
    }
}
