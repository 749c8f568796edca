//! Progress: a bar on a terminal, and occasional lines elsewhere (a file, a pipe, another program).
//!
//! It never prints a line for every tile.

use std::time::{Duration, Instant};

use enlarger::Progress;
use indicatif::{ProgressBar, ProgressStyle};

use super::Terminal;

/// The time between plain lines.
const INTERVAL: Duration = Duration::from_secs(5);

/// Shows the progress of one picture.
pub struct ProgressDisplay {
    terminal: Terminal,
    name: String,
    started: Instant,
    last: Instant,
    bar: Option<ProgressBar>,
}

impl ProgressDisplay {
    /// The progress of the picture `name`.
    pub fn new(terminal: Terminal, name: &str) -> Self {
        let bar = (terminal.is_interactive() && !terminal.quiet).then(|| {
            let bar = ProgressBar::new(0);
            let style = ProgressStyle::with_template("  {bar:32} {pos}/{len} tiles, {msg}{eta} left");
            if let Ok(style) = style {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(500));
            bar
        });
        let now = Instant::now();
        ProgressDisplay { terminal, name: name.to_owned(), started: now, last: now, bar }
    }

    /// Shows how far the work is.
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
            None if tiles_done > 0 && tiles_done < tiles_total && self.last.elapsed() >= INTERVAL => {
                self.last = Instant::now();
                let left = (tiles_total - tiles_done) as f64 / speed;
                self.terminal.info(format_args!(
                    "{}: {tiles_done} of {tiles_total} tiles, {speed:.1} tiles/s, {left:.0} s left",
                    self.name
                ));
            }
            None => {}
        }
    }
}

impl Drop for ProgressDisplay {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
