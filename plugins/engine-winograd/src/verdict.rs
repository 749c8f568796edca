//! Which arithmetic was found to be right for a network, so that it need not be found again.
//!
//! For the model inside the library it is known; for others it is noted on this machine, under all that it depends on. A
//! verdict must never be believed that does not fit the network.

use enlarger::{Cache, Error, ErrorKind, Manifest, Precision, Result};

use crate::kernels::isa::Isa;
use crate::kernels::quantise::{GROUP, SMALL_GROUP};
use crate::loaded::{Arithmetic, Loaded};
use crate::plan::Plan;
use crate::probe::Probe;
use crate::threads::Threads;

/// To be raised whenever arithmetics, samples or bounds change: what was noted before is then no longer found.
const EDITION: u32 = 4;

/// The model inside the library by its file's SHA-256, and its verdict. A test probes it on every instruction set.
pub(crate) const KNOWN: (&str, Arithmetic) = (
    "2cb45c1ec9206555aa189d13c291e6b95a1103a73b856df57d6cdd445e0df1e0",
    Arithmetic { floats: [0; 2], large: 8, group: GROUP, halves: true },
);

/// Loads a plan in the fastest arithmetic that the precision allows and that is right.
///
/// # Errors
/// `ModelInvalid` where the precision is fast and nothing fast is right.
pub(crate) fn load(
    plan: &Plan,
    manifest: &Manifest,
    precision: Precision,
    isa: Isa,
    threads: &Threads,
    cache: &Cache,
) -> Result<Loaded> {
    if precision == Precision::Exact {
        return Loaded::new(plan, isa, Arithmetic::EXACT, threads);
    }
    let key = key(manifest, isa);
    let found = known(manifest).or_else(|| read(&cache.read(&key)?, plan.convolutions()));
    let loaded = match found {
        Some(arithmetic) => Loaded::new(plan, isa, arithmetic, threads)?,
        None => {
            let loaded = Probe { plan, manifest, isa, threads }.load()?;
            cache.write(&key, &written(loaded.arithmetic()));
            loaded
        }
    };
    if precision == Precision::Fast && loaded.arithmetic() == Arithmetic::EXACT && plan.convolutions() > 0 {
        let sentence = "this network loses too much in the precision fast; take auto or exact";
        return Err(Error::new(ErrorKind::ModelInvalid, sentence));
    }
    Ok(loaded)
}

fn known(manifest: &Manifest) -> Option<Arithmetic> {
    (manifest.file.sha256 == KNOWN.0).then_some(KNOWN.1)
}

/// All that a verdict depends on: this engine, the processor, the network, and what the manifest says goes into it.
fn key(manifest: &Manifest, isa: Isa) -> String {
    let input = &manifest.input;
    let extras: Vec<f32> = manifest.extra.iter().map(|extra| extra.default).collect();
    format!(
        "winograd {} edition {EDITION}, {}, {} with {:?} {} {} {extras:?}",
        env!("CARGO_PKG_VERSION"),
        isa.name(),
        manifest.file.sha256,
        input.range,
        input.minimum,
        input.multiple,
    )
}

fn written(arithmetic: Arithmetic) -> String {
    let Arithmetic { floats: [from, to], large, group, halves } = arithmetic;
    match arithmetic {
        Arithmetic::EXACT => "exact".to_owned(),
        _ => format!("{from} {to} {large} {group} {}", if halves { "halves" } else { "floats" }),
    }
}

