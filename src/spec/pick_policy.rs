//! The PickPolicy: which commits of trunk are brought to which minor branches, and how.
//!
//! A policy is read by itself, from a file of trunk's tip or one that is given: picking needs no fleet. This module
//! must not know what a commit is.

mod glob;
mod range;
mod sound;
mod word;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Deserialize;

pub use glob::{Glob, NotAGlob, any_matches};
pub use range::{NotAPickRange, PickRange};
pub use word::{Directories, MergeCommits, Mixed, Moment, NotAMoment, OnConflict, PickReverts, Words};

use super::decode::decode;
use super::kinds::{ProviderDocuments, SpecKind, schema};
use super::schema::{Extent, Schema, validate};
use super::version::Minor;
use super::yaml::{Node, Options, parse};
use crate::diagnostic::{Diagnostic, Report};
use crate::location::{Location, SourceName, Sources};

/// What a PickPolicy says, defaults filled in.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PickPolicy {
    /// Where picks come from.
    pub source: PickSource,
    /// Where they go.
    pub targets: Targets,
    /// The rules, in order: the first that matches decides.
    pub select: Vec<Rule>,
    /// Fields of the picked result that say on which minors it runs.
    pub compat: Vec<Compat>,
    /// Generated paths.
    pub regenerate: Vec<Regenerate>,
    /// How commits are merged.
    pub merge: Merge,
    /// What a conflict leaves.
    pub on_conflict: Conflicts,
    /// What becomes of missing commits.
    pub dependencies: Dependencies,
    /// Whether reverts follow what they revert.
    pub reverts: Reverts,
    /// Full ids of commits that are picked again although a minor branch reverted them.
    pub repick: Vec<String>,
    /// Commits that are not picked.
    pub exclude: Vec<Exclusion>,
}

/// Where picks come from.
#[derive(Clone, Debug, Deserialize)]
pub struct PickSource {
    /// The branch.
    pub branch: String,
}

/// The minor branches.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Targets {
    /// Name of the branch of a minor, with `{minor}`.
    pub branch: String,
    /// Which minors are targets; all that have a branch where it is left out.
    pub minors: Option<PickRange>,
    /// Paths that minor branches do not have.
    pub trunk_only: Vec<Glob>,
    /// The lives of minors.
    #[serde(deserialize_with = "word::by_minor")]
    pub lifecycle: BTreeMap<Minor, Life>,
    /// What is picked in maintenance.
    pub maintenance: Maintenance,
    /// Times in which a minor takes little.
    pub freeze: Vec<Freeze>,
}

/// The life of a minor; both days are the first on which it is so.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Life {
    /// The first day on which only `maintenance.allow` is picked.
    #[serde(default, deserialize_with = "word::day")]
    pub maintenance_from: Option<Date>,
    /// The first day on which nothing is picked.
    #[serde(default, deserialize_with = "word::day")]
    pub end_of_life: Option<Date>,
}

/// What is picked in maintenance.
#[derive(Clone, Debug, Deserialize)]
pub struct Maintenance {
    /// Kinds: values of `Pick-Kind`, and `revert`.
    pub allow: Vec<String>,
}

/// A time before a release in which a minor takes little.
#[derive(Clone, Debug, Deserialize)]
pub struct Freeze {
    /// The minor.
    pub minor: Minor,
    /// When it begins.
    pub from: Moment,
    /// When it is over.
    pub until: Moment,
    /// Kinds that are picked all the same.
    pub allow: Vec<String>,
}

/// A rule of `select`.
#[derive(Clone, Debug, Deserialize)]
pub struct Rule {
    /// Its name, which picks bear.
    pub id: String,
    /// What a commit must be.
    pub when: When,
    /// The minors that it goes to.
    pub to: To,
    /// What becomes of a commit that changes paths beyond `paths.any`.
    pub mixed: Mixed,
}

