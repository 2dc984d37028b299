//! What the pull request of picks is held against: that nothing in it is half done, and that all of it comes from trunk.
//!
//! Only objects are read. Programs that the policy names for generated paths are run where that is allowed: the scripts
//! that they run lie in the tree that is verified, which may be a stranger's. This module must not print.

mod marker;
mod range;

use std::collections::BTreeSet;

use git2::{Commit, Oid, Repository, Sort};

pub use range::{NotARange, Range};

use super::history::message::{picked_from, reverted, trailers};
use super::merge::{Changed, TreeChange, blob, changes, text};
use super::merge_commit::evil_path;
use super::regenerate::{Commands, Generation, Regenerated, regenerate, rules_of};
use crate::branch::history::short;
use crate::error::Error;
use crate::spec::pick_policy::{By, ByWord, PickPolicy, Regenerate};
use crate::spec::version::Minor;

/// What commits are verified by.
#[derive(Clone, Copy, Debug)]
pub struct Verification<'a> {
    /// The policy, from trunk or from whoever runs it; never from the commits.
    pub policy: &'a PickPolicy,
    /// The tip of trunk.
    pub trunk: Oid,
    /// The minor of the branch, which programs are told; without it none is run.
    pub minor: Option<Minor>,
    /// Whether programs are run.
    pub commands: Commands,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many commits there are.
    pub commits: usize,
    /// What is wrong, commit by commit, then file by file of the last.
    pub findings: Vec<Finding>,
    /// Globs of generated paths that only a program could have verified.
    pub unverified: Vec<String>,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is a case of.
    pub rule: Rule,
    /// The commit.
    pub commit: Oid,
    /// The path, if it is one of the commit's files that is wrong.
    pub path: Option<String>,
    /// What is wrong with it.
    pub message: String,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// A conflict was committed.
    Marker,
    /// The commit says itself that it is a draft.
    Draft,
    /// Nobody knows where the commit comes from.
    Provenance,
    /// A line of the message that is read by machines cannot be.
    Trailer,
    /// A merge does more than merge.
    Merge,
    /// A generated file is not what is generated.
    Generated,
}

impl Rule {
    /// Returns the rule's id.
    pub fn id(self) -> &'static str {
        match self {
            Self::Marker => "pick-marker",
            Self::Draft => "pick-draft",
            Self::Provenance => "pick-provenance",
            Self::Trailer => "pick-line",
            Self::Merge => "evil-merge",
            Self::Generated => "pick-generated",
        }
    }
}

/// Verifies the commits that `head` has and neither `base` nor trunk has.
///
/// # Errors
/// [`Error::Git`] where commits or files are missing, and what [`regenerate`] refuses.
pub fn verify(
    repository: &Repository,
    [base, head]: [Oid; 2],
    verification: &Verification<'_>,
) -> Result<Verified, Error> {
    let commits = commits(repository, [base, head], verification.trunk)?;
    let mut verified = Verified { commits: commits.len(), ..Verified::default() };
    for commit in &commits {
        let mut of_commit = Judge { repository, verification, commit, findings: Vec::new() };
        of_commit.judge()?;
        verified.findings.append(&mut of_commit.findings);
    }
    let head = repository.find_commit(head).map_err(cannot_read)?;
    generated(repository, &head, verification, &mut verified)?;
    Ok(verified)
}

fn commits(repository: &Repository, [base, head]: [Oid; 2], trunk: Oid) -> Result<Vec<Commit<'_>>, Error> {
    let mut walk = repository.revwalk().map_err(cannot_read)?;
    walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE).map_err(cannot_read)?;
    walk.push(head).map_err(cannot_read)?;
    for hidden in [base, trunk] {
        walk.hide(hidden).map_err(cannot_read)?;
    }
    walk.map(|id| repository.find_commit(id?)).collect::<Result<_, _>>().map_err(cannot_read)
}

/// One commit under judgement.
struct Judge<'a> {
    repository: &'a Repository,
    verification: &'a Verification<'a>,
    commit: &'a Commit<'a>,
    findings: Vec<Finding>,
}

