//! `enlarge models import`: a network from anywhere becomes a model of this person's.
//!
//! What a stranger's network does is found out in a process of its own, within a time and a memory that it cannot
//! exceed. Nothing is kept of a network that fails.

use std::path::{Path, PathBuf};

use enlarger::{Error, ErrorKind, Manifest, Registry, Result};
use enlarger_engines::Engines;
use enlarger_import::{Description, Findings, ManifestDraft, RemoteFile, Support, UserModels, load_network};
use enlarger_networks::onnx::{Network, Wrapping, wrap};
use tempfile::TempDir;

use crate::args::{ChannelOrder, Import};
use crate::batch::{DONE, FAILED, USAGE};
use crate::download;
use crate::models::object;
use crate::voice::{Voice, list};
use crate::{probe, trial};

/// Runs `enlarge models import …`.
pub fn run(arguments: &Import, voice: Voice) -> u8 {
    // What was fetched goes away with its folder.
    let mut folder = None;
    let files = match here(arguments, &mut folder, voice) {
        Ok(files) => files,
        Err(error) => {
            voice.error(&error);
            voice.json(&serde_json::json!({ "error": error.to_string() }));
            return if error.kind() == ErrorKind::Argument { USAGE } else { FAILED };
        }
    };
    let mut status = DONE;
    for path in networks(&files) {
        if let Err(error) = one(arguments, &path, voice) {
            voice.error(format_args!("{}: {error}", path.display()));
            voice.json(&serde_json::json!({ "file": path.display().to_string(), "error": error.to_string() }));
            status = FAILED;
        }
    }
    status
}

/// The files, those of URLs fetched into `folder`, which is made for them.
fn here(arguments: &Import, folder: &mut Option<TempDir>, voice: Voice) -> Result<Vec<PathBuf>> {
    let url = |file: &'_ PathBuf| file.to_str().filter(|name| download::is_url(name)).map(str::to_owned);
    let (urls, sizes) = (arguments.files.iter().filter_map(url).count(), arguments.size.len());
    if arguments.sha256.len() != urls || ![0, urls].contains(&sizes) {
        return Err(Error::new(
            ErrorKind::Argument,
            format!(
                "{urls} URLs with {} --sha256 and {sizes} --size; give each URL its --sha256, by which it is known to be right",
                arguments.sha256.len()
            ),
        ));
    }
    let mut number = 0;
    let mut place = |file: &PathBuf| {
        let Some(url) = url(file) else { return Ok(file.clone()) };
        let remote =
            RemoteFile { url: &url, sha256: &arguments.sha256[number], size: arguments.size.get(number).copied() };
        number += 1;
        let folder = match folder {
            Some(folder) => folder,
            None => folder.insert(tempfile::tempdir()?),
        };
        download::fetch(&remote, folder.path(), voice)
    };
    arguments.files.iter().map(&mut place).collect()
}

/// One name for each network: both halves of one may have been named.
fn networks(files: &[PathBuf]) -> Vec<PathBuf> {
    let other_half =
        |file: &&PathBuf| file.extension().is_some_and(|e| e == "bin") && files.contains(&file.with_extension("param"));
    files.iter().filter(|file| !other_half(file)).cloned().collect()
}

