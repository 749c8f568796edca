//! Checkpoints with small damage: the reader may not panic, hang or take memory out of proportion.
//!
//! 5,000 files in the ordinary tests; more with `ENLARGER_MUTATIONS=100000 cargo test -p enlarger-networks mutated`. The damage is the
//! same on every run.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use enlarger_networks::architectures;
use enlarger_networks::checkpoints::{Checkpoint, is_checkpoint};

/// The time that a file of a few kilobytes may take, on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);
/// The memory that the whole test may take, in bytes.
const MOST: u64 = 200 << 20;

/// A pseudo-random sequence.
struct Random(u64);

impl Random {
    fn next(&mut self) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize
    }

    fn below(&mut self, end: usize) -> usize {
        self.next() % end.max(1)
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// Changes a file: bits, bytes, numbers, instructions of pickles, pieces that are missing, doubled or moved, an end too soon.
fn mutate(file: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(2) * random.below(4) {
        let length = file.len();
        // A third of the damage hits the beginning, and a third the end, where directories are.
        let at = match random.below(3) {
            0 => random.below(length.min(300)),
            1 => length - 1 - random.below(length.min(300)),
            _ => random.below(length),
        };
        match random.below(9) {
            0 => file[at] ^= 1 << random.below(8),
            1 => file[at] = random.next() as u8,
            2 => file[at] = random.one(&[0, 1, 0x7F, 0x80, 0xFF]),
            3 => {
                let value =
                    random.one(&[0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, length as u64, u64::MAX, 1 << 33]);
                let count = random.one(&[2, 4, 8]).min(length - at);
                file[at..at + count].copy_from_slice(&value.to_le_bytes()[..count]);
            }
            4 => {
                file[at] =
                    random.one(b"(.012FIJKLMNPQRSTUVXabcd}eghijl]opqrst)uG\x80\x81\x85\x86\x87\x88\x8a\x8c\x93\x94\x95")
            }
            5 => file.truncate(at.max(1)),
            6 => drop(file.drain(at..(at + 1 + random.below(64)).min(length))),
            7 => {
                let piece = file[at..(at + 1 + random.below(64)).min(length)].to_vec();
                let to = random.below(length);
                file.splice(to..to, piece);
            }
            _ => {
                let piece: Vec<u8> = (0..1 + random.below(16)).map(|_| random.next() as u8).collect();
                file.splice(at..at, piece);
            }
        }
        if file.is_empty() {
            file.push(0);
        }
    }
}

/// The small checkpoints of this folder, those of all architectures, and those that people share if they are there.
fn samples() -> Vec<PathBuf> {
    let small = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checkpoints");
    let architectures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/checkpoints");
    let shared = std::env::var_os("ENLARGER_TEST_CHECKPOINTS").map(PathBuf::from);
    let files = |folder: PathBuf| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let model = |path: &PathBuf| {
        let ending = path.extension().unwrap_or_default().to_owned();
        ["pth", "pt", "ckpt", "safetensors"].iter().any(|known| ending == *known)
    };
    let mut samples: Vec<PathBuf> =
        [Some(small), Some(architectures), shared].into_iter().flatten().flat_map(files).filter(model).collect();
    samples.sort();
    samples
}

/// The peak of this process's memory in bytes; 0 on other systems than Linux.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) * 1024
}

#[test]
fn mutated_checkpoints_never_panic_or_hang() {
    let all: usize = std::env::var("ENLARGER_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(5000);
    let samples = samples();
    assert!(samples.len() >= 140);
    let (mut read, mut built, mut refused, mut slowest) = (0, 0, 0, Duration::ZERO);
    for (number, sample) in samples.iter().enumerate() {
        let original = fs::read(sample).unwrap();
        let mut random = Random(number as u64);
        for round in 0..all.div_ceil(samples.len()) {
            let mut file = original.clone();
            mutate(&mut file, &mut random);
            let started = Instant::now();
            match Checkpoint::read(&file) {
                Ok(checkpoint) => {
                    read += 1;
                    assert!(is_checkpoint(&file));
                    let mut values = 0;
                    for (name, tensor) in &checkpoint.tensors {
                        if let Ok(floats) = tensor.floats() {
                            assert_eq!(floats.len(), tensor.values(), "{name}");
                        }
                        values += tensor.values() * tensor.element.width();
                    }
                    if let Err(error) = architectures::recognise(&checkpoint) {
                        assert!(error.message().len() < 1000, "{}, round {round}: {error}", sample.display());
                    } else {
                        built += 1;
                    }
                    assert!(values <= 4 * file.len() + 4, "{}, round {round}: {values}", sample.display());
                }
                Err(error) => {
                    refused += 1;
                    let message = error.to_string();
                    assert!(
                        message.contains(';') && message.len() < 1000,
                        "{}, round {round}: {message}",
                        sample.display()
                    );
                }
            }
            slowest = slowest.max(started.elapsed());
            assert!(started.elapsed() < LONGEST, "{}, round {round}", sample.display());
        }
    }
    println!("{read} read, {built} of them built, {refused} refused, slowest {slowest:?}, peak {} MB", peak() >> 20);
    assert!(built > 0);
    assert!(peak() < MOST);
    // The damage is worth the name, and does not always hit what is checked first.
    assert!(read * 20 > all && refused * 4 > all, "{read} read, {refused} refused");
}
