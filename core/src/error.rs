//! The one error type of the library.
//!
//! An error has a kind for programs, and a location and a message for people. The type is opaque, so that it can grow.
//! Every message must say what the reader can do.

use std::fmt;
use std::path::PathBuf;

use crate::geometry::Rect;

/// A result of this library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kind of an error, for programs. The numbers are those that [`ErrorKind::code`] returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A value from the caller is outside its range.
    Argument = -2,
    /// A pixel format or a file format cannot hold the picture or its colours.
    Format = -4,
    /// A buffer or a stride is too small for the picture.
    Buffer = -3,
    /// No model with this id is installed.
    ModelNotFound = -20,
    /// A manifest or a network file is damaged or wrong.
    ModelInvalid = -21,
    /// The network does not match its manifest.
    ModelContract = -22,
    /// The network file is not the one that its manifest describes.
    ModelHash = -23,
    /// There is no engine of this name, or none that can run the model.
    EngineNotFound = -40,
    /// The library of an engine is too old, too new, or not an engine library.
    EngineVersion = -41,
    /// The device is missing or failed.
    Device = -42,
    /// The engine failed while running.
    Inference = -43,
    /// The network's output failed verification at every attempt.
    Output = -44,
    /// Reading or writing failed.
    Io = -60,
    /// Not enough memory.
    Memory = -61,
    /// A limit was exceeded.
    Limit = -62,
    /// The run was cancelled. This is not a failure to report.
    Cancelled = -80,
    /// An engine panicked. Its session is in an unknown state and should be dropped.
    Panic = -90,
    /// A defect in Enlarger.
    Internal = -91,
}

/// All kinds.
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
    /// The number of this kind: negative, and the same in all versions. It crosses interfaces that Rust types cannot:
    /// it is the status code in `enlarger.h` and the result code of engine libraries.
    pub fn code(self) -> i32 {
        self as i32
    }

    /// The kind with this number; `Internal` for an unknown number.
    pub fn from_code(code: i32) -> Self {
        KINDS.into_iter().find(|kind| kind.code() == code).unwrap_or(ErrorKind::Internal)
    }
}

/// Where an error occurred.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Location {
    /// A file.
    File(PathBuf),
    /// A model, by its id.
    Model(String),
    /// A tile of a pass, in pixels of the picture before that pass.
    Tile {
        /// The index of the tile in the pass, from 0.
        index: usize,
        /// The part of the picture that the tile covers, without its halo.
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

/// An error: a kind, a location, and a message that says what to do.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    location: Option<Location>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// Creates an error with a message that says what failed and what to do.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error(Box::new(Inner { kind, message: message.into(), location: None, source: None }))
    }

    /// Creates the error of a cancelled run.
    pub fn cancelled() -> Self {
        Error::new(ErrorKind::Cancelled, "cancelled")
    }

    /// Sets the location, unless one is set already: the first one is the most exact.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.0.location.get_or_insert(location);
        self
    }

    /// Sets the error that caused this one.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The kind of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Where the error occurred, if that is known.
    pub fn location(&self) -> Option<&Location> {
        self.0.location.as_ref()
    }

    /// The message without the location.
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
            std::io::ErrorKind::PermissionDenied => "access is denied; check the permissions".into(),
            std::io::ErrorKind::StorageFull => "the disk is full; free some space or choose another folder".into(),
            _ => error.to_string(),
        };
        Error::new(ErrorKind::Io, message).caused_by(error)
    }
}
