//! Generated paths of a tree, made anew: never merged, since two sides that both change a generated line can merge
//! cleanly and be wrong.
//!
//! What a fleet generates (golden cases, its rendering) is made in memory. A program that the policy names is run in a
//! copy of the tree, in a folder of its own; of what it does there only the paths that it was run for are taken, and
//! anything else is a failure. This module must not decide whether a program may be run.

mod fleet;
mod workspace;

use std::collections::BTreeMap;

use git2::{Oid, Repository};

use super::merge::{Entry, Path, changes, text, update};
use crate::error::Error;
use crate::spec::pick_policy::{By, ByWord, PickPolicy, Regenerate, any_matches};
use crate::spec::version::Minor;

/// Whether programs that a policy names may be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commands {
    /// They may: the tree is trusted as much as the policy is.
    Run,
    /// They may not: the tree may be a stranger's, and they are scripts in it.
    Refuse,
}

/// How generated paths are made.
#[derive(Clone, Copy, Debug)]
pub struct Generation<'a> {
    /// The policy's rules; the first that matches a path makes it.
    pub rules: &'a [Regenerate],
    /// The minor that the tree is for.
    pub minor: Minor,
    /// Whether programs may be run.
    pub commands: Commands,
}

/// What came of making generated paths anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Regenerated {
    /// They are made.
    Tree {
        /// The tree that has them.
        tree: Oid,
        /// Generated paths that differ from the target's, in order.
        paths: Vec<String>,
    },
    /// They could not be made.
    Failed {
        /// The path that could not, or the rule's first glob.
        path: String,
        /// Why, one line.
        reason: String,
    },
    /// Some are made by a program, and none may be run.
    Refused {
        /// The globs of the rule.
        paths: Vec<String>,
    },
}

/// Returns the rules of a policy as [`Generation`] takes them: what minor branches do not have is made by nothing.
pub fn rules_of(policy: &PickPolicy) -> Vec<Regenerate> {
    let absent = Regenerate { paths: policy.targets.trunk_only.clone(), by: By::Word(ByWord::KeepTarget) };
    std::iter::once(absent).chain(policy.regenerate.iter().cloned()).collect()
}

/// Makes the generated paths of `tree` anew; `target` is the tree that it will stand on.
///
/// # Errors
/// [`Error::Git`] where objects are missing or cannot be written, [`Error::Io`] where there is no room for a copy of
/// the tree or a program cannot be started.
pub fn regenerate(
    repository: &Repository,
    tree: Oid,
    target: Oid,
    generation: &Generation<'_>,
) -> Result<Regenerated, Error> {
    let mut result = tree;
    for (place, rule) in generation.rules.iter().enumerate() {
        let source = Source { repository, tree: result, generation, place };
        let made = match &rule.by {
            By::Word(ByWord::KeepTarget) => continue,
            By::Word(ByWord::Golden) => fleet::golden(&source)?,
            By::Word(ByWord::Render) => fleet::rendering(&source)?,
            By::Command { .. } if generation.commands == Commands::Refuse => {
                let paths = rule.paths.iter().map(|glob| glob.as_str().to_owned()).collect();
                return Ok(Regenerated::Refused { paths });
            }
            By::Command { command } => workspace::run(&source, command)?,
        };
        match made {
            Made::Changes(changes) if changes.is_empty() => {}
            Made::Changes(changes) => result = update(repository, result, &changes)?,
            Made::Failed { path, reason } => return Ok(Regenerated::Failed { path, reason }),
        }
    }
    let differing = changes(repository, Some(target), Some(result))?;
    let is_generated = |path: &String| generation.rules.iter().any(|rule| any_matches(&rule.paths, path));
    let paths = differing.iter().map(|change| text(&change.path)).filter(is_generated).collect();
    Ok(Regenerated::Tree { tree: result, paths })
}