impl Judge<'_> {
    fn judge(&mut self) -> Result<(), Error> {
        let message = self.commit.message_raw_bytes().to_vec();
        self.markers()?;
        for paths in trailers(&message, "Pick-Conflict") {
            self.find(Rule::Draft, format!("it is a draft: `Pick-Conflict: {paths}` is not resolved"));
        }
        self.lines(&message);
        match self.commit.parent_count() {
            0 | 1 => self.provenance(&message),
            _ => {
                if let Some(path) = evil_path(self.repository, self.commit)? {
                    let message = format!("the merge is not what its parents come to in `{path}`");
                    self.find(Rule::Merge, message);
                }
                Ok(())
            }
        }
    }

    fn find(&mut self, rule: Rule, message: String) {
        self.findings.push(Finding { rule, commit: self.commit.id(), path: None, message });
    }

    /// Looks for conflicts in files that the commit made so.
    fn markers(&mut self) -> Result<(), Error> {
        let change = TreeChange::of(self.commit)?;
        for file in changes(self.repository, change.before, Some(change.after))? {
            let Some(line) = self.new_marker(&file)? else { continue };
            let finding = Finding {
                rule: Rule::Marker,
                commit: self.commit.id(),
                path: Some(text(&file.path)),
                message: format!("a conflict is left in line {line}"),
            };
            self.findings.push(finding);
        }
        Ok(())
    }

    fn new_marker(&self, file: &Changed) -> Result<Option<usize>, Error> {
        let Some(after) = file.after.filter(|entry| entry.is_file()) else { return Ok(None) };
        let line = marker::first(&blob(self.repository, after.id)?);
        // What was there before is a document about conflicts.
        let was_there = match file.before.filter(|entry| entry.is_file() && line.is_some()) {
            Some(before) => marker::first(&blob(self.repository, before.id)?).is_some(),
            None => false,
        };
        Ok(line.filter(|_| !was_there))
    }

    /// Holds lines against their form that others will read.
    fn lines(&mut self, message: &[u8]) {
        let is_id = |value: &str| value.len() == 40 && Oid::from_str(value).is_ok();
        for value in trailers(message, "Pick-Dependency-Of") {
            if !is_id(&value) {
                self.find(Rule::Trailer, format!("`Pick-Dependency-Of: {value}` is no full commit id"));
            }
        }
        for value in trailers(message, "Not-Picked-Because") {
            if value.is_empty() {
                self.find(Rule::Trailer, "`Not-Picked-Because:` gives no reason".to_owned());
            }
        }
        let text = String::from_utf8_lossy(message);
        let picked = text.lines().filter_map(|line| line.strip_prefix("(cherry picked from commit "));
        let short: Vec<String> = picked
            .filter_map(|rest| rest.trim_end().strip_suffix(')'))
            .filter(|id| !is_id(id))
            .map(str::to_owned)
            .collect();
        for id in short {
            self.find(Rule::Trailer, format!("`cherry picked from commit {id}` has no full commit id"));
        }
    }

    /// Asks where the commit comes from.
    fn provenance(&mut self, message: &[u8]) -> Result<(), Error> {
        if trailers(message, "Not-Picked-Because").iter().any(|reason| !reason.is_empty()) {
            return Ok(());
        }
        let from: BTreeSet<Oid> = picked_from(message).into_iter().collect();
        let mut known = Vec::new();
        for id in &from {
            if is_known_within(self.repository, *id, self.verification.trunk)? {
                known.push(*id);
            }
        }
        match known[..] {
            [] if self.reverts_own(message) => {}
            [] => {
                let what = match from.first() {
                    Some(id) => format!("it was picked from {id}, which is not on trunk"),
                    None => "nothing says where it comes from".to_owned(),
                };
                let way = "expected one `(cherry picked from commit …)` of trunk, or `Not-Picked-Because: …`";
                self.find(Rule::Provenance, format!("{what}; {way}"));
            }
            [_] => {}
            [one, other] if self.is_part_of(one, other)? || self.is_part_of(other, one)? => {}
            _ => {
                let ids: Vec<String> = known.iter().copied().map(short).collect();
                let message =
                    format!("it was picked from {} commits of trunk: {}", ids.len(), ids.join(", "));
                self.find(Rule::Provenance, message);
            }
        }
        Ok(())
    }

    /// Returns whether it takes back a commit that is the branch's own, too.
    fn reverts_own(&self, message: &[u8]) -> bool {
        let own = |id: Oid| {
            let reverted = self.repository.find_commit(id).ok();
            let message = reverted.as_ref().map(|commit| commit.message_raw_bytes()).unwrap_or_default();
            let has_reason = trailers(message, "Not-Picked-Because").iter().any(|reason| !reason.is_empty());
            has_reason || !picked_from(message).is_empty()
        };
        reverted(message).iter().any(|line| own(line.id))
    }

    /// Returns whether `part` came to trunk with the merge `whole`: the last of its commits names both.
    fn is_part_of(&self, part: Oid, whole: Oid) -> Result<bool, Error> {
        let merge = self.repository.find_commit(whole).map_err(cannot_read)?;
        let [Ok(trunk), Ok(side)] = [merge.parent_id(0), merge.parent_id(1)] else { return Ok(false) };
        Ok(is_known_within(self.repository, part, side)? && !is_known_within(self.repository, part, trunk)?)
    }
}

