//! Compares the C interface in the header with that in Rust: constants, sizes, offsets, exported functions.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::mem::offset_of;

use enlarger_capi::*;
use enlarger_tests::installed::{Installed, root};

fn header() -> String {
    fs::read_to_string(root().join("include/enlarger.h")).unwrap()
}

/// The names of the constants in the header, and the fields of its structs.
fn parse(header: &str) -> (Vec<&str>, BTreeMap<&str, Vec<&str>>) {
    let defined = header.lines().filter_map(|line| line.strip_prefix("#define ENL_")?.split_once(' '));
    let constants = defined.filter(|(name, value)| *name != "API" && !value.is_empty()).map(|(name, _)| name).collect();
    let mut structs = BTreeMap::new();
    for body in header.split("typedef struct ").skip(1) {
        // Handles are opaque structs without fields.
        let Some((name, body)) = body.split_once(" {\n").filter(|(name, _)| !name.contains(';')) else { continue };
        let fields = body.lines().take_while(|line| !line.starts_with('}')).filter_map(|line| {
            let field = line.trim().strip_suffix(';')?.rsplit([' ', '*']).next()?;
            Some(field.split('[').next().unwrap_or(field))
        });
        structs.insert(name, fields.collect());
    }
    (constants, structs)
}

/// Every constant, size and offset as a C compiler sees it.
fn seen_by_c(here: &Installed, header: &str) -> BTreeMap<String, i64> {
    let (constants, structs) = parse(header);
    let mut program = "#include <enlarger.h>\n#include <stdio.h>\nint main(void) {\n".to_owned();
    let mut print = |name: &str, value: &str| {
        writeln!(program, "printf(\"%s %lld\\n\", \"{name}\", (long long)({value}));").unwrap();
    };
    for name in constants {
        print(&format!("ENL_{name}"), &format!("ENL_{name}"));
    }
    for (name, fields) in structs {
        print(name, &format!("sizeof({name})"));
        for field in fields {
            print(&format!("{name}.{field}"), &format!("offsetof({name}, {field})"));
            print(&format!("{name}.{field} size"), &format!("sizeof((({name} *)0)->{field})"));
        }
    }
    program.push_str("return 0;\n}\n");
    fs::write(here.work.join("layout.c"), program).unwrap();
    fs::write(here.work.join("enlarger.h"), header).unwrap();
    let said = here.shell("gcc -std=c11 -Wall -Wextra -Wpedantic -Werror -I. layout.c -o layout && ./layout");
    let pair = |line: &str| {
        let (name, value) = line.rsplit_once(' ').expect("a name and a value");
        (name.to_owned(), value.parse().expect("a number"))
    };
    said.lines().map(pair).collect()
}

