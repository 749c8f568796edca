//! What is asked of a picture: the settings and the result that advice is about.

use crate::error::Result;
use crate::geometry::Size;
use crate::plan::job::Job;
use crate::plan::method::Method;
use crate::presets::choice::ModelChoice;

/// What a picture is to become, as far as it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The factor.
    pub factor: f64,
    /// The percentage to which the picture is reduced first, 1 to 100.
    pub reduce_first: f64,
    /// The share of the network's work in the result, 0 to 1.
    pub strength: f32,
    /// The id of the preset, unless a model or a method was named.
    pub preset: Option<String>,
    /// The classical method, if one was named.
    pub method: Option<Method>,
    /// The quality of the JPEG file that the picture was read from, 1 to 100.
    pub quality: Option<u8>,
    /// The result.
    pub result: Option<Asked>,
}

/// The result that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Its size.
    pub size: Size,
    /// The density of its print in dots per inch, if a print is meant.
    pub print: Option<f64>,
    /// The longest side that its file can have, with the name of the format.
    pub longest: Option<(u32, &'static str)>,
    /// The bytes of memory that the run needs, and those that are available.
    pub memory: Option<(u64, u64)>,
}

impl Asked {
    /// A result of this size, of which nothing else is known.
    pub fn new(size: Size) -> Self {
        Asked { size, print: None, longest: None, memory: None }
    }
}

impl Question {
    /// The question for a factor and what enlarges the picture.
    pub fn new(factor: f64, choice: &ModelChoice) -> Self {
        Question {
            factor,
            reduce_first: 100.0,
            strength: 1.0,
            preset: choice.preset().map(|preset| preset.id.clone()),
            method: choice.method(),
            quality: None,
            result: None,
        }
    }

    /// The question for a job with a picture of this size.
    ///
    /// # Errors
    /// As [`Target::factor`](crate::Target::factor).
    pub fn of_job(job: &Job, source: Size, choice: &ModelChoice) -> Result<Self> {
        let question = Question::new(job.target.factor(source)?, choice);
        Ok(Question { reduce_first: job.reduce_first, strength: job.strength, ..question })
    }
}