/// What a commit must be; all of it must hold.
#[derive(Clone, Debug, Deserialize)]
pub struct When {
    /// The paths that it changes.
    pub paths: Paths,
    /// Its author's name or address, or globs of either.
    pub author: Option<Words>,
    /// Its `Pick-Kind`, or `revert`.
    pub kind: Option<Words>,
}

/// Globs over the paths that a commit changes.
#[derive(Clone, Debug, Deserialize)]
pub struct Paths {
    /// At least one path matches one of these; holds where empty.
    pub any: Vec<Glob>,
    /// There are paths, and each matches one of these; holds where empty.
    pub only: Vec<Glob>,
}

/// The minors that a rule's commits go to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum To {
    /// A word.
    Word(ToWord),
    /// A range.
    Range {
        /// The minors.
        minors: PickRange,
    },
}

/// The minors that a rule's commits go to, as a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ToWord {
    /// Nowhere.
    None,
    /// To every target.
    All,
    /// Where the commit's own `Pick-To` says.
    Trailer,
}

/// A field of the picked result that says on which minors it runs.
#[derive(Clone, Debug, Deserialize)]
pub struct Compat {
    /// Paths of a commit that this is asked for, `{name}` standing for a part.
    pub paths: Glob,
    /// The YAML file to read, `{name}` to be filled in.
    pub file: String,
    /// The range of minors in it, as a JSON pointer.
    pub field: String,
}

/// Generated paths, and how they are made.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Regenerate {
    /// The paths.
    pub paths: Vec<Glob>,
    /// How they are made.
    pub by: By,
}

/// How generated paths are made.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum By {
    /// A word.
    Word(ByWord),
    /// A program that is run in a copy of the result.
    Command {
        /// The program and its arguments.
        command: Vec<String>,
    },
}

/// How generated paths are made, as a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ByWord {
    /// As `test --accept` does it.
    Golden,
    /// As `render` does it.
    Render,
    /// Not at all: the minor branch's stay.
    KeepTarget,
}

/// How commits are merged.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Merge {
    /// What a merge commit of the chain becomes.
    pub merge_commits: MergeCommits,
    /// What to do about renames.
    pub renames: Renames,
}

/// What to do about renames.
#[derive(Clone, Debug, Deserialize)]
pub struct Renames {
    /// Of folders.
    pub directories: Directories,
}

/// What a conflict leaves.
#[derive(Clone, Debug, Deserialize)]
pub struct Conflicts {
    /// On its minor.
    pub default: OnConflict,
}

/// What becomes of commits that a conflict shows to be missing.
#[derive(Clone, Debug, Deserialize)]
pub struct Dependencies {
    /// The choice.
    #[serde(deserialize_with = "word::dependency_mode")]
    pub mode: DependencyMode,
}

/// What becomes of commits that a conflict shows to be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DependencyMode {
    /// They are not looked for.
    Off,
    /// They are named.
    Suggest,
    /// They are taken along.
    Auto,
}

/// Whether reverts follow what they revert.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reverts {
    /// The choice.
    pub pick_reverts: PickReverts,
}

/// A commit that is not picked.
#[derive(Clone, Debug, Deserialize)]
pub struct Exclusion {
    /// Its full id.
    pub commit: String,
    /// On which minors; all where it is left out.
    pub minors: Option<PickRange>,
    /// Why.
    pub reason: String,
    /// The first day on which it holds no longer.
    #[serde(default, deserialize_with = "word::day")]
    pub until: Option<Date>,
}

impl PickPolicy {
    /// Reads a policy from a file, which is added to `sources`.
    ///
    /// # Errors
    /// Reports everything that is wrong with it, each at its place.
    pub fn read(
        name: impl Into<SourceName>,
        bytes: Arc<[u8]>,
        sources: &mut Sources,
    ) -> Result<Self, Report> {
        let file = sources.add(name, bytes);
        let roots: Vec<Node> = parse(file, &sources.get(file).bytes, Options::SPEC)?
            .into_iter()
            .map(|document| document.root)
            .collect();
        match &roots[..] {
            [root] => Self::of_document(root, sources),
            [] => {
                Err(Diagnostic::error("wrong-kind", Location::start_of(file), "there is no PickPolicy here")
                    .into())
            }
            [first, second, ..] => Err(two(first, second).into()),
        }
    }

