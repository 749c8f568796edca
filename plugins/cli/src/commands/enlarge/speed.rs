//! The speed of this machine: seconds for the work of a picture, as earlier runs measured it, or as a short trial shows.
//!
//! Measurements are kept in the user's cache, by network, engine and threads. They may be missing at any time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use enlarger::{
    Cache, Cancel, Channels, Colour, Format, Job, Sample, Size, Target, View, ViewMut, ViewSink, ViewSource,
};
use enlarger_engines::Chosen;

/// The pixels of a picture for which a trial is worth its time.
const WORTH_A_TRIAL: u64 = 200_000;

/// Runs that are shorter measure their beginning and end rather than the network.
const SHORTEST: f64 = 0.5;

/// The sides of a trial's pictures; the next one is tried while the one before takes less than a third of a second.
const TRIALS: [u32; 3] = [24, 64, 160];

/// What must be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// The pixels that networks compute.
    pub network_pixels: u64,
    /// The pixels of the result.
    pub output_pixels: u64,
}

impl Work {
    /// The pixels that decide the time.
    pub fn units(self) -> f64 {
        (if self.network_pixels > 0 { self.network_pixels } else { self.output_pixels }) as f64
    }
}

/// The speeds of this machine.
pub struct Speeds {
    cache: Cache,
    /// Seconds for a unit of work, by key; `None` for a trial that failed.
    known: Mutex<HashMap<String, Option<f64>>>,
}

impl Speeds {
    /// The speeds that the user's cache knows.
    pub fn of_user() -> Self {
        Speeds { cache: Cache::of_user(), known: Mutex::default() }
    }

    fn key(chosen: &Chosen, work: Work, threads: usize) -> String {
        let networks = if work.network_pixels > 0 { chosen.models().join("+") } else { "none".to_owned() };
        let engine = match (&chosen.engine, chosen.device()) {
            (Some(engine), Some(device)) => format!("{} {} on {}", engine.id(), engine.version(), device.id),
            _ => chosen.upscaler.method().map_or("none", |method| method.id()).to_owned(),
        };
        format!("speed of the command 1; {networks}; {engine}; {threads} threads")
    }

    /// The seconds that some work takes, about. A trial is made if nothing is known and `try_it` is true or the picture
    /// is large.
    pub fn seconds(&self, chosen: &Chosen, work: Work, threads: usize, try_it: bool, cancel: &Cancel) -> Option<f64> {
        let key = Self::key(chosen, work, threads);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let unit = match known.get(&key) {
            Some(unit) => *unit,
            None => {
                let noted = self.cache.read(&key).and_then(|note| note.parse::<f64>().ok());
                let noted = noted.filter(|unit| unit.is_finite() && *unit > 0.0);
                if noted.is_none() && !try_it && work.network_pixels < WORTH_A_TRIAL {
                    return None;
                }
                let unit = noted.or_else(|| trial(chosen, work, cancel));
                known.insert(key, unit);
                unit
            }
        };
        Some(unit? * work.units())
    }

    /// Notes how long some work took.
    pub fn note(&self, chosen: &Chosen, work: Work, threads: usize, seconds: f64) {
        if seconds < SHORTEST || work.units() < 1.0 {
            return;
        }
        let key = Self::key(chosen, work, threads);
        let now = seconds / work.units();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known.get(&key).copied().flatten();
        // One slow run, because the machine was busy, does not change much.
        let unit = before.map_or(now, |before| (before * now).sqrt());
        if before.is_none_or(|before| (unit / before - 1.0).abs() > 0.03) {
            self.cache.write(&key, &format!("{unit:e}"));
        }
        known.insert(key, Some(unit));
    }
}

/// Seconds for a unit of work, from small pictures.
fn trial(chosen: &Chosen, work: Work, cancel: &Cancel) -> Option<f64> {
    let mut unit = None;
    for side in TRIALS {
        let mut job = Job::new(Target::Factor(2.0));
        job.noise_level = chosen.noise_level;
        if work.network_pixels == 0 {
            job.strength = 0.0;
        }
        let size = Size { width: side, height: side };
        let plan = chosen.upscaler.plan(size, &job).ok()?;
        let format = Format::new(Sample::U8, Channels::Gray);
        // A texture that no verification takes for a flat picture.
        let pixels: Vec<u8> = (0..side * side).map(|i| (i % side * 97 / side + i * 7 % 31 + 60) as u8).collect();
        let stride = plan.output.width as usize;
        let mut result = vec![0; stride * plan.output.height as usize];
        let mut source = ViewSource::new(View::new(&pixels, side as usize, size, format).ok()?, Colour::Srgb);
        let mut sink = ViewSink::new(ViewMut::new(&mut result, stride, plan.output, format).ok()?);
        let started = Instant::now();
        chosen.upscaler.run(&mut source, &mut sink, &job, cancel, &mut |_| {}).ok()?;
        let seconds = started.elapsed().as_secs_f64();
        let done = Work { network_pixels: plan.network_pixels, output_pixels: plan.output.pixels() };
        unit = Some(seconds / done.units().max(1.0));
        if seconds > 0.3 {
            break;
        }
    }
    unit
}