/// Returns whether a commit is `tip` or one of its ancestors; one that is not in the repository is not.
fn is_known_within(repository: &Repository, id: Oid, tip: Oid) -> Result<bool, Error> {
    if id == tip {
        return Ok(true);
    }
    if repository.find_commit(id).is_err() {
        return Ok(false);
    }
    repository.graph_descendant_of(tip, id).map_err(cannot_read)
}

/// Makes generated files anew and compares.
fn generated(
    repository: &Repository,
    head: &Commit<'_>,
    verification: &Verification<'_>,
    verified: &mut Verified,
) -> Result<(), Error> {
    let may_run = verification.commands == Commands::Run && verification.minor.is_some();
    let mut rules: Vec<Regenerate> = rules_of(verification.policy);
    for rule in &mut rules {
        if matches!(rule.by, By::Command { .. }) && !may_run {
            verified.unverified.extend(rule.paths.iter().map(|glob| glob.as_str().to_owned()));
            rule.by = By::Word(ByWord::KeepTarget);
        }
    }
    let minor = verification.minor.unwrap_or(Minor { major: 0, minor: 0 });
    let generation = Generation { rules: &rules, minor, commands: verification.commands };
    let finding = |path: String, message: String| Finding {
        rule: Rule::Generated,
        commit: head.id(),
        path: Some(path),
        message,
    };
    match regenerate(repository, head.tree_id(), head.tree_id(), &generation)? {
        Regenerated::Tree { paths, .. } => {
            let stale = "it is not what is generated from this commit".to_owned();
            verified.findings.extend(paths.into_iter().map(|path| finding(path, stale.clone())));
        }
        Regenerated::Failed { path, reason } => {
            verified.findings.push(finding(path, format!("it cannot be generated: {reason}")));
        }
        Regenerated::Refused { paths } => verified.unverified.extend(paths),
    }
    Ok(())
}

