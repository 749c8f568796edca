//! `enlarge models import`: a network from anywhere becomes one of the user's models.

use std::path::{Path, PathBuf};

use enlarger::{Cancel, Error, ErrorKind, Manifest, Registry, Result};
use enlarger_import::{Description, Findings, RemoteFile, Support};
use enlarger_models::download::url;
use enlarger_models::{Existing, Imported, Tested, Watch, Worker, import};
use tempfile::TempDir;

use super::model_json::model_json;
use super::reports::report_to;
use crate::args::{ChannelOrder, Import};
use crate::commands::engines::worker;
use crate::exit_status::{CANCELLED, DONE, FAILED, USAGE};
use crate::terminal::{Terminal, print_line, with_path};

/// Runs `enlarge models import …`.
pub fn run(arguments: &Import, terminal: Terminal, cancel: &Cancel) -> u8 {
    let mut report = report_to(terminal);
    let mut watch = Watch::new(cancel, &mut report).keeping_downloads();
    // The folder of fetched files is removed when this function returns.
    let mut folder = None;
    let prepared = local_files(arguments, &mut folder, &mut watch).and_then(|files| Ok((files, worker()?)));
    let (files, worker) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => {
            terminal.error(&error);
            terminal.json(&serde_json::json!({ "error": error.to_string() }));
            return match error.kind() {
                ErrorKind::Argument => USAGE,
                ErrorKind::Cancelled => CANCELLED,
                _ => FAILED,
            };
        }
    };
    let mut status = DONE;
    for path in networks(&files) {
        if let Err(error) = import_network(arguments, &path, &worker, &mut watch, terminal) {
            terminal.error(with_path(&path, &error));
            terminal.json(&serde_json::json!({ "file": path.display().to_string(), "error": error.to_string() }));
            if error.kind() == ErrorKind::Cancelled {
                return CANCELLED;
            }
            status = FAILED;
        }
    }
    status
}

/// The files to import. Those of URLs are fetched into `folder`, which is created for them.
fn local_files(arguments: &Import, folder: &mut Option<TempDir>, watch: &mut Watch<'_>) -> Result<Vec<PathBuf>> {
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
        url::fetch(&remote, folder.path(), watch)
    };
    arguments.files.iter().map(&mut fetch).collect()
}

/// One file for each network. Both files of an ncnn network may be given; its .bin is left out.
fn networks(files: &[PathBuf]) -> Vec<PathBuf> {
    let is_second_file =
        |file: &&PathBuf| file.extension().is_some_and(|e| e == "bin") && files.contains(&file.with_extension("param"));
    files.iter().filter(|file| !is_second_file(file)).cloned().collect()
}

fn import_network(
    arguments: &Import,
    path: &Path,
    worker: &Worker,
    watch: &mut Watch<'_>,
    terminal: Terminal,
) -> Result<()> {
    let wanted = enlarger_models::Import {
        id: arguments.id.clone(),
        description: Description {
            name: arguments.name.clone().unwrap_or_default(),
            mode: arguments.mode.into(),
            content: arguments.content.clone(),
            licence: arguments.licence.clone(),
            commercial: arguments.commercial,
            attribution: arguments.attribution.clone().unwrap_or_default(),
            source: arguments.source.clone(),
            ..Description::default()
        },
        bgr: arguments.order.map(|order| order == ChannelOrder::Bgr),
        recognise: true,
        existing: if arguments.overwrite { Existing::Replace } else { Existing::Refuse },
        seconds: arguments.seconds,
    };
    let Imported { model, tested } = import(path, &wanted, &Registry::open(), worker, watch)?;
    if terminal.json {
        terminal.json(&model_json(&model));
    }
    let Some(Tested { findings, engine }) = tested else { return Ok(()) };
    if !terminal.json {
        print_line(format_args!(
            "{}: {}; imported into {}, tested with {engine}",
            model.id(),
            summary(&findings, model.manifest()),
            model.origin()
        ));
    }
    if !findings.order_known {
        terminal.info(
            "The order of the channels could not be determined; RGB is assumed, which is nearly always right. If the network was trained on BGR, import it again with --order bgr.",
        );
    }
    if model.manifest().licence.weights == "unknown" {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_files_of_an_ncnn_network_are_one_network() {
        let files = ["a.param", "a.bin", "b.bin", "c.onnx"].map(PathBuf::from);
        assert_eq!(networks(&files), ["a.param", "b.bin", "c.onnx"].map(PathBuf::from));
    }
}
