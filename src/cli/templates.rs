//! `templates`: reference providers come into a fleet, and are brought up to date there.

use std::path::Path;

use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use serde_json::{Value, json};
use similar::TextDiff;
use yoshino::diagnostic::{Diagnostic, Report};
use yoshino::error::Failure;
use yoshino::tree::{FileTree, RepoPath};

use super::reference::{File, PROVIDERS, provider};
use super::{Exit, Format, Session, files, fleet, init};

/// Brings the reference providers into the fleet, and up to date
#[derive(Debug, clap::Args)]
pub struct Templates {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Copies a reference provider into the fleet
    Add {
        /// The provider
        #[arg(value_parser = PossibleValuesParser::new(PROVIDERS.map(|(name, _)| name)))]
        provider: String,
    },
    /// Shows how the fleet's copies of the reference providers differ from this version's
    #[command(
        after_help = "Providers of your own are left alone, as are files of your own beside the reference ones."
    )]
    Upgrade {
        /// Write this version's files over the fleet's
        #[arg(long)]
        write: bool,
        /// How to print the differences
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

impl Templates {
    /// Writes or shows the templates.
    ///
    /// # Errors
    /// Reports a folder that holds no fleet, or has the provider already; says what could not be written.
    pub fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let tree = fleet::read(session, None)?;
        if !tree.0.keys().any(|path| path.as_str() == "fleet.yaml") {
            let refusal = Diagnostic::error_nowhere("no-fleet", "there is no `fleet.yaml` here");
            return Err(Report::from(refusal.hint("`-C DIR` works in another folder")).into());
        }
        match &self.what {
            What::Add { provider } => add(provider, &tree, session),
            What::Upgrade { write, format } => {
                let changes = changes(&tree);
                show(&changes, *format, session)?;
                if *write {
                    self.write(&changes, session)?;
                } else if !changes.is_empty() {
                    session.terminal.say("nothing was written; `--write` takes this version's files over");
                }
                Ok(Exit::Fine)
            }
        }
    }

    /// Returns how the result is printed.
    pub fn format(&self) -> Format {
        match self.what {
            What::Add { .. } => Format::Text,
            What::Upgrade { format, .. } => format,
        }
    }

    fn write(&self, changes: &[Change<'_>], session: &Session) -> Result<(), Failure> {
        for change in changes {
            write(&change.file, session)?;
        }
        session.terminal.say(&format!("wrote {} files", changes.len()));
        Ok(())
    }
}

fn add(name: &str, tree: &FileTree, session: &Session) -> Result<Exit, Failure> {
    let folder = format!("templates/{name}");
    if tree.0.keys().any(|path| path.lies_beneath(&folder)) {
        let refusal = Diagnostic::error_nowhere("folder-in-use", format!("the fleet has `{folder}` already"));
        return Err(Report::from(
            refusal.hint("`yoshino templates upgrade` shows how it differs from this version's"),
        )
        .into());
    }
    let files = provider(name).unwrap_or_default();
    for file in files {
        write(file, session)?;
    }
    session.terminal.say(&format!("wrote {} files into {folder}", files.len()));
    session.terminal.say(&format!("`yoshino schema --out {}` tells editors of its fields", init::SCHEMAS));
    Ok(Exit::Fine)
}

/// Writes a file of a provider, unless a link would take it out of the fleet.
fn write((path, text): &File, session: &Session) -> Result<(), Failure> {
    let target = session.path(Path::new(path));
    let mut folders = target.ancestors().skip(1).take(path.matches('/').count());
    if !folders.all(|folder| files::lies_within(&session.directory, folder)) {
        let refusal = Diagnostic::error_nowhere(
            "path-not-confined",
            format!("`{path}` would lie outside of the fleet"),
        );
        return Err(Report::from(refusal.hint("replace the link in its path by a folder")).into());
    }
    Ok(files::write(&target, text)?)
}

/// A file of a reference provider that the fleet has otherwise, or not at all.
#[derive(Debug)]
struct Change<'a> {
    file: File,
    /// What the fleet has; `None` where it lacks the file.
    old: Option<&'a [u8]>,
}

/// Returns how the fleet's copies differ from this version's, in the order of their paths.
fn changes(tree: &FileTree) -> Vec<Change<'_>> {
    let in_use = |(name, _): &&(&str, &'static [File])| {
        tree.0.keys().any(|path| path.lies_beneath(&format!("templates/{name}")))
    };
    let files = PROVIDERS.iter().filter(in_use).flat_map(|(_, files)| files.iter());
    let old = |path: &str| RepoPath::new(path).ok().and_then(|path| tree.0.get(&path)).map(|bytes| &**bytes);
    let change = |file: &File| {
        let old = old(file.0);
        (old != Some(file.1.as_bytes())).then_some(Change { file: *file, old })
    };
    files.filter_map(change).collect()
}

fn show(changes: &[Change<'_>], format: Format, session: &Session) -> Result<(), Failure> {
    let diffs = changes.iter().map(Change::diff);
    match format {
        Format::Text => session.terminal.print(&diffs.collect::<String>())?,
        Format::Json => {
            let file = |(change, diff): (&Change<'_>, String)| json!({"path": change.file.0, "new": change.old.is_none(), "diff": diff});
            let files: Value = changes.iter().zip(diffs).map(file).collect();
            session.terminal.print_json(&json!({"files": files}))?;
        }
    }
    if changes.is_empty() {
        session.terminal.say("the fleet's reference templates are those of this version");
    }
    Ok(())
}

impl Change<'_> {
    fn diff(&self) -> String {
        let (path, new) = self.file;
        let old = String::from_utf8_lossy(self.old.unwrap_or_default());
        let before = if self.old.is_some() { format!("a/{path}") } else { "/dev/null".to_owned() };
        TextDiff::from_lines(&*old, new).unified_diff().header(&before, &format!("b/{path}")).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_in_a_provider_that_the_fleet_has_is_changed() {
        let docker = provider("docker").unwrap_or_default();
        let mut files: Vec<(&str, &str)> = docker.iter().skip(1).copied().collect();
        files[0].1 = "an older one\n";
        files.extend([("templates/docker/own.yaml.j2", "mine"), ("templates/own/schema.json", "{}")]);
        let tree = FileTree::literal(&files);

        let changes = changes(&tree);

        let paths: Vec<(&str, bool)> =
            changes.iter().map(|change| (change.file.0, change.old.is_none())).collect();
        assert_eq!(paths, [(docker[0].0, true), (docker[1].0, false)]);
        assert!(changes[1].diff().contains("-an older one\n"), "{}", changes[1].diff());
    }
}
