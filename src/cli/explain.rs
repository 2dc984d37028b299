//! `explain`: why a value, a label, an addon, an object or an Application is what it is.

use serde_json::{Value, json};
use yoshino::credential::masked_line;
use yoshino::diagnostic::{Color, Diagnostic};
use yoshino::error::Failure;
use yoshino::explain::{Explanation, Line, Origin, Overview, Step, explain, explain_application, overview};
use yoshino::location::{Location, Sources};
use yoshino::render::load_fleet;
use yoshino::spec::pin::from_repository;

use super::table::aligned;
use super::{Exit, Format, Session, fleet, words};

/// Says why something is what it is
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Paths:
  controlPlane.replicas                      a field of the cluster's spec
  nodePools[default].machine.flavor          something in a list, by its name
  metadata.labels.tier                       a label of the cluster
  addons.cilium                              whether an addon is on; `addons.access` is RBAC
  addons.cilium.version                      a field of the addon's source; `values.…` too
  addons.ake.example.com/cilium              a label or annotation of the cluster Secret
  KubeadmControlPlane                        an object that is made for the cluster
  MachineDeployment/web-default.spec.replicas  a field of one

Without a path, everything the cluster says or is given, and every addon.")]
pub struct Explain {
    /// The cluster: `name`, or `project/name`
    #[arg(required_unless_present = "application")]
    cluster: Option<String>,
    /// What of it
    path: Option<String>,
    /// Explain the Application of this name instead
    #[arg(long, value_name = "NAME", conflicts_with_all = ["cluster", "path"])]
    application: Option<String>,
    /// Explain this git revision instead of the work tree
    #[arg(long, value_name = "REV")]
    rev: Option<String>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Explain {
    /// Prints the explanation.
    ///
    /// # Errors
    /// Reports everything that is wrong with the fleet, and what leads nowhere.
    pub fn run(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        let files = fleet::read(session, self.rev.as_deref())?;
        let catalog = load_fleet(files, sources, &from_repository(&session.directory))?;
        let sources = &*sources;
        let explanation = match (&self.application, &self.cluster, &self.path) {
            (Some(name), _, _) => explain_application(&catalog, sources, name)?,
            (None, Some(cluster), Some(path)) => explain(&catalog, sources, cluster, path)?,
            (None, Some(cluster), None) => {
                self.show_overview(session, sources, &overview(&catalog, sources, cluster)?)?;
                return Ok(Exit::Fine);
            }
            (None, None, _) => {
                return Err(Failure::Report(
                    Diagnostic::error_nowhere("unknown-reference", "no cluster is named").into(),
                ));
            }
        };
        match self.format {
            Format::Json => session.terminal.print_json(&to_json(&explanation, sources))?,
            Format::Text => {
                session.terminal.print(&to_text(&explanation, sources, session.terminal.data_color()))?
            }
        }
        Ok(Exit::Fine)
    }

    /// Returns how the result is printed.
    pub fn format(&self) -> Format {
        self.format
    }

    fn show_overview(
        &self,
        session: &Session,
        sources: &Sources,
        overview: &Overview,
    ) -> Result<(), Failure> {
        if self.format == Format::Json {
            let lines = |lines: &[Line]| Value::from_iter(lines.iter().map(|line| line_json(line, sources)));
            session.terminal.print_json(&json!({
                "cluster": overview.cluster,
                "settings": lines(&overview.settings),
                "addons": lines(&overview.addons),
            }))?;
            return Ok(());
        }
        let mut rows = Vec::new();
        for line in &overview.settings {
            rows.push(vec![
                line.path.clone(),
                short(&line.value),
                place(sources, line.location, line.origin),
            ]);
        }
        for line in &overview.addons {
            let state = if line.value == Value::Bool(true) { "on" } else { "off" };
            rows.push(vec![
                line.path.clone(),
                state.to_owned(),
                place(sources, line.location, line.origin),
                line.what.clone(),
            ]);
        }
        Ok(session.terminal.print(&aligned(&rows, ""))?)
    }
}

/// Returns the explanation for people: what it is, then the places in their order.
fn to_text(explanation: &Explanation, sources: &Sources, color: Color) -> String {
    let (bold, faint, reset) = match color {
        Color::Always => ("\u{1b}[1m", "\u{1b}[2m", "\u{1b}[0m"),
        Color::Never => ("", "", ""),
    };
    let value = match &explanation.value {
        None => ": not set".to_owned(),
        // Of an object the way to it matters; JSON has it whole.
        Some(Value::Object(_)) => String::new(),
        Some(value) => format!(": {}", short(value)),
    };
    let (subject, value) = (words::harmless(&explanation.subject), words::harmless(&value));
    let mut text = format!("{bold}{subject}{reset}{value}\n");
    let rows: Vec<Vec<String>> = explanation.steps.iter().map(|step| row(step, sources)).collect();
    for (line, step) in aligned(&rows, "").lines().zip(&explanation.steps) {
        let (before, after) = if step.holds { ("", "") } else { (faint, reset) };
        text.push_str(&format!("  {before}{line}{after}\n"));
    }
    text
}

fn row(step: &Step, sources: &Sources) -> Vec<String> {
    let value = step.value.as_ref().map(short).unwrap_or_default();
    let overridden = if step.holds { "" } else { " (overridden)" };
    let said = if value.is_empty() { step.what.clone() } else { format!("{}: {value}", step.what) };
    vec![
        place(sources, step.location, step.origin),
        step.origin.word().to_owned(),
        format!("{said}{overridden}"),
    ]
}

fn place(sources: &Sources, location: Option<Location>, origin: Origin) -> String {
    match location {
        None => format!("({})", origin.word()),
        Some(location) => {
            let position = sources.position(location);
            format!("{}:{}:{}", sources.get(location.file).name, position.line, position.column)
        }
    }
}

/// Returns a value in one line, not too long, credentials masked.
fn short(value: &Value) -> String {
    const MOST: usize = 100;
    words::shortened(&masked_line(&words::one_line(value), 1), MOST)
}

fn to_json(explanation: &Explanation, sources: &Sources) -> Value {
    json!({
        "subject": explanation.subject,
        "value": explanation.value,
        "steps": explanation.steps.iter().map(|step| step_json(step, sources)).collect::<Vec<_>>(),
    })
}

fn step_json(step: &Step, sources: &Sources) -> Value {
    let mut json = json!({"origin": step.origin.word(), "what": step.what, "holds": step.holds});
    add_place(&mut json, step.location, sources);
    if let Some(value) = &step.value {
        json["value"] = value.clone();
    }
    json
}

fn line_json(line: &Line, sources: &Sources) -> Value {
    let mut json = json!({"path": line.path, "value": line.value, "origin": line.origin.word()});
    add_place(&mut json, line.location, sources);
    if !line.what.is_empty() {
        json["what"] = line.what.as_str().into();
    }
    json
}

fn add_place(json: &mut Value, location: Option<Location>, sources: &Sources) {
    let Some(location) = location else { return };
    let position = sources.position(location);
    json["file"] = sources.get(location.file).name.as_str().into();
    json["line"] = position.line.into();
    json["column"] = position.column.into();
}
