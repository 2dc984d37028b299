//! The command line of yoshino: parse, dispatch, print, exit.
//!
//! What a verb does is the library's; how it is asked for and shown hangs under [`cli`].

mod cli;

use std::process::ExitCode;

/// Half of what a rendering does is to make and drop small values.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run(std::env::args_os())
}
