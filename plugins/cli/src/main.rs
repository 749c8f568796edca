//! The `enlarge` command: a thin shim over the library, like the ones inside GIMP and Krita.
//!
//! It knows files and terminals. Of pixels it knows only how file formats store them.

mod args;
mod commands;
mod develop;
mod download;
mod exit_status;
mod hosts;
mod input;
mod metadata;
mod picture;
mod terminal;

use std::process::{ExitCode, exit};

use clap::Parser;
use enlarger::Cancel;

use args::{Cli, Command};
use commands::{doctor, enlarge, info, install, models, presets};
use terminal::Terminal;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let terminal = Terminal { quiet: cli.quiet, verbose: cli.verbose, json: cli.json };
    let stoppable = || {
        let cancel = Cancel::new();
        cancel_on_ctrl_c(&cancel, terminal);
        cancel
    };
    let status = match &cli.command {
        Some(Command::Models(command)) => models::run(command, terminal),
        Some(Command::Presets) => presets::run(terminal),
        Some(Command::Info(args)) => info::run(args, terminal, &stoppable()),
        Some(Command::Doctor) => doctor::run(terminal),
        Some(Command::Install { host }) => install::install(*host, terminal),
        Some(Command::Uninstall { host }) => install::uninstall(*host, terminal),
        None => enlarge::run(&cli.enlarge, terminal, &stoppable()),
    };
    ExitCode::from(status)
}

/// Makes the first Ctrl-C cancel the work, and a second one end the program at once.
fn cancel_on_ctrl_c(cancel: &Cancel, terminal: Terminal) {
    let cancel = cancel.clone();
    let stop = move || {
        if cancel.is_cancelled() {
            enlarge::abandon();
            exit(i32::from(exit_status::CANCELLED));
        }
        cancel.cancel();
    };
    if let Err(error) = ctrlc::set_handler(stop) {
        terminal.detail(format_args!("Ctrl-C cannot be handled ({error}); it ends the program at once"));
    }
}
