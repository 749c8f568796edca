//! Checkpoints that are made to exhaust memory or time. Each is refused within a second, and within 200 MB beyond the file.
//!
//! Memory is that of a process which frees what it does not use, so the test starts itself again with such an allocator.

#[path = "checkpoints/bombs.rs"]
mod bombs;
#[path = "checkpoints/building.rs"]
mod building;
#[path = "checkpoints/swollen.rs"]
mod swollen;

use std::env;
use std::fs;
use std::process::Command;

use building::{checkpoint, legacy};
use enlarger_networks::checkpoints::Checkpoint;

const LONGEST: f64 = 1.0;
const MOST: u64 = 200 << 20;
/// Set for the process that measures.
const MEASURING: &str = "ENLARGER_TEST_MEASURING";

/// A number from /proc/self/status in bytes; 0 on other systems.
fn memory(key: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Seconds of processor time that this process has used, because other programs do not count; 0 on other systems.
fn processor() -> f64 {
    let Ok(status) = fs::read_to_string("/proc/self/stat") else { return 0.0 };
    let fields: Vec<&str> = status.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    fields[11..13].iter().map(|ticks| ticks.parse::<f64>().unwrap() / 100.0).sum()
}

/// Reads a file that must be refused; returns its name, the seconds and the bytes that it took.
fn measure(name: String, file: &[u8]) -> (String, f64, u64) {
    // The peak starts again from what is in use now.
    let reset = fs::write("/proc/self/clear_refs", "5").is_ok();
    let (before, started) = (memory("VmRSS:"), processor());
    let read = Checkpoint::read(file).map(|checkpoint| checkpoint.tensors.len());
    let taken = processor() - started;
    let used = if reset { memory("VmHWM:").saturating_sub(before) } else { 0 };
    let message = read.err().unwrap_or_else(|| panic!("{name} was read")).to_string();
    println!("{name}: {taken:.2} s, {} MB: {message}", used >> 20);
    assert!(message.len() < 500, "{name}");
    assert!(taken <= LONGEST, "{name}: {taken} s");
    assert!(used <= MOST, "{name}: {used} bytes");
    (name, taken, used)
}

#[test]
fn hostile_checkpoints_are_refused_in_a_second_and_200_megabytes() {
    if env::var_os(MEASURING).is_none() {
        let status = Command::new(env::current_exe().unwrap())
            .args(["--exact", "hostile_checkpoints_are_refused_in_a_second_and_200_megabytes", "--nocapture"])
            .envs([(MEASURING, "1"), ("MALLOC_MMAP_THRESHOLD_", "65536"), ("MALLOC_TRIM_THRESHOLD_", "65536")])
            .status();
        assert!(status.unwrap().success());
        return;
    }
    let mut measured = Vec::new();
    for number in 0.. {
        let Some((name, instructions)) = bombs::instructions(number) else { break };
        measured.push(measure(format!("{name}, ZIP"), &checkpoint(&instructions, &[0; 16])));
        measured.push(measure(format!("{name}, stream"), &legacy(&instructions, b"]", &[0; 64])));
    }
    for number in 0.. {
        let Some((name, file)) = swollen::file(number) else { break };
        measured.push(measure(name.to_owned(), &file));
    }
    assert!(measured.len() > 100);
    println!("slowest: {:?}", measured.iter().max_by(|a, b| a.1.total_cmp(&b.1)));
    println!("largest: {:?}", measured.iter().max_by_key(|measured| measured.2));
}