fn cannot_read(source: git2::Error) -> Error {
    Error::Git { doing: "verify commits".to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::branch::fixture::{TempRepository, TestResult};
    use crate::location::{SourceName, Sources};

    const HEAD: &str =
        "apiVersion: yoshino.dev/v1alpha1\nkind: PickPolicy\nspec:\n  source: {branch: main}\n";

    /// A repository with a trunk of two commits and a minor branch at the first.
    struct Fixture {
        repository: TempRepository,
        base: Oid,
        picked: Oid,
    }

    impl Fixture {
        fn new() -> Result<Self, Box<dyn std::error::Error>> {
            let repository = TempRepository::new()?;
            let base = repository.commit("main", "base", &[("a", "1\n"), ("sums", "1\n")])?;
            repository.git.reference("refs/heads/release/1.36", base, false, "")?;
            let picked = repository.commit("main", "two", &[("a", "2\n")])?;
            Ok(Self { repository, base, picked })
        }

        /// Verifies the minor branch; draws each finding as rule, path and message.
        fn verified(
            &self,
            policy: &str,
            commands: Commands,
        ) -> Result<(Vec<String>, Vec<String>), Box<dyn std::error::Error>> {
            let mut sources = Sources::default();
            let text = format!("{HEAD}{policy}");
            let policy = PickPolicy::read(SourceName::of_user("p"), text.as_bytes().into(), &mut sources);
            let policy = policy.map_err(|report| format!("{report:?}"))?;
            let git = &self.repository.git;
            let head = git.refname_to_id("refs/heads/release/1.36")?;
            let trunk = git.refname_to_id("refs/heads/main")?;
            let minor = "HEAD..x".parse::<Range>().map_err(|_| "a range")?.minor(
                git,
                &policy,
                [self.base, head],
                trunk,
            )?;
            let verification = Verification { policy: &policy, trunk, minor, commands };
            let verified = verify(git, [self.base, head], &verification)?;
            let drawn = |finding: &Finding| {
                format!(
                    "{} {:?} {}",
                    finding.rule.id(),
                    finding.path.as_deref().unwrap_or(""),
                    finding.message
                )
            };
            Ok((verified.findings.iter().map(drawn).collect(), verified.unverified))
        }

        fn commit(&self, message: &str, files: &[(&str, &str)]) -> Result<Oid, git2::Error> {
            self.repository.commit("release/1.36", message, files)
        }
    }

    #[test]
    fn picks_and_commits_that_say_why_they_are_none_pass() -> TestResult {
        let fixture = Fixture::new()?;
        let pick = fixture.commit(
            &format!(
                "two\n\n(cherry picked from commit {})\n(cherry picked from commit {})\n",
                "1".repeat(40),
                fixture.picked
            ),
            &[("a", "2\n")],
        )?;
        let own = fixture.commit("own\n\nNot-Picked-Because: only 1.36 has it\n", &[("b", "=======\n")])?;
        fixture.commit(&format!("Revert \"own\"\n\nThis reverts commit {own}.\n"), &[("b", "")])?;
        fixture.commit(&format!("Revert \"two\"\n\nThis reverts commit {pick}.\n"), &[("a", "1\n")])?;

        assert_eq!(fixture.verified("", Commands::Refuse)?, (vec![], vec![]));
        Ok(())
    }

    #[test]
    fn drafts_strangers_and_short_ids_do_not() -> TestResult {
        let fixture = Fixture::new()?;
        let id = fixture.picked;
        fixture.commit("by hand", &[("b", "1\n")])?;
        fixture.commit(
            &format!("short\n\n(cherry picked from commit {})\n", &id.to_string()[..12]),
            &[("b", "2\n")],
        )?;
        let draft = format!("two\n\n(cherry picked from commit {id})\nPick-Conflict: a\n");
        fixture.commit(&draft, &[("a", "<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> two\n")])?;
        fixture.commit("why\n\nNot-Picked-Because:\n", &[("a", "2\n")])?;

        let way = "expected one `(cherry picked from commit …)` of trunk, or `Not-Picked-Because: …`";
        let nothing = format!("pick-provenance \"\" nothing says where it comes from; {way}");
        let short = &id.to_string()[..12];
        assert_eq!(
            fixture.verified("", Commands::Refuse)?.0,
            [
                nothing.clone(),
                format!("pick-line \"\" `cherry picked from commit {short}` has no full commit id"),
                nothing.clone(),
                "pick-marker \"a\" a conflict is left in line 1".to_owned(),
                "pick-draft \"\" it is a draft: `Pick-Conflict: a` is not resolved".to_owned(),
                "pick-line \"\" `Not-Picked-Because:` gives no reason".to_owned(),
                nothing,
            ]
        );
        Ok(())
    }

    #[test]
    fn a_commit_has_one_origin_on_trunk() -> TestResult {
        let fixture = Fixture::new()?;
        let three = fixture.repository.commit("main", "three", &[("a", "3\n")])?;
        let lines = [fixture.picked, three].map(|id| format!("(cherry picked from commit {id})\n")).concat();
        fixture.commit(&format!("both\n\n{lines}"), &[("a", "3\n")])?;

        let (findings, _) = fixture.verified("", Commands::Refuse)?;

        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].starts_with("pick-provenance \"\" it was picked from 2 commits of trunk"));
        Ok(())
    }

    #[test]
    fn generated_files_are_made_anew_and_programs_are_run_only_where_that_is_allowed() -> TestResult {
        let fixture = Fixture::new()?;
        let policy = "  regenerate: [{paths: [sums], by: {command: [sh, -c, cp a sums]}}]\n";
        fixture
            .commit(&format!("two\n\n(cherry picked from commit {})\n", fixture.picked), &[("a", "2\n")])?;

        let (findings, unverified) = fixture.verified(policy, Commands::Refuse)?;
        assert_eq!((findings, unverified), (vec![], vec!["sums".to_owned()]));

        let (findings, unverified) = fixture.verified(policy, Commands::Run)?;
        assert_eq!(findings, ["pick-generated \"sums\" it is not what is generated from this commit"]);
        assert!(unverified.is_empty());

        fixture.commit("sums\n\nNot-Picked-Because: generated\n", &[("sums", "2\n")])?;
        assert_eq!(fixture.verified(policy, Commands::Run)?, (vec![], vec![]));
        Ok(())
    }

    #[test]
    fn a_range_has_two_ends_and_its_names_say_which_minor_it_is_for() -> TestResult {
        let range = |text: &str| text.parse::<Range>();
        assert!(range("a..b").is_ok() && range("..").is_ok());
        assert_eq!([range("a"), range("a...b"), range("a..b..c")], [const { Err(NotARange) }; 3]);

        let fixture = Fixture::new()?;
        let git = &fixture.repository.git;
        let mut sources = Sources::default();
        let policy = PickPolicy::read(SourceName::of_user("p"), HEAD.as_bytes().into(), &mut sources);
        let policy = policy.map_err(|report| format!("{report:?}"))?;
        let minor = |text: &str| -> Result<Option<String>, Box<dyn std::error::Error>> {
            let range = range(text).map_err(|_| "a range")?;
            let ends = [fixture.picked, fixture.picked];
            Ok(range.minor(git, &policy, ends, fixture.picked)?.map(|minor| minor.to_string()))
        };
        assert_eq!(minor("origin/release/1.35..HEAD")?.as_deref(), Some("1.35"));
        assert_eq!(minor("x..refs/remotes/origin/picks/1.34/0123456789ab")?.as_deref(), Some("1.34"));
        assert_eq!(minor("x..y")?, None);
        assert!(range("nothing..HEAD").map_err(|_| "a range")?.find(git).is_err());
        Ok(())
    }
}
