//! Refs brought to a remote, by the user's own git.
//!
//! The one command that opens a connection. git is given exact objects, exact refs and the value that each must still have
//! there, all or none. Hooks and file monitors are off. What the repository itself says about how to connect, as whom, and
//! through what (programs, credentials, rewritten addresses, proxies) is refused by name: whoever handed the repository over
//! wrote it. The user's and the system's settings hold. git is asked what the settings are, since only it knows all of its
//! own includes.
#![expect(clippy::disallowed_methods, reason = "pushing is done by the user's own git")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use git2::{Oid, Repository};

use crate::branch::history::is_within;
use crate::branch::store::{Moved, RefMove, RefName, Store};
use crate::credential::Masks;
use crate::error::Error;

/// One ref as it is brought to a remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedRef {
    /// Which ref, here and there.
    pub name: RefName,
    /// What it must be at there; `None` where it must not exist.
    pub expected: Option<Oid>,
    /// Where it goes.
    pub to: Oid,
}

/// Makes everything durable, brings refs to `remote` where one is named, and then moves them here.
///
/// The remote first: what it refuses has moved nowhere. Where it takes them and the run is killed before they move here,
/// the next run finds the remote's in `refs/remotes/`.
///
/// # Errors
/// Those of [`Store::move_refs`] and [`push`].
pub fn deliver(store: &Store, changes: &[RefMove], remote: Option<&str>) -> Result<Moved, Error> {
    if let Some(remote) = remote {
        if let Some(lost) = store.look_ahead(changes)? {
            return Ok(lost);
        }
        store.flush()?;
        let pushed = changes.iter().map(|change| PushedRef {
            name: change.name.clone(),
            expected: expected(store.repository(), remote, change),
            to: change.to,
        });
        push(store.repository(), remote, &pushed.collect::<Vec<_>>())?;
    }
    store.move_refs(changes)
}

/// Returns what a ref must be at on the remote: as it was last fetched where that is gone on with, else as it is here.
/// So nothing there is ever thrown away.
fn expected(repository: &Repository, remote: &str, change: &RefMove) -> Option<Oid> {
    let fetched = format!("refs/remotes/{remote}/{}", change.name.short());
    let fetched = change.name.is_branch().then(|| repository.refname_to_id(&fetched).ok()).flatten();
    let goes_on = |id: &Oid| is_within(repository, *id, change.to);
    fetched.filter(goes_on).or(change.from)
}

/// Brings refs to a remote, all or none.
///
/// # Errors
/// [`Error::Refused`] where the repository's own configuration says how to connect, the remote lies in the repository,
/// or the remote's refs have moved or it refuses them, with what git says; [`Error::Io`] where there is no git.
pub fn push(repository: &Repository, remote: &str, refs: &[PushedRef]) -> Result<(), Error> {
    let place = repository.workdir().unwrap_or_else(|| repository.path());
    let git = Git { folder: repository.path(), place };
    let settings = Settings::read(&git, remote)?;
    settings.refuse_untrusted()?;
    settings.refuse_places_within(repository, place)?;
    let mut command = git.command();
    for setting in QUIET {
        command.args(["-c", setting]);
    }
    command.args([
        "push",
        "--atomic",
        "--no-verify",
        "--porcelain",
        "--no-recurse-submodules",
        "--no-follow-tags",
    ]);
    for one in refs {
        let expected = one.expected.map_or_else(String::new, |id| id.to_string());
        command.arg(format!("--force-with-lease={}:{expected}", one.name.as_str()));
    }
    command.args(["--", remote]);
    command.args(refs.iter().map(|one| format!("{}:{}", one.to, one.name.as_str())));
    let output = git.run(&mut command)?;
    match output.status.success() {
        true => Ok(()),
        false => Err(refusal(remote, &output)),
    }
}

/// Settings for this one run: nothing of the repository's is started, and nothing but the refs that are named goes.
const QUIET: [&str; 7] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "push.gpgSign=false",
    "push.negotiate=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "core.pager=cat",
];

/// Variables by which git is led to another repository than the one that is named.
const MISLEADING: [&str; 10] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_PREFIX",
];

/// The user's git, at work on one repository.
struct Git<'a> {
    folder: &'a Path,
    place: &'a Path,
}

impl Git<'_> {
    fn command(&self) -> Command {
        let mut command = Command::new("git");
        command.current_dir(self.place).arg("--git-dir").arg(self.folder);
        MISLEADING.iter().for_each(|name| _ = command.env_remove(name));
        command.env("LC_ALL", "C").env("GIT_NO_LAZY_FETCH", "1").stdin(Stdio::null());
        command
    }

    fn run(&self, command: &mut Command) -> Result<Output, Error> {
        command.output().map_err(|source| Error::io("run", "git", source))
    }
}

