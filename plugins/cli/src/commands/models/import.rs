//! `enlarge models import`: a network from anywhere becomes one of the user's models.
//!
//! The network is not trusted: it is probed in a process of its own, within limits of time and memory. Nothing is kept of a
//! network that fails.

use std::path::{Path, PathBuf};

use enlarger::{Error, ErrorKind, Manifest, Registry, Result};
use enlarger_engines::Engines;
use enlarger_import::{Description, Findings, ManifestDraft, RemoteFile, Support, UserModels, load_network};
use enlarger_networks::onnx::Network;
use tempfile::TempDir;

use super::model_json::model_json;
use super::{probe, trial};
use crate::args::{ChannelOrder, Import};
use crate::download::url;
use crate::exit_status::{DONE, FAILED, USAGE};
use crate::terminal::{Terminal, print_line, with_path};

/// Runs `enlarge models import …`.
pub fn run(arguments: &Import, terminal: Terminal) -> u8 {
    // The folder of fetched files is removed when this function returns.
    let mut folder = None;
    let files = match local_files(arguments, &mut folder, terminal) {
        Ok(files) => files,
        Err(error) => {
            terminal.error(&error);
            terminal.json(&serde_json::json!({ "error": error.to_string() }));
            return if error.kind() == ErrorKind::Argument { USAGE } else { FAILED };
        }
    };
    let mut status = DONE;
    for path in networks(&files) {
        if let Err(error) = import_network(arguments, &path, terminal) {
            terminal.error(with_path(&path, &error));
            terminal.json(&serde_json::json!({ "file": path.display().to_string(), "error": error.to_string() }));
            status = FAILED;
        }
    }
    status
}

/// The files to import. Those of URLs are fetched into `folder`, which is created for them.
fn local_files(arguments: &Import, folder: &mut Option<TempDir>, terminal: Terminal) -> Result<Vec<PathBuf>> {
    let url_of = |file: &'_ PathBuf| file.to_str().filter(|name| url::is_url(name)).map(str::to_owned);
    let (urls, sizes) = (arguments.files.iter().filter_map(url_of).count(), arguments.size.len());
    if arguments.sha256.len() != urls || ![0, urls].contains(&sizes) {
        return Err(Error::new(
            ErrorKind::Argument,
            format!(
                "URLs: {urls}, --sha256: {}, --size: {sizes}; give one --sha256 for each URL, and either no --size or one for each URL",
                arguments.sha256.len()
            ),
        ));
    }
    let mut number = 0;
    let mut fetch = |file: &PathBuf| {
        let Some(url) = url_of(file) else { return Ok(file.clone()) };
        let remote =
            RemoteFile { url: &url, sha256: &arguments.sha256[number], size: arguments.size.get(number).copied() };
        number += 1;
        let folder = match folder {
            Some(folder) => folder,
            None => folder.insert(tempfile::tempdir()?),
        };
        url::fetch(&remote, folder.path(), terminal)
    };
    arguments.files.iter().map(&mut fetch).collect()
}

/// One file for each network. Both files of an ncnn network may be given; its .bin is left out.
fn networks(files: &[PathBuf]) -> Vec<PathBuf> {
    let is_second_file =
        |file: &&PathBuf| file.extension().is_some_and(|e| e == "bin") && files.contains(&file.with_extension("param"));
    files.iter().filter(|file| !is_second_file(file)).cloned().collect()
}

fn import_network(arguments: &Import, path: &Path, terminal: Terminal) -> Result<()> {
    let given = load_network(path)?;
    // A network that can be refused without running it is not run.
    let facts = Network::read(&given.network)?.judge()?;
    let id = arguments.id.clone().map_or_else(|| id_of(&given.stem), Ok)?;
    let store = UserModels::open()?;
    if !arguments.overwrite
        && let Ok(model) = Registry::open().find(&id)
    {
        return Err(Error::new(
            ErrorKind::Argument,
            format!(
                "there already is a model '{id}' ({}); choose another --id, or replace it with --overwrite",
                model.origin()
            ),
        ));
    }
    terminal.info(format_args!(
        "{id}: {} weights, {} operators; running it to find out what it does",
        facts.parameters,
        facts.operators.values().sum::<usize>()
    ));
    if !given.conversion.is_empty() {
        terminal.info(format_args!("{id}: {}", given.conversion));
    }
    let (network, mut findings) = probe::probe_and_pad(given.network, arguments.seconds, terminal)?;
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
        source: match given.conversion.as_str() {
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
    if terminal.json {
        terminal.json(&model_json(&model));
    } else {
        print_line(format_args!(
            "{}: {}; imported into {}, tested with {ran_on}",
            model.id(),
            summary(&findings, model.manifest()),
            folder.display()
        ));
    }
    if !findings.order_known {
        terminal.info(
            "The order of the channels could not be determined; RGB is assumed, which is nearly always right. If the network was trained on BGR, import it again with --order bgr.",
        );
    }
    if arguments.licence == "unknown" {
        terminal
            .info("The licence is unknown; find it out before you use or share results, and record it with --licence.");
    }
    Ok(())
}

/// The findings in words.
fn summary(findings: &Findings, manifest: &Manifest) -> String {
    let [black, white] = findings.range;
    let cut = match findings.support {
        Support::Exact => format!("tiles are exact with a halo of {}", findings.halo),
        Support::Blend => format!("tiles are blended with a halo of {}", findings.halo),
        Support::Whole => "the network needs the whole picture at once".to_owned(),
    };
    let sizes = match (findings.multiple, findings.minimum) {
        (1, 1) => String::new(),
        (multiple, minimum) => format!("sides must be multiples of {multiple}, at least {minimum}; "),
    };
    format!(
        "×{}, {}, black {black} to white {white}; {sizes}{cut}; {:.1} s and {} MB of memory per megapixel",
        findings.scale,
        if findings.bgr { "BGR" } else { "RGB" },
        findings.seconds,
        manifest.cost.bytes_per_pixel,
    )
}

/// Makes an id of a file's name. Nothing else is read into the name.
fn id_of(stem: &str) -> Result<String> {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || "._".contains(c) { c.to_ascii_lowercase() } else { '-' };
    let id: String = stem.chars().map(allowed).collect();
    let id: String = id.trim_matches(['.', '-', '_']).chars().take(80).collect();
    if id.is_empty() {
        return Err(Error::new(
            ErrorKind::Argument,
            "the file's name contains no characters for an id; give one with --id",
        ));
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_made_of_file_names() {
        assert_eq!(id_of("4x-UltraSharp (v2)").unwrap(), "4x-ultrasharp--v2");
        assert_eq!(id_of("..//x").unwrap(), "x");
        assert!(id_of("日本").is_err());
    }

    #[test]
    fn both_files_of_an_ncnn_network_are_one_network() {
        let files = ["a.param", "a.bin", "b.bin", "c.onnx"].map(PathBuf::from);
        assert_eq!(networks(&files), ["a.param", "b.bin", "c.onnx"].map(PathBuf::from));
    }
}
