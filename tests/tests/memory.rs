//! A run takes no more memory than its plan says.
//!
//! A test program of its own, because the test reads the peak memory of its process.
#![cfg(target_os = "linux")]

use std::fs;
use std::sync::Arc;

use enlarger::{Cancel, Format, Job, Result, Sink, Size, Source, Target};
use enlarger_tests::picture::RGB8;
use enlarger_tests::{Toy, toy_model, upscaler};

/// A source and sink that take no memory.
struct Nowhere(Size);

impl Source for Nowhere {
    fn size(&self) -> Size {
        self.0
    }

    fn format(&self) -> Format {
        RGB8
    }

    fn read(&mut self, _: u32, y: u32, row: &mut [u8]) -> Result<()> {
        row.iter_mut().enumerate().for_each(|(i, v)| *v = ((i * 37) ^ (y as usize * 11)) as u8);
        Ok(())
    }
}

impl Sink for Nowhere {
    fn size(&self) -> Size {
        self.0
    }

    fn format(&self) -> Format {
        RGB8
    }

    fn write(&mut self, _: u32, _: &[u8]) -> Result<()> {
        Ok(())
    }
}

/// The peak resident memory of this process in bytes.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
}

/// With tiles in parallel and several bands, which reuse the buffers of the band before.
#[test]
fn a_run_takes_no_more_than_planned() {
    let mut toy = Toy::default();
    toy.usage.parallel = 4;
    let up = upscaler(&toy_model(4, 16), Arc::new(toy));
    let (source, job) = (Size { width: 3000, height: 1500 }, Job::new(Target::Factor(4.0)));
    let plan = up.plan(source, &job).unwrap();
    assert!(plan.bands > 1);
    let before = peak();
    up.run(&mut Nowhere(source), &mut Nowhere(plan.output), &job, &Cancel::new(), &mut |_| {}).unwrap();
    let taken = peak() - before;
    assert!(taken <= plan.memory, "{} MiB were taken, {} MiB were planned", taken >> 20, plan.memory >> 20);
}
