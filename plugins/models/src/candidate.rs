//! A candidate: a network from anywhere, which becomes a model if it passes.
//!
//! It is not trusted: what can be refused without running it is not run, and what runs does so in a worker. Networks that
//! are imported and networks that are installed are probed, tried out and described alike.

use std::path::PathBuf;

use enlarger::{ErrorKind, Result};
use enlarger_import::{Description, Findings, LoadedNetwork, ManifestDraft, Support, UserModels};
use enlarger_networks::onnx::Network;

use crate::probing::probe;
use crate::watch::Watch;
use crate::worker::{Deadline, Worker};

/// A network that was read and can be run.
pub(crate) struct Candidate {
    given: LoadedNetwork,
    /// How large it is, in words.
    size: String,
}

/// What is known about a candidate from elsewhere, and wins over what a probe finds.
#[derive(Default)]
pub(crate) struct Stated {
    /// The findings, if this very network was measured before. It is then not probed, and one tile is trial enough.
    pub(crate) findings: Option<Findings>,
    /// Whether blue is the first channel.
    pub(crate) bgr: Option<bool>,
    /// The minimum, the maximum and the default of the noise level.
    pub(crate) noise_level: Option<[f32; 3]>,
}

/// A candidate that has passed.
pub(crate) struct Passed {
    manifest: String,
    network: Vec<u8>,
    /// What the probe found, or what was known.
    pub(crate) findings: Findings,
    /// The engine that ran the network, and its version.
    pub(crate) engine: String,
}

impl Candidate {
    /// Reads a network, and judges it without running it.
    ///
    /// # Errors
    /// Those of `read`, and as [`Network::judge`]; `Cancelled`.
    pub(crate) fn read(read: impl FnOnce() -> Result<LoadedNetwork> + Send, watch: &mut Watch<'_>) -> Result<Self> {
        watch.during(|| {
            let given = read()?;
            let facts = Network::read(&given.network)?.judge()?;
            let operators: usize = facts.operators.values().sum();
            Ok(Candidate { size: format!("{} weights, {operators} operators", facts.parameters), given })
        })
    }

    /// The network, as its file gives it.
    pub(crate) fn given(&self) -> &LoadedNetwork {
        &self.given
    }

    /// Finds out what the network does, unless that is known, and tries it out.
    ///
    /// # Errors
    /// As [`probe`], [`ManifestDraft::from_findings`] and [`Worker::try_out`].
    pub(crate) fn test(
        self,
        mut description: Description,
        stated: Stated,
        worker: &Worker,
        seconds: u64,
        watch: &mut Watch<'_>,
    ) -> Result<Passed> {
        let Candidate { given, size } = self;
        let id = description.id.clone();
        if !given.conversion.is_empty() {
            watch.info(format!("{id}: {}", given.conversion));
        }
        complete(&mut description, &given);
        let (imported, was_measured) = (given.sha256.clone(), stated.findings.is_some());
        let (network, mut findings) = match stated.findings {
            Some(findings) => (given.network, findings),
            None => {
                watch.info(format!("{id}: {size}; running it to find out what it does"));
                probe(given, worker, Deadline::after(seconds), watch)?
            }
        };
        if !findings.shows_its_input() {
            watch.info(format!(
                "{id}: the result is not the picture that it was given ({:.0} of 255 off), so its colours are not verified and not locked; it changes pictures on purpose, or its training is not finished",
                255.0 * findings.fidelity
            ));
        }
        if let Some(bgr) = stated.bgr {
            (findings.bgr, findings.order_known) = (bgr, true);
        }
        findings.noise_level = stated.noise_level.or(findings.noise_level);
        let mut draft = watch.during(|| ManifestDraft::from_findings(&network, &findings, description))?;
        if draft.file.1 != imported {
            draft.description.imported_sha256 = imported;
        }
        let (manifest, engine) = match was_measured {
            true => {
                let manifest = draft.text();
                let engine = worker.try_out(&manifest, &network, false, watch)?;
                (manifest, engine)
            }
            false => tried_out(&mut draft, &network, worker, watch)?,
        };
        (findings.support, findings.overlap) = (draft.support, draft.overlap);
        Ok(Passed { manifest, network, findings, engine })
    }
}

impl Passed {
    /// Stores the model with further files, given as name and text. Returns its folder.
    ///
    /// # Errors
    /// As [`UserModels::prepare`] and [`PreparedModel::install`](enlarger_import::PreparedModel::install); `Cancelled`.
    pub(crate) fn store(
        &self,
        store: &UserModels,
        notices: &[(&str, &str)],
        overwrite: bool,
        watch: &mut Watch<'_>,
    ) -> Result<PathBuf> {
        watch.begin("storing the model")?;
        watch.during(|| store.prepare(&self.manifest, &self.network, notices))?.install(overwrite)
    }
}

/// Completes a description by what the file tells.
fn complete(description: &mut Description, given: &LoadedNetwork) {
    if let Some(known) = &given.known {
        description.architecture.clone_from(&known.architecture);
    }
    if description.name.is_empty() {
        description.name.clone_from(&given.stem);
    }
    description.add_conversion(&given.conversion);
}

/// The manifest of a network that was tried out, and the engine that ran it. If tiles differ from the whole picture, the
/// halo that the probe found is too small for other pictures, so the network gets the whole picture.
fn tried_out(
    draft: &mut ManifestDraft,
    network: &[u8],
    worker: &Worker,
    watch: &mut Watch<'_>,
) -> Result<(String, String)> {
    let manifest = draft.text();
    match worker.try_out(&manifest, network, true, watch) {
        Err(error) if error.kind() == ErrorKind::ModelContract && draft.support != Support::Whole => {
            watch.info(format!(
                "{}: its tiles differ from the whole picture, so it always gets the whole picture, which takes more memory",
                draft.description.id
            ));
            watch.detail(error.to_string());
            (draft.support, draft.overlap) = (Support::Whole, 0);
            let manifest = draft.text();
            let engine = worker.try_out(&manifest, network, true, watch)?;
            Ok((manifest, engine))
        }
        tried => Ok((manifest, tried?)),
    }
}
