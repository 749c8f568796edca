//! Files that are no checkpoint, or a bad one: each is refused with a sentence that says what it is.

#[path = "checkpoints/building.rs"]
mod building;

use building::{
    Entry, checkpoint, entry, global, int, legacy, map, numbers, pickle, safetensors, storage, tensor, text, tuple, zip,
};
use enlarger_networks::checkpoints::{Checkpoint, is_checkpoint};

/// What the reader says about a file that it refuses.
fn refusal(file: &[u8]) -> String {
    Checkpoint::read(file).expect_err("a refusal").to_string()
}

fn assert_refused(file: &[u8], part: &str) {
    let message = refusal(file);
    assert!(message.contains(part), "{message}\nlacks {part}");
    assert!(message.contains(';'), "no remedy: {message}");
}

/// A tensor of four values.
fn plain() -> Vec<u8> {
    tensor(&storage("FloatStorage", 4), 0, &[2, 2], &[2, 1])
}

#[test]
fn files_of_other_kinds_are_named() {
    let mut tar = vec![0; 512];
    tar[..8].copy_from_slice(b"a/b.pth\0");
    tar[257..262].copy_from_slice(b"ustar");
    let cases: [(&[u8], &str, bool); 15] = [
        (b"<!DOCTYPE html><html><head>", "a web page", true),
        (b"\xef\xbb\xbf\n  <html>", "a web page", true),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:", "a pointer of Git LFS", true),
        (b"7z\xbc\xaf\x27\x1c\0\x04", "a 7z archive", true),
        (b"Rar!\x1a\x07\x01\0", "a RAR archive", true),
        (b"\x1f\x8b\x08\0", "gzip", true),
        (b"\x89HDF\r\n\x1a\n\0", "HDF5", true),
        (b"GGUF\x03\0\0\0", "GGUF", true),
        (&tar, "a tar archive", true),
        (b"{\"error\": \"not found\"}", "a text file", true),
        ("Überall Text".as_bytes(), "a text file", true),
        (b"", "empty", false),
        (b"\x08\x07\x12\x0aonnx", "not a checkpoint", false),
        (b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "an empty ZIP archive", true),
        (b"PK\x03\x04 and then nothing", "incomplete", true),
    ];
    for (file, part, ours) in cases {
        assert_refused(file, part);
        assert_eq!(is_checkpoint(file), ours, "{part}");
    }
}

#[test]
fn zip_files_without_a_checkpoint_say_what_is_in_them() {
    assert_refused(
        &zip(&[entry("read me.txt", b"hi"), entry("in/4x-Ünlü.PTH", b"")]),
        "extract `in/4x-Ünlü.PTH` first",
    );
    assert_refused(&zip(&[entry("photo.jpg", b"")]), "without a model");
    let two = [entry("a/data.pkl", &pickle(b"}")), entry("b/data.pkl", &pickle(b"}"))];
    assert_refused(&zip(&two), "several checkpoints");
    let code = [entry("a/data.pkl", &pickle(b"}")), entry("a/code/__torch__.py", b""), entry("a/constants.pkl", b"")];
    assert_refused(&zip(&code), "TorchScript");
}

