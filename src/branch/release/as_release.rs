//! What a tree must pass before it is released: every rule, and its golden cases.

use rayon::prelude::*;

use crate::check::{Day, Judgement, World};
use crate::diagnostic::{Diagnostic, Report};
use crate::error::Failure;
use crate::golden::{Case, cases};
use crate::location::Sources;
use crate::render;
use crate::spec::load_specs;
use crate::tree::{FileTree, RepoPath};

/// Holds a tree, read with its `golden/`, against everything that a release depends on; `today` decides which addons
/// have come to their end.
///
/// # Errors
/// Passes on what the world refused; what is wrong with the tree is the result.
pub fn check_as_release(
    mut files: FileTree,
    sources: &mut Sources,
    today: Day,
) -> Result<Judgement, Failure> {
    let mut judgement = Judgement { report: golden(&files), ..Judgement::default() };
    // Clusters and tenants are trunk's, whatever the tree has.
    files.0.retain(|path, _| !path.lies_beneath("clusters") && !path.lies_beneath("tenants"));
    let catalog = match load_specs(files, sources) {
        Ok(catalog) => catalog,
        Err(findings) => {
            judgement.report.extend(findings);
            return Ok(judgement);
        }
    };
    judgement.extend(render::check(&catalog, sources, World { today, former: None }));
    Ok(judgement)
}

/// Runs the golden cases of a tree.
fn golden(files: &FileTree) -> Report {
    let failed = |case: &Case| {
        let outcome = case.run();
        let differing: Vec<&str> = outcome.differing.iter().map(RepoPath::as_str).collect();
        let first = differing.first()?;
        let message = match differing.len() {
            1 => format!("the golden case `{}` gives another `{first}`", case.name),
            count => {
                format!("the golden case `{}` gives another `{first}`, and {} more", case.name, count - 1)
            }
        };
        Some(Diagnostic::error_nowhere("golden-case", message).hint("`yoshino test` shows how they differ"))
    };
    Report { diagnostics: cases(files).par_iter().filter_map(failed).collect() }
}
