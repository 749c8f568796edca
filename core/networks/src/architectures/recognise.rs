//! Finds the architecture of a checkpoint and builds its network.
//!
//! Whether an architecture fits is decided by building it, so recognition and conversion cannot disagree.

use enlarger::{Error, Result};

use super::catalogue::ARCHITECTURES;
use super::misfit::{Misfit, Outcome};
use super::{Architecture, Design, Weights};
use crate::checkpoints::Checkpoint;
use crate::errors::{invalid, shown};

/// A checkpoint whose architecture is known.
pub struct Recognised<'c> {
    architecture: &'static Architecture,
    weights: Weights<'c>,
    design: Design,
}

impl Recognised<'_> {
    /// The name of the architecture.
    pub fn architecture(&self) -> &'static str {
        self.architecture.name
    }

    /// The likeliest network.
    pub fn design(&self) -> &Design {
        &self.design
    }

    /// The likeliest network, without a copy.
    pub fn into_design(self) -> Design {
        self.design
    }

    /// Another network that fits the shapes: one of 1 to [`Design::alternatives`] − 1.
    ///
    /// # Errors
    /// `ModelInvalid`.
    pub fn alternative(&self, number: usize) -> Result<Design> {
        build(self.architecture, &self.weights, number).map_err(|misfit| unfit(self.architecture, misfit))
    }
}

/// Finds the architecture of a checkpoint.
///
/// # Errors
/// `ModelInvalid` if there is none, with the nearest one and the first tensor that does not fit it.
pub fn recognise<'c>(checkpoint: &'c Checkpoint<'c>) -> Result<Recognised<'c>> {
    let weights = Weights::new(checkpoint);
    let mut nearest: Option<(usize, &'static Architecture, Misfit)> = None;
    for claimed in [true, false] {
        for architecture in ARCHITECTURES.iter().filter(|candidate| (candidate.claims)(&weights) == claimed) {
            match build(architecture, &weights, 0) {
                Ok(design) => return Ok(Recognised { architecture, weights, design }),
                Err(Misfit::File(error)) => return Err(error),
                Err(misfit) => {
                    let used = weights.used().max(usize::from(claimed));
                    if nearest.as_ref().is_none_or(|(most, ..)| used > *most) {
                        nearest = Some((used, architecture, misfit));
                    }
                }
            }
        }
        // A checkpoint that looks like an architecture and does not fit it is not compared with all others.
        if nearest.as_ref().is_some_and(|(used, ..)| *used > 0) {
            break;
        }
    }
    Err(match nearest {
        Some((used, architecture, misfit)) if used > 0 => unfit(architecture, misfit),
        _ => invalid(format!(
            "the checkpoint's architecture is unknown (its first tensor is '{}'); use a model of another architecture, or one in ONNX format",
            checkpoint.tensors.first().map_or_else(String::new, |(name, _)| shown(name))
        )),
    })
}

fn build(architecture: &Architecture, weights: &Weights<'_>, alternative: usize) -> Outcome<Design> {
    weights.reset();
    let mut design = (architecture.build)(weights, alternative)?;
    weights.check_all_used()?;
    design.assumed = weights.assumed();
    if !design.assumed.is_empty() {
        let separator = if design.summary.is_empty() { "" } else { ", " };
        design.summary += &format!("{separator}assumed: {}", design.assumed.join(", "));
    }
    Ok(design)
}

fn unfit(architecture: &Architecture, misfit: Misfit) -> Error {
    invalid(format!(
        "the checkpoint's architecture is unknown; the nearest is {}, but {}; use a model of another architecture, or one in ONNX format",
        architecture.name,
        misfit.clause()
    ))
}
