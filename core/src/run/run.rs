//! The state of one run that all stages share: the cancellation token, the progress, the notes, the devices that failed.
//!
//! It is passed to every stage, so that none of them keeps such state of its own. It must stay on the thread of the
//! run.

use crate::error::Result;
use crate::run::cancel::Cancel;
use crate::run::progress::{Phase, Progress};

pub(crate) struct Run<'a> {
    pub(crate) cancel: &'a Cancel,
    report: &'a mut dyn FnMut(Progress),
    progress: Progress,
    notes: Vec<String>,
    /// The ids of the devices that failed. Nothing more runs on them.
    left: Vec<String>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(
        cancel: &'a Cancel,
        report: &'a mut dyn FnMut(Progress),
        tiles_total: u64,
        rows_total: u32,
    ) -> Self {
        let progress = Progress { phase: Phase::Prepare, tiles_done: 0, tiles_total, rows_done: 0, rows_total };
        let mut run = Run { cancel, report, progress, notes: Vec::new(), left: Vec::new() };
        run.tell();
        run
    }

    /// Counts a tile that is finished and verified.
    pub(crate) fn tile_done(&mut self) {
        self.progress.tiles_done += 1;
        self.progress.phase = Phase::Tiles;
        if self.progress.tiles_done == self.progress.tiles_total {
            self.progress.phase = Phase::Finish;
        }
        self.tell();
    }

    /// Tiles that need not be computed after all.
    pub(crate) fn tiles_saved(&mut self, tiles: u64) {
        self.progress.tiles_total -= tiles;
        if self.progress.tiles_done == self.progress.tiles_total {
            self.progress.phase = Phase::Finish;
        }
        self.tell();
    }

    /// Counts a row that is written. Fails if the run was cancelled.
    pub(crate) fn row_done(&mut self) -> Result<()> {
        self.progress.rows_done += 1;
        if self.progress.tiles_total == 0 {
            self.progress.phase = Phase::Finish;
        }
        // There are many rows; a report for each 64th is enough for any progress bar.
        if self.progress.rows_done.is_multiple_of(64) || self.progress.rows_done == self.progress.rows_total {
            self.tell();
        }
        self.cancel.check()
    }

    /// Adds a note: something that the caller should know although the run goes on.
    pub(crate) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Leaves a device for the rest of the run. Returns whether it was still in use.
    pub(crate) fn leave(&mut self, device: &str) -> bool {
        let is_news = !self.has_left(device);
        if is_news {
            self.left.push(device.to_owned());
        }
        is_news
    }

    /// Whether the run has left a device.
    pub(crate) fn has_left(&self, device: &str) -> bool {
        self.left.iter().any(|left| left == device)
    }

    pub(crate) fn tiles_done(&self) -> u64 {
        self.progress.tiles_done
    }

    pub(crate) fn into_notes(self) -> Vec<String> {
        self.notes
    }

    /// Reports the progress, even if nothing has changed since the last report.
    pub(crate) fn tell(&mut self) {
        (self.report)(self.progress);
    }
}
