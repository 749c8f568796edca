//! The command as a whole: the built binary, real files, the real network.
//!
//! Pictures are tiny, because an unoptimised build is slow.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;
#[cfg(unix)]
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use tiff::encoder::{TiffEncoder, colortype};
use tiff::tags::Tag;

use crate::common::{cache, command, good, mean, messages, names, objects, read_png, run, write_gradient, write_png};

#[test]
fn a_photo_is_enlarged() {
    let folder = TempDir::new().unwrap();
    // A piece of the test photo that an unoptimised build enlarges in seconds.
    let photo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/cat.png");
    let (info, data) = read_png(&photo);
    let (width, height, bytes) = (48usize, 36usize, info.color_type.samples());
    let piece: Vec<u8> = (0..height)
        .flat_map(|y| {
            let start = (y + 60) * info.line_size + 100 * bytes;
            data[start..start + width * bytes].chunks(bytes).flat_map(|p| [p[0], p[1], p[2]]).collect::<Vec<_>>()
        })
        .collect();
    let path = folder.path().join("cat.jpg");
    let encoder = jpeg_encoder::Encoder::new_file(&path, 95).unwrap();
    encoder.encode(&piece, width as u16, height as u16, jpeg_encoder::ColorType::Rgb).unwrap();

    let output = good(&folder, &["cat.jpg"]);
    let first = messages(&output);
    let first = first.lines().find(|l| l.starts_with("cat.jpg")).unwrap();
    assert!(first.contains("48x36 → 192x144"), "{first}");
    assert!(first.contains("(realesr-general-x4v3), engine ") && first.contains(" on "), "{first}");
    assert_eq!(names(folder.path()), ["cat.4x.jpg", "cat.jpg"]);

    good(&folder, &["cat.jpg", "-o", "cat.png"]);
    let (info, data) = read_png(&folder.path().join("cat.png"));
    assert_eq!((info.width, info.height, info.color_type), (192, 144, png::ColorType::Rgb));
    // Averaged over blocks of four by four pixels, the result is the source.
    let difference = mean((0..width * height * 3).map(|i| {
        let (x, y, c) = (i / 3 % width, i / 3 / width, i % 3);
        let block = (0..16).map(|n| f64::from(data[((y * 4 + n / 4) * 192 + x * 4 + n % 4) * 3 + c]));
        (mean(block) - f64::from(piece[i])).abs()
    }));
    assert!(difference < 8.0, "{difference}");
}

#[test]
fn a_16_bit_tiff_keeps_its_depth_and_profile() {
    let folder = TempDir::new().unwrap();
    let icc = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let data: Vec<u16> = (0..24 * 18 * 3).map(|i| 9000 + (i % 72) * 400 + i / 72 * 700).collect();
    let mut encoder = TiffEncoder::new(File::create(folder.path().join("a.tif")).unwrap()).unwrap();
    let mut image = encoder.new_image::<colortype::RGB16>(24, 18).unwrap();
    image.encoder().write_tag(Tag::IccProfile, icc.as_slice()).unwrap();
    image.write_data(&data).unwrap();

    good(&folder, &["a.tif", "-s", "2"]);
    let file = BufReader::new(File::open(folder.path().join("a.2x.tif")).unwrap());
    let mut decoder = tiff::decoder::Decoder::new(file).unwrap();
    assert_eq!(decoder.dimensions().unwrap(), (48, 36));
    assert_eq!(decoder.colortype().unwrap(), tiff::ColorType::RGB(16));
    assert_eq!(decoder.get_tag_u8_vec(Tag::IccProfile).unwrap(), icc);
    let tiff::decoder::DecodingResult::U16(values) = decoder.read_image().unwrap() else { panic!("not 16 bits") };
    let (before, after) = (mean(data.iter().map(|v| f64::from(*v))), mean(values.iter().map(|v| f64::from(*v))));
    assert!((before - after).abs() < 300.0, "{before} {after}");
    let fine = values.iter().filter(|v| **v % 257 != 0).count();
    assert!(fine > values.len() / 2, "the values look like 8 bits");
}

