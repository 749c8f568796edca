//! An entry of the catalogue: a model's description, its package, and the values that were measured on it.

use std::path::Path;

use enlarger::{Error, ErrorKind, Manifest, Model, Registry, Result};
use enlarger_networks::onnx::Wrapping;
use serde::{Deserialize, Serialize};

use super::archive::Archive;
use super::package::Package;
use crate::errors::invalid;
use crate::findings::{Findings, Support};
use crate::manifest_draft::{Description, ManifestDraft};
use crate::network_file::{LoadedNetwork, from_ncnn, read_network};
use crate::sha256::{is_sha256, sha256};

/// The texts of licences, by their SPDX identifiers.
const LICENCES: [(&str, &str); 4] = [
    ("Apache-2.0", include_str!("../../catalogue/licences/Apache-2.0.txt")),
    ("BSD-3-Clause", include_str!("../../catalogue/licences/BSD-3-Clause.txt")),
    ("CC-BY-4.0", include_str!("../../catalogue/licences/CC-BY-4.0.txt")),
    ("MIT", include_str!("../../catalogue/licences/MIT.txt")),
];

/// The name of an unknown licence.
const UNKNOWN: &str = "unknown";

/// The values that the example `measure` has found for a model of the catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// The SHA-256 of the `.param` file.
    pub param: String,
    /// The SHA-256 of the `.bin` file.
    pub bin: String,
    /// The size of the `.bin` file.
    pub size: u64,
    /// The SHA-256 of the ONNX network that both are converted to.
    pub network: String,
    /// Output pixels per input pixel.
    pub scale: u32,
    /// The number that each side must be a multiple of.
    pub multiple: u32,
    /// The least number of pixels along a side.
    pub minimum: u32,
    /// How a picture may be divided into tiles.
    pub support: Support,
    /// The halo.
    pub halo: u32,
    /// The width over which tiles are blended.
    pub overlap: u32,
}

/// A model that can be installed.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The description, which goes into the manifest.
    pub description: Description,
    /// Whether somebody has read the licence of these weights. Otherwise it is unclear.
    pub licence_is_certain: bool,
    /// The package that contains the model.
    pub package: Package,
    /// The path of the model's files in the package, without `.param` and `.bin`. Not used if the package is not an archive
    /// but the network itself.
    pub path: String,
    /// The operations to add around the network.
    pub wrapping: Wrapping,
    /// The minimum, the maximum and the default of the noise level, if the network takes one.
    pub noise_level: Option<[f32; 3]>,
    /// Whether the model was installed and run when it was added to the catalogue.
    pub tried: bool,
    /// Output pixels per input pixel, as the catalogue states them. What was measured counts more.
    pub stated_scale: Option<u32>,
    /// The measured values. Without them the network is probed when it is installed.
    pub measured: Option<Measured>,
}

impl Entry {
    /// Checks that the entry has everything that is needed to install and pass on the model.
    ///
    /// # Errors
    /// `ModelInvalid`, with a message that names the model and what to correct.
    pub(super) fn check(&self) -> Result<()> {
        let Description { id, licence, attribution, commercial, .. } = &self.description;
        let refuse = |what: &str| Err(invalid(format!("the catalogue's model '{id}' {what}")));
        // The id becomes the name of a folder, so the manifest's rules for ids apply.
        let draft = ManifestDraft { description: self.description.clone(), ..ManifestDraft::of(&[]) };
        if let Err(error) = Manifest::parse(&draft.text()) {
            return refuse(&format!("would have an invalid manifest: {}", error.message()));
        }
        if licence.is_empty() || attribution.is_empty() {
            return refuse(
                "lacks its licence or its attribution; add both, with licence = \"unknown\" if the licence is unknown",
            );
        }
        if self.licence_is_certain && licence == UNKNOWN {
            return refuse(
                "has licence = \"unknown\" but licence_is_certain = true; name the licence, or set licence_is_certain = false",
            );
        }
        if !self.licence_is_certain && *commercial {
            return refuse("allows commercial use although its licence is unclear; set commercial = false");
        }
        if self.stated_scale.is_some_and(|scale| !(1..=16).contains(&scale)) {
            return refuse("has a scale that is not 1 to 16; correct it, or leave it out");
        }
        if self.path.split('/').any(|part| part.is_empty() || part == "..") {
            return refuse("has no file, or a file outside its package; give the file's path inside the package");
        }
        if self.measured.as_ref().is_some_and(|m| ![&m.param, &m.bin, &m.network].into_iter().all(|sum| is_sha256(sum)))
        {
            return refuse("has measured values without the SHA-256 of its files; measure it again");
        }
        self.package.check()
    }

