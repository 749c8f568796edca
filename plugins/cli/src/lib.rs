//! The `enlarge` command: a thin shim over the library, like the ones inside GIMP and Krita.
//!
//! It knows files and terminals. Of pixels it knows only how file formats store them. It is a library only so that the fuzz
//! targets can call its readers; programs use the crate `enlarger`.

mod args;
mod commands;
mod develop;
mod exit_status;
mod hosts;
mod input;
mod metadata;
mod picture;
mod terminal;

use std::fs::File;
use std::path::Path;
use std::process::{ExitCode, exit};

use clap::Parser;
use enlarger::{Cancel, Result, Source};

use args::{Cli, Command};
use commands::{doctor, enlarge, info, install, models, presets, preview, scratches};
use picture::{Limits, OpenOptions};
use terminal::Terminal;

/// Runs the command with the arguments of the process.
pub fn run() -> ExitCode {
    enlarger_system::without_dialogs();
    let cli = Cli::parse();
    let terminal = Terminal { quiet: cli.quiet, verbose: cli.verbose, json: cli.json };
    let cli = match cli.with_paths() {
        Ok(cli) => cli,
        Err(error) => {
            terminal.error(&error);
            return ExitCode::from(exit_status::of_error(&error));
        }
    };
    let stoppable = || {
        let cancel = Cancel::new();
        cancel_on_ctrl_c(&cancel, terminal);
        cancel
    };
    let status = match &cli.command {
        Some(Command::Models(command)) => models::run(command, terminal, stoppable),
        Some(Command::Presets) => presets::run(terminal),
        Some(Command::Info(args)) => info::run(args, terminal, &stoppable()),
        Some(Command::Scratches(args)) => scratches::run(args, terminal, &stoppable()),
        Some(Command::Preview(args)) => preview::run(args, terminal, &stoppable()),
        Some(Command::Doctor) => doctor::run(terminal),
        Some(Command::Install { host }) => install::install(*host, terminal),
        Some(Command::Uninstall { host }) => install::uninstall(*host, terminal),
        None => enlarge::run(&cli.enlarge, terminal, &stoppable()),
    };
    ExitCode::from(status)
}

/// Makes the first Ctrl-C cancel the work, and a second one end the program at once. So does what else asks a program to end: the
/// signals TERM and HUP, and on Windows Ctrl-Break, closing the console's window, logging off and shutting down.
fn cancel_on_ctrl_c(cancel: &Cancel, terminal: Terminal) {
    let cancel = cancel.clone();
    let stop = move || {
        if cancel.is_cancelled() {
            enlarge::abandon();
            exit(i32::from(exit_status::CANCELLED));
        }
        cancel.cancel();
    };
    #[cfg(windows)]
    let set = enlarger_system::on_stop(enlarger_system::OnStop { stop: Box::new(stop), abandon: enlarge::abandon });
    #[cfg(not(windows))]
    let set = ctrlc::set_handler(stop);
    if let Err(error) = set {
        terminal.detail(format_args!("Ctrl-C cannot be handled ({error}); it ends the program at once"));
    }
}

/// Reads the picture in `file` to its last row, for the fuzz targets. `path` is what errors name, and its ending is what tells
/// a TGA. `memory`: bytes that a picture held in memory may take.
///
/// # Errors
/// Those of the reader.
#[doc(hidden)]
pub fn read_picture(file: File, path: &Path, memory: u64) -> Result<()> {
    let limits = Limits { pixels: memory / 4, memory };
    let mut picture = picture::open_file(file, path, &OpenOptions { limits, ..OpenOptions::default() })?;
    let mut row = vec![0; picture.format().row_size(picture.size().width)];
    (0..picture.size().height).try_for_each(|y| picture.read(0, y, &mut row))
}
