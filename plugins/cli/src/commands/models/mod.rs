//! `enlarge models …`: listing, checking, installing and importing models.

mod available;
mod import;
mod install;
mod list;
mod model_json;
mod remove;
mod reports;
mod search;
mod verify;

use enlarger::{Cancel, Registry};

pub use model_json::model_json;

use crate::args::Models;
use crate::terminal::Terminal;

/// Runs `enlarge models …`. `stoppable` makes Ctrl-C cancel what it returns.
pub fn run(command: &Models, terminal: Terminal, stoppable: impl FnOnce() -> Cancel) -> u8 {
    match command {
        Models::List => list::list(&Registry::open(), terminal),
        Models::Info { model } => list::info(&Registry::open(), model, terminal),
        Models::Available { commercial } => available::available(*commercial, terminal),
        Models::Search(arguments) => search::search(arguments, terminal, &stoppable()),
        Models::Install(arguments) => install::install(arguments, terminal, &stoppable()),
        Models::Update(arguments) => install::update(arguments, terminal, &stoppable()),
        Models::Remove { models } => remove::remove(models, terminal),
        Models::Import(arguments) => import::run(arguments, terminal, &stoppable()),
        Models::Probe => enlarger_models::serve(),
        Models::Verify { models } => verify::verify(&Registry::open(), models, terminal),
    }
}
