//! Programs in C import networks: with the shared library, with the static one, and with a worker of their own.

use std::fs;
use std::process::Output;

use enlarger_tests::installed::{Installed, words};

/// An installation, with the program `import` linked both ways, and a network that is not built in.
fn prepared(name: &str) -> Installed {
    let here = Installed::new(env!("CARGO_TARGET_TMPDIR"), name);
    here.shell(
        r#"
        sources=$REPOSITORY/tests/programs
        for kind in '' -static; do
            eval "cc -std=c11 -Wall -Wextra -Wpedantic -Werror $sources/import.c -o import$kind $(pkg-config --cflags --libs enlarger$kind) -pthread"
        done
        { cat "$REPOSITORY/core/models/waifu2x-photo-x2/model.onnx"; printf 'r\0'; } >photo.onnx
        "#,
    );
    here
}

fn run(here: &Installed, script: &str) -> Output {
    here.bash(&format!("export XDG_DATA_HOME=\"$PWD/data\"; {script}")).output().unwrap()
}

/// Runs a program that must print this.
fn prints(here: &Installed, script: &str, expected: &str) {
    let output = run(here, script);
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), expected, "{script}: {}", words(&output));
}

/// What is in the folder of models.
fn left(here: &Installed) -> Vec<String> {
    let entries = fs::read_dir(here.work.join("data/enlarger/models")).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn the_shared_library_finds_its_worker_in_the_prefix() {
    let here = prepared("import shared");
    prints(&here, "./import photo.onnx", "photo");
    prints(&here, "./import --remove photo", "photo");
    let stopped = run(&here, "./import --stop photo.onnx");
    assert_eq!(stopped.status.code(), Some(3), "{}", words(&stopped));
    assert_eq!(left(&here), [""; 0]);

    fs::remove_file(here.prefix.join("libexec/enlarger/enlarger-worker")).unwrap();
    let missing = run(&here, "./import photo.onnx");
    assert!(words(&missing).contains("enlarger-worker is missing"), "{}", words(&missing));
    assert_eq!(left(&here), [""; 0]);
}

#[test]
fn a_program_with_the_static_library_uses_the_installed_worker_or_its_own() {
    let here = prepared("import static");
    let missing = run(&here, "./import-static photo.onnx");
    assert!(words(&missing).contains("enlarger-worker is missing"), "{}", words(&missing));
    // The prefix has a space in its name, which pkg-config quotes.
    let named = r#"ENLARGER_WORKER="$(eval "echo $(pkg-config --variable=worker enlarger-static)")""#;
    prints(&here, &format!("env -u LD_LIBRARY_PATH {named} ./import-static photo.onnx"), "photo");
    prints(&here, "./import-static --remove photo", "photo");

    // A program in the prefix finds it by itself.
    fs::create_dir(here.prefix.join("bin")).unwrap();
    fs::rename(here.work.join("import-static"), here.prefix.join("bin/import-static")).unwrap();
    let program = here.prefix.join("bin/import-static").display().to_string();
    prints(&here, &format!("env -u LD_LIBRARY_PATH '{program}' photo.onnx"), "photo");
    prints(&here, &format!("'{program}' --remove photo"), "photo");

    // One that is shipped alone brings its own.
    let alone = here.work.join("alone");
    fs::create_dir(&alone).unwrap();
    fs::rename(&program, alone.join("import-static")).unwrap();
    here.shell(
        r#"eval "cc $REPOSITORY/tests/programs/worker.c -o alone/enlarger-worker $(pkg-config --cflags --libs enlarger-static) -pthread""#,
    );
    fs::remove_dir_all(here.prefix.join("lib")).unwrap();
    prints(&here, "env -u LD_LIBRARY_PATH alone/import-static photo.onnx", "photo");
}

/// A network that crashes the process or takes all memory does no harm to the program.
#[test]
fn hostile_networks_are_refused_by_the_worker() {
    let here = prepared("import hostile");
    for (name, network, sentence) in hostile() {
        fs::write(here.work.join(name), network).unwrap();
        let output = run(&here, &format!("./import {name}"));
        assert_eq!(output.status.code(), Some(1), "{name}: {}", words(&output));
        assert!(words(&output).contains(sentence), "{name}: {}", words(&output));
        assert_eq!(left(&here), [""; 0], "{name}");
    }
}

/// Files, and what is said about each.
fn hostile() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    use enlarger_networks::onnx::{Builder, Dimension};
    const PICTURE: [Dimension; 4] = [Dimension::Fixed(1), Dimension::Fixed(3), Dimension::Open, Dimension::Open];
    let network = |change: fn(&mut Builder)| {
        let mut builder = Builder::new();
        builder.input("in", &PICTURE);
        builder.output("out", &PICTURE);
        change(&mut builder);
        builder.finish()
    };
    // Needs 400 GB of memory.
    let huge = network(|b| {
        let shape = b.numbers(&[100_000, 1_000_000]);
        b.node("ConstantOfShape", &[&shape], "zeros", &[]);
        b.node("ReduceSum", &["zeros"], "sum", &[]);
        b.node("Add", &["in", "sum"], "out", &[]);
    });
    // Inverts the picture.
    let negative = network(|b| {
        let one = b.constant(&[], &[1.0]);
        b.node("Sub", &[&one, "in"], "out", &[]);
    });
    vec![
        ("huge.onnx", huge, "the network failed on pictures of all sizes"),
        ("negative.onnx", negative, "the network's output is not the picture it was given"),
        ("empty.onnx", Vec::new(), "this is not an ONNX file"),
    ]
}