    /// Output pixels per input pixel, if they are known before the model is installed.
    pub fn scale(&self) -> Option<u32> {
        self.measured.as_ref().map(|measured| measured.scale).or(self.stated_scale)
    }

    /// Whether a file with this SHA-256 is the model's: its package, if that is the network itself, a file in its package, or the
    /// ONNX network that both are converted to.
    pub fn has_file(&self, sha256: &str) -> bool {
        let measured = self.measured.iter().flat_map(|measured| [&measured.bin, &measured.network]);
        let package = (!self.package.is_archive()).then_some(&self.package.sha256);
        measured.chain(package).any(|sum| sum.eq_ignore_ascii_case(sha256))
    }

    /// Whether a model is the one of this entry as the catalogue has it now.
    pub fn is(&self, model: &Model) -> bool {
        match &self.measured {
            Some(measured) => measured.network == model.manifest().file.sha256,
            None => self.description.is_source_of(model),
        }
    }

    /// Whether a model is the one of this entry, perhaps in another version. Another model may have its id.
    pub fn is_any_version_of(&self, model: &Model) -> bool {
        let source = &model.manifest().card.source;
        let rest = source.strip_prefix(&self.package.origin());
        self.is(model) || rest.is_some_and(|rest| rest.starts_with([' ', ',']))
    }

    /// Whether the model of this entry is among these, perhaps in another version.
    pub fn is_in(&self, registry: &Registry) -> bool {
        registry.find(&self.description.id).is_ok_and(|model| self.is_any_version_of(model))
    }

    /// Reads the network from its package, converts it to ONNX if needed, and wraps it.
    ///
    /// # Errors
    /// `ModelHash` for files that do not have the catalogue's SHA-256; `ModelInvalid` as the conversion; `Internal` if the
    /// result is not the network that was measured.
    pub fn network(&self, package: &Path) -> Result<LoadedNetwork> {
        let given = match self.package.is_archive() {
            // As it was measured: wrapped, even if nothing is added.
            true => self.archived(package)?.wrapped(&self.wrapping)?,
            false => match read_network(self.package.read(package)?, package)? {
                given if self.wrapping == Wrapping::default() => given,
                given => given.wrapped(&self.wrapping)?,
            },
        };
        if self.measured.as_ref().is_some_and(|measured| measured.network != sha256(&given.network)) {
            return Err(Error::new(
                ErrorKind::Internal,
                format!(
                    "the conversion of {} gave another network than the one that was measured; please report this",
                    self.description.id
                ),
            ));
        }
        Ok(given)
    }

    fn archived(&self, package: &Path) -> Result<LoadedNetwork> {
        let archive = Archive::open(package, &self.package)?;
        let member = |ending: &str| archive.read(&format!("{}.{ending}", self.path));
        let (param, bin) = (member("param")?, member("bin")?);
        if let Some(measured) = &self.measured {
            for (name, bytes, expected) in [("param", &param, &measured.param), ("bin", &bin, &measured.bin)] {
                let found = sha256(bytes);
                if found != *expected {
                    return Err(Error::new(
                        ErrorKind::ModelHash,
                        format!(
                            "{}.{name} has the SHA-256 {found}, but the catalogue expects {expected}; fetch the package again",
                            self.path
                        ),
                    ));
                }
            }
        }
        from_ncnn(&param, &bin)
    }

    /// Converts the files of an ncnn network to ONNX and wraps the result. Their SHA-256 is not checked.
    ///
    /// # Errors
    /// As the conversion.
    pub fn convert(&self, param: &[u8], bin: &[u8]) -> Result<Vec<u8>> {
        Ok(from_ncnn(param, bin)?.wrapped(&self.wrapping)?.network)
    }

    /// The text of the licence with its attribution, to be stored beside the network; `None` if the licence is unknown.
    pub fn licence_text(&self) -> Option<String> {
        let (_, text) = LICENCES.iter().find(|(id, _)| *id == self.description.licence)?;
        Some(format!("{}\n\n{}", self.description.attribution, text))
    }
}

impl Measured {
    /// The measured values as findings of a probe.
    pub fn findings(&self) -> Findings {
        Findings {
            scale: self.scale,
            gain: None,
            pad: 0,
            multiple: self.multiple,
            minimum: self.minimum,
            range: [0.0, 1.0],
            size: None,
            noise_level: None,
            faces: false,
            fidelity: 0.0,
            bgr: false,
            order_known: true,
            support: self.support,
            halo: self.halo,
            overlap: self.overlap,
            seconds: 0.0,
        }
    }
}
