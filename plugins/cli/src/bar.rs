//! How far the work is, on a terminal or in plain lines.
//!
//! A bar where it can move; elsewhere (a file, a pipe, another program) a line now and then, never one a tile.

use std::time::{Duration, Instant};

use enlarger::Progress;
use indicatif::{ProgressBar, ProgressStyle};

use crate::voice::Voice;

/// Seconds between plain lines.
const PAUSE: Duration = Duration::from_secs(5);

/// The progress of one picture.
pub struct Bar {
    voice: Voice,
    name: String,
    started: Instant,
    last: Instant,
    bar: Option<ProgressBar>,
}

impl Bar {
    /// The bar of the picture `name`.
    pub fn new(voice: Voice, name: &str) -> Self {
        let bar = (voice.has_terminal() && !voice.quiet).then(|| {
            let bar = ProgressBar::new(0);
            let style = ProgressStyle::with_template("  {bar:32} {pos}/{len} tiles, {msg}{eta} left");
            if let Ok(style) = style {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(500));
            bar
        });
        let now = Instant::now();
        Bar { voice, name: name.to_owned(), started: now, last: now, bar }
    }

    /// Takes a report.
    pub fn update(&mut self, progress: Progress) {
        let Progress { tiles_done, tiles_total, .. } = progress;
        let seconds = self.started.elapsed().as_secs_f64();
        let speed = tiles_done as f64 / seconds.max(0.001);
        match &self.bar {
            Some(bar) => {
                bar.set_length(tiles_total);
                bar.set_position(tiles_done);
                if tiles_done > 0 {
                    bar.set_message(format!("{speed:.1} tiles/s, "));
                }
            }
            None if tiles_done > 0 && tiles_done < tiles_total && self.last.elapsed() >= PAUSE => {
                self.last = Instant::now();
                let left = (tiles_total - tiles_done) as f64 / speed;
                self.voice.say(format_args!(
                    "{}: {tiles_done} of {tiles_total} tiles, {speed:.1} tiles/s, {left:.0} s left",
                    self.name
                ));
            }
            None => {}
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
