//! The `enlarge` command: a thin shim over the library, like the ones inside GIMP and Krita.
//!
//! It knows files and terminals; of pixels it knows only how formats store them.

mod args;
mod bar;
mod batch;
mod catalogue;
mod clients;
mod doctor;
mod download;
mod enlarge;
mod hosts;
mod import;
mod limits;
mod models;
mod options;
mod output;
mod picture;
mod presets;
mod probe;
mod trial;
mod voice;

use std::process::{ExitCode, exit};

use clap::Parser;
use enlarger::Cancel;

use args::{Cli, Command};
use voice::Voice;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let voice = Voice { quiet: cli.quiet, verbose: cli.verbose, json: cli.json };
    let status = match &cli.command {
        Some(Command::Models(command)) => models::run(command, voice),
        Some(Command::Presets) => presets::run(voice),
        Some(Command::Doctor) => doctor::run(voice),
        Some(Command::Install { host }) => hosts::install(*host, voice),
        Some(Command::Uninstall { host }) => hosts::uninstall(*host, voice),
        None => {
            let cancel = Cancel::new();
            listen(&cancel, voice);
            batch::run(&cli.enlarge, voice, &cancel)
        }
    };
    ExitCode::from(status)
}

/// Ctrl-C stops the work in order; a second one does not wait for it.
fn listen(cancel: &Cancel, voice: Voice) {
    let cancel = cancel.clone();
    let stop = move || {
        if cancel.is_cancelled() {
            output::abandon();
            exit(i32::from(batch::CANCELLED));
        }
        cancel.cancel();
    };
    if let Err(error) = ctrlc::set_handler(stop) {
        voice.detail(format_args!("Ctrl-C cannot be watched for: {error}"));
    }
}
