//! The parts of the project's own fleet that the binary carries: reference providers, and addons to begin with.
//!
//! Only `init` and `templates` read them. Rendering uses nothing but the fleet's own files.

/// A file: its path in a fleet, and what it holds.
pub type File = (&'static str, &'static str);

/// Lists files of the repository under the paths that they have there.
macro_rules! files {
    ($($path:literal),* $(,)?) => { &[$(($path, include_str!(concat!("../../", $path)))),*] };
}

/// The reference providers, each with its files.
pub const PROVIDERS: [(&str, &[File]); 3] = [
    (
        "aws",
        files![
            "templates/aws/cluster.yaml.j2",
            "templates/aws/impact.yaml",
            "templates/aws/pools.yaml.j2",
            "templates/aws/schema.json",
        ],
    ),
    (
        "docker",
        files![
            "templates/docker/cluster.yaml.j2",
            "templates/docker/impact.yaml",
            "templates/docker/machines.yaml.j2",
            "templates/docker/schema.json",
        ],
    ),
    (
        "openstack",
        files![
            "templates/openstack/cluster.yaml.j2",
            "templates/openstack/impact.yaml",
            "templates/openstack/machines.yaml.j2",
            "templates/openstack/schema.json",
        ],
    ),
];

/// Addons that every cluster can use.
pub const ADDONS: &[File] = files!["addons/cilium/addon.yaml", "addons/metrics-server/addon.yaml"];

/// Returns the files of a reference provider; `None` where there is none of that name.
pub fn provider(name: &str) -> Option<&'static [File]> {
    PROVIDERS.iter().find(|(known, _)| *known == name).map(|(_, files)| *files)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use yoshino::tree::{Selection, read_worktree};

    use super::*;

    #[test]
    fn all_files_of_all_providers_are_carried() {
        let selection = Selection { folders: &["templates"], files: &[] };
        let tree = read_worktree(Path::new(env!("CARGO_MANIFEST_DIR")), selection);
        let tree = tree.unwrap_or_else(|failure| panic!("{failure:?}"));
        let in_folders = tree.0.keys().map(|path| path.as_str()).filter(|path| path.matches('/').count() > 1);
        let carried = PROVIDERS.iter().flat_map(|(_, files)| files.iter().map(|(path, _)| *path));
        assert_eq!(carried.collect::<Vec<_>>(), in_folders.collect::<Vec<_>>());
    }
}