/// The same as Rust sees it. An entry that is missing here or in the header makes the test fail.
fn seen_by_rust() -> BTreeMap<String, i64> {
    fn size<S, F>(_: fn(&S) -> &F) -> usize {
        size_of::<F>()
    }
    let mut seen = BTreeMap::new();
    let mut put = |name: &str, value: i64| assert!(seen.insert(name.to_owned(), value).is_none(), "{name} twice");
    macro_rules! constants {
        ($($name:ident)*) => { $(put(stringify!($name), $name.into());)* };
    }
    macro_rules! structs {
        ($($name:ident { $($field:ident)* })*) => { $(
            put(stringify!($name), size_of::<$name>() as i64);
            $(
                put(concat!(stringify!($name), ".", stringify!($field)), offset_of!($name, $field) as i64);
                put(concat!(stringify!($name), ".", stringify!($field), " size"), size(|s: &$name| &s.$field) as i64);
            )*
        )* };
    }
    constants! {
        ENL_ABI_VERSION ENL_VERSION ENL_OK ENL_CONTINUE ENL_CANCELLED ENL_LOG_WARNING ENL_LOG_INFO
        ENL_ERROR_NULL ENL_ERROR_ARGUMENT ENL_ERROR_BUFFER ENL_ERROR_FORMAT ENL_ERROR_BUSY ENL_ERROR_BAD_HANDLE
        ENL_ERROR_POISONED ENL_ERROR_MODEL_NOT_FOUND ENL_ERROR_MODEL_INVALID ENL_ERROR_MODEL_CONTRACT
        ENL_ERROR_MODEL_HASH ENL_ERROR_ENGINE_NOT_FOUND ENL_ERROR_ENGINE_VERSION ENL_ERROR_DEVICE
        ENL_ERROR_INFERENCE ENL_ERROR_OUTPUT ENL_ERROR_IO ENL_ERROR_MEMORY ENL_ERROR_LIMIT ENL_ERROR_WORKER ENL_ERROR_PANIC
        ENL_ERROR_INTERNAL ENL_SAMPLE_U8 ENL_SAMPLE_U16 ENL_SAMPLE_F16 ENL_SAMPLE_F32 ENL_CHANNELS_GRAY
        ENL_CHANNELS_GRAY_ALPHA ENL_CHANNELS_RGB ENL_CHANNELS_RGBA ENL_CHANNELS_BGRA ENL_ALPHA_PREMULTIPLIED
        ENL_PHASE_PREPARE ENL_PHASE_TILES ENL_PHASE_FINISH ENL_CONTENT_UNUSED ENL_CONTENT_PHOTO ENL_CONTENT_DRAWING
    }
    structs! {
        enl_rect { x y width height }
        enl_plan {
            width height read passes tile_width tile_height reserved tiles network_pixels memory future
        }
        enl_view { data size stride width height format reserved }
        enl_progress { tiles_done tiles_total rows_done rows_total phase reserved }
        enl_source { read user_data width height format reserved }
        enl_sink { write user_data width height format reserved }
        enl_face { left top width height points score }
    }
    seen
}

#[test]
fn c_and_rust_agree() {
    let here = Installed::nowhere(env!("CARGO_TARGET_TMPDIR"), "layout");
    let rust = seen_by_rust();
    assert_eq!(seen_by_c(&here, &header()), rust);

    // The comparison finds a constant that is off by one, an additional field, and two fields in the wrong order.
    for (from, to) in [
        ("#define ENL_ERROR_MEMORY (-61)", "#define ENL_ERROR_MEMORY (-62)"),
        ("#define ENL_CONTINUE 1", "#define ENL_CONTINUE 1\n#define ENL_STOP 0"),
        ("  uint32_t passes;", "  uint32_t passes;\n  uint32_t more;"),
        ("  size_t stride;", "  uint32_t stride;"),
    ] {
        let changed = header().replacen(from, to, 1);
        assert_ne!(changed, header(), "{from}");
        assert_ne!(seen_by_c(&here, &changed), rust, "{to}");
    }
}

/// The functions that the header declares.
fn declared(header: &str) -> Vec<&str> {
    let after = header.split("ENL_API ").skip(1).chain(header.split("ENL_API\n").skip(1));
    let mut names: Vec<&str> = after
        .filter_map(|text| text.split_once('(')?.0.rsplit([' ', '*']).next())
        .filter(|name| name.starts_with("enl_"))
        .collect();
    names.sort_unstable();
    names
}

/// Functions are never removed after a release, so lines are only added to `tests/abi/symbols.txt`.
#[test]
fn the_library_exports_what_the_header_declares() {
    let here = Installed::new(env!("CARGO_TARGET_TMPDIR"), "symbols");
    let committed = fs::read_to_string(root().join("tests/abi/symbols.txt")).unwrap();
    let committed: Vec<&str> = committed.lines().collect();
    assert_eq!(declared(&header()), committed, "the header and tests/abi/symbols.txt");
    let exported = here.shell(
        "nm -D --defined-only --format=posix \"$LD_LIBRARY_PATH/libenlarger.so\" | cut -d' ' -f1 | LC_ALL=C sort",
    );
    assert_eq!(exported.lines().collect::<Vec<_>>(), committed, "the library and tests/abi/symbols.txt");

    let dynamic = here.shell("readelf -d \"$LD_LIBRARY_PATH/libenlarger.so\"");
    assert!(dynamic.contains(&format!("[libenlarger.so.{ENL_ABI_VERSION}]")), "the SONAME: {dynamic}");
}
