//! Retrying: what happens after an attempt at a tile has failed.
//!
//! The next attempt is more precise than the one before or runs on another device. That helps against 16-bit floats that overflow,
//! broken drivers, and devices that are lost or out of memory, and each of these can show as any failure. A device that failed is not
//! trusted with other tiles either: verification finds what is far off, not everything that is wrong. So the run leaves it for good.
//! Everything of that is noted in the run's report, and a tile that fails its last attempt ends the run. A tile that failed must never
//! be written.

use std::fmt;

use crate::error::{Error, ErrorKind, Location, Result};
use crate::plan::grid::Tile;
use crate::run::run::Run;
use crate::stages::tiles::ladder::Ladder;
use crate::stages::tiles::verify::Rejection;

/// Why an attempt at a tile failed. Displayed as a clause.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The network ran, but verification rejected its output.
    Rejected(Rejection),
    /// The session could not be opened, returned an error, or panicked.
    Engine(Error),
}

impl Failure {
    fn kind(&self) -> ErrorKind {
        match self {
            Failure::Rejected(_) => ErrorKind::Output,
            Failure::Engine(error) => error.kind(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Rejected(rejection) => rejection.fmt(f),
            Failure::Engine(error) => f.write_str(error.message()),
        }
    }
}

/// Chooses the attempt for a tile whose attempt `attempt` ended with `failure`, and notes the retry. If the next attempt is on another
/// device, the run leaves the one that failed, which is noted once.
///
/// # Errors
/// `Cancelled` if the run was cancelled. The failure itself, located at the tile, if the ladder has no further attempt.
pub(crate) fn next_attempt(
    run: &mut Run<'_>,
    ladder: &Ladder,
    tile: &Tile,
    attempt: usize,
    failure: &Failure,
) -> Result<usize> {
    run.cancel.check()?;
    let location = Location::Tile { index: tile.index, rect: tile.out };
    let next = attempt + 1;
    let here = ladder.device(attempt).unwrap_or_else(|| ladder.first().device().clone());
    let Some(there) = ladder.device(next) else {
        let message = format!(
            "{failure}, on {}, after {next} attempts; nothing was written; try another engine, device or model",
            here.name
        );
        return Err(Error::new(failure.kind(), message).at(location));
    };
    if there.id == here.id {
        run.note(format!("{location}: {failure}, on {}; tried again in full precision on {}", here.name, there.name));
    } else if run.leave(&here.id) {
        run.note(format!(
            "{location}: {failure}, on {}; it and all tiles that were not finished are computed in full precision on {}",
            here.name, there.name
        ));
    }
    Ok(next)
}

/// Notes that a row stream failed and that the run continues tile by tile.
///
/// # Errors
/// `Cancelled` if the run was cancelled.
pub(crate) fn note_stream_failure(run: &mut Run<'_>, error: &Error) -> Result<()> {
    run.cancel.check()?;
    run.note(format!("the engine's row stream failed ({error}); the rest of the picture runs tile by tile"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::engine::SessionOptions;
    use crate::geometry::{Rect, Size};
    use crate::models::manifest::Verify;
    use crate::run::cancel::Cancel;
    use crate::stages::test_rows::with_run;
    use crate::stages::tiles::test_engine::{TestEngine, test_model};
    use crate::stages::tiles::verify::{Block, verify};

    const TILE: Tile = Tile {
        index: 7,
        out: Rect { x: 20, y: 0, width: 20, height: 10 },
        left: 18,
        top: -2,
        size: Size { width: 24, height: 14 },
    };

    fn ladder(devices: &[&str]) -> Ladder {
        Ladder::new(&test_model(2, 0), Arc::new(TestEngine::new(devices)), &SessionOptions::default()).unwrap()
    }

    fn failures() -> Vec<Failure> {
        let rejections = [
            Rejection::NotFinite,
            Rejection::OutOfRange { low: -3.0, high: 7.0 },
            Rejection::Constant { mean: 0.0 },
            Rejection::MeanShifted { output: 0.75, input: 0.5 },
        ];
        let mut failures: Vec<Failure> = rejections.into_iter().map(Failure::Rejected).collect();
        let kinds =
            [ErrorKind::Device, ErrorKind::Inference, ErrorKind::Memory, ErrorKind::ModelContract, ErrorKind::Panic];
        failures.extend(kinds.map(|kind| Failure::Engine(Error::new(kind, "the engine failed"))));
        failures
    }

    #[test]
    fn a_retry_on_the_same_device_is_noted_with_tile_and_reason() {
        let ladder = ladder(&["cpu"]);
        for failure in failures() {
            let (next, notes) = with_run(&Cancel::new(), |run| next_attempt(run, &ladder, &TILE, 0, &failure));
            assert_eq!(next.unwrap(), 1);
            let expected =
                format!("tile 7 (20x10 at 20,0): {failure}, on test cpu; tried again in full precision on test cpu");
            assert_eq!(notes, [expected]);
        }
    }

    #[test]
    fn a_device_that_fails_is_left_for_good_which_is_noted_once() {
        let ladder = ladder(&["gpu:0", "cpu"]);
        for failure in failures() {
            let (_, notes) = with_run(&Cancel::new(), |run| {
                assert_eq!(next_attempt(run, &ladder, &TILE, 0, &failure).unwrap(), 1);
                assert!(run.has_left("gpu:0") && !run.has_left("cpu"));
                // A tile that was at work at the same time.
                assert_eq!(next_attempt(run, &ladder, &TILE, 0, &failure).unwrap(), 1);
            });
            let expected = format!(
                "tile 7 (20x10 at 20,0): {failure}, on test gpu:0; it and all tiles that were not finished are computed in full precision on test cpu"
            );
            assert_eq!(notes, [expected]);
        }
    }

    #[test]
    fn the_last_failure_ends_the_run_with_its_kind_and_its_tile() {
        let ladder = ladder(&["gpu:0", "cpu"]);
        for failure in failures() {
            let (next, notes) = with_run(&Cancel::new(), |run| next_attempt(run, &ladder, &TILE, 1, &failure));
            let error = next.unwrap_err();
            assert_eq!(error.kind(), failure.kind());
            let expected = format!(
                "tile 7 (20x10 at 20,0): {failure}, on test cpu, after 2 attempts; nothing was written; try another engine, device or model"
            );
            assert_eq!(error.to_string(), expected);
            assert!(notes.is_empty());
        }
    }

    #[test]
    fn a_tile_of_nan_is_rejected_and_retried_until_the_ladder_ends() {
        let (input, output) = ([0.5; 12], [f32::NAN; 12]);
        let block = |data| Block { data, width: 2, height: 2, part: Rect { x: 0, y: 0, width: 2, height: 2 } };
        let rejection = verify(block(&input), block(&output), &Verify::default()).unwrap_err();
        let failure = Failure::Rejected(rejection);
        assert!(matches!(failure, Failure::Rejected(Rejection::NotFinite)));
        let ladder = ladder(&["cpu"]);
        let (error, notes) = with_run(&Cancel::new(), |run| {
            let next = next_attempt(run, &ladder, &TILE, 0, &failure).unwrap();
            next_attempt(run, &ladder, &TILE, next, &failure).unwrap_err()
        });
        assert_eq!(notes.len(), 1);
        assert_eq!(error.kind(), ErrorKind::Output);
    }

    #[test]
    fn nothing_is_retried_after_a_cancel() {
        let cancel = Cancel::new();
        cancel.cancel();
        let failure = Failure::Rejected(Rejection::NotFinite);
        let ladder = ladder(&["gpu:0", "cpu"]);
        let (next, notes) = with_run(&cancel, |run| next_attempt(run, &ladder, &TILE, 0, &failure));
        assert_eq!(next.unwrap_err().kind(), ErrorKind::Cancelled);
        let (noted, more) = with_run(&cancel, |run| note_stream_failure(run, &Error::new(ErrorKind::Device, "lost")));
        assert_eq!(noted.unwrap_err().kind(), ErrorKind::Cancelled);
        assert!(notes.is_empty() && more.is_empty());
    }
}
