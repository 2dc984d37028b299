//! `preview`: the Applications that Argo CD will make of ApplicationSets and cluster Secrets.

mod input;
mod output;
mod row;

use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::Value;
use yoshino::argocd::Validation;
use yoshino::argocd::preview::{Made, Preview as Expanding};
use yoshino::diagnostic::{Report, Severity};
use yoshino::emit::patch::glob_matches;
use yoshino::error::{Error, Failure};
use yoshino::location::Sources;

use self::input::Estate;
use self::output::{Finding, JsonStream};
use self::row::Table;
use super::terminal::Verbosity;
use super::{Exit, Format, Session};

/// Shows the Applications that Argo CD will make of ApplicationSets and cluster Secrets
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Without PATH, ApplicationSets, cluster Secrets and projects are those of the fleet, rendered in memory. Otherwise they
are read from the files, from every *.yaml, *.yml and *.json beneath the folders, and from standard input for `-`;
objects of other kinds are passed over. Where no AppProject is among them, every project is taken to exist.

Exits with 2 where Argo CD would refuse an ApplicationSet, or leave an Application as it is; notes never change that.")]
pub struct Preview {
    /// Files or folders that hold ApplicationSets and cluster Secrets, or `-`
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Print only Applications made for, or destined to, a cluster of such a display name; all are expanded
    #[arg(long, value_name = "GLOB")]
    cluster: Option<String>,
    /// Read this repository from a folder, whatever the revision: a local copy for git generators; may be repeated
    #[arg(long, value_name = "URL=DIR", value_parser = input::Copy::parse)]
    repo: Vec<input::Copy>,
    /// Preview this management cluster of the fleet alone
    #[arg(long, value_name = "NAME", conflicts_with = "paths")]
    management: Option<String>,
    /// The namespace of Argo CD, and of objects that name none; `argocd`, or what the fleet says
    #[arg(long, value_name = "NAME")]
    namespace: Option<String>,
    /// Preview this git revision of the fleet instead of the work tree
    #[arg(long, value_name = "REV", conflicts_with = "paths")]
    rev: Option<String>,
    /// How to print the Applications
    #[arg(long, value_enum, default_value_t)]
    format: Printed,
}

/// How Applications are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Printed {
    /// A table
    #[default]
    Text,
    /// One object with `applications`, `errors` and `notes`
    Json,
    /// A document for each Application
    Yaml,
}

impl Preview {
    /// Prints the Applications, and what is to be said of them.
    ///
    /// # Errors
    /// Reports everything that is wrong with the fleet; says what the environment refused. What is wrong with
    /// ApplicationSets is a part of the result.
    pub fn run(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        let read = self.read(session, sources);
        let sources = &*sources;
        match read {
            Ok(estates) => self.print(session, sources, &estates),
            Err(Failure::Report(report)) if self.format == Printed::Json => {
                let stream = JsonStream::begin(&session.terminal)?;
                stream.end(&Finding::all_of(None, None, report.sorted(sources)), sources)?;
                Ok(Exit::Wrong)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Returns how what keeps the command from a result is printed.
    pub fn format(&self) -> Format {
        match self.format {
            Printed::Text | Printed::Yaml => Format::Text,
            Printed::Json => Format::Json,
        }
    }

    fn read(&self, session: &Session, sources: &mut Sources) -> Result<Vec<Estate>, Failure> {
        match self.paths.is_empty() {
            true => input::of_fleet(session, self, sources),
            false => Ok(vec![input::of_paths(session, self, sources)?]),
        }
    }

    fn print(&self, session: &Session, sources: &Sources, estates: &[Estate]) -> Result<Exit, Failure> {
        let terminal = &session.terminal;
        let findings = match self.format {
            Printed::Text => {
                let mut table = Table::new(estates.len() > 1);
                let findings = self.expand(estates, &row::rows, &mut |estate, rows| {
                    table.add(estate.management.as_deref(), rows);
                    Ok(())
                })?;
                table.print(terminal)?;
                findings
            }
            Printed::Yaml => {
                let documents =
                    |_: &Validation<'_>, applications: &[&Value]| output::yaml_documents(applications);
                self.expand(estates, &documents, &mut |_, text: String| terminal.print(&text))?
            }
            Printed::Json => {
                let mut stream = JsonStream::begin(terminal)?;
                let lines = |_: &Validation<'_>, applications: &[&Value]| output::json_lines(applications);
                let findings = self.expand(estates, &lines, &mut |_, text: String| stream.add(&text))?;
                stream.end(&findings, sources)?;
                return Ok(exit(&findings));
            }
        };
        Ok(conclude(session, sources, findings))
    }

    /// Expands every set, gives the Applications that are asked for to `make`, and what that gave to `take`, in the
    /// order of the sets; returns what is to be said.
    fn expand<T: Send>(
        &self,
        estates: &[Estate],
        make: &Make<'_, T>,
        take: &mut dyn FnMut(&Estate, T) -> Result<(), Error>,
    ) -> Result<Vec<Finding>, Error> {
        let mut findings = Vec::new();
        for estate in estates {
            let management = estate.management.as_deref();
            findings.extend(Finding::all_of(management, None, estate.intake.notes.clone()));
            let preview = match Expanding::new(&estate.intake) {
                Ok(preview) => preview,
                Err(report) => {
                    findings.extend(Finding::all_of(management, None, report));
                    continue;
                }
            };
            let make = |applications: &[Made<'_>]| {
                let wanted = applications.iter().filter(|made| self.asks_for(&preview.validation, made));
                make(&preview.validation, &wanted.map(|made| made.application).collect::<Vec<_>>())
            };
            let reports = preview.expand(make, |of_set| take(estate, of_set))?;
            for (set, report) in estate.intake.sets.iter().zip(reports) {
                findings.extend(Finding::all_of(management, Some(set), report));
            }
        }
        Ok(findings)
    }

    fn asks_for(&self, validation: &Validation<'_>, made: &Made<'_>) -> bool {
        let Some(glob) = &self.cluster else { return true };
        let names = [Some(validation.cluster(made.application)), made.cluster];
        names.into_iter().flatten().any(|name| glob_matches(glob, name))
    }
}

/// What makes something printable of the Applications of one set.
type Make<'m, T> = dyn Fn(&Validation<'_>, &[&Value]) -> T + Sync + 'm;

/// Shows on stderr what is to be said.
fn conclude(session: &Session, sources: &Sources, findings: Vec<Finding>) -> Exit {
    let exit = exit(&findings);
    let mut report = Report { diagnostics: findings.into_iter().map(|finding| finding.diagnostic).collect() };
    if session.terminal.verbosity == Verbosity::Quiet {
        report.diagnostics.retain(|found| found.severity == Severity::Error);
    }
    if !report.is_empty() {
        session.terminal.show_report(&report.sorted(sources), sources);
    }
    exit
}

fn exit(findings: &[Finding]) -> Exit {
    let is_error = |finding: &Finding| finding.diagnostic.severity == Severity::Error;
    if findings.iter().any(is_error) { Exit::Wrong } else { Exit::Fine }
}
