//! Signatures of commits and tags, made by the program that git would run for them.
//!
//! As git has it: `commit.gpgSign`, `tag.gpgSign`, `gpg.format`, `user.signingKey`. The program is named in the user's or
//! the system's configuration, or is git's default; one that the repository names is refused. What is signed goes to the
//! program's standard input, so that no temporary file holds it. `gpg.ssh.defaultKeyCommand` is not run.
#![expect(clippy::disallowed_methods, reason = "signing is done by the user's own program")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use git2::Repository;

use crate::branch::configuration::Configuration;
use crate::branch::identity::Identity;
use crate::credential::Masks;
use crate::error::Error;

/// What is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// What `commit.gpgSign` and `tag.gpgSign` say.
    AsConfigured,
    /// Everything that is made.
    Everything,
    /// Nothing.
    Nothing,
}

/// Signs with one key.
#[derive(Clone, Debug)]
pub(super) struct Signer {
    format: Format,
    program: String,
    /// `user.signingKey`; where there is none, the committer stands for it.
    key: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    OpenPgp,
    X509,
    Ssh,
}

/// Who signs commits, and who tags.
#[derive(Clone, Debug, Default)]
pub(super) struct Signers {
    pub commits: Option<Signer>,
    pub tags: Option<Signer>,
}

impl Signers {
    /// Finds them in a repository's configuration.
    ///
    /// # Errors
    /// [`Error::Refused`] where something is to be signed and the configuration does not say how.
    pub fn find(repository: &Repository, signing: Signing) -> Result<Self, Error> {
        if signing == Signing::Nothing {
            return Ok(Self::default());
        }
        let configuration = Configuration::of(repository)?;
        let signer = |setting| match signing == Signing::Everything || configuration.is_on(setting) {
            true => Signer::find(&configuration).map(Some),
            false => Ok(None),
        };
        Ok(Self { commits: signer("commit.gpgsign")?, tags: signer("tag.gpgsign")? })
    }
}

impl Signer {
    fn find(configuration: &Configuration) -> Result<Self, Error> {
        let text = |name| configuration.find(name).map(|value| String::from_utf8_lossy(value).into_owned());
        let (format, own_program, default) = match text("gpg.format").as_deref() {
            None | Some("openpgp") => (Format::OpenPgp, "gpg.openpgp.program", "gpg"),
            Some("x509") => (Format::X509, "gpg.x509.program", "gpgsm"),
            Some("ssh") => (Format::Ssh, "gpg.ssh.program", "ssh-keygen"),
            Some(other) => return Err(refused(format!("`gpg.format` is `{}`", other.escape_debug()))),
        };
        let mut program = configuration.find_trusted(own_program)?;
        if program.is_none() && format == Format::OpenPgp {
            program = configuration.find_trusted("gpg.program")?;
        }
        let key = text("user.signingkey").filter(|key| !key.is_empty());
        if key.is_none() && format == Format::Ssh {
            return Err(refused("`user.signingKey` names no key".to_owned()));
        }
        let program = program.filter(|program| !program.is_empty()).unwrap_or_else(|| default.to_owned());
        Ok(Self { format, program: at_home(&program), key })
    }

    /// Signs bytes; returns the armoured signature, ending in a line break.
    ///
    /// # Errors
    /// [`Error::Refused`] where the program makes none, with what it says.
    pub fn sign(&self, bytes: &[u8], by: &Identity) -> Result<Vec<u8>, Error> {
        let public_key = match &self.key {
            Some(key) if self.format == Format::Ssh => PublicKey::literal(key)?,
            _ => None,
        };
        let output = self.run(&self.arguments(by, public_key.as_ref()), bytes)?;
        let said = String::from_utf8_lossy(&output.stderr);
        // As git: gpg may end well and have made nothing.
        let is_made = self.format == Format::Ssh || said.contains("[GNUPG:] SIG_CREATED ");
        if !output.status.success() || !is_made || !output.stdout.starts_with(b"-----BEGIN ") {
            return Err(refused(format!("`{}` says: {}", self.program, shown(&said))));
        }
        let mut signature: Vec<u8> = output.stdout.into_iter().filter(|byte| *byte != b'\r').collect();
        if !signature.ends_with(b"\n") {
            signature.push(b'\n');
        }
        Ok(signature)
    }