#[test]
fn soft_edges_get_no_dark_fringes() {
    let folder = TempDir::new().unwrap();
    let data: Vec<u8> = (0..32 * 32)
        .flat_map(|i| {
            let (x, y) = ((i % 32) as f32 - 15.5, (i / 32) as f32 - 15.5);
            let alpha = ((12.0 - x.hypot(y)) / 6.0).clamp(0.0, 1.0);
            // Red where the picture is visible, black where it is transparent.
            let red = if alpha > 0.0 { 255 } else { 0 };
            [red, 0, 0, (alpha * 255.0) as u8]
        })
        .collect();
    write_png(&folder.path().join("a.png"), 32, 32, png::ColorType::Rgba, &data);
    good(&folder, &["a.png"]);
    let (info, data) = read_png(&folder.path().join("a.4x.png"));
    assert_eq!((info.width, info.height, info.color_type), (128, 128, png::ColorType::Rgba));
    let dark = data.chunks(4).filter(|p| p[3] > 16 && p[0] < 235).count();
    assert_eq!(dark, 0, "dark fringes");
    assert!(data.chunks(4).any(|p| p[3] == 255) && data.chunks(4).any(|p| p[3] == 0));
    assert!(data.chunks(4).any(|p| p[3] > 60 && p[3] < 200), "the edge is no longer soft");
}

#[test]
fn tiny_and_thin_pictures_are_enlarged() {
    let folder = TempDir::new().unwrap();
    write_gradient(&folder, "dot.png", 1, 1);
    write_gradient(&folder, "line.png", 3, 500);
    good(&folder, &["dot.png", "line.png"]);
    let (info, _) = read_png(&folder.path().join("dot.4x.png"));
    assert_eq!((info.width, info.height, info.color_type), (4, 4, png::ColorType::Grayscale));
    let (info, _) = read_png(&folder.path().join("line.4x.png"));
    assert_eq!((info.width, info.height), (12, 2000));
}

