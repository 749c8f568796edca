//! The archive of `scripts/package c` works for a user who unpacks it on another machine.

use std::fs;

use enlarger_tests::installed::{Installed, root};

/// The newest version of glibc that the library may need.
const GLIBC: (u32, u32) = (2, 28);

/// The versions of the glibc functions that a library uses.
fn glibc_versions(here: &Installed, library: &str) -> Vec<(u32, u32)> {
    let symbols = here.shell(&format!("objdump -T '{library}'"));
    let versions = symbols.split("GLIBC_").skip(1).filter_map(|text| {
        let mut parts = text.split(|c: char| !c.is_ascii_digit());
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    });
    versions.collect()
}

/// Where `needle` is in a file.
fn find(file: &[u8], needle: &str) -> Option<usize> {
    file.windows(needle.len()).position(|part| part == needle.as_bytes())
}

#[test]
fn the_archive_is_fit_for_other_machines() {
    let mut here = Installed::nowhere(env!("CARGO_TARGET_TMPDIR"), "package");
    let pack = "cd \"$REPOSITORY\" && scripts/package c | tail -n 1";
    let archive = here.shell(pack).trim().to_owned();
    let made = fs::read(&archive).unwrap();
    assert!(archive.ends_with(&format!(
        "/enlarger-c-{}-linux-{}.tar.gz",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::ARCH
    )));
    here.shell(pack);
    assert!(fs::read(&archive).unwrap() == made, "the same sources made a different archive");

    let place = here.work.join("un packed");
    fs::create_dir(&place).unwrap();
    here.shell(&format!("tar -xzf '{archive}' -C '{}'", place.display()));
    here.prefix = fs::read_dir(&place).unwrap().next().expect("one folder").unwrap().path();
    let library = here.prefix.join("lib/libenlarger.so");

    let worker = here.prefix.join("libexec/enlarger/enlarger-worker");
    for file in [&library, &worker] {
        let versions = glibc_versions(&here, file.to_str().unwrap());
        assert!(versions.len() > 20, "objdump prints versions in another form: {versions:?}");
        assert!(versions.iter().max() <= Some(&GLIBC), "too new for glibc {GLIBC:?}: {:?}", versions.iter().max());
    }

    // The files contain no path of the machine that built them. That the search works is shown by a path that they contain.
    let home = std::env::home_dir().unwrap();
    let cargo = std::env::var("CARGO_HOME").unwrap_or_else(|_| home.join(".cargo").to_str().unwrap().to_owned());
    let target = env!("CARGO_TARGET_TMPDIR").rsplit_once('/').unwrap().0;
    for name in ["lib/libenlarger.so", "lib/libenlarger.a", "libexec/enlarger/enlarger-worker"] {
        let file = fs::read(here.prefix.join(name)).unwrap();
        let has_sources = name.starts_with("lib/");
        assert!(!has_sources || find(&file, "/cargo/registry/src/").is_some(), "{name} contains no paths of sources");
        for place in [root().to_str().unwrap(), &cargo, target] {
            assert_eq!(find(&file, place), None, "{name} contains the path {place}");
        }
    }
    let exported = here
        .shell(&format!("nm -D --defined-only --format=posix '{}' | cut -d' ' -f1 | LC_ALL=C sort", library.display()));
    assert_eq!(exported, fs::read_to_string(root().join("tests/abi/symbols.txt")).unwrap());

    // Programs build with it and run.
    fs::copy(root().join("tests/programs/interlaced.png"), here.work.join("source.png")).unwrap();
    here.shell(
        r#"
        eval "cc $REPOSITORY/tests/examples/c/enlarge-png.c -o shared $(pkg-config --cflags --libs enlarger libpng) -pthread"
        eval "cc $REPOSITORY/tests/examples/c/enlarge-png.c -o static $(pkg-config --cflags --libs enlarger-static libpng) -pthread"
        cmake -S "$REPOSITORY/tests/examples/cpp" -B build
        cmake --build build
        for program in ./shared ./static build/enlarge-png; do
            $program factor=2 engine=rten source.png ${program##*/}.png
        done
        cmp shared.png static.png

        # The archive's own worker tests a network.
        eval "cc $REPOSITORY/tests/programs/import.c -o import $(pkg-config --cflags --libs enlarger) -pthread"
        export XDG_DATA_HOME=$PWD
        { cat "$REPOSITORY/core/models/waifu2x-photo-x2/model.onnx"; printf 'r\0'; } >photo.onnx
        test "$(./import photo.onnx)" = photo
        "#,
    );
}
