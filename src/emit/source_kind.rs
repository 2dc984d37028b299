//! What form an addon's source has.
//!
//! It looks at names of files only. Whether the source can stand where the addon is placed is not looked at here.

use super::application::SourceKind;
use crate::spec::addon::Source;
use crate::tree::{FileTree, RepoPath};

/// Returns the form of a source; `None` for one that AWS manages, which has no Application.
pub fn source_kind(files: &FileTree, source: &Source) -> Option<SourceKind> {
    match source {
        Source::Eks(_) => None,
        Source::Helm(helm) if helm.repository.starts_with("oci://") => Some(SourceKind::Oci),
        Source::Helm(_) => Some(SourceKind::Helm),
        Source::Kustomize { .. } => Some(SourceKind::Kustomize),
        Source::Access => Some(SourceKind::Rendered),
        Source::Manifests { path } => {
            let has_template = files_in(files, path).any(is_template);
            Some(if has_template { SourceKind::Rendered } else { SourceKind::Manifests })
        }
    }
}

/// Returns whether a file is a template of manifests.
pub fn is_template(file: &RepoPath) -> bool {
    file.file_name().ends_with(".yaml.j2")
}

/// Returns the files in a folder and beneath it, in path order.
pub fn files_in<'f>(files: &'f FileTree, folder: &'f str) -> impl Iterator<Item = &'f RepoPath> {
    files.beneath(folder).map(|(path, _)| path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_are_rendered_where_one_of_them_is_a_template() {
        let files = FileTree::literal(&[
            ("addons/a-b/x.yaml.j2", ""),
            ("addons/a/x.yaml", ""),
            ("addons/b/sub/y.yaml.j2", ""),
            ("addons/b/x.yaml", ""),
            ("addons/c/notes.j2", ""),
        ]);
        for (path, expected) in [
            ("addons/a", SourceKind::Manifests),
            ("addons/b", SourceKind::Rendered),
            ("addons/c", SourceKind::Manifests),
            ("addons/d", SourceKind::Manifests),
        ] {
            assert_eq!(
                source_kind(&files, &Source::Manifests { path: path.into() }),
                Some(expected),
                "{path}"
            );
        }
    }
}
