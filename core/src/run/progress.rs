//! How far a run is.
//!
//! Reported on the thread that runs, never backwards; while the network works at least ten times a second, so that a
//! host can look after its user meanwhile.

/// What a run is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Getting ready: memory, the first rows.
    Prepare,
    /// The network works on tiles; finished rows go out meanwhile.
    Tiles,
    /// The last rows go out.
    Finish,
}

/// One report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The phase. Phases follow each other in their order.
    pub phase: Phase,
    /// Tiles done.
    pub tiles_done: u64,
    /// Tiles in all; 0 where no network is needed.
    pub tiles_total: u64,
    /// Rows of the result that went out.
    pub rows_done: u32,
    /// Rows of the result.
    pub rows_total: u32,
}
