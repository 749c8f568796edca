//! Several pictures at once: threads that take the next picture until there is none.
//!
//! Results are reported as they come. A picture that does not fit into its share of the memory is tried again alone.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use enlarger::{ErrorKind, Result};
use enlarger_engines::Opener;

use super::batch::crashed;
use super::estimate::Estimate;
use super::file::{Batch, Survey, enlarge_file, survey};
use super::inputs::Item;
use super::outcome::{End, Outcome};
use super::report::{Totals, report};
use crate::terminal::{RunProgress, about, bytes, count, megapixels};

/// A picture, and the work that is expected of it.
struct Task<'a> {
    item: &'a Item,
    expected: f64,
    /// Whether it is tried again when all others are finished.
    can_wait: bool,
}

/// What the workers share.
struct Shared<'a> {
    waiting: VecDeque<Task<'a>>,
    /// Pictures that need more memory than one job's share.
    alone: Vec<Task<'a>>,
    totals: &'a mut Totals,
}

/// Enlarges pictures, one on each opener at a time.
pub fn enlarge_all(batch: &Batch<'_>, openers: &[Opener], pictures: &[Item], totals: &mut Totals) {
    let Some(first) = openers.first() else { return };
    let estimates = survey_all(batch, first, openers.len(), pictures);
    let expected = |index: usize| estimates.get(index).copied().flatten().unwrap_or(0.0);
    let progress = RunProgress::new(batch.terminal, pictures.len(), (0..pictures.len()).map(expected).sum());
    let tasks = pictures.iter().enumerate();
    let waiting =
        tasks.map(|(index, item)| Task { item, expected: expected(index), can_wait: openers.len() > 1 }).collect();
    let shared = Mutex::new(Shared { waiting, alone: Vec::new(), totals });
    thread::scope(|scope| {
        // This thread is the first worker.
        for opener in openers.iter().skip(1).take(pictures.len().saturating_sub(1)) {
            scope.spawn(|| work(batch, opener, &progress, &shared));
        }
        work(batch, first, &progress, &shared);
    });
    let alone = std::mem::take(&mut lock(&shared).alone);
    if !alone.is_empty() && !batch.cancel.is_cancelled() {
        let mut job = batch.job.clone();
        job.memory = batch.memory;
        for task in alone {
            one(batch, first, &progress, &shared, Task { can_wait: false, ..task }, &job);
        }
    }
    drop(progress);
    let mut shared = lock(&shared);
    let left = shared.waiting.len() as u64;
    if left > 0 {
        shared.totals.count_stopped(left);
    }
}

fn lock<'a, 'b>(shared: &'a Mutex<Shared<'b>>) -> MutexGuard<'a, Shared<'b>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes pictures until there is none.
fn work<'a>(batch: &Batch<'_>, opener: &Opener, progress: &Arc<RunProgress>, shared: &Mutex<Shared<'a>>) {
    while !batch.cancel.is_cancelled() {
        let Some(task) = lock(shared).waiting.pop_front() else { return };
        one(batch, opener, progress, shared, task, &batch.job);
    }
}

fn one<'a>(
    batch: &Batch<'_>,
    opener: &Opener,
    progress: &Arc<RunProgress>,
    shared: &Mutex<Shared<'a>>,
    task: Task<'a>,
    job: &enlarger::Job,
) {
    let mut outcome = Outcome::default();
    let mut begun = false;
    let mut begin = |name: &str, work: f64| {
        begun = true;
        progress.begin(name, work, task.expected)
    };
    // A decoder that panics on one file must not end the run.
    let end: Result<End> =
        catch_unwind(AssertUnwindSafe(|| enlarge_file(batch, opener, task.item, job, &mut outcome, &mut begin)))
            .unwrap_or_else(|_| Err(crashed(&task.item.path)));
    let short_of_memory = end.as_ref().is_err_and(|error| error.kind() == ErrorKind::Memory);
    if short_of_memory && task.can_wait && !begun {
        lock(shared).alone.push(task);
        return;
    }
    if !begun {
        progress.leave_out(task.expected);
    }
    let mut shared = lock(shared);
    let choice = Some(opener.choice());
    report(batch.terminal, choice, shared.totals, &task.item.path, &outcome, &end, (batch.dry_run, false));
}

/// The work that each picture is expected to be, where that can be told; shows what all of them come to.
fn survey_all(batch: &Batch<'_>, opener: &Opener, jobs: usize, pictures: &[Item]) -> Vec<Option<f64>> {
    if pictures.len() < 2 || batch.dry_run {
        return Vec::new();
    }
    let mut surveys = Vec::new();
    for item in pictures {
        if batch.cancel.is_cancelled() {
            return Vec::new();
        }
        let surveyed = catch_unwind(AssertUnwindSafe(|| survey(batch, opener, item)));
        surveys.push(surveyed.unwrap_or(Survey::LeftOut));
    }
    let others = surveys.iter().filter(|survey| matches!(survey, Survey::Unknown)).count();
    let estimates: Vec<Option<Estimate>> = surveys.into_iter().map(Survey::estimate).collect();
    let known: Vec<&Estimate> = estimates.iter().flatten().collect();
    if !known.is_empty() {
        let pixels: u64 = known.iter().map(|e| e.output.pixels()).sum();
        let size: u64 = known.iter().map(|e| e.bytes).sum();
        let memory = known.iter().map(|e| e.memory).max().unwrap_or(0).saturating_mul(jobs as u64);
        let seconds: Option<f64> = known.iter().map(|e| e.seconds).sum();
        let time = seconds.map(|s| format!("{}, ", about(s / jobs.min(known.len()) as f64)));
        batch.terminal.info(format_args!(
            "{} to enlarge: {}, up to {} of memory, {}files of about {}{}",
            count(known.len(), "picture"),
            megapixels(pixels),
            bytes(memory),
            time.unwrap_or_default(),
            bytes(size),
            match others {
                0 => String::new(),
                _ => format!("; {others} more must be read or developed first"),
            }
        ));
    }
    estimates.iter().map(|estimate| Some(estimate.as_ref()?.work.units())).collect()
}
