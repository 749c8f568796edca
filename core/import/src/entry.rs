//! A model that can be installed: what people know of it, where its network is, and what was measured.

use std::path::Path;

use enlarger::{Error, ErrorKind, Manifest, Model, Result};
use enlarger_networks::ncnn;
use enlarger_networks::onnx::{Wrapping, wrap};
use serde::{Deserialize, Serialize};

use crate::archive::Archive;
use crate::draft::{Draft, Words};
use crate::given;
use crate::package::Package;
use crate::probe::{Findings, Support};
use crate::{invalid, is_digest, sha256};

/// The texts of licences, by their SPDX identifiers.
const LICENCES: [(&str, &str); 2] = [
    ("BSD-3-Clause", include_str!("../catalogue/licences/BSD-3-Clause.txt")),
    ("MIT", include_str!("../catalogue/licences/MIT.txt")),
];

/// What a licence is called that nobody has found.
const UNKNOWN: &str = "unknown";

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
    /// Its files in the package, without `.param` and `.bin`. A package that is no archive is the network itself.
    pub path: String,
    /// What is put around the network.
    pub wrapping: Wrapping,
    /// The least, the greatest and the usual noise level.
    pub noise_level: Option<[f32; 3]>,
    /// What was measured; without it the network is probed when it is installed.
    pub measured: Option<Measured>,
}

impl Entry {
    /// What is wrong with it, in a sentence: everything that a model needs to be passed on must be there.
    pub(crate) fn check(&self) -> Result<()> {
        let Words { id, licence, attribution, commercial, .. } = &self.words;
        let refuse = |what: &str| Err(invalid(format!("the catalogue's model '{id}' {what}")));
        // The id becomes a folder's name; a manifest's rules are the strictest.
        let draft = Draft { words: self.words.clone(), ..Draft::of(&[]) };
        if let Err(error) = Manifest::parse(&draft.text()) {
            return refuse(&format!("cannot be one: {}", error.message()));
        }
        if licence.is_empty() || attribution.is_empty() {
            return refuse(
                "names no licence, or nobody to attribute it to; write both, licence = \"unknown\" if nobody knows",
            );
        }
        if self.licence_is_certain && licence == UNKNOWN {
            return refuse(
                "has an unknown licence that is certain; read the licence, or write licence_is_certain = false",
            );
        }
        if !self.licence_is_certain && *commercial {
            return refuse("allows commercial use under a licence that is not certain; write commercial = false");
        }
        if self.path.split('/').any(|part| part.is_empty() || part == "..") {
            return refuse("has no file, or one outside of its package; name it as the package does");
        }
        if self.measured.as_ref().is_some_and(|m| ![&m.param, &m.bin, &m.network].into_iter().all(|sum| is_digest(sum)))
        {
            return refuse("was measured on files without a SHA-256; measure it again");
        }
        self.package.check()
    }

    /// Whether an installed model is this one.
    pub fn is(&self, model: &Model) -> bool {
        let manifest = model.manifest();
        match &self.measured {
            Some(measured) => measured.network == manifest.file.sha256,
            None => self.words.source == manifest.card.source,
        }
    }

    /// The network, out of its package.
    ///
    /// # Errors
    /// `ModelHash` for files that are not the catalogue's; `ModelInvalid` as the conversion.
    pub fn network(&self, package: &Path) -> Result<Vec<u8>> {
        if !self.package.is_archive() {
            self.package.open(package)?;
            let network = given::read(package)?.network;
            return if self.wrapping == Wrapping::default() { Ok(network) } else { wrap(&network, &self.wrapping) };
        }
        let mut archive = Archive::open(package, &self.package)?;
        let mut member = |ending: &str| archive.read(&format!("{}.{ending}", self.path));
        let (param, bin) = (member("param")?, member("bin")?);
        if let Some(measured) = &self.measured {
            for (name, bytes, expected) in [("param", &param, &measured.param), ("bin", &bin, &measured.bin)] {
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
        }
        self.convert(&param, &bin)
    }

    /// The network, whatever the files are.
    ///
    /// # Errors
    /// As the conversion.
    pub fn convert(&self, param: &[u8], bin: &[u8]) -> Result<Vec<u8>> {
        let text = std::str::from_utf8(param).map_err(|_| invalid("the .param file is not text; fetch it again"))?;
        wrap(&ncnn::convert(text, bin)?, &self.wrapping)
    }

    /// The manifest of the network, of which this was found: what the catalogue has measured, or what a probe says.
    ///
    /// # Errors
    /// `Internal` for another network than the measured one.
    pub fn manifest(&self, network: &[u8], found: &Findings) -> Result<String> {
        let draft = Draft::found(network, found, self.words.clone())?;
        if self.measured.as_ref().is_some_and(|measured| measured.network != draft.file.1) {
            return Err(Error::new(
                ErrorKind::Internal,
                format!("{} was converted into something else than measured; please report this", self.words.id),
            ));
        }
        Ok(Draft { noise_level: self.noise_level.or(draft.noise_level), ..draft }.text())
    }

    /// What goes beside the network: the licence with its notice, where it is known.
    pub fn licence_text(&self) -> Option<String> {
        let (_, text) = LICENCES.iter().find(|(id, _)| *id == self.words.licence)?;
        Some(format!("{}\n\n{}", self.words.attribution, text))
    }
}

impl Measured {
    /// The same as a probe says it.
    pub fn findings(&self) -> Findings {
        Findings {
            scale: self.scale,
            pad: 0,
            multiple: self.multiple,
            minimum: self.minimum,
            range: [0.0, 1.0],
            fidelity: 0.0,
            bgr: false,
            order_told: true,
            support: self.support,
            halo: self.halo,
            overlap: self.overlap,
            seconds: 0.0,
        }
    }
}
