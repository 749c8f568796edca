//! Progress of a run: one bar on a terminal, and occasional lines elsewhere (a file, a pipe, another program).
//!
//! It counts work, not files, so that the time left is honest where files differ in size. It never prints a line for
//! every tile.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use enlarger::Progress;
use indicatif::{ProgressBar, ProgressStyle};

use super::{BAR, Terminal, duration};

/// The time between plain lines.
const INTERVAL: Duration = Duration::from_secs(5);

/// The names of pictures that a line shows.
const NAMES: usize = 3;

/// The progress of all files of a run.
pub struct RunProgress {
    terminal: Terminal,
    bar: Option<ProgressBar>,
    state: Mutex<State>,
}

struct State {
    started: Instant,
    shown: Instant,
    files: usize,
    files_done: usize,
    /// Work in any unit.
    work: f64,
    work_done: f64,
    current: Vec<Current>,
}

struct Current {
    id: usize,
    name: String,
    work: f64,
    last: Option<Progress>,
}

impl Current {
    fn fraction(&self) -> f64 {
        let Some(progress) = self.last else { return 0.0 };
        let of = |done: f64, total: f64| if total > 0.0 { done / total } else { 0.0 };
        if progress.tiles_total > 0 {
            of(progress.tiles_done as f64, progress.tiles_total as f64)
        } else {
            of(f64::from(progress.rows_done), f64::from(progress.rows_total))
        }
    }
}

/// The progress of one picture. Dropping it counts the picture as done.
pub struct FileProgress {
    run: Arc<RunProgress>,
    id: usize,
}

impl RunProgress {
    /// The progress of so many files, which are so much work.
    pub fn new(terminal: Terminal, files: usize, work: f64) -> Arc<Self> {
        let bar = (terminal.is_interactive() && !terminal.quiet).then(|| {
            let bar = ProgressBar::new(1000);
            if let Ok(style) = ProgressStyle::with_template("  {bar:32} {msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(500));
            bar
        });
        BAR.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&bar);
        let now = Instant::now();
        let state = State { started: now, shown: now, files, files_done: 0, work, work_done: 0.0, current: Vec::new() };
        Arc::new(RunProgress { terminal, bar, state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a picture that is so much work. `expected` is what was expected of it before.
    pub fn begin(self: &Arc<Self>, name: &str, work: f64, expected: f64) -> FileProgress {
        let mut state = self.state();
        state.work += work - expected;
        let id = state.current.iter().map(|current| current.id + 1).max().unwrap_or(0);
        state.current.push(Current { id, name: name.to_owned(), work, last: None });
        drop(state);
        FileProgress { run: self.clone(), id }
    }

    /// Counts a picture that was left out or failed before it began.
    pub fn leave_out(&self, expected: f64) {
        let mut state = self.state();
        state.work -= expected;
        state.files_done += 1;
    }

    fn show(&self, mut state: MutexGuard<'_, State>) {
        let Some(line) = state.line() else { return };
        if let Some(bar) = &self.bar {
            bar.set_position((state.share() * 1000.0) as u64);
            drop(state);
            bar.set_message(line);
        } else if state.shown.elapsed() >= INTERVAL {
            state.shown = Instant::now();
            drop(state);
            self.terminal.info(line);
        }
    }
}

impl Drop for RunProgress {
    fn drop(&mut self) {
        *BAR.lock().unwrap_or_else(PoisonError::into_inner) = None;
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl State {
    /// The share of the work that is done.
    fn share(&self) -> f64 {
        let current: f64 = self.current.iter().map(|current| current.work * current.fraction()).sum();
        if self.work > 0.0 { ((self.work_done + current) / self.work).clamp(0.0, 1.0) } else { 0.0 }
    }

    fn line(&self) -> Option<String> {
        let share = self.share();
        let seconds = self.started.elapsed().as_secs_f64();
        let left = match share {
            0.001..1.0 => format!(", {} left", duration(seconds * (1.0 - share) / share)),
            _ => String::new(),
        };
        let first = self.current.first()?;
        if self.files == 1 {
            let Progress { tiles_done, tiles_total, .. } = first.last?;
            let speed = tiles_done as f64 / seconds.max(0.001);
            return (tiles_done > 0 && tiles_done < tiles_total)
                .then(|| format!("{}: {tiles_done} of {tiles_total} tiles, {speed:.1} tiles/s{left}", first.name));
        }
        let mut names: Vec<String> = self
            .current
            .iter()
            .take(NAMES)
            .map(|current| format!("{} {:.0} %", current.name, current.fraction() * 100.0))
            .collect();
        if self.current.len() > NAMES {
            names.push(format!("{} more", self.current.len() - NAMES));
        }
        Some(format!("{} of {} files, {}{left}", self.files_done, self.files, names.join(", ")))
    }
}

impl FileProgress {
    /// Notes and shows how far the work is.
    pub fn update(&self, progress: Progress) {
        let mut state = self.run.state();
        if let Some(current) = state.current.iter_mut().find(|current| current.id == self.id) {
            current.last = Some(progress);
        }
        self.run.show(state);
    }
}

impl Drop for FileProgress {
    fn drop(&mut self) {
        let mut state = self.run.state();
        if let Some(index) = state.current.iter().position(|current| current.id == self.id) {
            let current = state.current.remove(index);
            state.work_done += current.work;
            state.files_done += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use enlarger::Phase;

    #[test]
    fn the_line_counts_files_and_work() {
        let terminal = Terminal { quiet: true, verbose: false, json: false };
        let run = RunProgress::new(terminal, 3, 100.0);
        let progress =
            |done| Progress { phase: Phase::Tiles, tiles_done: done, tiles_total: 4, rows_done: 0, rows_total: 9 };
        let (a, b) = (run.begin("a.png", 20.0, 20.0), run.begin("b.png", 40.0, 60.0));
        a.update(progress(1));
        b.update(progress(2));
        assert_eq!(run.state().share(), 25.0 / 80.0);
        let line = run.state().line().unwrap();
        assert!(line.starts_with("0 of 3 files, a.png 25 %, b.png 50 %, ") && line.ends_with(" left"), "{line}");
        drop(a);
        run.leave_out(20.0);
        assert_eq!(run.state().share(), 40.0 / 60.0);
        assert!(run.state().line().unwrap().starts_with("2 of 3 files, b.png 50 %"));
    }
}
