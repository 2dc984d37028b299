//! git's configuration, and which of it is the repository's own.
//!
//! Whoever hands over a repository wrote its `.git/config`: what names a program or a place to send credentials to is
//! taken from the user's and the system's files alone. As for git, `GIT_CONFIG_GLOBAL`, `GIT_CONFIG_SYSTEM` and
//! `GIT_CONFIG_NOSYSTEM` say which files these are; libgit2 by itself does not look at them.

use std::env::var_os;
use std::path::{Path, PathBuf};

use git2::{Config, ConfigLevel, Repository};

use crate::error::Error;

/// All settings that hold for a repository, in the order of their files.
#[derive(Debug)]
pub struct Configuration {
    settings: Vec<Setting>,
}

#[derive(Debug)]
struct Setting {
    /// Section and key in lower case, what stands between them as written: `http.https://example.com/.proxy`.
    name: String,
    /// `None` where there is no `=`, which means true.
    value: Option<Vec<u8>>,
    is_own: bool,
}

impl Configuration {
    /// Reads the configuration of a repository.
    ///
    /// # Errors
    /// [`Error::Git`] where a file cannot be read.
    pub fn of(repository: &Repository) -> Result<Self, Error> {
        Self::read(repository)
            .map_err(|source| Error::Git { doing: "read git's configuration".to_owned(), source })
    }

    fn read(repository: &Repository) -> Result<Self, git2::Error> {
        let files = ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"];
        let config = match files.iter().any(|name| var_os(name).is_some()) {
            true => as_environment_says(repository)?,
            false => repository.config()?,
        };
        let mut levels = Vec::new();
        config.entries(None)?.for_each(|entry| {
            let value = entry.has_value().then(|| entry.value_bytes().to_vec());
            let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
            let level = entry.level();
            levels.push((rank(level), Setting { name, value, is_own: is_own(level) }));
        })?;
        // Within a file, as they stand; what comes later wins.
        levels.sort_by_key(|(rank, _)| *rank);
        Ok(Self { settings: levels.into_iter().map(|(_, setting)| setting).collect() })
    }

    /// Returns the value of a setting, whoever wrote it.
    pub fn find(&self, name: &str) -> Option<&[u8]> {
        self.last(name, |_| true).map(Setting::bytes)
    }

    /// Returns the value of a setting that names a program, from the user's and the system's files.
    ///
    /// # Errors
    /// [`Error::Refused`] where the repository's own configuration has it: it is not passed over in silence.
    pub fn find_trusted(&self, name: &str) -> Result<Option<String>, Error> {
        if self.last(name, |setting| setting.is_own).is_some() {
            return Err(Error::Refused {
                doing: format!("take `{name}` from the repository's own configuration"),
                why: format!(
                    "it names a program; set it with `git config --global {name}`, and unset it here"
                ),
            });
        }
        let found = self.last(name, |_| true).map(Setting::bytes);
        Ok(found.map(|value| String::from_utf8_lossy(value).into_owned()))
    }

    /// Returns whether a setting is on; `false` where it is absent or no boolean.
    pub fn is_on(&self, name: &str) -> bool {
        match self.last(name, |_| true) {
            Some(Setting { value: None, .. }) => true,
            Some(setting) => Config::parse_bool(setting.bytes()).unwrap_or(false),
            None => false,
        }
    }

    fn last(&self, name: &str, is_taken: impl Fn(&Setting) -> bool) -> Option<&Setting> {
        self.settings.iter().rev().find(|setting| setting.name == name && is_taken(setting))
    }
}

impl Setting {
    fn bytes(&self) -> &[u8] {
        self.value.as_deref().unwrap_or(b"true")
    }
}

/// Opens the files that git would, where the environment says which.
fn as_environment_says(repository: &Repository) -> Result<Config, git2::Error> {
    let named = |name: &str| var_os(name).map(PathBuf::from);
    let without_system = var_os("GIT_CONFIG_NOSYSTEM").is_some_and(|value| {
        !value.is_empty() && Config::parse_bool(value.as_encoded_bytes()).unwrap_or(true)
    });
    let system = match without_system {
        true => None,
        false => named("GIT_CONFIG_SYSTEM").or_else(|| Config::find_system().ok()),
    };
    let user = match named("GIT_CONFIG_GLOBAL") {
        Some(file) => vec![(file, ConfigLevel::Global)],
        None => [(Config::find_xdg(), ConfigLevel::XDG), (Config::find_global(), ConfigLevel::Global)]
            .into_iter()
            .filter_map(|(file, level)| Some((file.ok()?, level)))
            .collect(),
    };
    let own = [
        (repository.commondir().join("config"), ConfigLevel::Local),
        (repository.path().join("config.worktree"), ConfigLevel::Worktree),
    ];
    let mut config = Config::new()?;
    let files = system.map(|file| (file, ConfigLevel::System)).into_iter().chain(user).chain(own);
    for (file, level) in files {
        if file != Path::new("") && file != Path::new("/dev/null") {
            config.add_file(&file, level, false)?;
        }
    }
    Ok(config)
}

fn is_own(level: ConfigLevel) -> bool {
    matches!(level, ConfigLevel::Local | ConfigLevel::Worktree | ConfigLevel::App | ConfigLevel::Highest)
}

/// Returns the place of a file among those that are read, the last of which wins.
fn rank(level: ConfigLevel) -> u8 {
    match level {
        ConfigLevel::ProgramData => 0,
        ConfigLevel::System => 1,
        ConfigLevel::XDG => 2,
        ConfigLevel::Global => 3,
        ConfigLevel::Local => 4,
        ConfigLevel::Worktree => 5,
        ConfigLevel::App | ConfigLevel::Highest => 6,
    }
}
