//! What a run did, for the caller.

/// What a run did.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// The number of tiles computed.
    pub tiles: u64,
    /// Events that the caller should know about, a sentence each; for example, tiles that needed a second try.
    pub notes: Vec<String>,
}
