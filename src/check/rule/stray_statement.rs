//! Statements stand where they are carried out.

use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::emit::template::stray_statements;
use crate::location::FileId;

/// Statements stand where they are carried out.
pub const RULE: Rule = Rule {
    id: "stray-statement",
    severity: Severity::Error,
    page: Page {
        summary: "a spec has statement lines in block scalars only",
        why: "A spec is read as YAML before its values are filled, and outside a block scalar `#% if` is a comment: \
              what it should have left out would be there on every cluster.",
        wrong: "# addons/cilium/addon.yaml\nspec:\n  source:\n    helm:\n      values:\n#% if cluster.paused\n        a: 1\n#% endif\n",
        right: "# addons/cilium/addon.yaml\nspec:\n  source:\n    helm:\n      values:\n        a: |\n          #% if cluster.paused\n          1\n          #% endif\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for file in files(specs) {
        let bytes = &specs.sources.get(file).bytes;
        // Nearly no spec has any, and reading thousands of them closely takes time.
        if !bytes.windows(2).any(|pair| pair == b"#%") {
            continue;
        }
        let found = stray_statements(file, &String::from_utf8_lossy(bytes), 0);
        report
            .diagnostics
            .extend(found.diagnostics.into_iter().map(|finding| Diagnostic { rule: RULE.id, ..finding }));
    }
}

/// Returns the files in which values may stand: addons, clusters and their defaults.
fn files(specs: &Specs<'_>) -> Vec<FileId> {
    let catalog = specs.catalog;
    let addons = catalog.trunk.addons.values().map(|addon| addon.document.location.file);
    let clusters = catalog.clusters.iter().map(|cluster| cluster.document.location.file);
    let defaults = catalog.trunk.files.0.keys().filter(|path| path.file_name() == "_defaults.yaml");
    let defaults = defaults.filter_map(|path| specs.sources.find(path));
    let mut files: Vec<FileId> = addons.chain(clusters).chain(defaults).collect();
    files.sort_unstable();
    files.dedup();
    files
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn every_kind_of_spec_that_holds_values_is_looked_at() {
        for path in ["addons/cilium/addon.yaml", "clusters/web.yaml", "clusters/_defaults.yaml"] {
            let found = findings(&RULE, &format!("# {path}\nspec: {{}}\n#% if x\n"));
            assert_eq!(found.len(), 1, "{path}: {found:?}");
        }
        let comment = findings(&RULE, "# clusters/web.yaml\nspec: {}\n#%% if x\n");
        assert!(comment.is_empty(), "{comment:?}");
    }
}