/// A tree and the rule that is at work on it.
struct Source<'a> {
    repository: &'a Repository,
    tree: Oid,
    generation: &'a Generation<'a>,
    /// The place of the rule.
    place: usize,
}

/// What a rule made.
enum Made {
    /// New entries by path, `None` for what is gone.
    Changes(BTreeMap<Path, Option<Entry>>),
    Failed {
        path: String,
        reason: String,
    },
}

impl Source<'_> {
    /// Returns whether it is this rule that makes a path.
    fn makes(&self, path: &str) -> bool {
        let first = self.generation.rules.iter().position(|rule| any_matches(&rule.paths, path));
        first == Some(self.place)
    }

    /// Says that the rule failed, whatever path it was at.
    fn failed(&self, reason: String) -> Made {
        let glob = self.generation.rules[self.place].paths.first();
        Made::Failed { path: glob.map(|glob| glob.as_str().to_owned()).unwrap_or_default(), reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::branch::fixture::{TempRepository, TestResult};
    use crate::branch::merge::{blob, look_up};

    fn rule(globs: &[&str], by: By) -> Regenerate {
        Regenerate { paths: globs.iter().filter_map(|glob| glob.parse().ok()).collect(), by }
    }

    fn shell(script: &str) -> By {
        By::Command { command: ["sh", "-c", script].map(str::to_owned).to_vec() }
    }

    /// Makes a tree of files and regenerates it; returns what came, with the contents of what changed.
    fn regenerated(
        repository: &TempRepository,
        files: &[(&str, &str)],
        rules: &[Regenerate],
        commands: Commands,
    ) -> Result<(Regenerated, Vec<String>), Box<dyn std::error::Error>> {
        let commit = repository.commit("main", "files", files)?;
        let tree = repository.git.find_commit(commit)?.tree_id();
        let minor = "1.36".parse().map_err(|_| "a minor")?;
        let made = regenerate(&repository.git, tree, tree, &Generation { rules, minor, commands })?;
        let mut contents = Vec::new();
        if let Regenerated::Tree { tree, paths } = &made {
            for path in paths {
                let entry = look_up(&repository.git, *tree, path.as_bytes())?;
                let bytes =
                    entry.map(|entry| blob(&repository.git, entry.id)).transpose()?.unwrap_or_default();
                contents.push(format!("{path}: {}", String::from_utf8_lossy(&bytes)));
            }
        }
        Ok((made, contents))
    }

    #[test]
    fn a_program_makes_the_paths_it_is_named_for_from_the_tree_alone() -> TestResult {
        let repository = TempRepository::new()?;
        let script = "cat a b > sums/all; echo $YOSHINO_MINOR $LC_ALL $TZ >> sums/all; echo talk; \
                      test $HOME = $(pwd) && test -z \"$USER\" && rm sums/old";
        let files = [("a", "1\n"), ("b", "2\n"), ("sums/all", "stale\n"), ("sums/old", "old\n")];

        let (_, contents) =
            regenerated(&repository, &files, &[rule(&["sums/**"], shell(script))], Commands::Run)?;

        assert_eq!(contents, ["sums/all: 1\n2\n1.36 C UTC\n", "sums/old: "]);
        Ok(())
    }

    #[test]
    fn a_program_that_fails_or_changes_something_else_has_made_nothing() -> TestResult {
        let repository = TempRepository::new()?;
        let failure = |script: &str| -> Result<Regenerated, Box<dyn std::error::Error>> {
            let rules = [rule(&["sums"], shell(script))];
            Ok(regenerated(&repository, &[("a", "1\n"), ("sums", "s\n")], &rules, Commands::Run)?.0)
        };
        let failed = |path: &str, reason: &str| Regenerated::Failed {
            path: path.to_owned(),
            reason: reason.to_owned(),
        };

        assert_eq!(
            failure("echo no such thing >&2; exit 3")?,
            failed("sums", "`sh` exits with 3: no such thing")
        );
        let reason = "the command changes `a`, which it was not run for";
        assert_eq!(failure("echo 2 > a; echo 2 > sums")?, failed("a", reason));
        let reason = "the command changes `new/x`, which it was not run for";
        assert_eq!(failure("mkdir new; touch new/x")?, failed("new/x", reason));
        assert_eq!(failure("mkfifo sums2")?, failed("sums2", "it is neither a file nor a link"));
        Ok(())
    }

    #[test]
    fn no_program_is_run_where_none_may_be() -> TestResult {
        let repository = TempRepository::new()?;
        let mark = repository.folder.join("ran");
        let rules = [rule(&["sums"], shell(&format!("touch {}", mark.display())))];

        let (made, _) = regenerated(&repository, &[("a", "1\n")], &rules, Commands::Refuse)?;

        assert_eq!(made, Regenerated::Refused { paths: vec!["sums".to_owned()] });
        assert!(!mark.exists());
        Ok(())
    }

    #[test]
    fn golden_cases_expect_what_they_give_and_the_first_rule_decides() -> TestResult {
        let repository = TempRepository::new()?;
        let files = [
            ("fleet.yaml", "apiVersion: yoshino.dev/v1alpha1\nkind: Fleet\nmetadata: {name: f}\nspec: 1\n"),
            ("golden/one/repo/clusters/c.yaml", "nonsense: [\n"),
            ("golden/one/report.txt", "stale\n"),
            ("golden/two/repo/clusters/c.yaml", "nonsense: [\n"),
            ("golden/two/report.txt", "stale\n"),
        ];
        let keeps = rule(&["golden/two/**"], By::Word(ByWord::KeepTarget));
        let golden = rule(&["golden/**"], By::Word(ByWord::Golden));

        let (made, contents) = regenerated(&repository, &files, &[keeps, golden], Commands::Refuse)?;

        assert!(matches!(made, Regenerated::Tree { .. }));
        assert_eq!(contents.len(), 1, "{contents:?}");
        assert!(contents[0].starts_with("golden/one/report.txt: error"), "{contents:?}");
        Ok(())
    }

    #[test]
    fn the_rendering_of_the_tree_is_made_and_what_is_no_longer_rendered_goes() -> TestResult {
        let repository = TempRepository::new()?;
        let fleet = "apiVersion: yoshino.dev/v1alpha1\nkind: Fleet\nmetadata: {name: f}\nspec:\n  labelDomain: \
                     f.example.com\n  repository: {url: https://git.example.com/f.git}\n  minors: [\"1.36\"]\n  \
                     management: [{name: m}]\n";
        let stale = "# yoshino: generated from clusters/c.yaml\na: 1\n";
        let files = [
            ("fleet.yaml", fleet),
            (
                "tenants/t.yaml",
                "apiVersion: yoshino.dev/v1alpha1\nkind: Tenant\nmetadata: {name: t}\nspec: {}\n",
            ),
            ("rendered/m/stale.yaml", stale),
            ("rendered/m/by-hand.yaml", "a: 1\n"),
        ];
        let rules = [rule(&["rendered/**"], By::Word(ByWord::Render))];

        let (made, contents) = regenerated(&repository, &files, &rules, Commands::Refuse)?;

        let Regenerated::Tree { paths, .. } = made else { return Err(format!("{made:?}").into()) };
        assert!(contents.contains(&"rendered/m/stale.yaml: ".to_owned()), "{contents:?}");
        assert!(paths.iter().any(|path| path.starts_with("rendered/m/projects")), "{paths:?}");
        assert!(!paths.contains(&"rendered/m/by-hand.yaml".to_owned()));

        let (made, _) = regenerated(&repository, &[("fleet.yaml", "spec: 1\n")], &rules, Commands::Refuse)?;

        let Regenerated::Failed { path, .. } = made else { return Err(format!("{made:?}").into()) };
        assert_eq!(path, "rendered/**");
        Ok(())
    }
}
