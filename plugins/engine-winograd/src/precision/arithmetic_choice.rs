//! Which arithmetic was found to be accurate enough for a network, so that it need not be probed again.
//!
//! The choice for the embedded model is built in. Choices for other models are stored in the user's cache, under a key of
//! everything that they depend on. A stored choice that does not fit the network must never be used.

use enlarger::{Cache, Error, ErrorKind, Manifest, Precision, Result};
use enlarger_compiler::CompiledGraph;

use crate::execute::loaded_graph::LoadedGraph;
use crate::kernels::quantised_input_transform::{GROUP, SMALL_GROUP};
use crate::kernels::simd::InstructionSet;
use crate::operations::arithmetic::Arithmetic;

use crate::execute::threads::Threads;

use super::probe::Probe;

/// Raise this whenever arithmetics, samples or bounds change, so that choices stored before are no longer found.
const EDITION: u32 = 5;

/// The SHA-256 of the embedded model's file.
const EMBEDDED_MODEL: &str = "2cb45c1ec9206555aa189d13c291e6b95a1103a73b856df57d6cdd445e0df1e0";

/// The choice for the embedded model. A test probes it on every instruction set.
pub(crate) fn embedded_choice(isa: InstructionSet) -> Arithmetic {
    if isa.integers_are_faster() {
        Arithmetic { float_layers: [0; 2], f6_layers: 8, group: GROUP, halves: true }
    } else {
        Arithmetic { float_layers: [0, 34], f6_layers: 34, group: GROUP, halves: true }
    }
}

/// Loads a graph in the fastest arithmetic that the precision allows and that is accurate enough.
///
/// # Errors
/// `ModelInvalid` if the precision is `Fast` and no fast arithmetic is accurate enough.
pub(crate) fn load(
    compiled: &CompiledGraph,
    manifest: &Manifest,
    precision: Precision,
    isa: InstructionSet,
    threads: &Threads,
    cache: &Cache,
) -> Result<LoadedGraph> {
    if precision == Precision::Exact {
        return LoadedGraph::new(compiled, isa, Arithmetic::EXACT, threads);
    }
    let key = cache_key(manifest, isa);
    let found = built_in(manifest, isa).or_else(|| parse(&cache.read(&key)?, compiled.convolutions()));
    let loaded = match found {
        Some(arithmetic) => LoadedGraph::new(compiled, isa, arithmetic, threads)?,
        None => {
            let loaded = Probe { compiled, manifest, isa, threads }.load()?;
            cache.write(&key, &format(loaded.arithmetic()));
            loaded
        }
    };
    if precision == Precision::Fast && loaded.arithmetic() == Arithmetic::EXACT && compiled.convolutions() > 0 {
        let message = "this network is too inaccurate in the precision fast; choose the precision auto or exact";
        return Err(Error::new(ErrorKind::ModelInvalid, message));
    }
    Ok(loaded)
}

fn built_in(manifest: &Manifest, isa: InstructionSet) -> Option<Arithmetic> {
    (manifest.file.sha256 == EMBEDDED_MODEL).then(|| embedded_choice(isa))
}

/// Everything that a choice depends on: this engine, the processor, the network, and its input by the manifest.
fn cache_key(manifest: &Manifest, isa: InstructionSet) -> String {
    let input = &manifest.input;
    let extras: Vec<f32> = manifest.extra.iter().map(|extra| extra.default).collect();
    format!(
        "winograd {} edition {EDITION}, {}, {} with {:?} {} {} {:?} {extras:?}",
        env!("CARGO_PKG_VERSION"),
        isa.name(),
        manifest.file.sha256,
        input.range,
        input.minimum,
        input.multiple,
        input.size,
    )
}

/// The form in which a choice is stored; [`parse`] reads it.
fn format(arithmetic: Arithmetic) -> String {
    let Arithmetic { float_layers: [from, to], f6_layers, group, halves } = arithmetic;
    match arithmetic {
        Arithmetic::EXACT => "exact".to_owned(),
        _ => format!("{from} {to} {f6_layers} {group} {}", if halves { "halves" } else { "floats" }),
    }
}

