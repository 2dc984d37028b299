//! Hooks put in place, and taken away again.
//!
//! Everything is looked at before anything is written. A hook that is there is linked aside before ours takes its place
//! by one rename, so that at no instant there is none, and no file of somebody else is ever overwritten or removed.
#![expect(clippy::disallowed_methods, reason = "writing hooks is what this is for")]

use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use yoshino::branch::hook_folder::{HookFolder, HookUsers};
use yoshino::diagnostic::{Diagnostic, Report};
use yoshino::error::{Error, Failure};

use super::script::{Author, Fleets, Hook, author, fleets};
use crate::cli::{Exit, Session};

/// What stands in a hook's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Nothing,
    /// A hook of ours, untouched.
    Ours,
    /// Somebody else's, that can be called under another name.
    Others,
    /// Somebody else's, which is linked aside already: an installation was killed here.
    OthersLinked,
}

/// Installs the hooks.
///
/// # Errors
/// Reports a folder without a fleet, a folder of hooks that others use, and hooks that cannot be kept; nothing is
/// written then.
pub fn install(session: &Session, shared: bool) -> Result<Exit, Failure> {
    if !session.path(Path::new("fleet.yaml")).is_file() {
        let finding =
            Diagnostic::error_nowhere("no-fleet", "there is no fleet.yaml here to check commits of");
        return Err(Failure::Report(finding.hint("name the fleet's folder with `-C`").into()));
    }
    let folder = HookFolder::find(&session.directory)?;
    refuse_others(&folder, shared)?;
    if folder.fleet.as_os_str().as_bytes().contains(&b'\n') {
        let finding = Diagnostic::error_nowhere("hooks-folder", "the path of the fleet holds a line break");
        return Err(Failure::Report(finding.hint("give the folder another name").into()));
    }
    let program = program()?;
    let mut report = Report::default();
    let mut found = Vec::new();
    for hook in Hook::ALL {
        match look(&folder.path, hook)? {
            Ok(standing) => found.push((hook, standing)),
            Err(finding) => report.push(finding),
        }
    }
    report.or(())?;
    std::fs::create_dir_all(&folder.path).map_err(|source| Error::io("make", &folder.path, source))?;
    for (hook, standing) in found {
        let path = place(&folder.path, hook)?;
        if standing == Standing::Others {
            let aside = folder.path.join(hook.former());
            std::fs::hard_link(&path, &aside).map_err(|source| Error::io("keep", &path, source))?;
        }
        // There may be several fleets in one repository, or in those that share a folder of hooks.
        let mut fleets = match standing {
            Standing::Ours => fleets(&read(&path)?.unwrap_or_default()),
            Standing::Nothing | Standing::Others | Standing::OthersLinked => Fleets::new(),
        };
        fleets.insert(folder.fleet.clone());
        put(&path, &hook.text(&program, &fleets))?;
        if matches!(standing, Standing::Others | Standing::OthersLinked) {
            let (name, former) = (hook.name(), hook.former());
            session
                .terminal
                .say(&format!("the {name} hook that was there is now {former}, and called first"));
        }
    }
    session.terminal.say(&format!("installed {} in {}", names(), folder.path.display()));
    if folder.users == HookUsers::WorkTree {
        session
            .terminal
            .say("that folder lies in the work tree: commit its files for others, or leave them out");
    }
    Ok(Exit::Fine)
}

/// Removes the hooks of a fleet.
///
/// # Errors
/// Reports a hook of ours that was changed since, which is left alone as all others are then.
pub fn uninstall(session: &Session) -> Result<Exit, Failure> {
    let folder = HookFolder::find(&session.directory)?;
    let mut report = Report::default();
    let mut ours = Vec::new();
    for hook in Hook::ALL {
        let path = place(&folder.path, hook)?;
        let Some(text) = read(&path)? else { continue };
        let mut fleets = fleets(&text);
        match author(&text) {
            Author::Yoshino if fleets.remove(&folder.fleet) => ours.push((hook, path, fleets)),
            Author::YoshinoAndOthers => report.push(changed(hook)),
            Author::Yoshino | Author::Others | Author::OthersByName => {}
        }
    }
    report.or(())?;
    let program = program()?;
    for (hook, path, others) in &ours {
        if !others.is_empty() {
            put(path, &hook.text(&program, others))?;
            continue;
        }
        let former = folder.path.join(hook.former());
        if is_there(&former)? {
            std::fs::rename(&former, path).map_err(|source| Error::io("put back", &former, source))?;
            session.terminal.say(&format!("{} is again the hook that was there before", hook.name()));
        } else {
            std::fs::remove_file(path).map_err(|source| Error::io("remove", path, source))?;
        }
    }
    session.terminal.say(&match ours.is_empty() {
        true => format!("there are no hooks of this fleet in {}", folder.path.display()),
        false => format!("removed this fleet's hooks from {}", folder.path.display()),
    });
    Ok(Exit::Fine)
}