/// What the repository itself configures of a push to one remote.
struct Settings {
    remote: String,
    /// Names in lower case but for what stands between section and key, and values.
    own: Vec<(String, String)>,
    /// Whether anybody's configuration says where the remote is: else git would take its name for a path.
    is_known: bool,
}

impl Settings {
    fn read(git: &Git<'_>, remote: &str) -> Result<Self, Error> {
        let output = git.run(git.command().args(["config", "--list", "--includes", "--show-scope", "-z"]))?;
        if !output.status.success() {
            return Err(refusal(remote, &output));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        // `scope NUL name LF value NUL`, again and again.
        let mut parts = text.split('\0');
        let mut own = Vec::new();
        let mut is_known = false;
        while let (Some(scope), Some(setting)) = (parts.next(), parts.next()) {
            let (name, value) = setting.split_once('\n').unwrap_or((setting, "true"));
            is_known |= name == format!("remote.{remote}.url");
            if !matches!(scope, "system" | "global" | "command") {
                own.push((name.to_owned(), value.to_owned()));
            }
        }
        Ok(Self { remote: remote.to_owned(), own, is_known })
    }

    fn refuse_untrusted(&self) -> Result<(), Error> {
        let untrusted = self.own.iter().find(|(name, _)| is_untrusted(name));
        let Some((name, _)) = untrusted else { return Ok(()) };
        let name = name.escape_debug();
        Err(Error::Refused {
            doing: format!("push to `{}`", self.remote),
            why: format!(
                "the repository's own configuration sets `{name}`; set it with `git config --global`, and unset it here"
            ),
        })
    }

    /// Refuses a remote that is a part of the repository: the hooks that run there came with it.
    fn refuse_places_within(&self, repository: &Repository, place: &Path) -> Result<(), Error> {
        let refused =
            |why: &str| Error::Refused { doing: format!("push to `{}`", self.remote), why: why.to_owned() };
        let is_plain =
            |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-' | '/');
        if self.remote.starts_with('-') || !self.remote.chars().all(is_plain) {
            return Err(refused("it is no plain name of a remote"));
        }
        if !self.is_known {
            return Err(refused("there is no such remote; `git remote add` makes one"));
        }
        let keys = [format!("remote.{}.url", self.remote), format!("remote.{}.pushurl", self.remote)];
        for (_, address) in self.own.iter().filter(|(name, _)| keys.contains(name)) {
            if address.starts_with('-') || has_transport_program(address) {
                return Err(refused("its address names a program"));
            }
            let real = |path: &Path| std::fs::canonicalize(path).ok();
            let Some(target) = real(&local_path(address, place)) else { continue };
            let own = [real(place), real(repository.commondir()), real(repository.path())];
            if own.into_iter().flatten().any(|own| target.starts_with(own)) {
                return Err(refused("it lies in the repository itself"));
            }
        }
        Ok(())
    }
}

/// Returns whether a setting of the repository's own has a say in how git connects, as whom, or what it starts.
fn is_untrusted(name: &str) -> bool {
    const EXACT: [&str; 5] =
        ["core.sshcommand", "core.askpass", "core.gitproxy", "core.alternaterefscommand", "push.pushoption"];
    const SECTIONS: [&str; 4] = ["ssh.", "credential.", "url.", "http."];
    const OF_REMOTES: [&str; 6] =
        [".receivepack", ".uploadpack", ".vcs", ".proxy", ".proxyauthmethod", ".mirror"];
    // A token for one address, which CI keeps there, sends nothing elsewhere.
    let is_token =
        name.starts_with("http.") && name.len() > "http.extraheader".len() && name.ends_with(".extraheader");
    let is_of_remote = name.starts_with("remote.") && OF_REMOTES.iter().any(|key| name.ends_with(key));
    let is_in_section = SECTIONS.iter().any(|section| name.starts_with(section));
    let is_allowed = name.starts_with("protocol.") && name.ends_with("allow");
    EXACT.contains(&name) || is_of_remote || is_allowed || (is_in_section && !is_token)
}

/// Returns whether an address is one of git's `program::address`.
fn has_transport_program(address: &str) -> bool {
    let is_name = |name: &str| name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    address.split_once("::").is_some_and(|(program, _)| !program.is_empty() && is_name(program))
}

/// Returns the path that an address is where it is one.
fn local_path(address: &str, place: &Path) -> PathBuf {
    place.join(address.strip_prefix("file://").unwrap_or(address))
}

fn refusal(remote: &str, output: &Output) -> Error {
    let stdout = String::from_utf8_lossy(&output.stdout);
    // `! TAB from:to TAB [rejected] (stale info)`
    let rejected = stdout.lines().filter_map(|line| {
        let (refs, why) = line.strip_prefix("!\t")?.split_once('\t')?;
        let to = refs.split_once(':').map_or(refs, |(_, to)| to);
        Some(format!("`{to}`: {why}"))
    });
    let mut why: Vec<String> = rejected.collect();
    if why.iter().any(|why| why.contains("stale info")) {
        why.push("it has moved there: fetch, and run this again".to_owned());
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        why.extend(said.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned));
    }
    let plain = |letter: char| if letter.is_control() { ' ' } else { letter };
    let why: String = why.join("; ").chars().map(plain).collect();
    Error::Refused { doing: format!("push to `{remote}`"), why: Masks::default().hide(&why) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::branch::fixture::{TempRepository, TestResult};

    /// Makes a repository and the one that it pushes to.
    fn pair() -> Result<(TempRepository, TempRepository, Oid), Box<dyn std::error::Error>> {
        let (here, there) = (TempRepository::new()?, TempRepository::bare()?);
        here.git.remote("origin", &there.path().display().to_string())?;
        let first = here.commit("main", "one", &[("a", "a")])?;
        Ok((here, there, first))
    }

    fn to(name: &str, expected: Option<Oid>, to: Oid) -> PushedRef {
        let name = RefName::branch(name).expect("because the name is plain");
        PushedRef { name, expected, to }
    }

    fn set(repository: &TempRepository, name: &str, value: &str) -> Result<(), git2::Error> {
        repository.git.config()?.set_str(name, value)
    }

    fn shown<T>(result: Result<T, Error>) -> Result<T, String> {
        result.map_err(|error| error.to_string())
    }

    #[test]
    fn refs_arrive_together_or_not_at_all() -> TestResult {
        let (here, there, first) = pair()?;
        let second = here.commit("main", "two", &[("a", "b")])?;
        push(&here.git, "origin", &[to("a", None, first), to("b", None, first)])?;

        let moved =
            shown(push(&here.git, "origin", &[to("a", Some(first), second), to("b", Some(second), second)]));
        let made = shown(push(&here.git, "origin", &[to("a", None, second)]));
        assert_eq!(there.run(&["rev-parse", "a", "b"])?, format!("{first}\n{first}\n"));
        push(&here.git, "origin", &[to("a", Some(first), second), to("b", Some(first), second)])?;

        assert!(moved.is_err_and(|why| why.contains("`refs/heads/b`: [rejected] (stale info)")));
        assert_eq!(
            made,
            Err("cannot push to `origin`: `refs/heads/a`: [rejected] (stale info); it has moved there: fetch, and run this again".to_owned())
        );
        assert_eq!(there.run(&["rev-parse", "a", "b"])?, format!("{second}\n{second}\n"));
        Ok(())
    }

    #[test]
    fn what_is_there_already_is_no_loss() -> TestResult {
        let (here, _there, first) = pair()?;

        push(&here.git, "origin", &[to("a", None, first)])?;
        push(&here.git, "origin", &[to("a", None, first)])?;

        Ok(())
    }

    #[test]
    fn what_the_repository_says_of_connecting_is_refused_by_name() -> TestResult {
        let settings = [
            "core.sshcommand",
            "core.askpass",
            "core.gitproxy",
            "credential.helper",
            "credential.https://example.com.helper",
            "url.https://evil.example.com/.insteadof",
            "url./tmp/.pushinsteadof",
            "http.proxy",
            "http.https://example.com/.sslverify",
            "http.extraheader",
            "protocol.ext.allow",
            "remote.origin.receivepack",
            "remote.origin.vcs",
            "remote.other.uploadpack",
            "ssh.variant",
        ];
        for setting in settings {
            let (here, there, first) = pair()?;
            set(&here, setting, "false")?;

            let refusal = shown(push(&here.git, "origin", &[to("a", None, first)]));

            assert_eq!(
                refusal,
                Err(format!(
                    "cannot push to `origin`: the repository's own configuration sets `{setting}`; set it with `git config --global`, and unset it here"
                ))
            );
            assert_eq!(there.run(&["for-each-ref"])?, "");
        }
        Ok(())
    }

    #[test]
    fn settings_behind_an_include_are_seen_and_those_that_start_nothing_are_let_through() -> TestResult {
        let (here, _there, first) = pair()?;
        set(&here, "http.https://example.com/.extraheader", "AUTHORIZATION: x")?;
        set(&here, "alias.push", "!false")?;
        set(&here, "filter.lfs.clean", "false")?;
        push(&here.git, "origin", &[to("a", None, first)])?;

        std::fs::write(here.git.path().join("more"), "[core]\n\tsshCommand = false\n")?;
        set(&here, "includeif.hasconfig:remote.*.url:**.path", "more")?;
        set(&here, "include.path", "more")?;

        let refusal = shown(push(&here.git, "origin", &[to("b", None, first)]));
        assert!(refusal.is_err_and(|why| why.contains("`core.sshcommand`")));
        Ok(())
    }

    #[test]
    fn no_hook_runs_here_and_a_remote_within_the_repository_is_refused() -> TestResult {
        let (here, _there, first) = pair()?;
        let canary = here.path().join("canary");
        let inner = here.path().join("inner.git");
        Repository::init_bare(&inner)?;
        for hook in [".git/hooks/pre-push", ".git/hooks/reference-transaction", "inner.git/hooks/pre-receive"]
        {
            let hook = here.path().join(hook);
            std::fs::create_dir_all(hook.parent().unwrap_or(&hook))?;
            std::fs::write(&hook, format!("#!/bin/sh\ntouch '{}'\n", canary.display()))?;
            std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        }
        set(&here, "remote.inner.url", "inner.git")?;
        set(&here, "remote.program.url", "ext::sh -c touch% canary")?;

        push(&here.git, "origin", &[to("a", None, first)])?;
        let inner = shown(push(&here.git, "inner", &[to("a", None, first)]));
        let program = shown(push(&here.git, "program", &[to("a", None, first)]));
        let path = shown(push(&here.git, "inner.git", &[to("a", None, first)]));
        let option = shown(push(&here.git, "--receive-pack=x", &[to("a", None, first)]));

        assert_eq!(inner, Err("cannot push to `inner`: it lies in the repository itself".to_owned()));
        assert_eq!(program, Err("cannot push to `program`: its address names a program".to_owned()));
        assert_eq!(
            path,
            Err("cannot push to `inner.git`: there is no such remote; `git remote add` makes one".to_owned())
        );
        assert_eq!(
            option,
            Err("cannot push to `--receive-pack=x`: it is no plain name of a remote".to_owned())
        );
        assert!(!canary.exists());
        Ok(())
    }

    #[test]
    fn a_ref_moves_there_first_and_here_only_then() -> TestResult {
        let (here, there, first) = pair()?;
        let second = here.commit("main", "two", &[("a", "b")])?;
        let store = Store::open(here.path())?;
        let step = |from, to| RefMove {
            name: RefName::branch("x").expect("because the name is plain"),
            from,
            to,
            log: "test: a step".to_owned(),
        };
        assert_eq!(deliver(&store, &[step(None, first)], Some("origin"))?, Moved::Done);
        there.git.reference("refs/heads/x", second_elsewhere(&there)?, true, "")?;

        let moved = shown(deliver(&store, &[step(Some(first), second)], Some("origin")));

        assert!(moved.is_err_and(|why| why.ends_with("it has moved there: fetch, and run this again")));
        assert_eq!(here.run(&["rev-parse", "x", "origin/x"])?, format!("{first}\n{first}\n"));
        Ok(())
    }

    #[test]
    fn a_branch_that_the_remote_has_is_gone_on_with_and_never_thrown_away() -> TestResult {
        let (here, there, first) = pair()?;
        let second = here.commit("main", "two", &[("a", "b")])?;
        let other = here.commit("other", "other", &[("a", "c")])?;
        push(&here.git, "origin", &[to("x", None, first)])?;
        let store = Store::open(here.path())?;
        let step = |to| RefMove {
            name: RefName::branch("x").expect("because the name is plain"),
            from: None,
            to,
            log: "test: a step".to_owned(),
        };

        let thrown_away = shown(deliver(&store, &[step(other)], Some("origin")));
        let gone_on = deliver(&store, &[step(second)], Some("origin"))?;

        assert!(thrown_away.is_err_and(|why| why.contains("stale info")));
        assert_eq!(gone_on, Moved::Done);
        assert_eq!(there.run(&["rev-parse", "x"])?, format!("{second}\n"));
        Ok(())
    }

    /// Makes a commit that only the remote has.
    fn second_elsewhere(there: &TempRepository) -> Result<Oid, git2::Error> {
        there.commit("elsewhere", "theirs", &[("c", "c")])
    }
}
