//! `release`: tags on minor branches.

use std::str::FromStr as _;

use clap::Subcommand;
use jiff::civil::Date;
use serde_json::{Value, json};
use yoshino::branch::identity::When;
use yoshino::branch::release::notes::Entry;
use yoshino::branch::release::verify::{Pin, Verified, verify};
use yoshino::branch::release::{MinorPlan, Plan, Request, State, carry_out, plan, run};
use yoshino::branch::sign::Signing;
use yoshino::branch::store::Store;
use yoshino::error::Failure;
use yoshino::location::Sources;
use yoshino::spec::load_specs;
use yoshino::spec::version::Minor;

use super::branch::read_minor;
use super::table::aligned;
use super::words::counted;
use super::{Exit, Format, Session, fleet};

/// Makes releases: tags on the branches of minors
#[derive(Debug, clap::Args)]
pub struct Release {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Shows what would be released
    #[command(after_help = "Exits with 2 where something keeps a minor from being released.")]
    Plan(PlanReleases),
    /// Tags the tip of every minor branch that is past its last release
    #[command(after_help = "\
All tags are made or none: where anything keeps one minor from being released, name the others with --minor. A run that
was killed is finished by the next one, with the same tags. A second release of a day ends in `.1`.")]
    Cut(CutReleases),
    /// Proves that every pin of a cluster is a release of its minor's branch
    #[command(after_help = "\
Exits with 2 where a pin is no release, with 4 where a shallow clone lacks what the proof needs.")]
    Verify(VerifyPins),
}

/// What is released, and when.
#[derive(Debug, clap::Args)]
struct What {
    /// The day of the releases, such as 2026-11-21; today in the fleet's time zone by default
    #[arg(long, value_name = "DATE", value_parser = read_day)]
    date: Option<Date>,
    /// Only these minors; may be given more than once
    #[arg(long = "minor", value_name = "MINOR", value_parser = read_minor)]
    minors: Vec<Minor>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, clap::Args)]
struct PlanReleases {
    #[command(flatten)]
    what: What,
}

#[derive(Debug, clap::Args)]
struct CutReleases {
    #[command(flatten)]
    what: What,
    /// Sign the tags, even where git's configuration does not ask for it
    #[arg(long)]
    sign: bool,
    /// Push the tags to the fleet's remote, too
    #[arg(long)]
    push: bool,
    /// Write nothing; show what would be released
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, clap::Args)]
struct VerifyPins {
    /// Verify the pins of this git revision instead of the work tree
    #[arg(long, value_name = "REV")]
    rev: Option<String>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

fn read_day(text: &str) -> Result<Date, String> {
    Date::from_str(text).map_err(|_| "expected a day such as `2026-11-21`".to_owned())
}

impl Release {
    /// Shows or makes releases.
    ///
    /// # Errors
    /// Reports what speaks against all of them; says what the environment refused.
    pub fn run(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        match &self.verb {
            Verb::Plan(verb) => {
                let store = Store::open(&session.directory)?;
                verb.what.show(session, &store, sources)
            }
            Verb::Cut(verb) => verb.run(session, sources),
            Verb::Verify(verb) => verb.run(session, sources),
        }
    }

    /// Returns how the result is printed.
    pub fn format(&self) -> Format {
        match &self.verb {
            Verb::Plan(verb) => verb.what.format,
            Verb::Cut(verb) => verb.what.format,
            Verb::Verify(verb) => verb.format,
        }
    }
}

impl What {
    fn plan(&self, session: &Session, store: &Store, sources: &mut Sources) -> Result<Plan, Failure> {
        let request = Request { minors: &self.minors, day: self.date, now: When::now()? };
        plan(store, &session.directory, &request, sources)
    }