/// Refuses a folder that is not this repository's alone, or that a tool writes anew.
fn refuse_others(folder: &HookFolder, shared: bool) -> Result<(), Report> {
    let path = folder.path.display();
    if folder.path.ends_with(".husky/_") {
        let message = format!("the hooks in `{path}` are husky's, which writes them anew");
        let own = folder.fleet.display();
        let command = format!("yoshino -C ./{own} hooks run pre-commit");
        let hint = format!("add the line `{command}` to `.husky/pre-commit`, and likewise for {}", names());
        return Err(Diagnostic::error_nowhere("hooks-folder", message).hint(hint).into());
    }
    if folder.users == HookUsers::Others && !shared {
        let why = match &folder.configured {
            Some(_) => "as `core.hooksPath` says",
            None => "through a link",
        };
        let message =
            format!("git takes the hooks from `{path}`, {why}; other repositories may use them, too");
        let hint =
            "`--shared` installs them there all the same; repositories without this fleet pass the checks";
        return Err(Diagnostic::error_nowhere("hooks-folder", message).hint(hint).into());
    }
    Ok(())
}

/// Returns where our hook is, or goes. The pre-commit framework puts the hook that it finds aside as `<name>.legacy` and
/// calls it: there it is, then, and would be called for ever if it were to call what calls it.
fn place(folder: &Path, hook: Hook) -> Result<PathBuf, Error> {
    let (path, legacy) = (folder.join(hook.name()), folder.join(format!("{}.legacy", hook.name())));
    let is_ours = |path: &Path| {
        let author = read(path)?.map(|text| author(&text));
        Ok(matches!(author, Some(Author::Yoshino | Author::YoshinoAndOthers)))
    };
    Ok(if !is_ours(&path)? && is_ours(&legacy)? { legacy } else { path })
}

/// Looks at what stands in a hook's place, and says why it cannot give way.
fn look(folder: &Path, hook: Hook) -> Result<Result<Standing, Diagnostic>, Error> {
    let (path, former) = (place(folder, hook)?, folder.join(hook.former()));
    let Some(text) = read(&path)? else { return Ok(Ok(Standing::Nothing)) };
    let name = hook.name();
    Ok(match author(&text) {
        Author::Yoshino => Ok(Standing::Ours),
        Author::YoshinoAndOthers => Err(changed(hook)),
        Author::OthersByName => {
            let message = format!(
                "the {name} hook that is there acts by its own name, and could not be called by another"
            );
            let finding = Diagnostic::error_nowhere("hook-in-use", message);
            Err(finding.hint(format!("add the line `yoshino hooks run {}` to what it runs", hook.work())))
        }
        Author::Others if is_there(&former)? && !is_same(&path, &former)? => {
            let former = former.display();
            let message =
                format!("a {name} hook is there, and another one was put aside as `{former}` before");
            let finding = Diagnostic::error_nowhere("hook-in-use", message);
            Err(finding.hint("make one of the two, and remove the other"))
        }
        Author::Others if is_there(&former)? => Ok(Standing::OthersLinked),
        Author::Others => Ok(Standing::Others),
    })
}

fn changed(hook: Hook) -> Diagnostic {
    let (name, former) = (hook.name(), hook.former());
    let message = format!("the {name} hook is yoshino's, and was changed by hand");
    let hint = format!("move what was added to `{former}`, which is called first, and remove `{name}`");
    Diagnostic::error_nowhere("hook-in-use", message).hint(hint)
}

/// Reads a hook; a link that leads nowhere holds nothing.
fn read(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match std::fs::read(path) {
        Ok(text) => Ok(Some(text)),
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(is_there(path)?.then(Vec::new)),
        Err(source) => Err(Error::io("read", path, source)),
    }
}

fn is_there(path: &Path) -> Result<bool, Error> {
    match std::fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(Error::io("find", path, source)),
    }
}

/// Returns whether two names are of one file.
fn is_same(one: &Path, other: &Path) -> Result<bool, Error> {
    let identity = |path: &Path| match std::fs::symlink_metadata(path) {
        Ok(found) => Ok((found.dev(), found.ino())),
        Err(source) => Err(Error::io("find", path, source)),
    };
    Ok(identity(one)? == identity(other)?)
}

/// Puts a program in a place by one rename.
fn put(path: &Path, text: &[u8]) -> Result<(), Error> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new-yoshino");
    let beside = PathBuf::from(beside);
    let write = || {
        // What a run that was killed left.
        match std::fs::remove_file(&beside) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(source),
            _ => {}
        }
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true).mode(0o777).open(&beside)?.write_all(text)
    };
    write().map_err(|source| Error::io("write", &beside, source))?;
    std::fs::rename(&beside, path).map_err(|source| Error::io("replace", path, source))
}

/// Returns the program that hooks call: this one, by the name under which `PATH` has it where it does. That may be a
/// link that outlives an upgrade, where the file it leads to does not.
fn program() -> Result<PathBuf, Error> {
    let own = std::env::current_exe().map_err(|source| Error::io("find", "yoshino", source))?;
    let real = std::fs::canonicalize(&own).unwrap_or_else(|_| own.clone());
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let candidates = std::env::split_paths(&folders).filter(|folder| folder.is_absolute());
    let is_own = |path: &PathBuf| std::fs::canonicalize(path).is_ok_and(|path| path == real);
    Ok(candidates.map(|folder| folder.join("yoshino")).find(is_own).unwrap_or(own))
}

fn names() -> String {
    Hook::ALL.map(Hook::name).join(", ")
}
