//! Measures the models of the catalogue. `measure FOLDER [TEXT]` probes each model whose package is in the folder (and whose
//! id contains the text), and prints the new `core/import/catalogue/measured.toml`. The values of other models stay as they
//! are.

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

use enlarger::{Model, Precision, Session, SessionOptions};
use enlarger_engines::Engines;
use enlarger_import::{Archive, Catalogue, Measured, probe, sha256};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let packages = env::args().nth(1).ok_or("usage: measure FOLDER [TEXT]; FOLDER contains the packages")?;
    let only = env::args().nth(2).unwrap_or_default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalogue");
    let families = fs::read_to_string(folder.join("families.toml"))?;
    let before: BTreeMap<String, Measured> =
        toml::from_str(&fs::read_to_string(folder.join("measured.toml")).unwrap_or_default())?;
    let engines = Engines::discover();
    // The same precision as in `enlarge models import`.
    let mut options = SessionOptions::default();
    options.precision = Precision::Exact;
    let open = |model: &Model| -> enlarger::Result<std::sync::Arc<dyn Session>> {
        Ok(engines.open(None, model, &options)?.upscaler.session().clone())
    };
    let mut measured = BTreeMap::new();
    for entry in Catalogue::parse(&families, "")?.entries() {
        let id = &entry.description.id;
        let path = Path::new(&packages).join(&entry.package.file);
        if !path.is_file() || !id.contains(&only) {
            measured.extend(before.get(id).map(|figures| (id.clone(), figures.clone())));
            continue;
        }
        let mut archive = Archive::open(&path, &entry.package)?;
        let (param, bin) =
            (archive.read(&format!("{}.param", entry.path))?, archive.read(&format!("{}.bin", entry.path))?);
        let (network, found) = probe(entry.convert(&param, &bin)?, &open)?;
        eprintln!("{id}: {found:?}");
        assert_eq!(found.range, [0.0, 1.0], "{id}");
        assert!(!found.bgr && found.pad == 0, "{id}");
        let figures = Measured {
            param: sha256(&param),
            bin: sha256(&bin),
            size: bin.len() as u64,
            network: sha256(&network),
            scale: found.scale,
            multiple: found.multiple,
            minimum: found.minimum,
            support: found.support,
            halo: found.halo,
            overlap: found.overlap,
        };
        measured.insert(id.clone(), figures);
    }
    println!("# Made by `cargo run --release --package enlarger-import --example measure -- FOLDER`; do not edit.\n");
    print!("{}", toml::to_string(&measured)?);
    Ok(())
}
