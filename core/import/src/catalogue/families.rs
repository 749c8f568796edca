//! Reads a catalogue file: packages, and families of models, as TOML.
//!
//! The models of a family share nearly everything, so the file states it once for each family.

use std::collections::BTreeMap;

use enlarger::{Mode, Result};
use enlarger_networks::onnx::Wrapping;
use serde::Deserialize;

use super::entry::{Entry, Measured};
use super::package::Package;
use crate::errors::invalid;
use crate::manifest_draft::Description;

/// The newest schema that this version reads.
const SCHEMA: u32 = 1;

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

/// Models that share everything but their name and file.
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
    #[serde(default = "yes")]
    tried: bool,
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
    #[serde(default)]
    scale: Option<u32>,
}

fn yes() -> bool {
    true
}

/// Reads the models of a catalogue file. They are not checked yet.
pub(super) fn read(text: &str, measured: &str) -> Result<Vec<Entry>> {
    let wrong = |e: toml::de::Error| {
        invalid(format!("the catalogue is invalid: {}; correct it", e.message().replace('\n', " ")))
    };
    let mut file: File = toml::from_str(text).map_err(wrong)?;
    file.measured.extend(toml::from_str::<BTreeMap<String, Measured>>(measured).map_err(wrong)?);
    if file.schema != SCHEMA {
        return Err(invalid(format!(
            "the catalogue has schema {}, but this version of Enlarger reads schema {SCHEMA}; update Enlarger",
            file.schema
        )));
    }
    let mut entries: Vec<Entry> = Vec::new();
    for family in &file.family {
        let package = file.package.iter().find(|package| package.id == family.package);
        let Some(package) = package else {
            return Err(invalid(format!(
                "the catalogue has no package '{}', which a family uses; add the package, or correct its name",
                family.package
            )));
        };
        for member in &family.models {
            if entries.iter().any(|entry| entry.description.id == member.id) {
                return Err(invalid(format!(
                    "the catalogue has two models '{}'; choose another id for one of them",
                    member.id
                )));
            }
            let measured = file.measured.remove(&member.id);
            entries.push(entry(family, member, package, measured));
        }
    }
    if let Some(id) = file.measured.keys().next() {
        return Err(invalid(format!(
            "the catalogue has measured values for '{id}' but no such model; remove the values"
        )));
    }
    Ok(entries)
}

fn entry(family: &Family, member: &Member, package: &Package, measured: Option<Measured>) -> Entry {
    let (origin, file) = (package.origin(), &member.file);
    let source = match package.remote() {
        Some(remote) => format!("{origin}, SHA-256 {}", remote.sha256),
        None => format!("{origin} {}", package.version),
    };
    let inside = if package.is_archive() { format!(", {file}") } else { String::new() };
    Entry {
        description: Description {
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
            source: format!("{source}{inside}"),
            training_data: family.training_data.clone(),
            known_limits: family.known_limits.clone(),
            imported_sha256: String::new(),
        },
        licence_is_certain: family.licence_is_certain,
        package: package.clone(),
        path: [family.folder.as_str(), file].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/"),
        wrapping: Wrapping {
            pad: family.pad,
            planes: family.planes.clone(),
            noise_level: family.noise_level.is_some(),
            add_nearest: family.add_nearest,
            ..Wrapping::default()
        },
        noise_level: family.noise_level,
        tried: family.tried,
        stated_scale: member.scale,
        measured,
    }
}