#[test]
fn a_bad_file_does_not_stop_the_others() {
    let folder = TempDir::new().unwrap();
    write_gradient(&folder, "a.png", 8, 8);
    write_gradient(&folder, "c.png", 8, 8);
    let whole = fs::read(folder.path().join("a.png")).unwrap();
    fs::write(folder.path().join("b.png"), &whole[..whole.len() - 20]).unwrap();
    let output = run(&folder, &["a.png", "b.png", "c.png", "none.png", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(messages(&output).contains("error: b.png: this PNG file is damaged or cut short"), "{}", messages(&output));
    assert_eq!(names(folder.path()), ["a.4x.png", "a.png", "b.png", "c.4x.png", "c.png"]);

    let (objects, totals) = objects(&output);
    assert_eq!(objects.len(), 4);
    let count = |key: &str| totals[key].as_u64().unwrap();
    assert_eq!(["files", "done", "failed", "pixels"].map(count), [4, 2, 2, 2 * 32 * 32]);
    let first = &objects[0];
    assert_eq!(first["input"], "a.png");
    assert_eq!(first["output"], "a.4x.png");
    assert_eq!(first["input_size"], serde_json::json!([8, 8]));
    assert_eq!(first["output_size"], serde_json::json!([32, 32]));
    assert_eq!(first["model"], "realesr-general-x4v3");
    for key in ["engine", "engine_version", "device"] {
        assert!(first[key].is_string(), "{key}");
    }
    assert!(first["seconds"].is_number() && first["error"].is_null() && first["notes"].is_array());
    assert!(objects[1]["error"].as_str().unwrap().contains("cut short") && objects[1]["output"].is_null());
    assert!(objects[2]["error"].is_null() && objects[3]["error"].is_string());
}

#[test]
fn damage_found_late_leaves_no_result() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.png");
    write_gradient(&folder, "a.png", 64, 64);
    let mut file = fs::read(&path).unwrap();
    // The damage is inside the pixels; no chunk is missing.
    let at = file.windows(4).position(|w| w == b"IDAT").unwrap() + 40;
    file[at] ^= 0xFF;
    fs::write(&path, file).unwrap();
    let output = run(&folder, &["a.png"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(messages(&output).contains("a.png: this PNG file is damaged"), "{}", messages(&output));
    assert_eq!(names(folder.path()), ["a.png"]);
}

#[test]
fn wrong_usage_ends_with_status_2() {
    let folder = TempDir::new().unwrap();
    write_gradient(&folder, "a.png", 2, 2);
    for arguments in [
        &[][..],
        &["a.png", "-s", "99"],
        &["a.png", "-s", "2", "--width", "9"],
        &["a.png", "--model", "none"],
        &["a.png", "--engine", "none"],
        &["a.png", "--precision", "rough"],
        &["a.png", "--colour-lock", "perhaps"],
        &["a.png", "--nonsense"],
        &["models", "info", "none"],
        &["models", "destroy"],
    ] {
        let output = run(&folder, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", messages(&output));
        assert!(!messages(&output).is_empty());
    }
    assert_eq!(names(folder.path()), ["a.png"]);
}

/// The fast precision differs from the exact one, but only slightly.
#[test]
fn fast_precision_is_close_to_exact() {
    let folder = TempDir::new().unwrap();
    let photo = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/cat.png");
    let [exact, fast, auto] = ["exact", "fast", "auto"].map(|precision| {
        let name = format!("{precision}.png");
        good(&folder, &[photo, "--engine", "winograd", "--precision", precision, "-o", &name]);
        read_png(&folder.path().join(name)).1
    });
    assert_eq!(fast, auto, "auto is fast for the embedded model");
    let greatest = exact.iter().zip(&fast).map(|(a, b)| a.abs_diff(*b)).max();
    assert!((1..=4).contains(&greatest.unwrap()), "{greatest:?}");
}

#[test]
fn files_are_replaced_only_with_overwrite() {
    let folder = TempDir::new().unwrap();
    write_gradient(&folder, "a.png", 4, 4);
    fs::write(folder.path().join("a.4x.png"), "precious").unwrap();
    let output = run(&folder, &["a.png"]);
    assert_eq!(output.status.code(), Some(3), "nothing failed, but the result exists");
    for option in ["--overwrite", "--skip-existing", "--resume"] {
        assert!(messages(&output).contains(option), "{}", messages(&output));
    }
    assert_eq!(fs::read(folder.path().join("a.4x.png")).unwrap(), b"precious");
    good(&folder, &["a.png", "--overwrite"]);
    assert_eq!(read_png(&folder.path().join("a.4x.png")).0.width, 16);
    // The result may replace the input itself.
    assert_eq!(run(&folder, &["a.png", "-o", "a.png"]).status.code(), Some(3));
    good(&folder, &["a.png", "-o", "a.png", "--overwrite"]);
    assert_eq!(read_png(&folder.path().join("a.png")).0.width, 16);
    assert_eq!(names(folder.path()), ["a.4x.png", "a.png"]);
}

#[test]
fn impossible_results_are_refused_before_the_work() {
    let folder = TempDir::new().unwrap();
    write_png(&folder.path().join("a.png"), 2, 2, png::ColorType::Rgba, &[9; 16]);
    for (arguments, says) in [
        (&["a.png", "-o", "a.jpg"][..], "transparency"),
        (&["a.png", "-o", "a.gif"], ".gif"),
        (&["a.png", "-o", "none/a.png"], "folder"),
        (&["a.png", "--max-pixels", "3"], "--max-pixels 4"),
    ] {
        let output = run(&folder, arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(messages(&output).contains(says), "{arguments:?}: {}", messages(&output));
    }
    assert_eq!(names(folder.path()), ["a.png"]);
}

#[test]
fn width_height_and_other_formats_can_be_chosen() {
    let folder = TempDir::new().unwrap();
    write_gradient(&folder, "a.png", 32, 16);
    good(&folder, &["a.png", "--width", "96"]);
    good(&folder, &["a.png", "--height", "96"]);
    let (wide, high) = (read_png(&folder.path().join("a.96w.png")).0, read_png(&folder.path().join("a.96h.png")).0);
    assert_eq!([wide.width, wide.height, high.width, high.height], [96, 48, 192, 96]);
    for name in ["a.webp", "a.tif", "a.exr", "a.jpg"] {
        good(&folder, &["a.png", "-o", name]);
    }
    // Every result can be read back.
    for name in ["a.webp", "a.tif", "a.exr", "a.jpg"] {
        good(&folder, &[name, "-s", "0.5", "-o", &format!("back-{name}.png")]);
        let (info, data) = read_png(&folder.path().join(format!("back-{name}.png")));
        assert_eq!((info.width, info.height), (64, 32), "{name}");
        let step = if info.bit_depth == png::BitDepth::Sixteen { 2 } else { 1 };
        let mean = mean(data.iter().step_by(step).map(|v| f64::from(*v)));
        assert!((mean - 125.5).abs() < 6.0, "{name}: {mean}");
    }
}

#[test]
fn exr_results_are_linear_and_premultiplied() {
    let folder = TempDir::new().unwrap();
    let flat = [188, 0, 255, 128];
    write_png(&folder.path().join("a.png"), 4, 4, png::ColorType::Rgba, &flat.repeat(16));
    good(&folder, &["a.png", "-o", "a.exr"]);
    let image = exr::prelude::read_first_rgba_layer_from_file(
        folder.path().join("a.exr"),
        |_, _| Vec::new(),
        |pixels: &mut Vec<[f32; 4]>, _, (r, g, b, a): (f32, f32, f32, f32)| pixels.push([r, g, b, a]),
    );
    // sRGB 188 is 0.503 in linear light; colour is premultiplied by alpha.
    let pixels = image.unwrap().layer_data.channel_data.pixels;
    assert_eq!(pixels.len(), 256);
    for (found, right) in pixels[100].iter().zip([0.2524, 0.0, 0.502, 0.502]) {
        assert!((found - right).abs() < 0.003, "{:?}", pixels[100]);
    }
    good(&folder, &["a.exr", "-s", "0.5", "-o", "b.png"]);
    let (info, data) = read_png(&folder.path().join("b.png"));
    assert_eq!((info.width, info.color_type, info.bit_depth), (8, png::ColorType::Rgba, png::BitDepth::Sixteen));
    for (found, right) in data[..8].chunks(2).zip(flat) {
        assert!(found[0].abs_diff(right) <= 1, "{:?}", &data[..8]);
    }
}

#[test]
fn quiet_shows_nothing_and_verbose_names_the_engine() {
    let folder = TempDir::new().unwrap();
    write_gradient(&folder, "a.png", 4, 4);
    assert_eq!(messages(&good(&folder, &["a.png", "-q"])), "");
    let shown = messages(&good(&folder, &["a.png", "-v", "--overwrite"]));
    assert!(shown.lines().any(|line| line.starts_with("engine ")), "{shown}");
}

#[test]
fn models_are_listed_and_wrong_manifests_found() {
    let folder = TempDir::new().unwrap();
    let text = |arguments: &[&str]| String::from_utf8(good(&folder, arguments).stdout).unwrap();
    assert!(text(&["models", "list"]).contains("realesr-general-x4v3"));
    assert!(text(&["models", "info", "realesr-general-x4v3"]).contains("BSD-3-Clause"));
    assert!(text(&["models", "verify"]).contains(": OK ("));
    for command in ["list", "info", "verify"] {
        let json: Value = serde_json::from_str(text(&["models", command, "--json"]).lines().next().unwrap()).unwrap();
        assert!(json.is_object(), "{command}");
    }
    // Manifests with a wrong file size, halo, range and scale.
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/models/realesr-general-x4v3");
    let manifest = fs::read_to_string(built_in.join("manifest.toml")).unwrap();
    let cases = [
        ("size = 4861396", "size = 5", "install the model again"),
        ("halo = 34", "halo = 2", "halo is too small"),
        ("range = [0.0, 1.0]", "range = [0.0, 255.0]", "the result"),
        ("scale = 4", "scale = 2", "shape"),
    ];
    for (right, wrong, sentence) in cases {
        let model = folder.path().join("models/other");
        fs::create_dir_all(&model).unwrap();
        let manifest = manifest.replace("id = \"realesr-general-x4v3\"", "id = \"other\"").replace(right, wrong);
        fs::write(model.join("manifest.toml"), manifest).unwrap();
        fs::copy(built_in.join("model.onnx"), model.join("model.onnx")).unwrap();
        let mut verify = command(folder.path());
        verify.args(["models", "verify", "other"]).env("ENLARGER_MODELS", folder.path().join("models"));
        let output = verify.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{wrong}: {}", messages(&output));
        assert!(messages(&output).contains(sentence), "{wrong}: {}", messages(&output));
    }
}

/// Memory depends on the band, not on the picture: three times the height takes hardly more.
#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_height() {
    let folder = TempDir::new().unwrap();
    enlarger_tests::onnx::install_nearest(&folder.path().join("models"), 4);
    let peak = |height: u32| {
        write_gradient(&folder, "in.png", 1500, height);
        let mut long = command(folder.path());
        long.args(["in.png", "-o", "out.png", "-m", "nearest", "--overwrite", "--tile", "200", "-q"]);
        let mut child = long.env("ENLARGER_MODELS", folder.path().join("models")).spawn().unwrap();
        // The kernel's figure disappears with the process, so it is read again and again until the process ends.
        let status = format!("/proc/{}/status", child.id());
        let mut kibibytes = 0u64;
        while child.try_wait().unwrap().is_none() {
            let text = fs::read_to_string(&status).unwrap_or_default();
            let line = text.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or_default();
            kibibytes = kibibytes.max(line.trim().trim_end_matches(" kB").parse().unwrap_or(0));
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        assert!(child.wait().unwrap().success());
        kibibytes / 1024
    };
    let (low, high) = (peak(800), peak(2400));
    assert!(low > 10 && high < low + low / 4 + 10, "{low} MiB at 800 rows, {high} MiB at 2400");
}

#[test]
fn doctor_and_version_show_what_is_here() {
    let folder = TempDir::new().unwrap();
    let output = good(&folder, &["doctor"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("auto chooses ") && text.contains("realesr-general-x4v3"), "{text}");
    let output = good(&folder, &["doctor", "--json"]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(json["engines"].as_array().is_some_and(|e| !e.is_empty()));
    let output = good(&folder, &["--version"]);
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), concat!("enlarge ", env!("CARGO_PKG_VERSION")));
}

/// ONNX Runtime's telemetry would leave an id of the machine in the user's cache folder.
#[test]
fn no_engine_leaves_files_but_the_result() {
    // Wine has no ONNX Runtime here: it would write between the lines that other tests read.
    let engines: &[&str] = if cfg!(windows) { &["rten", "winograd"] } else { &["ort", "rten", "winograd"] };
    for engine in engines {
        let folder = TempDir::new().unwrap();
        write_gradient(&folder, "a.png", 20, 20);
        good(&folder, &["a.png", "--engine", engine]);
        good(&folder, &["doctor"]);
        assert_eq!(names(folder.path()), ["a.4x.png", "a.png"], "{engine}");
        // On Windows these are the folder whose names were just compared.
        let ours = cache(folder.path());
        let caches = ours.parent().unwrap();
        assert!(cfg!(windows) || !caches.exists() || names(caches) == ["enlarger"], "{engine}");
    }
}

#[test]
fn a_file_that_is_not_an_engine_library_is_reported() {
    let folder = TempDir::new().unwrap();
    write_gradient(&folder, "a.png", 20, 20);
    let library = folder.path().join("enlarger").join("engines").join(format!("mine{}", std::env::consts::DLL_SUFFIX));
    fs::create_dir_all(library.parent().unwrap()).unwrap();
    fs::write(&library, "not a library").unwrap();
    let text = String::from_utf8(good(&folder, &["doctor"]).stdout).unwrap();
    assert!(text.contains("not a shared library") && text.contains(library.to_str().unwrap()), "{text}");
    good(&folder, &["a.png"]);
    let output = run(&folder, &["a.png", "--overwrite", "--engine", library.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(messages(&output).contains("this engine library cannot be used"), "{}", messages(&output));
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_nothing_behind() {
    use std::process::Stdio;
    use std::thread::sleep;
    use std::time::{Duration, Instant};

    let folder = TempDir::new().unwrap();
    write_gradient(&folder, "a.png", 600, 600);
    let mut child = command(folder.path()).arg("a.png").stderr(Stdio::null()).spawn().unwrap();
    let started = Instant::now();
    // The work has begun when the temporary file exists.
    while names(folder.path()).len() < 2 {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was stopped");
        assert!(started.elapsed() < Duration::from_secs(60));
        sleep(Duration::from_millis(20));
    }
    sleep(Duration::from_millis(300));
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(names(folder.path()), ["a.png"]);
}