    fn arguments(&self, by: &Identity, public_key: Option<&PublicKey>) -> Vec<String> {
        let key = self.key.clone().unwrap_or_default();
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        match (self.format, public_key) {
            (Format::OpenPgp | Format::X509, _) => {
                let key = self.key.clone().unwrap_or_else(|| by.name_and_email());
                words(&["--status-fd=2", "-bsau", &key])
            }
            (Format::Ssh, None) => words(&["-Y", "sign", "-n", "git", "-f", &at_home(&key)]),
            // The private half is in the agent.
            (Format::Ssh, Some(public)) => {
                words(&["-Y", "sign", "-n", "git", "-f", &public.0.display().to_string(), "-U"])
            }
        }
    }

    fn run(&self, arguments: &[String], input: &[u8]) -> Result<Output, Error> {
        let failed = |source| Error::io("run", Path::new(&self.program), source);
        let mut command = Command::new(&self.program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(failed)?;
        if let Some(mut stdin) = child.stdin.take() {
            // A program that has seen enough says why in its own words.
            _ = stdin.write_all(input);
        }
        child.wait_with_output().map_err(failed)
    }
}

/// A file that holds a public key which the configuration spells out; gone when dropped.
struct PublicKey(PathBuf);

impl PublicKey {
    /// Writes the key of `key::ssh-ed25519 AAAA…`; `None` where the setting names a file.
    fn literal(setting: &str) -> Result<Option<Self>, Error> {
        let Some(key) = setting.strip_prefix("key::").or(setting.starts_with("ssh-").then_some(setting))
        else {
            return Ok(None);
        };
        let folder = std::env::temp_dir();
        for attempt in 0..100 {
            let path = folder.join(format!("yoshino-key-{}-{attempt}", std::process::id()));
            match std::fs::File::create_new(&path) {
                Ok(mut file) => {
                    let made = Self(path);
                    let written = writeln!(file, "{key}");
                    return written.map(|()| Some(made)).map_err(|source| Error::io("write", folder, source));
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(Error::io("write", path, source)),
            }
        }
        Err(Error::io("write", folder, std::io::ErrorKind::AlreadyExists.into()))
    }
}

impl Drop for PublicKey {
    fn drop(&mut self) {
        _ = std::fs::remove_file(&self.0);
    }
}

/// Puts a signature into a commit, as a header behind the others (gitformat-signature(5)).
pub(super) fn put_into_commit(commit: &[u8], signature: &[u8]) -> Vec<u8> {
    let headers = commit.windows(2).position(|pair| pair == b"\n\n").map_or(commit.len(), |at| at + 1);
    let mut signed = commit[..headers].to_vec();
    let lines = signature.split_inclusive(|byte| *byte == b'\n');
    for (number, line) in lines.enumerate() {
        signed.extend_from_slice(if number == 0 { b"gpgsig " } else { b" " });
        signed.extend_from_slice(line);
    }
    signed.extend_from_slice(&commit[headers..]);
    signed
}

/// Resolves what begins with `~/`, as git does in names of files.
fn at_home(path: &str) -> String {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest).display().to_string(),
        _ => path.to_owned(),
    }
}

/// Returns what a program said as one line that a terminal can be shown.
fn shown(said: &str) -> String {
    let lines: Vec<&str> = said.lines().filter(|line| !line.starts_with("[GNUPG:]")).collect();
    let line = lines.join("; ");
    Masks::default()
        .hide(&line.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect::<String>())
}

