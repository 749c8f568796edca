//! Files of every format with small damage: no reader may panic, hang or take more memory than it is allowed.
//!
//! A few dozen in the ordinary tests; thousands with `ENLARGER_MUTATIONS=2000 cargo test -p enlarger-cli mutated`. The damage is
//! the same on every run.

use std::fs;
use std::time::{Duration, Instant};

use super::samples::{Sample as File, files};
use super::*;
use crate::picture::limits::Limits;

/// The time that a file of a few kilobytes may take, on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);

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
}

/// Changes a file: bits, bytes, numbers at the beginning, pieces that are missing, doubled or moved, an end too soon.
fn mutate(file: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(3) {
        let length = file.len();
        // Half of the damage hits the header, where it does most.
        let end = if random.next().is_multiple_of(2) { length.min(200) } else { length };
        let at = random.below(end);
        match random.below(9) {
            0 => file[at] ^= 1 << random.below(8),
            1 => file[at] = random.next() as u8,
            2 => file[at] = [0, 1, 0x7F, 0x80, 0xFF][random.below(5)],
            3 | 4 => {
                let value =
                    [0u32, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, length as u32, 0x0001_0000][random.below(7)];
                let bytes = if random.next().is_multiple_of(2) { value.to_le_bytes() } else { value.to_be_bytes() };
                let count = [2, 4][random.below(2)].min(length - at);
                file[at..at + count].copy_from_slice(&bytes[4 - count..]);
            }
            5 => file.truncate(at.max(1)),
            6 => {
                let end = (at + 1 + random.below(64)).min(length);
                file.drain(at..end);
            }
            7 => {
                let end = (at + 1 + random.below(64)).min(length);
                let piece = file[at..end].to_vec();
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

#[test]
fn mutated_files_never_panic_or_hang() {
    let folder = tempfile::tempdir().unwrap();
    let all: usize = std::env::var("ENLARGER_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(60);
    let limits = Limits { pixels: 1 << 20, memory: 1 << 26 };
    let options = OpenOptions { limits, ..OpenOptions::default() };
    // One format alone with `ENLARGER_MUTATED=avif`.
    let only = std::env::var("ENLARGER_MUTATED").unwrap_or_default();
    let samples: Vec<File> = files().into_iter().filter(|sample| sample.name.ends_with(&only)).collect();
    let formats: Vec<FileFormat> = samples.iter().map(|s| s.format).collect();
    for (index, File { name, format, bytes }) in samples.iter().enumerate() {
        let count = all.div_ceil(formats.iter().filter(|f| *f == format).count());
        let mut random = Random(index as u64);
        let (mut read_whole, mut slowest) = (0, Duration::ZERO);
        for round in 0..count {
            let mut file = bytes.clone();
            mutate(&mut file, &mut random);
            // A new file each time: some file systems wait for the disk when a file is written again.
            let path = folder.path().join(format!("{index}-{round}-{name}"));
            fs::write(&path, &file).unwrap();
            let started = Instant::now();
            let read_rows = || -> Result<()> {
                let mut picture = open(&path, &options)?;
                let mut row = vec![0; picture.format().row_size(picture.size().width)];
                (0..picture.size().height).try_for_each(|y| picture.read(0, y, &mut row))
            };
            read_whole += usize::from(read_rows().is_ok());
            let taken = started.elapsed();
            slowest = slowest.max(taken);
            assert!(taken < LONGEST, "{name}, round {round}: {taken:?}");
            fs::remove_file(&path).unwrap();
        }
        println!("{name}: {count} files, {read_whole} read, slowest {slowest:?}");
    }
}
