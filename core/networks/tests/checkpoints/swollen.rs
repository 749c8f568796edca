//! Containers that claim more than they hold.

use crate::bombs::{SIZE, numbered};
use crate::building::{
    Entry, checkpoint, entry, global, legacy, map, numbers, pickle, safetensors, storage, tensor, text, zip,
};

const TEN_GIGABYTES: u64 = 10_000_000_000;

/// The file with this number. Only one exists at a time, because they are large.
pub fn file(number: usize) -> Option<(&'static str, Vec<u8>)> {
    let data = entry("a/data.pkl", &pickle(b"}"));
    let json = |header: String| safetensors(&header, &[0; 16]);
    let of = |n: u32, key: &str| format!("\"{key}{n}\":{{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,0]}},");
    Some(match number {
        0 => ("a storage for all", shared_storage()),
        1 => {
            let inside = |n| Entry { header: Some(0), size: Some(1 << 20), ..entry(&format!("a/data/{n}"), b"") };
            let big = entry("a/data/big", &vec![0; 1 << 20]);
            let entries: Vec<Entry> = std::iter::once(big).chain((0..60_000).map(inside)).chain([data]).collect();
            ("overlapping entries", zip(&entries))
        }
        2 => {
            let declared = Entry { size: Some(TEN_GIGABYTES), ..entry("a/data/0", b"") };
            ("ten gigabytes in an entry", zip(&[data, declared]))
        }
        3 => {
            let mut many = zip(&[data]);
            let end = many.len() - 22;
            many[end + 8..end + 12].copy_from_slice(&[0xFF; 4]);
            ("entries that are not there", many)
        }
        4 => {
            let values = TEN_GIGABYTES / 4;
            let state = map(&[("a", tensor(&storage("FloatStorage", values as i64), 0, &[1], &[1]))]);
            let keys = [b"]", &text("0")[..], b"a"].concat();
            ("ten gigabytes in a stream", legacy(&state, &keys, &values.to_le_bytes()))
        }
        5 => ("nested JSON", json("[".repeat(SIZE))),
        6 => ("nested JSON in a tensor", json(format!("{{\"a\":{}", "{\"b\":".repeat(SIZE / 6)))),
        7 => {
            let lengths = "1,".repeat(SIZE / 2 - 100);
            let entry = format!(r#"{{"dtype":"F32","shape":[{lengths}1],"data_offsets":[0,4]}}"#);
            ("a long shape", json(format!(r#"{{"a":{entry}}}"#)))
        }
        8 => {
            let tensors: String = (0..220_000).map(|n| of(n, "")).collect();
            ("many tensors in JSON", json(format!("{{{tensors}}}")))
        }
        9 => ("one tensor often in JSON", json(format!("{{{}\"b\":1}}", of(1, "x").repeat(200_000)))),
        10 => {
            let tensors: String = (0..99_999).map(|n| of(n, &"module.".repeat(10))).collect();
            let last = tensors.trim_end_matches(',');
            ("long prefixes", json(format!("{{{last},{last}}}")))
        }
        11 => {
            let texts: String = (0..800_000).map(|n| format!("\"{n}\":\"\",")).collect();
            ("many texts in JSON", json(format!("{{\"__metadata__\":{{{texts}\"a\":\"\"}}}}")))
        }
        12 => {
            let deep = format!("{}1{}", "{\\\"a\\\":".repeat(20_000), "}".repeat(20_000));
            ("nested metadata", json(format!("{{\"__metadata__\":{{\"metadata\":\"{deep}\"}}}}")))
        }
        13 => ("a header of exabytes", [&(u64::MAX >> 1).to_le_bytes()[..], b"{\"a\":"].concat()),
        _ => return None,
    })
}

/// 20,000 tensors that all have the whole of one storage of 4 MB.
fn shared_storage() -> Vec<u8> {
    let remembered = [
        &storage("FloatStorage", 1 << 20)[..],
        b"q\x000",
        &numbers(&[1 << 20]),
        b"q\x010",
        &numbers(&[1]),
        b"q\x030",
        &global("torch._utils", "_rebuild_tensor_v2"),
        b"q\x020",
    ];
    let tensors = numbered(20_000, |n| [&text(&n.to_string())[..], b"h\x02(h\0K\0h\x01h\x03tR"].concat());
    checkpoint(&[&remembered.concat()[..], b"}(", &tensors, b"u"].concat(), &vec![0; 4 << 20])
}
