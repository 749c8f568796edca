//! `enlarge models …`: listing, checking, installing and importing models.

mod available;
mod import;
mod install;
mod list;
mod model_json;
mod probe;
mod remove;
mod trial;
mod verify;

use enlarger::Registry;

pub use model_json::model_json;

use crate::args::Models;
use crate::terminal::Terminal;

/// Runs `enlarge models …`.
pub fn run(command: &Models, terminal: Terminal) -> u8 {
    match command {
        Models::List => list::list(&Registry::open(), terminal),
        Models::Info { model } => list::info(&Registry::open(), model, terminal),
        Models::Available { commercial } => available::available(*commercial, terminal),
        Models::Install(arguments) => install::install(arguments, terminal),
        Models::Update(arguments) => install::update(arguments, terminal),
        Models::Remove { models } => remove::remove(models, terminal),
        Models::Import(arguments) => import::run(arguments, terminal),
        Models::Probe { file } => probe::run(file),
        Models::Verify { models } => verify::verify(&Registry::open(), models, terminal),
    }
}
