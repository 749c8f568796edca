//! Importing: a network's file from anywhere becomes one of the user's models.
//!
//! Nothing is kept of a network that fails.

use std::path::Path;

use enlarger::{Error, ErrorKind, Mode, Model, Registry, Result};
use enlarger_import::{Description, Findings, UserModels, load_network, recognise};

use crate::candidate::{Candidate, Passed, Stated};
use crate::watch::Watch;
use crate::worker::{SECONDS, Worker};

/// The most characters of an id.
const LONGEST_ID: usize = 80;

/// The id of a model whose file's name contains no characters for one.
const UNNAMED: &str = "model";

/// What happens if there is a model already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// A model of the same id is an error.
    Refuse,
    /// A model of the same id is replaced.
    Replace,
    /// A model of the same network is taken instead; for a model of the same id only, another id is chosen.
    Reuse,
}

/// What the network's file does not say.
#[derive(Clone, Debug)]
pub struct Import {
    /// The id; by default made of the file's name.
    pub id: Option<String>,
    /// What people say about the model. Its id is not used; without a name, it gets the file's.
    pub description: Description,
    /// Whether blue is the first channel; by default it is found out where possible.
    pub bgr: Option<bool>,
    /// Whether the file is recognised by its SHA-256. What is stated in the description wins.
    pub recognise: bool,
    /// What happens if there is a model already.
    pub existing: Existing,
    /// The seconds that probing may take.
    pub seconds: u64,
}

impl Default for Import {
    fn default() -> Self {
        let description = Description { mode: Mode::Creative, ..Description::default() };
        Import { id: None, description, bgr: None, recognise: true, existing: Existing::Refuse, seconds: SECONDS }
    }
}

/// A model that was imported.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The model.
    pub model: Model,
    /// What was found out about it; `None` if there was a model of the same network.
    pub tested: Option<Tested>,
}

/// What importing has found out about a model.
#[derive(Clone, Debug)]
pub struct Tested {
    /// What the probe found.
    pub findings: Findings,
    /// The engine that ran the model, and its version.
    pub engine: String,
}

/// Imports a network. `registry`: the models that there are now.
///
/// # Errors
/// As [`load_network`]; `ModelInvalid` or `ModelContract` for a network that is of no use; `Limit` for one that takes too
/// much time or memory; those of its runs; `Io` if the model cannot be stored; `Argument` for an id that is taken or cannot
/// be made of the file's name; `Cancelled`. Each leaves nothing behind.
pub fn import(
    path: &Path,
    wanted: &Import,
    registry: &Registry,
    worker: &Worker,
    watch: &mut Watch<'_>,
) -> Result<Imported> {
    watch.begin(format!("reading {}", path.file_name().unwrap_or_default().to_string_lossy()))?;
    let candidate = Candidate::read(|| load_network(path), watch)?;
    let given = candidate.given();
    if wanted.existing == Existing::Reuse
        && let Some(model) = registry.models().iter().find(|model| has_network(model, &given.sha256))
    {
        return Ok(Imported { model: model.clone(), tested: None });
    }
    let store = UserModels::open()?;
    let id = choose_id(wanted, &given.stem, registry, &store)?;
    let mut description = Description { id, ..wanted.description.clone() };
    let recognised = if wanted.recognise { watch.during(|| Ok(recognise(&given.files)))? } else { None };
    if let Some(recognised) = recognised {
        watch.info(format!("{}: {recognised}", description.id));
        recognised.complete(&mut description);
    }
    let stated = Stated { bgr: wanted.bgr, ..Stated::default() };
    let passed = candidate.test(description, stated, worker, wanted.seconds, watch)?;
    let folder = passed.store(&store, &[], wanted.existing == Existing::Replace, watch)?;
    let Passed { findings, engine, .. } = passed;
    Ok(Imported { model: Model::from_folder(&folder)?, tested: Some(Tested { findings, engine }) })
}

/// Whether this network was imported as that model.
fn has_network(model: &Model, hash: &str) -> bool {
    let manifest = model.manifest();
    manifest.file.sha256 == hash || manifest.card.imported_sha256 == hash
}

fn choose_id(wanted: &Import, stem: &str, registry: &Registry, store: &UserModels) -> Result<String> {
    let reuse = wanted.existing == Existing::Reuse;
    let id = match &wanted.id {
        Some(id) => id.clone(),
        None => match id_of(stem) {
            Ok(id) => id,
            Err(error) if !reuse => return Err(error),
            Err(_) => UNNAMED.to_owned(),
        },
    };
    // A model that cannot be read has its folder all the same.
    let is_taken = |id: &str| registry.find(id).is_ok() || store.folder().join(id).exists();
    match (registry.find(&id), wanted.existing) {
        (Ok(model), Existing::Refuse) => Err(Error::new(
            ErrorKind::Argument,
            format!(
                "there already is a model '{id}' ({}); choose another --id, or replace it with --overwrite",
                model.origin()
            ),
        )),
        (_, Existing::Reuse) if is_taken(&id) => {
            let mut others = (2..).map(|number: u32| {
                let ending = format!("-{number}");
                id.chars().take(LONGEST_ID - ending.len()).collect::<String>() + &ending
            });
            others.find(|other| !is_taken(other)).ok_or_else(|| {
                Error::new(ErrorKind::Internal, format!("there is no free id like '{id}'; please report this"))
            })
        }
        _ => Ok(id),
    }
}

/// Makes an id of a file's name. Nothing else is read into the name.
fn id_of(stem: &str) -> Result<String> {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || "._".contains(c) { c.to_ascii_lowercase() } else { '-' };
    let id: String = stem.chars().map(allowed).collect();
    let id: String = id.trim_matches(['.', '-', '_']).chars().take(LONGEST_ID).collect();
    if id.is_empty() {
        return Err(Error::new(
            ErrorKind::Argument,
            "the file's name contains no characters for an id; give one with --id",
        ));
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_made_of_file_names() {
        assert_eq!(id_of("4x-UltraSharp (v2)").unwrap(), "4x-ultrasharp--v2");
        assert_eq!(id_of("..//x").unwrap(), "x");
        assert!(id_of("日本").is_err());
    }

    #[test]
    fn a_taken_id_is_refused_replaced_or_followed_by_a_free_one() {
        let folder = tempfile::tempdir().unwrap();
        let (registry, store) = (Registry::search(&[]), UserModels::new(folder.path().to_owned()));
        let built_in = enlarger::DEFAULT_MODEL;
        let choose = |stem: &str, existing| {
            choose_id(&Import { existing, ..Import::default() }, stem, &registry, &store).map_err(|error| error.kind())
        };
        assert_eq!(choose(built_in, Existing::Refuse), Err(ErrorKind::Argument));
        assert_eq!(choose(built_in, Existing::Replace), Ok(built_in.to_owned()));
        assert_eq!(choose(built_in, Existing::Reuse), Ok(format!("{built_in}-2")));
        std::fs::create_dir(folder.path().join("model")).unwrap();
        let long = "x".repeat(100);
        std::fs::create_dir(folder.path().join(&long[..LONGEST_ID])).unwrap();
        assert_eq!(choose(&long, Existing::Reuse), Ok(format!("{}-2", &long[..LONGEST_ID - 2])));
        assert_eq!(choose("日本", Existing::Reuse), Ok("model-2".to_owned()));
        assert_eq!(choose("日本", Existing::Refuse), Err(ErrorKind::Argument));
    }
}
