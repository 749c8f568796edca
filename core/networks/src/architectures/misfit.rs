//! Why a checkpoint is not of an architecture: the first tensor that does not fit.

use enlarger::Error;

use crate::errors::shown;

/// Why a checkpoint is not of an architecture.
#[derive(Debug)]
pub(super) enum Misfit {
    /// The architecture needs a tensor that the checkpoint does not have.
    Missing(String),
    /// A tensor has another shape than the architecture needs. Zero stands for any length.
    Shape {
        /// The tensor.
        name: String,
        /// Its shape.
        found: Vec<usize>,
        /// The shape that the architecture needs.
        needed: Vec<usize>,
    },
    /// The checkpoint has a tensor that the architecture does not use.
    Unused(String),
    /// The shapes contradict each other, as this clause says.
    Contradiction(String),
    /// The checkpoint itself is unusable.
    File(Error),
}

/// What building a network gives.
pub(super) type Outcome<T> = Result<T, Misfit>;

impl Misfit {
    /// A contradiction between shapes. `clause` has a subject and a verb.
    pub(super) fn contradiction(clause: impl Into<String>) -> Self {
        Misfit::Contradiction(clause.into())
    }

    /// The misfit as a clause.
    pub(super) fn clause(&self) -> String {
        match self {
            Misfit::Missing(name) => format!("the tensor '{}' is missing", shown(name)),
            Misfit::Shape { name, found, needed } => {
                format!("the tensor '{}' has the shape {}, not {}", shown(name), shape(found), shape(needed))
            }
            Misfit::Unused(name) => format!("the tensor '{}' has no place in it", shown(name)),
            Misfit::Contradiction(clause) => clause.clone(),
            Misfit::File(error) => error.message().to_owned(),
        }
    }
}

impl From<Error> for Misfit {
    fn from(error: Error) -> Self {
        Misfit::File(error)
    }
}

fn shape(lengths: &[usize]) -> String {
    if lengths.is_empty() {
        return "of a single value".to_owned();
    }
    let text = |length: &usize| if *length == 0 { "?".to_owned() } else { length.to_string() };
    lengths.iter().map(text).collect::<Vec<_>>().join("×")
}