    /// Prints what would be released.
    fn show(&self, session: &Session, store: &Store, sources: &mut Sources) -> Result<Exit, Failure> {
        if let Some(run) = run::unfinished(store)? {
            let names: Vec<String> = run.tags.iter().map(|(name, _)| name.short().to_owned()).collect();
            match self.format {
                Format::Json => session.terminal.print_json(&json!({"unfinished": names}))?,
                Format::Text => session.terminal.print(&format!("{}\n", names.join("\n")))?,
            }
            session
                .terminal
                .say("a run was killed before it had made these; the next `release cut` makes them");
            return Ok(Exit::Fine);
        }
        let plan = self.plan(session, store, sources)?;
        self.print(session, &plan, sources, Done::Nothing)
    }

    fn print(&self, session: &Session, plan: &Plan, sources: &Sources, done: Done) -> Result<Exit, Failure> {
        let blocked = plan.blocked.clone().sorted(sources);
        match self.format {
            Format::Json => {
                let mut result = to_json(plan, done);
                result["diagnostics"] = blocked.to_json(sources);
                session.terminal.print_json(&result)?;
            }
            Format::Text => session.terminal.print(&to_text(plan))?,
        }
        if !blocked.is_empty() {
            session.terminal.show_report(&blocked, sources);
            return Ok(Exit::Wrong);
        }
        let count = plan.proposals().count();
        session.terminal.say(&match (count, done) {
            (0, _) => "there is nothing to release".to_owned(),
            (count, Done::Nothing) => format!("{} would be made", counted(count as u64, "release")),
            (1, Done::Made) => "1 release is made".to_owned(),
            (count, Done::Made) => format!("{count} releases are made"),
        });
        Ok(Exit::Fine)
    }
}

/// Whether what is shown was made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Done {
    Nothing,
    Made,
}

impl CutReleases {
    fn run(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        let store = Store::open(&session.directory)?;
        if self.dry_run {
            return self.what.show(session, &store, sources);
        }
        let store = store.signing(if self.sign { Signing::Everything } else { Signing::AsConfigured })?;
        if let Some(run) = run::unfinished(&store)? {
            return self.finish(session, &store, &run, sources);
        }
        let plan = self.what.plan(session, &store, sources)?;
        if !plan.blocked.is_empty() {
            return self.what.print(session, &plan, sources, Done::Nothing);
        }
        carry_out(&store, &plan, self.push.then_some(plan.remote.as_str()))?;
        self.what.print(session, &plan, sources, Done::Made)
    }

    /// Finishes a run that was killed. What came to the branches since is the next run's.
    fn finish(
        &self,
        session: &Session,
        store: &Store,
        killed: &run::Run,
        sources: &mut Sources,
    ) -> Result<Exit, Failure> {
        let remote = match self.push {
            true => {
                let trunk =
                    yoshino::branch::trunk::read_trunk(store.repository(), &session.directory, sources)?;
                Some(trunk.fleet.spec.repository.remote.clone())
            }
            false => None,
        };
        run::finish(store, killed, remote.as_deref())?;
        let names: Vec<&str> = killed.tags.iter().map(|(name, _)| name.short()).collect();
        match self.what.format {
            Format::Json => session.terminal.print_json(&json!({"finished": names}))?,
            Format::Text => session.terminal.print(&format!("{}\n", names.join("\n")))?,
        }
        session.terminal.say("the last run was killed, and is finished; run this again for what came since");
        Ok(Exit::Fine)
    }
}

impl VerifyPins {
    fn run(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        let catalog = load_specs(fleet::read(session, self.rev.as_deref())?, sources)?;
        let verified = verify(&session.directory, &catalog)?;
        let report = verified.report.clone().sorted(sources);
        let proven = verified.pins.iter().filter(|pin| pin.proven.is_some()).count();
        match self.format {
            Format::Json => session.terminal.print_json(&json!({
                "pins": verified.pins.iter().map(pin_json).collect::<Vec<_>>(),
                "unpinned": verified.unpinned,
                "diagnostics": report.to_json(sources),
            }))?,
            Format::Text => session.terminal.print(&pins_text(&verified))?,
        }
        if !report.is_empty() {
            session.terminal.show_report(&report, sources);
            return Ok(Exit::Wrong);
        }
        let clusters = verified.pins.iter().map(|pin| pin.clusters.len()).sum::<usize>() as u64;
        let proven = counted(proven as u64, "release");
        session.terminal.say(&format!("{proven} proved, for {}", counted(clusters, "cluster")));
        Ok(Exit::Fine)
    }
}

