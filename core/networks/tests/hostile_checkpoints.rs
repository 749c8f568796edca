//! Checkpoints that are made to exhaust memory or time. Each is refused, or becomes a network, within a second and within 200 MB beyond
//! the file.
//!
//! Memory is that of a process which frees what it does not use, so the tests start themselves again with such an allocator.

#[path = "checkpoints/bombs.rs"]
mod bombs;
#[path = "checkpoints/building.rs"]
mod building;
#[path = "checkpoints/changed.rs"]
mod changed;
#[path = "checkpoints/samples.rs"]
mod samples;
#[path = "checkpoints/swollen.rs"]
mod swollen;

use std::collections::HashSet;
use std::env;
use std::fs;
use std::process::Command;

use building::{checkpoint, legacy};
use enlarger_networks::architectures;
use enlarger_networks::checkpoints::Checkpoint;

const LONGEST: f64 = 1.0;
const MOST: u64 = 200 << 20;
/// Set for the process that measures.
const MEASURING: &str = "ENLARGER_TEST_MEASURING";
/// Set by whoever wants all wrong dimensions, which take a minute: more than 10,000 instead of 2,000.
const ALL: &str = "ENLARGER_ALL_DIMENSIONS";

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

/// Reads a file and builds its network; returns the refusal, the seconds and the bytes that it took. `name` is for messages.
fn measure(name: &str, file: &[u8]) -> (Option<String>, f64, u64) {
    // The peak starts again from what is in use now.
    let reset = fs::write("/proc/self/clear_refs", "5").is_ok();
    let (before, started) = (memory("VmRSS:"), processor());
    let built = Checkpoint::read(file).and_then(|checkpoint| Ok(architectures::recognise(&checkpoint)?.into_design()));
    let taken = processor() - started;
    let used = if reset { memory("VmHWM:").saturating_sub(before) } else { 0 };
    let refusal = built.err().map(|error| error.to_string());
    assert!(refusal.as_ref().is_none_or(|message| message.len() < 500), "{name}: {refusal:?}");
    assert!(taken <= LONGEST, "{name}: {taken} s");
    assert!(used <= MOST, "{name}: {used} bytes");
    (refusal, taken, used)
}

/// As [`measure`], for a file that must be refused. Returns its name, the seconds and the bytes.
fn refused(name: String, file: &[u8]) -> (String, f64, u64) {
    let (refusal, taken, used) = measure(&name, file);
    let message = refusal.unwrap_or_else(|| panic!("{name} was read"));
    println!("{name}: {taken:.2} s, {} MB: {message}", used >> 20);
    (name, taken, used)
}

/// Whether this process is to measure. Otherwise the test of this name has run in a process of its own.
fn measures(test: &str) -> bool {
    if env::var_os(MEASURING).is_some() {
        return true;
    }
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .envs([(MEASURING, "1"), ("MALLOC_MMAP_THRESHOLD_", "65536"), ("MALLOC_TRIM_THRESHOLD_", "65536")])
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    println!("{text}");
    // A name that is no test's would run nothing and succeed.
    assert!(output.status.success() && text.contains(" 1 passed"), "{test}");
    false
}

/// Prints the slowest and the largest.
fn summarise(measured: &[(String, f64, u64)]) {
    println!("slowest: {:?}", measured.iter().max_by(|a, b| a.1.total_cmp(&b.1)));
    println!("largest: {:?}", measured.iter().max_by_key(|measured| measured.2));
}

#[test]
fn hostile_checkpoints_are_refused_in_a_second_and_200_megabytes() {
    if !measures("hostile_checkpoints_are_refused_in_a_second_and_200_megabytes") {
        return;
    }
    let mut measured = Vec::new();
    for number in 0.. {
        let Some((name, instructions)) = bombs::instructions(number) else { break };
        measured.push(refused(format!("{name}, ZIP"), &checkpoint(&instructions, &[0; 16])));
        measured.push(refused(format!("{name}, stream"), &legacy(&instructions, b"]", &[0; 64])));
    }
    for number in 0.. {
        let Some((name, file)) = swollen::file(number) else { break };
        measured.push(refused(name.to_owned(), &file));
    }
    assert!(measured.len() > 100);
    summarise(&measured);
}

#[test]
fn networks_do_not_grow_out_of_proportion() {
    if !measures("networks_do_not_grow_out_of_proportion") {
        return;
    }
    for number in 0.. {
        let Some((name, file, part)) = changed::growing(number) else {
            assert!(number > 5);
            break;
        };
        let (refusal, taken, used) = measure(name, &file);
        let message = refusal.unwrap_or_else(|| panic!("{name} was built"));
        println!("{name}: {taken:.2} s, {} MB: {message}", used >> 20);
        assert!(message.contains(part), "{name}: {message}");
    }
}

#[test]
fn every_dimension_of_every_architecture_may_be_wrong() {
    if !measures("every_dimension_of_every_architecture_may_be_wrong") {
        return;
    }
    let all = env::var_os(ALL).is_some();
    let (mut done, mut measured) = (HashSet::new(), Vec::new());
    // The smallest sample of each architecture.
    for sample in samples::all() {
        if !done.insert(sample.architecture.clone()) {
            continue;
        }
        assert_eq!(measure(&sample.file, &sample.bytes()).0, None, "{}", sample.file);
        for (name, changed) in changed::dimensions(&sample, all) {
            let (_, taken, used) = measure(&name, &changed.bytes());
            measured.push((name, taken, used));
        }
    }
    let names: HashSet<String> = architectures::names().map(str::to_owned).collect();
    assert_eq!(done, names);
    let least = if all { 10_000 } else { 1_700 };
    assert!(measured.len() > least, "{}", measured.len());
    summarise(&measured);
}
