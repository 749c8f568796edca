//! What goes along with one run: the wish to stop, the reports, the notes.

use crate::error::Result;
use crate::run::cancel::Cancel;
use crate::run::progress::{Phase, Progress};

pub(crate) struct Run<'a> {
    pub(crate) cancel: &'a Cancel,
    report: &'a mut dyn FnMut(Progress),
    progress: Progress,
    notes: Vec<String>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(
        cancel: &'a Cancel,
        report: &'a mut dyn FnMut(Progress),
        tiles_total: u64,
        rows_total: u32,
    ) -> Self {
        let progress = Progress { phase: Phase::Prepare, tiles_done: 0, tiles_total, rows_done: 0, rows_total };
        let mut run = Run { cancel, report, progress, notes: Vec::new() };
        run.tell();
        run
    }

    /// One more tile is right.
    pub(crate) fn tile_done(&mut self) {
        self.progress.tiles_done += 1;
        self.progress.phase = Phase::Tiles;
        if self.progress.tiles_done == self.progress.tiles_total {
            self.progress.phase = Phase::Finish;
        }
        self.tell();
    }

    /// One more row is out.
    pub(crate) fn row_done(&mut self) -> Result<()> {
        self.progress.rows_done += 1;
        if self.progress.tiles_total == 0 {
            self.progress.phase = Phase::Finish;
        }
        // Rows are many; a report for each 64th is enough for any bar.
        if self.progress.rows_done.is_multiple_of(64) || self.progress.rows_done == self.progress.rows_total {
            self.tell();
        }
        self.cancel.check()
    }

    /// Something the caller should know although the run goes on.
    pub(crate) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    pub(crate) fn tiles_done(&self) -> u64 {
        self.progress.tiles_done
    }

    pub(crate) fn into_notes(self) -> Vec<String> {
        self.notes
    }

    /// Says how far it is, and that it is still alive.
    pub(crate) fn tell(&mut self) {
        (self.report)(self.progress);
    }
}