fn pin_json(pin: &Pin) -> Value {
    json!({
        "release": pin.release,
        "clusters": pin.clusters,
        "proved": pin.proven.is_some(),
        "tag": pin.proven.as_ref().map(|proven| proven.tag_id.as_str()),
        "commit": pin.proven.as_ref().map(|proven| proven.commit_id.as_str()),
    })
}

fn pins_text(verified: &Verified) -> String {
    let mut rows = vec![["RELEASE", "CLUSTERS", "COMMIT", "PROVED"].map(str::to_owned).to_vec()];
    rows.extend(verified.pins.iter().map(|pin| {
        let commit = pin.proven.as_ref().map(|proven| proven.commit_id[..12].to_owned()).unwrap_or_default();
        let proved = if pin.proven.is_some() { "yes" } else { "no" };
        vec![pin.release.clone(), pin.clusters.len().to_string(), commit, proved.to_owned()]
    }));
    aligned(&rows, "-")
}

/// Returns the word for what becomes of a minor.
fn state(one: &MinorPlan) -> &'static str {
    match one.state {
        State::NoBranch => "no-branch",
        State::NothingYet => "nothing-yet",
        State::Released => "released",
        State::Blocked => "blocked",
        State::New(_) => "new",
    }
}

fn to_text(plan: &Plan) -> String {
    let mut rows = vec![["MINOR", "BRANCH", "LAST", "NEXT", "COMMITS", "STATE"].map(str::to_owned).to_vec()];
    let mut messages = String::new();
    for one in &plan.minors {
        let branch = one.branch.as_ref().map(|branch| branch.short()).unwrap_or_default();
        let last = one.previous.as_ref().map(|(release, _)| release.to_string()).unwrap_or_default();
        let (next, commits) = match &one.state {
            State::New(new) => (new.release.to_string(), new.entries.len().to_string()),
            State::NoBranch | State::NothingYet | State::Released | State::Blocked => Default::default(),
        };
        rows.push(vec![one.minor.to_string(), branch, last, next, commits, state(one).to_owned()]);
        if let State::New(new) = &one.state {
            messages.push_str(&format!("\n{}", new.message));
        }
    }
    format!("{}{messages}", aligned(&rows, "-"))
}

fn to_json(plan: &Plan, done: Done) -> Value {
    let entry = |entry: &Entry| {
        json!({
            "commit": entry.commit.to_string(),
            "source": entry.source.map(|source| source.to_string()),
            "subject": entry.subject,
            "kind": entry.kind,
            "about": entry.about,
        })
    };
    let minor = |one: &MinorPlan| {
        let branch = one.branch.as_ref();
        let tip = branch.and_then(|branch| branch.tip()).map(|tip| tip.to_string());
        let mut value = json!({
            "minor": one.minor.to_string(),
            "state": state(one),
            "branch": branch.map(|branch| branch.reference()),
            "tip": tip,
            "previous": one.previous.as_ref().map(|(release, _)| release.as_str()),
            "release": Value::Null,
        });
        if let State::New(new) = &one.state {
            value["release"] = new.release.as_str().into();
            value["commits"] = new.entries.iter().map(entry).collect();
            value["clusters"] = new.effect.clusters.into();
            value["summary"] = json!(new.effect.summary());
            value["message"] = new.message.as_str().into();
        }
        value
    };
    json!({
        "date": plan.day.to_string(),
        "made": done == Done::Made,
        "releases": plan.minors.iter().map(minor).collect::<Vec<_>>(),
    })
}