    /// Reads a policy from a document of a file in `sources`.
    ///
    /// # Errors
    /// Those of [`PickPolicy::read`].
    pub fn of_document(root: &Node, sources: &Sources) -> Result<Self, Report> {
        let schema = Self::schema();
        let mut report = Report::default();
        validate(root, &schema, Extent::Whole, &mut report);
        if report.is_empty() {
            sound::check(root, sources, &mut report);
        }
        report.or(())?;
        let spec = schema.property("spec").cloned().unwrap_or_default();
        match root.get("spec") {
            Some(node) => decode(node, &spec),
            None => Err(Report::default()),
        }
    }

    /// Returns the name of the branch of a minor.
    pub fn branch_of(&self, minor: Minor) -> String {
        self.targets.branch.replace("{minor}", &minor.to_string())
    }

    /// Returns the minor whose branch has a name; `None` where it is none, or not a target.
    pub fn minor_of(&self, branch: &str) -> Option<Minor> {
        let minor = Minor::in_name(&self.targets.branch, branch)?;
        self.targets.minors.as_ref().is_none_or(|range| range.contains(minor)).then_some(minor)
    }

    /// Returns whether minor branches do not have a path.
    pub fn is_trunk_only(&self, path: &str) -> bool {
        any_matches(&self.targets.trunk_only, path)
    }

    /// Returns whether a path is generated.
    pub fn is_generated(&self, path: &str) -> bool {
        self.regenerate.iter().any(|rule| any_matches(&rule.paths, path))
    }

    fn schema() -> Arc<Schema> {
        schema(SpecKind::PickPolicy, &ProviderDocuments::new(), None)
            .expect("because the kind's own schema is understood")
    }
}