/// Reads a stored choice; `None` if it does not fit a network with this many convolutions.
fn parse(stored: &str, convolutions: usize) -> Option<Arithmetic> {
    if stored == "exact" {
        return Some(Arithmetic::EXACT);
    }
    let [from, to, f6_layers, group, storage] = <[&str; 5]>::try_from(stored.split(' ').collect::<Vec<_>>()).ok()?;
    let (from, to) = (from.parse().ok()?, to.parse().ok()?);
    let (f6_layers, group) = (f6_layers.parse().ok()?, group.parse().ok()?);
    let halves = match storage {
        "halves" => true,
        "floats" => false,
        _ => return None,
    };
    let fits = from <= to && to <= convolutions && f6_layers <= convolutions && [GROUP, SMALL_GROUP].contains(&group);
    fits.then_some(Arithmetic { float_layers: [from, to], f6_layers, group, halves })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::compile;
    use enlarger::{DEFAULT_MODEL, Model, Registry};
    use enlarger_compiler::Graph;

    fn default_model() -> Model {
        Registry::search(&[]).find(DEFAULT_MODEL).unwrap().clone()
    }

    #[test]
    fn the_built_in_choice_is_what_a_probe_finds() {
        let model = default_model();
        let compiled = compile(&Graph::read(&model.network().unwrap()).unwrap(), "output").unwrap();
        for isa in InstructionSet::available() {
            let threads = Threads::new(2).unwrap();
            let probe = Probe { compiled: &compiled, manifest: model.manifest(), isa, threads: &threads };
            let found = probe.load().unwrap().arithmetic();
            assert_eq!(built_in(model.manifest(), isa), Some(found), "{} {}", isa.name(), model.manifest().file.sha256);
        }
    }

    /// Loads the embedded network as if it were another model; returns its cache key and arithmetic.
    fn load_as_unknown_model(precision: Precision, cache: &Cache) -> Result<(String, Arithmetic)> {
        let model = default_model();
        let compiled = compile(&Graph::read(&model.network().unwrap()).unwrap(), "output").unwrap();
        let mut manifest = model.manifest().clone();
        manifest.file.sha256 = "0".repeat(64);
        let isa = InstructionSet::best();
        let loaded = load(&compiled, &manifest, precision, isa, &Threads::new(1).unwrap(), cache)?;
        Ok((cache_key(&manifest, isa), loaded.arithmetic()))
    }

    #[test]
    fn a_stored_choice_is_used_unless_it_is_nonsense() {
        let folder = std::env::temp_dir().join(format!("enlarger-arithmetic-choice-{}", std::process::id()));
        let cache = Cache::at(&folder);
        assert_eq!(load_as_unknown_model(Precision::Exact, &cache).unwrap().1, Arithmetic::EXACT);
        assert!(!folder.exists(), "exact arithmetic needs no stored choice");
        let expected = embedded_choice(InstructionSet::best());
        let (key, found) = load_as_unknown_model(Precision::Auto, &cache).unwrap();
        assert_eq!((found, cache.read(&key)), (expected, Some(format(expected))));
        for nonsense in ["0 35 0 64 halves", "what?"] {
            cache.write(&key, nonsense);
            assert_eq!(load_as_unknown_model(Precision::Auto, &cache).unwrap().1, expected);
            assert_eq!(cache.read(&key), Some(format(expected)), "the network was not probed again");
        }
        cache.write(&key, &format(Arithmetic::EXACT));
        assert_eq!(
            load_as_unknown_model(Precision::Auto, &cache).unwrap().1,
            Arithmetic::EXACT,
            "the network was probed again"
        );
        assert_eq!(load_as_unknown_model(Precision::Fast, &cache).unwrap_err().kind(), ErrorKind::ModelInvalid);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn without_a_cache_the_network_is_probed() {
        let found = load_as_unknown_model(Precision::Auto, &Cache::none()).unwrap().1;
        assert_eq!(found, embedded_choice(InstructionSet::best()));
    }

    #[test]
    fn a_choice_is_read_as_it_was_stored() {
        for arithmetic in [
            embedded_choice(InstructionSet::best()),
            Arithmetic::EXACT,
            Arithmetic { float_layers: [20, 30], f6_layers: 10, group: SMALL_GROUP, halves: false },
        ] {
            assert_eq!(parse(&format(arithmetic), 34), Some(arithmetic));
        }
    }

    #[test]
    fn a_choice_that_does_not_fit_is_rejected() {
        for stored in [
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
            assert_eq!(parse(stored, 34), None, "{stored}");
        }
    }

    #[test]
    fn the_key_depends_on_network_range_and_processor() {
        let manifest = default_model().manifest().clone();
        let mut keys: Vec<String> =
            InstructionSet::available().into_iter().map(|isa| cache_key(&manifest, isa)).collect();
        let mut other = manifest.clone();
        other.file.sha256 = "0".repeat(64);
        keys.push(cache_key(&other, InstructionSet::best()));
        let mut other = manifest.clone();
        other.input.range = [0.0, 255.0];
        keys.push(cache_key(&other, InstructionSet::best()));
        for (i, key) in keys.iter().enumerate() {
            assert!(!keys[..i].contains(key), "{key}");
        }
    }
}
