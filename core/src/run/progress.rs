//! The progress of a run.
//!
//! Progress is reported on the thread of the run. While the network works, there are at least ten reports a second, so
//! that a host can keep its user interface responsive. Progress must never go backwards.

/// What a run is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Allocating memory and reading the first rows.
    Prepare,
    /// Computing tiles; finished rows are written meanwhile.
    Tiles,
    /// Writing the last rows.
    Finish,
}

/// One report on the progress of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The phase. Phases follow one another in the order in which they are declared.
    pub phase: Phase,
    /// The number of tiles that are finished.
    pub tiles_done: u64,
    /// The number of all tiles; 0 if no network runs.
    pub tiles_total: u64,
    /// The number of rows of the result that are written.
    pub rows_done: u32,
    /// The number of rows of the result.
    pub rows_total: u32,
}