/// Reports that a file holds two policies.
pub(super) fn two(first: &Node, second: &Node) -> Diagnostic {
    let message = "`picks.yaml` holds more than one PickPolicy";
    Diagnostic::error("wrong-kind", second.location, message).related(first.location, "the first one")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Color;
    use crate::tree::FileTree;

    fn read(spec: &str) -> Result<PickPolicy, String> {
        let text = format!("apiVersion: yoshino.dev/v1alpha1\nkind: PickPolicy\nspec:\n{spec}");
        let mut sources = Sources::default();
        let (name, bytes) =
            FileTree::literal(&[("picks.yaml", &text)]).0.pop_first().expect("because there is one file");
        PickPolicy::read(name, bytes, &mut sources)
            .map_err(|report| report.sorted(&sources).to_text(&sources, Color::Never))
    }

    #[test]
    fn an_empty_policy_has_the_defaults() -> Result<(), String> {
        let policy = read("  source: {}\n")?;

        assert_eq!(
            (policy.source.branch.as_str(), policy.targets.branch.as_str()),
            ("main", "release/{minor}")
        );
        assert!(policy.is_trunk_only("clusters/a/web.yaml") && policy.is_trunk_only("picks.yaml"));
        assert!(!policy.is_trunk_only("addons/picks.yaml"));
        assert_eq!(policy.merge.merge_commits, MergeCommits::Squash);
        assert_eq!(policy.merge.renames.directories, Directories::Ask);
        assert_eq!(policy.on_conflict.default, OnConflict::Draft);
        assert_eq!(policy.dependencies.mode, DependencyMode::Suggest);
        assert_eq!(policy.reverts.pick_reverts, PickReverts::Always);
        assert_eq!(policy.targets.maintenance.allow, ["security", "revert"]);
        Ok(())
    }

    #[test]
    fn the_sample_of_the_documentation_is_read() -> Result<(), String> {
        let policy = read(
            r#"  source: {branch: main}
  targets:
    branch: "release/{minor}"
    minors: ">=1.34 <=1.37"
    lifecycle: {"1.34": {maintenanceFrom: 2026-08-27, endOfLife: 2026-10-27}}
    maintenance: {allow: [security, revert]}
    freeze: [{minor: "1.36", from: 2026-12-11, until: 2026-12-15T12:00:00Z, allow: [security]}]
  select:
    - {id: docs, when: {paths: {only: ["docs/**"]}}, to: none}
    - {id: bot, when: {author: "renovate[bot]", kind: [security, fix]}, to: trailer}
    - {id: addons, when: {paths: {any: ["addons/**", "templates/**"]}}, to: all, mixed: filter}
    - {id: late, to: {minors: ">=1.36"}}
  compat: [{paths: "addons/{addon}/**", file: "addons/{addon}/addon.yaml", field: /spec/kubernetes}]
  regenerate: [{paths: ["golden/**"], by: golden}, {paths: [sums], by: {command: [sh, sum.sh]}}]
  merge: {mergeCommits: expand, renames: {directories: follow}}
  onConflict: {default: stop, continue: independent}
  dependencies: {mode: off}
  reverts: {pickReverts: always}
  repick: []
  exclude: [{commit: 0123456789abcdef0123456789abcdef01234567, minors: "1.36", reason: no, until: 2027-02-28}]
"#
            .replace("reason: no", "reason: \"no\"")
            .as_str(),
        )?;
        assert_eq!(policy.dependencies.mode, DependencyMode::Off);
        assert_eq!(policy.select[0].to, To::Word(ToWord::None));
        assert_eq!(policy.select[2].mixed, Mixed::Filter);
        assert_eq!(policy.select[3].mixed, Mixed::Error);
        assert_eq!(policy.regenerate[1].by, By::Command { command: vec!["sh".into(), "sum.sh".into()] });
        let minor = |text: &str| text.parse::<Minor>().expect("because it is a minor");
        assert_eq!(policy.branch_of(minor("1.36")), "release/1.36");
        assert_eq!(policy.minor_of("release/1.36"), Some(minor("1.36")));
        assert_eq!(policy.minor_of("release/1.38"), None);
        assert_eq!(policy.minor_of("release/x"), None);
        Ok(())
    }

    #[test]
    fn what_is_wrong_is_said_with_the_way_out() {
        let table = [
            ("  targets: {minors: \">=1.34, <=1.37\"}\n", "pick-range", "`>=1.34 <=1.37`"),
            ("  targets: {minors: 1.30}\n", "minor-unquoted", "\"1.30\""),
            ("  targets: {lifecycle: {1.30: {endOfLife: 2027-01-01}}}\n", "minor-unquoted", "`\"1.30\"`"),
            (
                "  exclude: [{commit: 98e7612, reason: x}]\n",
                "wrong-format",
                "a full commit id of 40 hexadecimal digits",
            ),
            ("  repick: [1234567]\n", "wrong-type", "a full commit id of 40 hexadecimal digits"),
            (
                "  repick: [1234567890123456789012345678901234567890]\n",
                "wrong-type",
                "quote it: `\"1234567890123456789012345678901234567890\"`",
            ),
            ("  select: [{id: a, to: al}]\n", "unknown-word", "`all`"),
            ("  select: [{id: a, to: all}, {id: a, to: none}]\n", "duplicate-name", "the second"),
            ("  dependencies: {mode: on}\n", "unknown-word", "`off`"),
            ("  compat: [{paths: \"a/{b}/**\", file: \"a/{c}.yaml\", field: /x}]\n", "pick-capture", "`{c}`"),
            ("  targets: {branch: release}\n", "wrong-format", "{minor}"),
            ("  sorce: {}\n", "unknown-field", "`source`"),
        ];
        for (spec, rule, way_out) in table {
            let report = read(spec).expect_err(spec);
            assert!(report.contains(&format!("error[{rule}]")), "{spec}{report}");
            assert!(report.contains(way_out), "{spec}{report}");
            assert!(report.contains("--> picks.yaml:"), "{spec}{report}");
        }
    }
}
