//! The one error type of the library.
//!
//! Opaque, so that it can grow; it carries a kind for programs, a place, and a sentence for people.
//! A message must never end without saying what the reader can do.

use std::fmt;
use std::path::PathBuf;

use crate::geometry::Rect;

/// A result of this library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, by who can mend it. The numbers are those of `code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The caller gave a value outside its range.
    Argument = -2,
    /// A pixel format or file format that cannot hold what is asked of it.
    Format = -4,
    /// A buffer or stride too small for the picture it should hold.
    Buffer = -3,
    /// No model of that id is installed.
    ModelNotFound = -20,
    /// A manifest or network file is damaged or wrong.
    ModelInvalid = -21,
    /// The network does not do what its manifest says.
    ModelContract = -22,
    /// The network file is not the one that its manifest names.
    ModelHash = -23,
    /// No engine of that name, or none that can run the model.
    EngineNotFound = -40,
    /// An engine's library is too old, too new or not the right file.
    EngineVersion = -41,
    /// The device is missing or failed.
    Device = -42,
    /// The engine failed while running.
    Inference = -43,
    /// The network's output failed verification on every rung of the retry ladder.
    Output = -44,
    /// Reading or writing failed.
    Io = -60,
    /// Not enough memory.
    Memory = -61,
    /// A configured limit was hit.
    Limit = -62,
    /// The run was cancelled. Not a failure to report.
    Cancelled = -80,
    /// An engine panicked. Its session may be in any state and should be dropped.
    Panic = -90,
    /// A defect in Enlarger.
    Internal = -91,
}

/// All of them.
const KINDS: [ErrorKind; 18] = [
    ErrorKind::Argument,
    ErrorKind::Buffer,
    ErrorKind::Format,
    ErrorKind::ModelNotFound,
    ErrorKind::ModelInvalid,
    ErrorKind::ModelContract,
    ErrorKind::ModelHash,
    ErrorKind::EngineNotFound,
    ErrorKind::EngineVersion,
    ErrorKind::Device,
    ErrorKind::Inference,
    ErrorKind::Output,
    ErrorKind::Io,
    ErrorKind::Memory,
    ErrorKind::Limit,
    ErrorKind::Cancelled,
    ErrorKind::Panic,
    ErrorKind::Internal,
];

impl ErrorKind {
    /// The kind's number, negative and never changed, for borders that no Rust type can cross: the status codes of
    /// `enlarger.h`, and the results of engine libraries.
    pub fn code(self) -> i32 {
        self as i32
    }

    /// The kind of this number; `Internal` for one that is no kind's.
    pub fn from_code(code: i32) -> Self {
        KINDS.into_iter().find(|kind| kind.code() == code).unwrap_or(ErrorKind::Internal)
    }
}

/// Where it went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Location {
    /// A file.
    File(PathBuf),
    /// A model, by id.
    Model(String),
    /// One tile, in pixels of the picture that the network saw.
    Tile {
        /// The tile's number in the plan, from 0.
        index: usize,
        /// The part of the picture it covers, without its halo.
        rect: Rect,
    },
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Location::File(path) => write!(f, "{}", path.display()),
            Location::Model(id) => write!(f, "model {id}"),
            Location::Tile { index, rect } => {
                write!(f, "tile {index} ({}x{} at {},{})", rect.width, rect.height, rect.x, rect.y)
            }
        }
    }
}

/// An error: kind, place and a sentence that says what to do.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    location: Option<Location>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of `kind` with a sentence.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error(Box::new(Inner { kind, message: message.into(), location: None, source: None }))
    }

    /// The error of a cancelled run.
    pub fn cancelled() -> Self {
        Error::new(ErrorKind::Cancelled, "cancelled")
    }

    /// Names the place, unless a more exact one is already known.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.0.location.get_or_insert(location);
        self
    }

    /// Keeps the error that caused this one.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What went wrong, for programs.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Where it went wrong, where that is known.
    pub fn location(&self) -> Option<&Location> {
        self.0.location.as_ref()
    }

    /// The sentence alone, without the place.
    pub fn message(&self) -> &str {
        &self.0.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.location {
            Some(location) => write!(f, "{location}: {}", self.0.message),
            None => f.write_str(&self.0.message),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|e| e as _)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        let message = match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file or folder; check the name".into(),
            std::io::ErrorKind::PermissionDenied => "this may not be opened or written; check its permissions".into(),
            std::io::ErrorKind::StorageFull => "the disk is full; make room or choose another place".into(),
            _ => error.to_string(),
        };
        Error::new(ErrorKind::Io, message).caused_by(error)
    }
}
