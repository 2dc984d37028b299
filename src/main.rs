//! The command line of yoshino: parse, dispatch, print, exit.
//!
//! What a verb does is the library's; how it is asked for and shown hangs under [`cli`].

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run(std::env::args_os())
}