#[test]
fn what_would_run_a_program_elsewhere_is_named() {
    let argument = tuple(&[text("ls")]);
    let call = |module: &str, name: &str| [global(module, name), argument.clone(), b"R".to_vec()].concat();
    for (module, name) in [
        ("os", "system"),
        ("posix", "system"),
        ("nt", "system"),
        ("builtins", "eval"),
        ("__builtin__", "exec"),
        ("subprocess", "Popen"),
        ("importlib", "import_module"),
        ("torch.hub", "load"),
    ] {
        let part = format!("this file would run `{module}.{name}`");
        // Beside weights that are good, too.
        let beside = map(&[("a", plain()), ("b", call(module, name))]);
        assert_refused(&checkpoint(&beside, &[0; 16]), &part);
        assert_refused(&legacy(&call(module, name), b"]", b""), &part);
        assert_refused(&pickle(&call(module, name)), &part);
    }
    let part = "this file would run `os.system`";
    let stacked = [&text("os")[..], &text("system"), b"\x93", &argument, b"R"].concat();
    let object = [b"(", &global("os", "system")[..], &text("ls"), b"o"].concat();
    let instance = [b"(", &text("ls")[..], b"ios\nsystem\n"].concat();
    let new = [&global("os", "system")[..], &argument, b"\x81"].concat();
    for instructions in [stacked, object, instance, new] {
        assert_refused(&checkpoint(&instructions, b""), part);
    }
    assert!(is_checkpoint(b"cos\nsystem\n(S'ls'\ntR."));
    assert_refused(b"cos\nsystem\n(S'ls'\ntR.", part);
    // A name alone does nothing, and other classes are harmless beside weights.
    let named =
        map(&[("state_dict", map(&[("a", plain())])), ("b", global("os", "system")), ("c", call("my", "Config"))]);
    assert_eq!(Checkpoint::read(&checkpoint(&named, &[0; 16])).unwrap().tensors.len(), 1);
    let among = map(&[("a.0", plain()), ("b.0", call("my.layers", "Odd"))]);
    assert_refused(&checkpoint(&among, &[0; 16]), "`b.0` is `my.layers.Odd`, which other programs would run");
    let unknown = [&call("my", "make")[..], b")R"].concat();
    assert_refused(
        &checkpoint(&map(&[("a.0", plain()), ("b.0", unknown)]), &[0; 16]),
        "`b.0` of the checkpoint is no tensor",
    );
    let beside = checkpoint(&map(&[("a.0", plain()), ("config", call("my", "Config"))]), &[0; 16]);
    assert_eq!(
        Checkpoint::read(&beside).unwrap().notes,
        ["the object `config` (`my.Config`) beside the network's tensors was left out"]
    );
    // Control characters of a name do not reach the terminal.
    let escape = refusal(&checkpoint(&map(&[("a.\x1b[31m", call("my\x1b", "Odd"))]), &[0; 16]));
    assert!(!escape.contains('\x1b'), "{escape:?}");
}

#[test]
fn tensors_must_lie_in_their_storages() {
    let of = |offset, shape: &[i64], strides: &[i64]| {
        checkpoint(&map(&[("body.0", tensor(&storage("FloatStorage", 4), offset, shape, strides))]), &[0; 16])
    };
    assert!(Checkpoint::read(&of(0, &[2, 2], &[2, 1])).is_ok());
    assert!(Checkpoint::read(&of(3, &[1, 1], &[99, 0])).is_ok());
    assert_refused(&of(1, &[2, 2], &[2, 1]), "`body.0` of the checkpoint is damaged (it reaches beyond its storage)");
    assert_refused(&of(0, &[2, 2], &[i64::MAX, 1]), "beyond its storage");
    assert_refused(&of(i64::MAX, &[2], &[1]), "beyond its storage");
    assert_refused(&of(0, &[1 << 40, 1 << 40], &[1, 1]), "more values than any memory");
    assert_refused(&of(0, &[0, 1 << 40, 1 << 40], &[1, 1, 1]), "more values than any memory");
    assert_refused(&of(0, &[-1, 2], &[1, 1]), "`body.0`");
    assert_refused(&of(-1, &[2], &[1]), "damaged");
    assert_refused(&of(0, &[2], &[1, 1]), "strides");
    assert_refused(&of(0, &[4], &[0]), "stride of 0");
    assert_refused(&of(0, &[1; 9], &[1; 9]), "more than 8 dimensions");
    let declared =
        |elements| checkpoint(&map(&[("a", tensor(&storage("FloatStorage", elements), 0, &[1], &[1]))]), &[0; 16]);
    for elements in [0, 3, 5, 2_500_000_000, i64::MAX] {
        assert_refused(&declared(elements), "does not hold the values of the tensor `a`");
    }
    let missing = zip(&[entry("a/data.pkl", &pickle(&map(&[("a", plain())])))]);
    assert_refused(&missing, "does not hold the values of the tensor `a`");
    assert_refused(&checkpoint(&map(&[("a", plain()), ("a", plain())]), &[0; 16]), "two tensors named `a`");
    assert_refused(&checkpoint(&map(&[("module.a", plain()), ("module.a", plain())]), &[0; 16]), "two tensors");
}

