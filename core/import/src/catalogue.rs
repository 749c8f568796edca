//! The models that can be installed.
//!
//! The catalogue is data: `catalogue/families.toml` is written by people, `catalogue/measured.toml` by a program. A model
//! is in it only if everything about it is known: where it is, what its files are, its licence, its halo.

use std::collections::BTreeMap;

use enlarger::{Error, ErrorKind, Mode, Result};
use enlarger_networks::ncnn;
use enlarger_networks::onnx::{Wrapping, wrap};
use serde::{Deserialize, Serialize};

use crate::draft::{Draft, Words};
use crate::probe::{Findings, Support};
use crate::{invalid, sha256};

/// The newest schema that this version reads.
const SCHEMA: u32 = 1;

/// The texts of licences, by their SPDX identifiers.
const LICENCES: [(&str, &str); 2] = [
    ("BSD-3-Clause", include_str!("../catalogue/licences/BSD-3-Clause.txt")),
    ("MIT", include_str!("../catalogue/licences/MIT.txt")),
];

/// The program that fetches a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Client {
    /// Python's.
    Pip,
    /// That of Node.
    Npm,
}

/// A package that holds models.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// How families name it.
    pub id: String,
    /// What fetches it.
    pub client: Client,
    /// Its name there.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The name of its file.
    pub file: String,
    /// The size of its file.
    pub size: u64,
    /// The SHA-256 of its file.
    pub sha256: String,
    /// The one platform that it is there for. Only data are taken from it, so any machine can use it.
    #[serde(default)]
    pub platform: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Families {
    schema: u32,
    package: Vec<Package>,
    family: Vec<Family>,
}

/// Models that have nearly all in common.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    package: String,
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

/// What a program found out about a model of the catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// The SHA-256 of the `.param` file.
    pub param: String,
    /// The SHA-256 of the `.bin` file.
    pub bin: String,
    /// The size of the `.bin` file.
    pub size: u64,
    /// The SHA-256 of the network that is made of both.
    pub network: String,
    /// Output pixels per input pixel.
    pub scale: u32,
    /// What each side must be a multiple of.
    pub multiple: u32,
    /// The fewest pixels along a side.
    pub minimum: u32,
    /// How it may be cut.
    pub support: Support,
    /// The halo.
    pub halo: u32,
    /// The width over which tiles are blended.
    pub overlap: u32,
}

/// A model that can be installed.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What people know of it.
    pub words: Words,
    /// Whether the licence was read, and not only heard of.
    pub licence_is_certain: bool,
    /// The package that holds it.
    pub package: Package,
    /// Its files in the package, without `.param` and `.bin`.
    pub path: String,
    /// What is put around the network.
    pub wrapping: Wrapping,
    /// The least, the greatest and the usual noise level.
    pub noise_level: Option<[f32; 3]>,
    /// What was measured; `None` only while it is being measured.
    pub measured: Option<Measured>,
}

/// The models that can be installed.
#[derive(Clone, Debug)]
pub struct Catalogue {
    entries: Vec<Entry>,
}

impl Catalogue {
    /// The catalogue inside this program.
    pub fn embedded() -> Result<Self> {
        Self::parse(include_str!("../catalogue/families.toml"), include_str!("../catalogue/measured.toml"))
    }

    /// Reads a catalogue.
    ///
    /// # Errors
    /// `ModelInvalid` for what is no catalogue, or one that contradicts itself.
    pub fn parse(families: &str, measured: &str) -> Result<Self> {
        let wrong = |e: toml::de::Error| invalid(format!("the catalogue is wrong: {}", e.message().replace('\n', " ")));
        let families: Families = toml::from_str(families).map_err(wrong)?;
        let mut measured: BTreeMap<String, Measured> = toml::from_str(measured).map_err(wrong)?;
        if families.schema != SCHEMA {
            return Err(invalid(format!(
                "the catalogue has schema {}, this version reads schema {SCHEMA}; update Enlarger",
                families.schema
            )));
        }
        let mut entries: Vec<Entry> = Vec::new();
        for family in &families.family {
            let package = families.package.iter().find(|package| package.id == family.package);
            let Some(package) = package else {
                return Err(invalid(format!("the catalogue has no package '{}'", family.package)));
            };
            for member in &family.models {
                if entries.iter().any(|entry| entry.words.id == member.id) {
                    return Err(invalid(format!("the catalogue has two models '{}'", member.id)));
                }
                let measured = measured.remove(&member.id);
                entries.push(entry(family, member, package, measured));
            }
        }
        if let Some(id) = measured.keys().next() {
            return Err(invalid(format!("the catalogue has figures of '{id}' and no such model")));
        }
        Ok(Catalogue { entries })
    }

    /// The models.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
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

fn entry(family: &Family, member: &Member, package: &Package, measured: Option<Measured>) -> Entry {
    let client = match package.client {
        Client::Pip => "Python package",
        Client::Npm => "npm package",
    };
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
            source: format!(
                "{client} {} {}, {}; converted from ncnn to ONNX",
                package.name, package.version, member.file
            ),
            training_data: family.training_data.clone(),
            known_limits: family.known_limits.clone(),
        },
        licence_is_certain: family.licence_is_certain,
        package: package.clone(),
        path: format!("{}/{}", family.folder, member.file),
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

impl Entry {
    /// The network, made of the two files of the package, and the manifest's text.
    ///
    /// # Errors
    /// `ModelHash` for files that are not the catalogue's; `ModelInvalid` as the conversion.
    pub fn make(&self, param: &[u8], bin: &[u8]) -> Result<(Vec<u8>, String)> {
        let measured = self.measured.as_ref().ok_or_else(|| invalid("the catalogue has no figures of this model"))?;
        for (name, bytes, expected) in [("param", param, &measured.param), ("bin", bin, &measured.bin)] {
            let found = sha256(bytes);
            if found != *expected {
                return Err(Error::new(
                    ErrorKind::ModelHash,
                    format!(
                        "the SHA-256 of {}.{name} is {found}, the catalogue says {expected}; it is another file, fetch the package again",
                        self.path
                    ),
                ));
            }
        }
        let network = self.convert(param, bin)?;
        let draft = Draft { noise_level: self.noise_level, ..self.draft(&network, measured)? };
        if draft.file.1 != measured.network {
            return Err(Error::new(
                ErrorKind::Internal,
                format!("{} was converted into something else than measured; please report this", self.words.id),
            ));
        }
        Ok((network, draft.text()))
    }

    /// The network, whatever the files are.
    ///
    /// # Errors
    /// As the conversion.
    pub fn convert(&self, param: &[u8], bin: &[u8]) -> Result<Vec<u8>> {
        let text = std::str::from_utf8(param).map_err(|_| invalid("the .param file is not text; fetch it again"))?;
        wrap(&ncnn::convert(text, bin)?, &self.wrapping)
    }

    fn draft(&self, network: &[u8], measured: &Measured) -> Result<Draft> {
        let findings = Findings {
            scale: measured.scale,
            pad: 0,
            multiple: measured.multiple,
            minimum: measured.minimum,
            range: [0.0, 1.0],
            fidelity: 0.0,
            bgr: false,
            order_told: true,
            support: measured.support,
            halo: measured.halo,
            overlap: measured.overlap,
            seconds: 0.0,
        };
        Draft::found(network, &findings, self.words.clone())
    }

    /// What goes beside the network: the licence with its notice, where it is known.
    pub fn licence_text(&self) -> Option<String> {
        let (_, text) = LICENCES.iter().find(|(id, _)| *id == self.words.licence)?;
        Some(format!("{}\n\n{}", self.words.attribution, text))
    }
}
