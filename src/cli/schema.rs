//! `schema`: JSON Schemas, for editors with those of the fleet's providers composed in, and of what `diff` prints; and those
//! of CRDs, taken into the fleet.

mod import;

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::Value;
use yoshino::diagnostic::Report;
use yoshino::error::Failure;
use yoshino::impact::SCHEMA as DIFF;
use yoshino::location::Sources;
use yoshino::spec::kinds::{ProviderDocuments, SpecKind, schema_document};
use yoshino::spec::provider::read_providers;

use super::{Exit, Session, fleet};

/// Prints the JSON Schema of a kind, with the fields of the fleet's providers
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "An editor with the YAML language server reads the line\n  # yaml-language-server: $schema=<path>\nat the top of a spec."
)]
pub struct Schema {
    #[command(subcommand)]
    action: Option<Action>,
    /// The kind, or `Diff` for what `diff --format json` prints; all kinds, as one JSON object, where it is left out
    #[arg(value_parser = subjects(), ignore_case = true)]
    kind: Option<Subject>,
    /// Write a file for every kind into this folder instead
    #[arg(long, value_name = "DIR", conflicts_with = "kind")]
    out: Option<PathBuf>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    Import(import::Import),
}

/// What a schema is of.
#[derive(Clone, Copy, Debug)]
enum Subject {
    Kind(SpecKind),
    Diff,
}

impl Schema {
    /// Prints or writes the schemas.
    ///
    /// # Errors
    /// Reports providers that are not whole; says which schema could not be written.
    pub fn run(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        if let Some(Action::Import(verb)) = &self.action {
            return verb.run(session, sources);
        }
        if let Some(Subject::Diff) = self.kind {
            session.terminal.print(DIFF)?;
            return Ok(Exit::Fine);
        }
        let providers = providers(session, sources)?;
        if let Some(Subject::Kind(kind)) = self.kind {
            session.terminal.print_json(&document(kind, &providers))?;
        } else if let Some(folder) = &self.out {
            let folder = session.path(folder);
            for (name, text) in files(&providers) {
                super::files::write(&folder.join(name), &text)?;
            }
            session.terminal.say(&format!("wrote {} schemas", SpecKind::ALL.len()));
        } else {
            let all =
                SpecKind::ALL.into_iter().map(|kind| (kind.word().to_owned(), document(kind, &providers)));
            session.terminal.print_json(&all.collect::<serde_json::Map<_, _>>().into())?;
        }
        Ok(Exit::Fine)
    }
}

/// Returns the schema of every kind as a file: its name, and what it holds.
pub fn files(providers: &ProviderDocuments) -> Vec<(String, String)> {
    let file =
        |kind: SpecKind| (format!("{}.json", kind.word()), format!("{:#}\n", document(kind, providers)));
    SpecKind::ALL.into_iter().map(file).collect()
}

/// Returns the schema of a kind; machines are typed where there is one provider alone.
fn document(kind: SpecKind, providers: &ProviderDocuments) -> Value {
    let machine_of = if providers.len() == 1 { providers.keys().next() } else { None };
    schema_document(kind, providers, machine_of)
}

fn subjects() -> impl TypedValueParser<Value = Subject> {
    let named = |word: String| {
        let kind = SpecKind::ALL.into_iter().find(|kind| kind.word().eq_ignore_ascii_case(&word));
        kind.map_or(Subject::Diff, Subject::Kind)
    };
    PossibleValuesParser::new(SpecKind::ALL.map(SpecKind::word).into_iter().chain(["Diff"])).map(named)
}

/// Returns the schema of every provider of the fleet, none where there is no fleet.
fn providers(session: &Session, sources: &mut Sources) -> Result<ProviderDocuments, Failure> {
    let mut report = Report::default();
    let providers = read_providers(&fleet::read(session, None)?, None, sources, &mut report);
    let documents = providers.into_iter().map(|provider| (provider.name, provider.schema));
    Ok(report.or(documents.collect())?)
}