#[test]
fn types_that_weights_never_have_are_named() {
    let of = |class: &str, width: usize| {
        checkpoint(&map(&[("a", tensor(&storage(class, 4), 0, &[4], &[1]))]), &vec![0; 4 * width])
    };
    assert!(Checkpoint::read(&of("BFloat16Storage", 2)).is_ok());
    assert_refused(&of("CharStorage", 1), "`a` holds signed 8-bit integers");
    assert_refused(&of("ComplexDoubleStorage", 16), "complex numbers");
    assert_refused(&of("QInt8Storage", 1), "quantised numbers");
    assert_refused(&of("OddStorage", 1), "`torch.OddStorage`, a type that is unknown here");
    // Newer tensors say their type apart from their storage.
    let of = |dtype: &str, values: i64, bytes: usize| {
        let storage = [
            tuple(&[
                text("storage"),
                global("torch.storage", "UntypedStorage"),
                text("0"),
                text("cpu"),
                int(bytes as i64),
            ]),
            b"Q".to_vec(),
        ]
        .concat();
        let arguments = [
            storage,
            int(0),
            numbers(&[values]),
            numbers(&[1]),
            b"\x89".to_vec(),
            b")".to_vec(),
            global("torch", dtype),
            b"}".to_vec(),
        ];
        let tensor = [global("torch._utils", "_rebuild_tensor_v3"), tuple(&arguments), b"R".to_vec()].concat();
        checkpoint(&map(&[("a", tensor)]), &vec![0; bytes])
    };
    assert_eq!(Checkpoint::read(&of("float16", 4, 8)).unwrap().tensors[0].1.floats().unwrap(), [0.0; 4]);
    assert_refused(&of("float32", 4, 8), "beyond its storage");
    assert_refused(&of("float8_e4m3fn", 4, 4), "8-bit floats");
    assert_refused(&of("uint16", 4, 8), "16-bit integers");
    assert_refused(&of("odd", 4, 8), "`torch.odd`, which is unknown here");
}

#[test]
fn values_that_are_not_finite_are_refused_with_the_tensors_name() {
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut bytes = vec![0; 16];
        bytes[8..12].copy_from_slice(&value.to_le_bytes());
        let file = checkpoint(&map(&[("params", map(&[("body.0.weight", plain())]))]), &bytes);
        let checkpoint = Checkpoint::read(&file).unwrap();
        let message = checkpoint.tensors[0].1.floats().err().unwrap().to_string();
        assert!(message.contains("`body.0.weight` has a value that is not a finite number"), "{message}");
    }
    // A 64-bit value beyond 32 bits is infinite, too.
    let large = safetensors(r#"{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#, &1e300f64.to_le_bytes());
    assert!(Checkpoint::read(&large).unwrap().tensors[0].1.floats().is_err());
}

#[test]
fn zip_entries_are_checked() {
    let data = entry("a/data.pkl", &pickle(&map(&[("a", plain())])));
    let with = |change: fn(&mut Entry)| {
        let mut storage = entry("a/data/0", &[0; 16]);
        change(&mut storage);
        zip(&[data.clone(), storage])
    };
    assert!(Checkpoint::read(&with(|_| {})).is_ok());
    assert_refused(&with(|entry| entry.flags = 1), "`a/data/0` of this ZIP file is encrypted");
    assert_refused(&with(|entry| entry.method = 8), "`a/data/0` of this checkpoint is compressed");
    assert_refused(&with(|entry| entry.name = "a/data.pkl".into()), "two entries named `a/data.pkl`");
    assert_refused(&with(|entry| entry.size = Some(10_000_000_000)), "damaged");
    assert_refused(&with(|entry| entry.size = Some(u64::MAX)), "damaged");
    assert_refused(&with(|entry| entry.size = Some(1000)), "damaged");
    assert_refused(&with(|entry| entry.header = Some(7)), "damaged");
    assert_refused(&with(|entry| entry.header = Some(u32::MAX - 1)), "damaged");
    // An entry inside another one.
    let inner = zip(&[entry("a/data/0", &[0; 16])]);
    let outer = entry("a/data/1", &inner);
    let at = 30 + data.name.len() + data.content.len() + 30 + "a/data/1".len();
    let overlapping = zip(&[data.clone(), outer, Entry { header: Some(at as u32), ..entry("a/data/0", &[0; 16]) }]);
    assert_refused(&overlapping, "overlap");
    let big = zip(&[data.clone(), entry("a/data/0", &[0; 16]), entry("a/byteorder", b"big")]);
    assert_refused(&big, "big-endian");
    let whole = with(|_| {});
    for length in 5..whole.len() {
        assert!(Checkpoint::read(&whole[..length]).is_err(), "{length}");
    }
}