fn read(note: &str, convolutions: usize) -> Option<Arithmetic> {
    if note == "exact" {
        return Some(Arithmetic::EXACT);
    }
    let [from, to, large, group, storage] = <[&str; 5]>::try_from(note.split(' ').collect::<Vec<_>>()).ok()?;
    let (from, to, large, group) = (from.parse().ok()?, to.parse().ok()?, large.parse().ok()?, group.parse().ok()?);
    let halves = match storage {
        "halves" => true,
        "floats" => false,
        _ => return None,
    };
    let fits = from <= to && to <= convolutions && large <= convolutions && [GROUP, SMALL_GROUP].contains(&group);
    fits.then_some(Arithmetic { floats: [from, to], large, group, halves })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::compile;
    use crate::network::Network;
    use enlarger::{DEFAULT_MODEL, Model, Registry};

    fn default_model() -> Model {
        Registry::search(&[]).find(DEFAULT_MODEL).unwrap().clone()
    }

    #[test]
    fn what_is_known_of_the_embedded_model_is_what_a_probe_finds() {
        let model = default_model();
        let plan = compile(&Network::read(&model.network().unwrap()).unwrap(), "output").unwrap();
        assert!(known(model.manifest()).is_some(), "{}", model.manifest().file.sha256);
        for isa in Isa::available() {
            let threads = Threads::new(2).unwrap();
            let probe = Probe { plan: &plan, manifest: model.manifest(), isa, threads: &threads };
            assert_eq!(probe.load().unwrap().arithmetic(), KNOWN.1, "{}", isa.name());
        }
    }

    /// Loads the embedded network as if it were another model.
    fn loaded(precision: Precision, cache: &Cache) -> Result<(String, Arithmetic)> {
        let model = default_model();
        let plan = compile(&Network::read(&model.network().unwrap()).unwrap(), "output").unwrap();
        let mut manifest = model.manifest().clone();
        manifest.file.sha256 = "0".repeat(64);
        let isa = Isa::best();
        let loaded = load(&plan, &manifest, precision, isa, &Threads::new(1).unwrap(), cache)?;
        Ok((key(&manifest, isa), loaded.arithmetic()))
    }

    #[test]
    fn a_note_is_believed_and_nonsense_is_not() {
        let folder = std::env::temp_dir().join(format!("enlarger-verdict-{}", std::process::id()));
        let cache = Cache::at(&folder);
        assert_eq!(loaded(Precision::Exact, &cache).unwrap().1, Arithmetic::EXACT);
        assert!(!folder.exists(), "what is exact needs no verdict");
        let (key, found) = loaded(Precision::Auto, &cache).unwrap();
        assert_eq!((found, cache.read(&key)), (KNOWN.1, Some(written(KNOWN.1))));
        for nonsense in ["0 35 0 64 halves", "what?"] {
            cache.write(&key, nonsense);
            assert_eq!(loaded(Precision::Auto, &cache).unwrap().1, KNOWN.1);
            assert_eq!(cache.read(&key), Some(written(KNOWN.1)), "it was probed again");
        }
        cache.write(&key, &written(Arithmetic::EXACT));
        assert_eq!(loaded(Precision::Auto, &cache).unwrap().1, Arithmetic::EXACT, "it was not probed again");
        assert_eq!(loaded(Precision::Fast, &cache).unwrap_err().kind(), ErrorKind::ModelInvalid);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn without_a_cache_there_is_a_probe() {
        assert_eq!(loaded(Precision::Auto, &Cache::none()).unwrap().1, KNOWN.1);
    }

    #[test]
    fn a_verdict_is_read_as_it_was_written() {
        for arithmetic in
            [KNOWN.1, Arithmetic::EXACT, Arithmetic { floats: [20, 30], large: 10, group: SMALL_GROUP, halves: false }]
        {
            assert_eq!(read(&written(arithmetic), 34), Some(arithmetic));
        }
    }

    #[test]
    fn a_verdict_that_does_not_fit_is_none() {
        for note in [
            "",
            "0 35 0 64 halves",
            "8 7 0 64 halves",
            "0 0 35 64 halves",
            "-1 0 0 64 floats",
            "0 0 0 0 halves",
            "0 0 0 64",
            "0 0 0 64 bits",
            "0 0 0 64 halves more",
        ] {
            assert_eq!(read(note, 34), None, "{note}");
        }
    }

    #[test]
    fn a_verdict_is_for_one_network_one_range_and_one_processor() {
        let manifest = default_model().manifest().clone();
        let mut keys: Vec<String> = Isa::available().into_iter().map(|isa| key(&manifest, isa)).collect();
        let mut other = manifest.clone();
        other.file.sha256 = "0".repeat(64);
        keys.push(key(&other, Isa::best()));
        let mut other = manifest.clone();
        other.input.range = [0.0, 255.0];
        keys.push(key(&other, Isa::best()));
        for (i, key) in keys.iter().enumerate() {
            assert!(!keys[..i].contains(key), "{key}");
        }
    }
}
