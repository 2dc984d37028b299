//! `completions`: what a shell needs to complete yoshino's arguments.

use clap::CommandFactory as _;
use clap_complete::Shell;
use yoshino::error::Failure;

use super::{Arguments, Exit, Session};

/// Prints the completions of a shell
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  yoshino completions bash > /etc/bash_completion.d/yoshino\n  source <(yoshino completions zsh)"
)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Prints the completions.
    ///
    /// # Errors
    /// Fails where stdout does.
    pub fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "yoshino", &mut script);
        session.terminal.print(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Fine)
    }
}
