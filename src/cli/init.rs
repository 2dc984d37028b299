//! `init`: a starter fleet that renders.

use std::path::{Path, PathBuf};

use yoshino::diagnostic::{Diagnostic, Report};
use yoshino::error::Failure;
use yoshino::spec::kinds::{ProviderDocuments, SpecKind};
use yoshino::spec::name::Name;
use yoshino::tree::open_repository;

use super::{Exit, Session, files, reference, schema};

/// Writes a starter fleet into a folder of its own
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The folder may be a git repository that holds nothing yet.\n\nExample:\n  yoshino init fleet && yoshino -C fleet render"
)]
pub struct Init {
    /// The folder, new or empty
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Where editors find the schemas of specs.
pub const SCHEMAS: &str = ".yoshino/schemas";

/// Which yoshino CI installs; it must be filled in.
const INSTALL: &str = ".yoshino/install";

/// The provider of the first cluster.
const PROVIDER: &str = "docker";

/// The starter's own files; the last one makes the folder a fleet.
const FILES: [(&str, &str); 14] = [
    (".gitattributes", include_str!("init/starter/gitattributes")),
    (".github/workflows/fleet.yaml", include_str!("init/starter/github/workflows/fleet.yaml")),
    (".github/workflows/picks.yaml", include_str!("init/starter/github/workflows/picks.yaml")),
    (".github/workflows/release.yaml", include_str!("init/starter/github/workflows/release.yaml")),
    (".gitlab-ci.yml", include_str!("init/starter/gitlab-ci.yml")),
    (INSTALL, include_str!("init/starter/install")),
    ("CODEOWNERS", include_str!("init/starter/codeowners")),
    ("clusters/_defaults.yaml", include_str!("init/starter/clusters/_defaults.yaml")),
    ("clusters/platform/_defaults.yaml", include_str!("init/starter/clusters/platform/_defaults.yaml")),
    ("clusters/platform/first.yaml", include_str!("init/starter/clusters/platform/first.yaml")),
    ("picks.yaml", include_str!("init/starter/picks.yaml")),
    ("renovate.json", include_str!("init/starter/renovate.json")),
    ("tenants/platform.yaml", include_str!("init/starter/tenants/platform.yaml")),
    ("fleet.yaml", include_str!("init/starter/fleet.yaml")),
];

impl Init {
    /// Writes the fleet.
    ///
    /// # Errors
    /// Reports a folder that holds something; says what could not be written.
    pub fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let folder = session.path(&self.folder);
        let found = files::names(&folder)?;
        if let Some(other) = found.iter().find(|name| *name != ".git") {
            let message = format!("`{}` holds `{}`", self.folder.display(), other.display());
            let refusal = Diagnostic::error_nowhere("folder-in-use", message);
            return Err(Report::from(
                refusal.hint("a starter fleet is only written into a new or an empty folder"),
            )
            .into());
        }
        let starter = starter();
        for (path, text) in &starter {
            files::write(&folder.join(path), text)?;
        }
        let shown = self.folder.display();
        session.terminal.say(&format!("wrote {} files into {shown}", starter.len()));
        session.terminal.say(&format!("next: change fleet.yaml, then `yoshino -C {shown} render`"));
        session.terminal.say(&format!("in the git repository: `yoshino -C {shown} hooks install`"));
        session.terminal.say(&format!("for CI: say in {INSTALL} where yoshino comes from; remove the files of the forge that you do not use"));
        if lies_beneath_a_root(&folder) {
            session.terminal.say("files for CI, CODEOWNERS and renovate.json count at the root of the repository: move them there, and say `-C` in them");
        }
        Ok(Exit::Fine)
    }
}

/// Returns whether a folder lies in a git repository and is not its root.
fn lies_beneath_a_root(folder: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let root = open_repository(folder).ok().and_then(|repository| real(repository.workdir()?));
    root.is_some() && root != real(folder)
}

/// Returns the files of the starter fleet, `fleet.yaml` last: without it nothing takes the folder for a fleet.
fn starter() -> Vec<(String, String)> {
    let templates = reference::provider(PROVIDER).unwrap_or_default();
    let carried = templates.iter().chain(reference::ADDONS).chain(&FILES);
    let schemas = schema::files(&own_provider()).into_iter();
    let schemas = schemas.map(|(name, text)| (format!("{SCHEMAS}/{name}"), text));
    schemas.chain(carried.map(|(path, text)| ((*path).to_owned(), with_schema(path, text)))).collect()
}

/// Returns the schema of the starter's provider.
fn own_provider() -> ProviderDocuments {
    let text =
        reference::provider(PROVIDER).into_iter().flatten().find(|(path, _)| path.ends_with("/schema.json"));
    let document = text.and_then(|(_, text)| serde_json::from_str(text).ok());
    Name::new(PROVIDER).zip(document).into_iter().collect()
}

/// Returns a spec with the line at its top by which editors find its schema; any other file as it is.
fn with_schema(path: &str, text: &str) -> String {
    let kind = match path.split('/').collect::<Vec<_>>()[..] {
        ["fleet.yaml"] => SpecKind::Fleet,
        ["picks.yaml"] => SpecKind::PickPolicy,
        ["tenants", _] => SpecKind::Tenant,
        ["clusters", .., "_defaults.yaml"] => SpecKind::ClusterDefaults,
        ["clusters", ..] => SpecKind::Cluster,
        ["addons", _, "addon.yaml"] => SpecKind::Addon,
        _ => return text.to_owned(),
    };
    let up = "../".repeat(path.matches('/').count());
    format!("# yaml-language-server: $schema={up}{SCHEMAS}/{}.json\n{text}", kind.word())
}

#[cfg(test)]
mod tests {
    use yoshino::check::{self, World};
    use yoshino::location::Sources;
    use yoshino::render::render_tree;
    use yoshino::spec::load;
    use yoshino::spec::pin::no_releases;
    use yoshino::tree::FileTree;

    use super::*;

    fn tree() -> FileTree {
        let starter = starter();
        let read = starter.iter().filter(|(path, _)| !path.starts_with('.'));
        FileTree::literal(&read.map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>())
    }

    #[test]
    fn the_starter_fleet_has_nothing_to_find_and_renders() -> Result<(), String> {
        let mut sources = Sources::default();
        let text = |failure| format!("{failure:?}");
        let catalog = load(tree(), &mut sources, &no_releases).map_err(text)?;
        let today = "2026-11-21".parse().map_err(|_| "the day is one")?;
        assert_eq!(
            check::all(&catalog, &sources, World { today, former: None }),
            check::Judgement::default()
        );

        let rendered = render_tree(tree(), &mut Sources::default(), &no_releases)
            .map_err(|failure| format!("{failure:?}"))?;

        let paths: Vec<&str> = rendered.0.keys().map(|path| path.as_str()).collect();
        assert!(paths.contains(&"management/clusters/platform/first/cluster.yaml"), "{paths:?}");
        assert!(paths.contains(&"management/applicationsets/cilium.yaml"), "{paths:?}");
        Ok(())
    }

    #[test]
    fn every_spec_names_a_schema_that_is_written_beside_it() {
        let starter = starter();
        let is_spec =
            |path: &str| path.ends_with(".yaml") && !path.starts_with("templates") && !path.starts_with('.');
        for (path, text) in starter.iter().filter(|(path, _)| is_spec(path)) {
            let line = text.lines().next().unwrap_or_default();
            let schema =
                line.trim_start_matches("# yaml-language-server: $schema=").trim_start_matches("../");
            assert!(starter.iter().any(|(path, _)| path == schema), "{path}: {line}");
        }
    }
}
