//! The example programs, built as a user would build them, write the same pictures as the `enlarge` command. They report
//! errors, stop at Ctrl-C, and leave no files behind.

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use enlarger::Rect;
use enlarger_tests::Picture;
use enlarger_tests::installed::{Installed, root, words};
use png::{BitDepth, ColorType};

/// Builds both programs in every documented way. Returns their names: LANGUAGE-WAY.
fn build(here: &Installed) -> Vec<String> {
    here.shell(
        r#"
        strict="-O2 -Wall -Wextra -Wpedantic -Werror"
        for way in enlarger enlarger-static; do
            flags=$(pkg-config --cflags --libs $way libpng)
            eval "gcc -std=c11 $strict $REPOSITORY/tests/examples/c/enlarge-png.c -o c-$way $flags -pthread"
            eval "g++ -std=c++17 $strict $REPOSITORY/tests/examples/cpp/enlarge-png.cpp -o cpp-$way $flags"
        done
        for language in c cpp; do
            for static in OFF ON; do
                cmake -S "$REPOSITORY/tests/examples/$language" -B cmake -DENLARGER_STATIC=$static >cmake.log
                cmake --build cmake >>cmake.log || { cat cmake.log; exit 1; }
                mv cmake/enlarge-png $language-cmake-$static
                rm -r cmake
            done
        done
        "#,
    );
    let programs = ["enlarger", "enlarger-static", "cmake-OFF", "cmake-ON"];
    programs.iter().flat_map(|way| [format!("c-{way}"), format!("cpp-{way}")]).collect()
}

/// Whether the library is linked into the program.
fn contains_the_library(here: &Installed, program: &str) -> bool {
    !here.shell(&format!("readelf -d {program}")).contains("libenlarger.so.1")
}

/// The parts of a PNG file that the programs keep.
#[derive(Debug, PartialEq)]
struct Content {
    size: (u32, u32),
    colour: ColorType,
    depth: BitDepth,
    profile: Option<Vec<u8>>,
    srgb: bool,
    pixels: Vec<u8>,
}

fn read(path: &Path) -> Content {
    let file = File::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut reader = png::Decoder::new(BufReader::new(file)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    let info = reader.info();
    Content {
        size: (frame.width, frame.height),
        colour: frame.color_type,
        depth: frame.bit_depth,
        profile: info.icc_profile.as_ref().map(|profile| profile.to_vec()),
        srgb: info.srgb.is_some(),
        pixels,
    }
}

fn write(path: &Path, info: png::Info<'_>, pixels: &[u8]) {
    let encoder = png::Encoder::with_info(File::create(path).unwrap(), info).unwrap();
    encoder.write_header().unwrap().write_image_data(pixels).unwrap();
}

/// A profile that libpng accepts, which requires a length that is a multiple of four.
fn display_p3() -> Vec<u8> {
    let mut profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    profile.resize(profile.len().next_multiple_of(4), 0);
    let length = u32::try_from(profile.len()).unwrap();
    profile[..4].copy_from_slice(&length.to_be_bytes());
    profile
}

/// The sources: one of each kind of PNG that the programs treat in a different way.
fn pictures(folder: &Path) -> Vec<&'static str> {
    let (width, height) = (40, 30);
    let photo = Picture::photo("cat.png").crop(Rect { x: 100, y: 60, width, height });
    photo.write_png(&folder.join("rgb8.png"));
    let gray = Picture::photo("writing.png").crop(Rect { x: 50, y: 30, width, height });
    gray.write_png(&folder.join("gray8.png"));
    fs::copy(root().join("tests/programs/interlaced.png"), folder.join("interlaced.png")).unwrap();

    // 16-bit samples that 8 bits cannot hold, varying transparency, and a profile other than sRGB.
    let mut info = png::Info::with_size(width, height);
    info.color_type = ColorType::Rgba;
    info.bit_depth = BitDepth::Sixteen;
    info.icc_profile = Some(display_p3().into());
    let mut pixels = Vec::new();
    for (i, pixel) in photo.bytes.chunks_exact(3).enumerate() {
        let alpha = u16::try_from(i % 40 * 1600).unwrap();
        for sample in [u16::from(pixel[0]) * 250 + 77, u16::from(pixel[1]) * 251, u16::from(pixel[2]) * 257, alpha] {
            pixels.extend(sample.to_be_bytes());
        }
    }
    write(&folder.join("rgba16-p3.png"), info, &pixels);

    let mut info = png::Info::with_size(width, height);
    info.color_type = ColorType::Indexed;
    info.bit_depth = BitDepth::Two;
    info.palette = Some([250, 240, 230, 20, 30, 40, 200, 0, 0, 0, 90, 200].as_slice().into());
    info.trns = Some([255, 255, 0, 128].as_slice().into());
    let pixels: Vec<u8> = (0..height).flat_map(|y| (0..width / 4).map(move |x| (x * 37 + y / 5 * 91) as u8)).collect();
    write(&folder.join("palette.png"), info, &pixels);
    vec!["rgb8.png", "gray8.png", "interlaced.png", "rgba16-p3.png", "palette.png"]
}

