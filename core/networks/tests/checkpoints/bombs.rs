//! Pickles that are made to exhaust memory or time.

use crate::building::{global, int, map, numbers, storage, tensor, text, tuple};

/// The size that most of the pickles have: the most that is read.
pub const SIZE: usize = (16 << 20) - 64;

/// A pickle's instructions: the same again and again.
fn repeated(start: &[u8], piece: &[u8], end: &[u8]) -> Vec<u8> {
    let count = (SIZE - start.len() - end.len()) / piece.len();
    [start, &piece.repeat(count), end].concat()
}

/// Pieces that differ by a number.
pub fn numbered(count: u32, piece: impl Fn(u32) -> Vec<u8>) -> Vec<u8> {
    (0..count).flat_map(piece).collect()
}

/// The pickle with this number. Only one exists at a time, because they are large.
pub fn instructions(number: usize) -> Option<(&'static str, Vec<u8>)> {
    let plain = tensor(&storage("FloatStorage", 4), 0, &[2, 2], &[2, 1]);
    let cut = tensor(&storage("FloatStorage", 5), 0, &[2, 2], &[2, 1]);
    let long = text(&"x".repeat(8 << 20));
    let name = text(&"x".repeat(512));
    // A list of ten references to a list of ten references to …
    let mut laughs = b"](NNNNNNNNNNeq\0".to_vec();
    for level in 0..100u8 {
        laughs.extend([b"0](", &[b'h', level].repeat(10)[..], b"eq", &[level + 1]].concat());
    }
    let remembered = |value: &[u8], rest: &[u8]| [value, b"q\x000", rest].concat();
    let many_tensors = |count| {
        let start = [
            &storage("FloatStorage", 4)[..],
            b"q\x000",
            &numbers(&[1]),
            b"q\x010",
            &global("torch._utils", "_rebuild_tensor_v2"),
            b"q\x020}(",
        ]
        .concat();
        [&start[..], &numbered(count, |n| [&text(&n.to_string())[..], b"h\x02(h\0K\0h\x01h\x01tR"].concat()), b"u"]
            .concat()
    };
    Some(match number {
        0 => ("lists in lists", repeated(b"", b"]", b"")),
        1 => ("lists in lists, closed", [b"]".repeat(200_000), b"a".repeat(199_999)].concat()),
        2 => ("tuples in tuples", repeated(b")", b"\x85", b"")),
        3 => ("marks", repeated(b"", b"(", b"")),
        4 => ("many lists", repeated(b"", b"]0", b"")),
        5 => ("many maps", repeated(b"", b"}0", b"")),
        6 => {
            ("many maps in a list", [&b"]"[..], &[&b"("[..], &b"}".repeat(1000), b"e"].concat().repeat(1500)].concat())
        }
        7 => ("many values", repeated(b"", b"N0", b"")),
        8 => ("many values in a list", repeated(b"]", b"Na", b"")),
        9 => ("many values in a map", repeated(b"}", b"K\0Ns", b"")),
        10 => ("copies of the top", repeated(b"N", b"2", b"")),
        11 => ("memo", [b"N", &numbered(2_000_000, |n| [b"r", &n.to_le_bytes()[..]].concat())[..]].concat()),
        12 => (
            "scattered memo",
            [b"N", &numbered(2_000_000, |n| [b"r", &(n * 7 + 1_000_000).to_le_bytes()[..]].concat())[..]].concat(),
        ),
        13 => ("memo of protocol 4", repeated(b"N", b"\x94", b"")),
        14 => ("laughs", laughs.clone()),
        15 => ("laughs as the tensors", map(&[("params", laughs.clone())])),
        16 => ("laughs as metadata", map(&[("metadata", laughs), ("params", map(&[("a", plain.clone())]))])),
        17 => ("a list in itself", b"]q\0h\0a".to_vec()),
        18 => ("a list often in itself", [&b"]q\0"[..], &b"h\0a".repeat(1_000_000)].concat()),
        19 => ("a map in itself", [&b"}q\0("[..], &text("params"), b"h\0u"].concat()),
        20 => ("maps in each other", [&b"}q\0}q\x01("[..], &text("params"), b"h\0u", &text("a"), b"h\x01s"].concat()),
        21 => {
            ("a map of itself in itself", [&b"}q\0("[..], &text("metadata"), b"h\0", &text("params"), b"h\0u"].concat())
        }
        22 => ("a long number", [&b"\x8b\xff\xff\xff\x7f"[..], &[0xFF; 100]].concat()),
        23 => ("a long number that is there", repeated(b"\x8b\xf0\xff\xff\0", b"\xff", b"")),
        24 => ("a long number of digits", repeated(b"L", b"9", b"L\n")),
        25 => ("a text without end", b"X\xff\xff\xff\xffabc".to_vec()),
        26 => ("a text of exabytes", b"\x8d\xff\xff\xff\xff\xff\xff\xff\x7fabc".to_vec()),
        27 => ("bytes of exabytes", b"\x96\xff\xff\xff\xff\xff\xff\xff\xffabc".to_vec()),
        28 => ("a frame of exabytes", b"\x95\xff\xff\xff\xff\xff\xff\xff\xff".to_vec()),
        29 => ("a line without end", repeated(b"V", b"x", b"")),
        30 => ("texts with escapes", repeated(b"", b"V\\n\n0", b"")),
        31 => ("classes", numbered(400_000, |n| format!("ca\n{n}\n0").into_bytes())),
        32 => ("a long class", repeated(b"c", b"x", b"\ny\n")),
        33 => ("a long class, often", remembered(&long, &b"h\0h\0\x930".repeat(1_000_000))),
        34 => ("a long key, often", remembered(&long, &[&b"}("[..], &b"h\0}".repeat(100_000), b"u"].concat())),
        35 => (
            "a long key of tensors",
            remembered(
                &long,
                &map(&[("params", [&b"}("[..], &[b"h\0", &plain[..]].concat().repeat(20_000), b"u"].concat())]),
            ),
        ),
        36 => (
            "a long text in metadata",
            remembered(&long, &map(&[("metadata", [&b"]("[..], &b"h\0".repeat(200_000), b"e"].concat())])),
        ),
        37 => ("a long persistent id", remembered(&tuple(&[long.clone(), b"N".to_vec()]), &b"h\0Q0".repeat(1_000_000))),
        38 => ("pairs again and again", {
            let pair = [b"]q\0(", &b"h\x01".repeat(50_000)[..], b"e0"].concat();
            [
                &b"NN\x86q\x010"[..],
                &pair,
                &global("collections", "OrderedDict"),
                b"q\x02h\0\x85q\x0300",
                &b"h\x02h\x03R0".repeat(100_000),
            ]
            .concat()
        }),
        39 => ("arguments again and again", {
            let list = [b"(", &b"N".repeat(200_000)[..], b"tq\x030"].concat();
            [&list[..], &global("torch._utils", "_rebuild_tensor_v2"), b"q\x020", &b"h\x02h\x03R0".repeat(500_000)]
                .concat()
        }),
        40 => (
            "one name for many tensors",
            [&name[..], b"q\x05", &plain, b"q\x060}(", &b"h\x05h\x06".repeat(250_000 / 2), b"u"].concat(),
        ),
        41 => ("many tensors", many_tensors(150_000)),
        42 => ("parts beside a tensor", {
            let list = [b"]q\x05(", &b"N".repeat(200_000)[..], b"e0"].concat();
            let parts = numbered(100_000, |n| [&text(&n.to_string())[..], b"h\x05"].concat());
            [&list[..], b"}(", &text("a"), &cut, &parts, b"u"].concat()
        }),
        43 => (
            "storages",
            repeated(
                &tuple(&[text("storage"), global("torch", "FloatStorage"), text("0"), text("cpu"), int(4)]),
                b"q\x00Qh\x00",
                b"",
            ),
        ),
        _ => return None,
    })
}
