//! What a run takes: time, and memory where the system says how much.

use std::fs;
use std::time::Instant;

use enlarger::Result;

use super::Subject;
use super::picture::Picture;

/// A picture large enough that what does not grow with it hardly counts.
const SIDE: u32 = 128;

/// Measurements of peaks are no upper bounds.
const RESERVE: f64 = 1.25;

pub(super) struct Cost {
    /// For a megapixel.
    pub(super) seconds: f64,
    pub(super) bytes_per_pixel: Option<u32>,
}

pub(super) fn measure(subject: &Subject<'_>) -> Result<Cost> {
    let side = SIDE.max(subject.minimum).next_multiple_of(subject.multiple) as usize;
    let picture = Picture::new(side, side);
    let pixels = (side * side) as f64;
    let before = memory("VmRSS:");
    // The peak so far is forgotten, where the system can do that.
    let _ = fs::write("/proc/self/clear_refs", "5");
    subject.run(&picture)?;
    let peak = memory("VmHWM:");
    let grown = before.zip(peak).map(|(before, peak)| peak.saturating_sub(before) as f64 * RESERVE / pixels);
    let started = Instant::now();
    subject.run(&picture)?;
    Ok(Cost {
        seconds: started.elapsed().as_secs_f64() * 1e6 / pixels,
        bytes_per_pixel: grown.map(|bytes| (bytes.ceil() as u32).clamp(64, 1 << 24)),
    })
}

/// Bytes of this process under this name.
fn memory(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? << 10)
}