fn one(arguments: &Import, path: &Path, voice: Voice) -> Result<()> {
    let given = load_network(path)?;
    // What can be refused without running it is refused without running it.
    let facts = Network::read(&given.network)?.judge()?;
    let id = arguments.id.clone().map_or_else(|| id_of(&given.stem), Ok)?;
    let store = UserModels::open()?;
    if !arguments.overwrite
        && let Ok(model) = Registry::open().find(&id)
    {
        return Err(Error::new(
            ErrorKind::Argument,
            format!("there is a model '{id}' already ({}); choose another --id, or --overwrite it", model.origin()),
        ));
    }
    voice.say(format_args!(
        "{id}: {} weights, {} operations; finding out what it does",
        facts.parameters,
        facts.operators.values().sum::<usize>()
    ));
    let (network, mut findings) = found(given.network, arguments.seconds, voice)?;
    if let Some(order) = arguments.order {
        (findings.bgr, findings.order_known) = (order == ChannelOrder::Bgr, true);
    }
    let description = Description {
        id,
        name: arguments.name.clone().unwrap_or_else(|| given.stem.clone()),
        mode: arguments.mode.into(),
        content: arguments.content.clone(),
        licence: arguments.licence.clone(),
        commercial: arguments.commercial,
        attribution: arguments.attribution.clone().unwrap_or_default(),
        source: match given.conversion {
            "" => arguments.source.clone(),
            conversion => {
                format!("{}{}{conversion}", arguments.source, if arguments.source.is_empty() { "" } else { "; " })
            }
        },
        ..Description::default()
    };
    let draft = ManifestDraft::from_findings(&network, &findings, description)?;
    let prepared = store.prepare(&draft.text(), &network, &[])?;
    let ran_on = trial::run(&Engines::discover(), &prepared.model()?)?;
    let folder = prepared.install(arguments.overwrite)?;
    let model = enlarger::Model::from_folder(&folder)?;
    if voice.json {
        voice.json(&object(&model));
    } else {
        list(format_args!(
            "{}: {}; ran on {ran_on}; in {}",
            model.id(),
            sentence(&findings, model.manifest()),
            folder.display()
        ));
    }
    if !findings.order_known {
        voice.say(
            "The order of its channels could not be told; red is taken to be first, as it nearly always is. If it was trained on BGR, import it again with --order bgr.",
        );
    }
    if arguments.licence == "unknown" {
        voice.say("Its licence is unknown; find out before you use or share results. --licence writes it down.");
    }
    Ok(())
}

/// What a network does, and the network with what it needs around it.
///
/// # Errors
/// As [`probe::in_child`].
pub fn found(network: Vec<u8>, seconds: u64, voice: Voice) -> Result<(Vec<u8>, Findings)> {
    let findings = probe::in_child(&network, seconds, voice)?;
    let network = match findings.pad {
        0 => network,
        pad => wrap(&network, &Wrapping { pad, ..Wrapping::default() })?,
    };
    Ok((network, findings))
}

/// What was found, in words.
fn sentence(findings: &Findings, manifest: &Manifest) -> String {
    let [black, white] = findings.range;
    let cut = match findings.support {
        Support::Exact => format!("tiles are exact from a halo of {} on", findings.halo),
        Support::Blend => format!("tiles are blended with a halo of {}", findings.halo),
        Support::Whole => "it looks at the whole picture".to_owned(),
    };
    let sizes = match (findings.multiple, findings.minimum) {
        (1, 1) => String::new(),
        (multiple, minimum) => format!("sides are multiples of {multiple}, at least {minimum}; "),
    };
    format!(
        "×{}, {}, black {black} to white {white}; {sizes}{cut}; {:.1} s and {} MB of memory a megapixel",
        findings.scale,
        if findings.bgr { "BGR" } else { "RGB" },
        findings.seconds,
        manifest.cost.bytes_per_pixel,
    )
}

/// A file's name as an id. It means nothing else.
fn id_of(stem: &str) -> Result<String> {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._".contains(c) { c.to_ascii_lowercase() } else { '-' };
    let id: String = stem.chars().map(plain).collect();
    let id: String = id.trim_matches(['.', '-', '_']).chars().take(80).collect();
    if id.is_empty() {
        return Err(Error::new(ErrorKind::Argument, "no id can be made of the file's name; give one with --id"));
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_made_of_names() {
        assert_eq!(id_of("4x-UltraSharp (v2)").unwrap(), "4x-ultrasharp--v2");
        assert_eq!(id_of("..//x").unwrap(), "x");
        assert!(id_of("日本").is_err());
    }

    #[test]
    fn halves_are_one() {
        let files = ["a.param", "a.bin", "b.bin", "c.onnx"].map(PathBuf::from);
        assert_eq!(networks(&files), ["a.param", "b.bin", "c.onnx"].map(PathBuf::from));
    }
}