fn refused(why: String) -> Error {
    Error::Refused { doing: "sign".to_owned(), why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::branch::fixture::{TempRepository, TestResult};
    use crate::branch::identity::When;
    use crate::branch::store::{NewCommit, NewTag, RefMove, RefName, Store};

    /// Makes a signed commit and a signed tag of it.
    fn sign_both(repository: &TempRepository) -> TestResult {
        let first = repository.commit("main", "one", &[("a", "a")])?;
        let committer =
            Identity::new(b"Ada", b"ada@example.com", When { seconds: 1_763_700_000, offset_minutes: 0 })?;
        let store = Store::open(repository.path())?.signing(Signing::AsConfigured)?;
        let commit = store.commit(&NewCommit {
            tree: repository.git.find_commit(first)?.tree_id(),
            parents: &[first],
            author: b"J\xf6rg <j@example.com> 1 +0000",
            committer: &committer,
            encoding: Some(b"ISO-8859-1"),
            message: b"two\n\nwith a body",
        })?;
        let name = RefName::tag("v1").map_err(|report| format!("{report:?}"))?;
        let tag = store.tag(&NewTag { commit, name: &name, tagger: &committer, message: b"a release" })?;
        store.move_ref(&RefMove { name, from: None, to: tag, log: String::new() })?;
        Ok(())
    }

    /// Makes a key; `None` where there is no `ssh-keygen`.
    fn ssh_key(repository: &TempRepository) -> Option<String> {
        let key = repository.path().join("key");
        let made =
            Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status();
        if made.is_err() {
            println!("not run: there is no ssh-keygen");
        }
        made.ok().filter(std::process::ExitStatus::success).map(|_| key.display().to_string())
    }

    #[test]
    fn git_verifies_what_ssh_signed() -> TestResult {
        let repository = TempRepository::new()?;
        let Some(key) = ssh_key(&repository) else { return Ok(()) };
        let public = std::fs::read_to_string(format!("{key}.pub"))?;
        let allowed = repository.path().join("allowed").display().to_string();
        std::fs::write(&allowed, format!("ada@example.com {public}"))?;
        let settings = [
            ("gpg.format", "ssh"),
            ("commit.gpgsign", "true"),
            ("tag.gpgsign", "true"),
            ("user.signingkey", &key),
            ("gpg.ssh.allowedsignersfile", &allowed),
        ];
        for (name, value) in settings {
            repository.git.config()?.set_str(name, value)?;
        }

        sign_both(&repository)?;

        for verify in [["verify-tag", "v1"], ["verify-commit", "v1^{commit}"]] {
            let said = repository.run(&verify)?;
            assert!(said.starts_with("Good \"git\" signature for ada@example.com"), "{said}");
        }
        assert_eq!(
            repository.run(&["log", "-1", "--format=%G? %an: %B", "v1"])?,
            "G J\u{f6}rg: two\n\nwith a body\n"
        );
        assert_eq!(repository.fsck()?, "");
        Ok(())
    }

    #[test]
    fn nothing_is_signed_unless_it_is_asked_for() -> TestResult {
        let repository = TempRepository::new()?;
        repository.git.config()?.set_str("commit.gpgsign", "false")?;

        sign_both(&repository)?;

        assert!(!repository.run(&["cat-file", "-p", "v1"])?.contains("SIGNATURE"));
        assert!(!repository.run(&["cat-file", "-p", "v1^{commit}"])?.contains("gpgsig"));
        Ok(())
    }

    #[test]
    fn a_program_that_the_repository_names_is_not_run() -> TestResult {
        for (format, setting) in
            [("openpgp", "gpg.program"), ("ssh", "gpg.ssh.program"), ("x509", "gpg.x509.program")]
        {
            let repository = TempRepository::new()?;
            let canary = repository.path().join("canary");
            let program = repository.path().join("program");
            std::fs::write(&program, format!("#!/bin/sh\ntouch '{}'\n", canary.display()))?;
            std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
            let settings = [
                ("gpg.format", format),
                ("user.signingkey", "x"),
                ("commit.gpgsign", "true"),
                (setting, &program.display().to_string()),
            ];
            for (name, value) in settings {
                repository.git.config()?.set_str(name, value)?;
            }

            let refusal = sign_both(&repository).map_err(|error| error.to_string());

            let expected = format!(
                "cannot take `{setting}` from the repository's own configuration: it names a program; set it with `git config --global {setting}`, and unset it here"
            );
            assert_eq!(refusal, Err(expected));
            assert!(!canary.exists());
        }
        Ok(())
    }

    #[test]
    fn a_key_that_is_not_there_ends_in_the_words_of_the_program() -> TestResult {
        let repository = TempRepository::new()?;
        if ssh_key(&repository).is_none() {
            return Ok(());
        }
        for (name, value) in
            [("gpg.format", "ssh"), ("commit.gpgsign", "true"), ("user.signingkey", "nowhere/key")]
        {
            repository.git.config()?.set_str(name, value)?;
        }

        let refusal = sign_both(&repository).map_err(|error| error.to_string());

        assert!(
            refusal.as_ref().is_err_and(|why| why.starts_with("cannot sign: `ssh-keygen` says: ")),
            "{refusal:?}"
        );
        Ok(())
    }
}