#[test]
fn programs_write_what_the_command_writes() {
    let here = Installed::new(env!("CARGO_TARGET_TMPDIR"), "programs");
    let (programs, command) = (build(&here), here.command());
    for program in &programs {
        let inside = program.ends_with("static") || program.ends_with("ON");
        assert_eq!(contains_the_library(&here, program), inside, "{program}");
    }
    let pictures = pictures(&here.work);
    for (i, picture) in pictures.iter().enumerate() {
        for engine in ["rten", "ort"] {
            here.shell(&format!(
                "'{}' --overwrite -s 3 --engine {engine} {picture} -o expected.png",
                command.display()
            ));
            let expected = read(&here.work.join("expected.png"));
            // All eight programs with the first picture. With the others, one of each language and each kind of linking.
            for program in programs.iter().skip(i.min(1)).step_by(if i == 0 { 1 } else { 3 }) {
                let result = here.work.join("result.png");
                let _ = fs::remove_file(&result);
                here.shell(&format!("./{program} factor=3 engine={engine} {picture} result.png"));
                let made = read(&result);
                assert!(made == expected, "{program} on {picture} with {engine} differs from the command");
            }
        }
    }
    // The sources of this test are as intended.
    let (source, result) = (read(&here.work.join("rgba16-p3.png")), {
        here.shell("./c-enlarger factor=3 engine=rten rgba16-p3.png result.png");
        read(&here.work.join("result.png"))
    });
    assert_eq!((result.size, result.depth, result.colour), ((120, 90), BitDepth::Sixteen, ColorType::Rgba));
    assert!(source.profile.is_some() && result.profile == source.profile && !result.srgb);
    assert_eq!(leftovers(&here), 0);
}

/// The number of files that a program should have removed.
fn leftovers(here: &Installed) -> usize {
    let names = fs::read_dir(&here.work).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains("part") || name.starts_with("never")).count()
}

#[test]
fn failures_are_reported_and_leave_no_files() {
    let here = Installed::new(env!("CARGO_TARGET_TMPDIR"), "failures");
    let programs = build(&here);
    pictures(&here.work);
    let photo = fs::read(here.work.join("rgb8.png")).unwrap();
    fs::write(here.work.join("short.png"), &photo[..photo.len() / 2]).unwrap();
    fs::write(here.work.join("text.png"), "no picture").unwrap();
    fs::create_dir(here.work.join("folder.png")).unwrap();
    for program in programs.iter().filter(|program| program.ends_with("enlarger")) {
        for (arguments, code, sentence) in [
            ("rgb8.png", 2, "usage"),
            ("factor=3 fuctor=2 rgb8.png never.png", if program.starts_with("cpp") { 1 } else { 2 }, "fuctor"),
            (
                "factor=99 rgb8.png never.png",
                if program.starts_with("cpp") { 1 } else { 2 },
                "'99' is not a valid value for the option 'factor'",
            ),
            ("engine=none rgb8.png never.png", 1, "none"),
            ("missing.png never.png", 1, "missing.png"),
            ("text.png never.png", 1, "Not a PNG file"),
            ("engine=rten short.png never.png", 1, "Read Error"),
            ("engine=rten rgb8.png nowhere/never.png", 1, "nowhere/never.png.part"),
            ("engine=rten rgb8.png folder.png", 1, "folder.png"),
        ] {
            let output = here.bash(&format!("./{program} {arguments}")).output().unwrap();
            assert_eq!(output.status.code(), Some(code), "{program} {arguments}: {}", words(&output));
            assert!(words(&output).contains(sentence), "{program} {arguments}: {}", words(&output));
            assert_eq!(leftovers(&here), 0, "{program} {arguments}");
        }
    }
}

#[test]
fn ctrl_c_stops_at_once_and_leaves_no_files() {
    let here = Installed::new(env!("CARGO_TARGET_TMPDIR"), "stopped");
    build(&here);
    // Takes minutes.
    fs::copy(root().join("tests/data/cat.png"), here.work.join("cat.png")).unwrap();
    for signal in ["INT", "TERM"] {
        let mut program = here.bash("exec ./c-enlarger factor=16 engine=rten cat.png never.png");
        let mut program = program.stderr(Stdio::piped()).spawn().unwrap();
        // Wait for the first report of progress.
        let mut said = [0; 64];
        let count = program.stderr.as_mut().unwrap().read(&mut said).unwrap();
        assert!(said[..count].contains(&b'%'), "{}", String::from_utf8_lossy(&said[..count]));
        assert!(here.work.join("never.png.part").exists());
        let asked = Instant::now();
        here.shell(&format!("kill -{signal} {}", program.id()));
        let mut rest = String::new();
        program.stderr.as_mut().unwrap().read_to_string(&mut rest).unwrap();
        assert_eq!(program.wait().unwrap().code(), Some(130), "{rest}");
        assert!(rest.contains("cat.png: stopped"), "{rest}");
        assert!(asked.elapsed() < Duration::from_secs(60), "ended after {:?}", asked.elapsed());
        assert_eq!(leftovers(&here), 0, "after SIG{signal}");
    }
}
