//! The models that can be installed.
//!
//! The catalogue is data: `catalogue/families.toml` is written by people, `catalogue/measured.toml` by a program. A model
//! is in it only if everything about it is known: where it is, what its files are, its licence. A person's own
//! `catalogue.toml`, in the same form, is read beside it and reviewed by the same rules.

use std::collections::BTreeMap;

use enlarger::{Error, ErrorKind, Location, Mode, Registry, Result};
use enlarger_networks::onnx::Wrapping;
use serde::Deserialize;

use crate::draft::Words;
use crate::entry::{Entry, Measured};
use crate::invalid;
use crate::package::{Client, Package};

/// The newest schema that this version reads.
const SCHEMA: u32 = 1;

/// The name of a person's own catalogue, above the folder of models.
const FILE: &str = "catalogue.toml";

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: u32,
    #[serde(default)]
    package: Vec<Package>,
    #[serde(default)]
    family: Vec<Family>,
    #[serde(default)]
    measured: BTreeMap<String, Measured>,
}

/// Models that have nearly all in common.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    package: String,
    #[serde(default)]
    folder: String,
    architecture: String,
    mode: Mode,
    content: Vec<String>,
    licence: String,
    licence_is_certain: bool,
    commercial: bool,
    attribution: String,
    author: String,
    training_data: String,
    known_limits: String,
    #[serde(default)]
    pad: u32,
    #[serde(default)]
    add_nearest: u32,
    #[serde(default)]
    planes: Vec<f32>,
    #[serde(default)]
    noise_level: Option<[f32; 3]>,
    models: Vec<Member>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    id: String,
    name: String,
    file: String,
}

/// The models that can be installed.
#[derive(Debug)]
pub struct Catalogue {
    entries: Vec<Entry>,
    broken: Vec<Error>,
}

impl Catalogue {
    /// The catalogue inside this program, and the person's own. A model of theirs takes the place of one of the same id.
    ///
    /// # Errors
    /// As [`Catalogue::embedded`]. What is wrong with the person's own is in [`Catalogue::broken`].
    pub fn open() -> Result<Self> {
        let mut catalogue = Self::embedded()?;
        let (path, own) = match Registry::user_text(FILE) {
            Ok(None) => return Ok(catalogue),
            Ok(Some((path, text))) => (path, read(&text, "")),
            Err(error) => {
                catalogue.broken.push(error);
                return Ok(catalogue);
            }
        };
        match own {
            Ok(own) => own.into_iter().for_each(|entry| match entry.check() {
                Ok(()) => {
                    catalogue.entries.retain(|other| other.words.id != entry.words.id);
                    catalogue.entries.push(entry);
                }
                Err(error) => catalogue.broken.push(error.at(Location::File(path.clone()))),
            }),
            Err(error) => catalogue.broken.push(error.at(Location::File(path))),
        }
        Ok(catalogue)
    }

    /// The catalogue inside this program.
    ///
    /// # Errors
    /// As [`Catalogue::parse`].
    pub fn embedded() -> Result<Self> {
        Self::parse(include_str!("../catalogue/families.toml"), include_str!("../catalogue/measured.toml"))
    }

    /// Reads a catalogue, and figures that are in another file.
    ///
    /// # Errors
    /// `ModelInvalid` for what is no catalogue, one that contradicts itself, or one with a model that lacks something.
    pub fn parse(families: &str, measured: &str) -> Result<Self> {
        let entries = read(families, measured)?;
        entries.iter().try_for_each(Entry::check)?;
        Ok(Catalogue { entries, broken: Vec::new() })
    }

    /// The models.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What is in the person's own catalogue but cannot be used, with the reason.
    pub fn broken(&self) -> &[Error] {
        &self.broken
    }

    /// The model of this id.
    ///
    /// # Errors
    /// `ModelNotFound`.
    pub fn find(&self, id: &str) -> Result<&Entry> {
        self.entries.iter().find(|entry| entry.words.id == id).ok_or_else(|| {
            Error::new(
                ErrorKind::ModelNotFound,
                format!("the catalogue has no model '{id}'; `enlarge models available` lists those that it has"),
            )
        })
    }
}

/// The models of a file, not yet reviewed.
fn read(text: &str, measured: &str) -> Result<Vec<Entry>> {
    let wrong =
        |e: toml::de::Error| invalid(format!("the catalogue is wrong: {}; mend that", e.message().replace('\n', " ")));
    let mut file: File = toml::from_str(text).map_err(wrong)?;
    file.measured.extend(toml::from_str::<BTreeMap<String, Measured>>(measured).map_err(wrong)?);
    if file.schema != SCHEMA {
        return Err(invalid(format!(
            "the catalogue has schema {}, this version reads schema {SCHEMA}; update Enlarger",
            file.schema
        )));
    }
    let mut entries: Vec<Entry> = Vec::new();
    for family in &file.family {
        let package = file.package.iter().find(|package| package.id == family.package);
        let Some(package) = package else {
            return Err(invalid(format!(
                "the catalogue has no package '{}'; write it, or mend its name",
                family.package
            )));
        };
        for member in &family.models {
            if entries.iter().any(|entry| entry.words.id == member.id) {
                return Err(invalid(format!("the catalogue has two models '{}'; choose another id", member.id)));
            }
            let measured = file.measured.remove(&member.id);
            entries.push(entry(family, member, package, measured));
        }
    }
    if let Some(id) = file.measured.keys().next() {
        return Err(invalid(format!("the catalogue has figures of '{id}' and no such model; take them out")));
    }
    Ok(entries)
}

fn entry(family: &Family, member: &Member, package: &Package, measured: Option<Measured>) -> Entry {
    let (name, version, file) = (&package.name, &package.version, &member.file);
    let source = match (package.client, package.remote()) {
        (_, Some(remote)) => format!("{}, SHA-256 {}", remote.url, remote.sha256),
        (Client::Npm, None) => format!("npm package {name} {version}"),
        (Client::Pip | Client::Url, None) => format!("Python package {name} {version}"),
    };
    let (inside, converted) =
        if package.is_archive() { (format!(", {file}"), "; converted from ncnn to ONNX") } else { (String::new(), "") };
    Entry {
        words: Words {
            id: member.id.clone(),
            name: member.name.clone(),
            version: package.version.clone(),
            mode: family.mode,
            content: family.content.clone(),
            architecture: family.architecture.clone(),
            licence: family.licence.clone(),
            commercial: family.commercial,
            attribution: family.attribution.clone(),
            author: family.author.clone(),
            source: format!("{source}{inside}{converted}"),
            training_data: family.training_data.clone(),
            known_limits: family.known_limits.clone(),
        },
        licence_is_certain: family.licence_is_certain,
        package: package.clone(),
        path: [family.folder.as_str(), file].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/"),
        wrapping: Wrapping {
            pad: family.pad,
            planes: family.planes.clone(),
            noise_level: family.noise_level.is_some(),
            add_nearest: family.add_nearest,
        },
        noise_level: family.noise_level,
        measured,
    }
}
