//! `man`: manual pages, made from the same arguments as the help.

use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use yoshino::error::{Error, Failure};

use super::{Arguments, Exit, Session, files};

/// Prints the manual page, or writes one for every command
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  yoshino man | man -l -\n  yoshino man --out /usr/local/share/man/man1")]
pub struct Man {
    /// Write a page for every command into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Man {
    /// Prints or writes the pages.
    ///
    /// # Errors
    /// Says which page could not be written.
    pub fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let mut command = Arguments::command().disable_help_subcommand(true);
        command.build();
        match &self.out {
            None => session.terminal.print(&page(&command))?,
            Some(folder) => {
                let folder = session.path(folder);
                let written = write_pages(&command, "yoshino", &folder)?;
                session.terminal.say(&format!("wrote {written} manual pages"));
            }
        }
        Ok(Exit::Fine)
    }
}

/// Writes the page of `command`, called `name`, and those of its own commands; returns how many.
fn write_pages(command: &clap::Command, name: &str, folder: &Path) -> Result<usize, Error> {
    let path = folder.join(format!("{name}.1"));
    files::write(&path, &page(command))?;
    let beneath = command.get_subcommands().filter(|subcommand| !subcommand.is_hide_set());
    let written = beneath
        .map(|subcommand| write_pages(subcommand, &format!("{name}-{}", subcommand.get_name()), folder));
    written.sum::<Result<usize, Error>>().map(|pages| pages + 1)
}

fn page(command: &clap::Command) -> String {
    let mut page = Vec::new();
    // Writing to memory does not fail.
    _ = clap_mangen::Man::new(command.clone()).render(&mut page);
    String::from_utf8_lossy(&page).into_owned()
}
