//! `--shard I/N`: one of several parts of a batch, for one of several machines that share it.
//!
//! The part of a picture follows from its name alone, so that the machines need not know of each other. What it follows from
//! must never change, because machines with different versions may share a batch.

use std::fmt;
use std::path::Path;

use sha2::{Digest, Sha256};

/// One of several parts of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 1.
    pub part: u32,
    /// The number of parts.
    pub of: u32,
}

impl Shard {
    /// Whether a name belongs to this part. The name is the path below a folder of the command line, so that it is the same
    /// wherever the folder is mounted.
    pub fn has(self, name: &Path) -> bool {
        let mut hash = Sha256::new();
        for component in name.components() {
            hash.update(b"/");
            hash.update(component.as_os_str().as_encoded_bytes());
        }
        let number = hash.finalize().iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte));
        number % u64::from(self.of) == u64::from(self.part - 1)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "part {} of {}", self.part, self.of)
    }
}

/// Reads a part such as `3/100`.
pub fn parse_shard(text: &str) -> Result<Shard, String> {
    let parsed =
        text.split_once('/').and_then(|(part, of)| Some(Shard { part: part.parse().ok()?, of: of.parse().ok()? }));
    parsed
        .filter(|shard| (1..=shard.of).contains(&shard.part))
        .ok_or_else(|| "give the number of the part and of all parts, from 1/N to N/N, such as 3/100".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_in_exactly_one_part_and_stays_there() {
        let mut sizes = [0; 7];
        for n in 0..7000 {
            let name = format!("day {}/{n}.png", n % 13);
            let parts: Vec<u32> = (1..=7).filter(|part| Shard { part: *part, of: 7 }.has(Path::new(&name))).collect();
            assert_eq!(parts.len(), 1, "{name}: {parts:?}");
            sizes[parts[0] as usize - 1] += 1;
        }
        assert!(sizes.iter().all(|size| (900..1100).contains(size)), "{sizes:?}");
        // By the first 8 bytes of the SHA-256 of "/a.png" and "/day 2/c.png".
        let part = |name: &str| (1..=100).find(|part| Shard { part: *part, of: 100 }.has(Path::new(name)));
        assert_eq!(part("a.png"), Some(87));
        assert_eq!(part("day 2/c.png"), Some(62));
        assert_eq!(part("day 2//c.png"), part("day 2/c.png"));
    }

    #[test]
    fn only_whole_parts_are_read() {
        assert_eq!(parse_shard("3/100"), Ok(Shard { part: 3, of: 100 }));
        for wrong in ["", "3", "0/3", "4/3", "-1/3", "1/0", "1/3/5", "a/b", "1 / 3"] {
            assert!(parse_shard(wrong).is_err(), "{wrong}");
        }
    }
}