#[test]
fn legacy_storages_are_checked() {
    let state = map(&[("a", plain())]);
    let keys = [b"]", &text("0")[..], b"a"].concat();
    let storage = |count: i64| [&count.to_le_bytes()[..], &[0; 16]].concat();
    assert!(Checkpoint::read(&legacy(&state, &keys, &storage(4))).is_ok());
    assert_refused(&legacy(&state, &keys, &storage(3)), "does not hold the values of the tensor `a`");
    assert_refused(&legacy(&state, &keys, &storage(5)), "incomplete");
    assert_refused(&legacy(&state, &keys, &storage(10_000_000_000)), "incomplete");
    assert_refused(&legacy(&state, &keys, &storage(i64::MAX)), "damaged");
    assert_refused(&legacy(&state, &keys, &storage(-1)), "damaged");
    assert_refused(&legacy(&state, b"]", b""), "does not hold the values of the tensor `a`");
    assert_refused(&legacy(&state, &[b"]", &text("1")[..], b"a"].concat(), &storage(4)), "list of storages");
    assert_refused(
        &legacy(&state, &[b"](", &text("0")[..], &text("0"), b"e"].concat(), &storage(0)),
        "list of storages",
    );
    let whole = legacy(&state, &keys, &storage(4));
    for length in 0..whole.len() {
        assert!(Checkpoint::read(&whole[..length]).is_err(), "{length}");
    }
    let magic = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
    let start = [&magic[..], &pickle(b"M\xe9\x03"), &pickle(&map(&[("little_endian", b"\x89".to_vec())]))].concat();
    assert_refused(&start, "big-endian");
    assert_refused(&[&magic[..], &pickle(b"M\xea\x03")].concat(), "unknown version");
}

#[test]
fn safetensors_headers_are_checked() {
    let of = |header: &str| safetensors(header, &[0; 16]);
    let one = |entry: &str| of(&format!(r#"{{"a":{entry}}}"#));
    assert!(Checkpoint::read(&one(r#"{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}"#)).is_ok());
    assert_refused(&one(r#"{"dtype":"F32","shape":[2,2],"data_offsets":[0,20]}"#), "incomplete");
    assert_refused(&one(r#"{"dtype":"F32","shape":[1],"data_offsets":[0,10000000000]}"#), "incomplete");
    assert_refused(&one(r#"{"dtype":"F32","shape":[3],"data_offsets":[0,16]}"#), "not that of its shape");
    assert_refused(&one(r#"{"dtype":"F32","shape":[5],"data_offsets":[0,16]}"#), "beyond its storage");
    assert_refused(&one(r#"{"dtype":"F32","shape":[4],"data_offsets":[16,0]}"#), "ends before it starts");
    assert_refused(&one(r#"{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,16]}"#), "than any memory");
    assert_refused(&one(r#"{"dtype":"F32","shape":[-1],"data_offsets":[0,16]}"#), "is invalid");
    assert_refused(&one(r#"{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}"#), "8 dimensions");
    assert_refused(&one(r#"{"dtype":"F8_E4M3","shape":[16],"data_offsets":[0,16]}"#), "8-bit floats");
    assert_refused(&one(r#"{"dtype":"X7","shape":[16],"data_offsets":[0,16]}"#), "`X7`, which is unknown here");
    let a = r#""a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#;
    let b = r#""b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}"#;
    assert_refused(&of(&format!("{{{a},{b}}}")), "overlap");
    assert_refused(&of(&format!("{{{a},{}}}", a.replace("0,8", "8,16"))), "two tensors named `a`");
    assert_refused(&of("{}"), "no tensors");
    assert_refused(&of("{\"a\":"), "is invalid");
    let mut long = one("{}");
    long[..8].copy_from_slice(&1000u64.to_le_bytes());
    assert_refused(&long, "incomplete");
    long[..8].copy_from_slice(&(1u64 << 31).to_le_bytes());
    assert_refused(&long, "a header of more than 16 MiB");
}
