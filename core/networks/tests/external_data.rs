//! Weights in other files: they are read from the network's own folder and from nowhere else.

use std::fs;
use std::path::{Path, PathBuf};

use enlarger::ErrorKind;
use enlarger_networks::onnx::{Builder, Dimension, Network, inline};
use enlarger_networks::protobuf::Message;

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("elsewhere").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A network with a tensor 'w' of `count` floats in the file `location` at `offset`.
fn network(location: &str, offset: u64, count: i64) -> Vec<u8> {
    let mut builder = Builder::new();
    builder.input("in", &[Dimension::Fixed(1), Dimension::Fixed(3), Dimension::Open, Dimension::Open]);
    builder.output("out", &[Dimension::Fixed(1), Dimension::Fixed(3), Dimension::Open, Dimension::Open]);
    builder.floats("before", &[1], &[1.0]);
    builder.node("Add", &["in", "w"], "out", &[]);
    let file = builder.finish();
    let entry = |key: &str, value: &str| {
        let mut entry = Message::new();
        entry.text(1, key).text(2, value);
        entry
    };
    let mut tensor = Message::new();
    tensor.number(1, count).number(2, 1).text(8, "w").number(14, 1);
    tensor.message(13, &entry("location", location)).message(13, &entry("offset", &offset.to_string()));
    let mut whole = Message::new();
    for field in enlarger_networks::protobuf::fields(&file) {
        let (number, value) = field.unwrap();
        if number == 7 {
            let mut graph = Message::new();
            for field in enlarger_networks::protobuf::fields(value.bytes().unwrap()) {
                let (number, value) = field.unwrap();
                graph.value(number, value);
            }
            whole.message(7, graph.message(5, &tensor));
        } else {
            whole.value(number, value);
        }
    }
    whole.into_bytes()
}

#[test]
fn weights_beside_the_network_are_inlined() {
    let folder = folder("beside");
    let values: Vec<u8> = [9.0f32, 1.0, 2.0, 3.0].into_iter().flat_map(f32::to_le_bytes).collect();
    fs::write(folder.join("weights.bin"), values).unwrap();
    let file = network("weights.bin", 4, 3);
    assert_eq!(Network::read(&file).unwrap().judge().unwrap().external, 1);
    let whole = inline(&file, &folder).unwrap();
    let network = Network::read(&whole).unwrap();
    assert_eq!(network.tensor("w").unwrap().floats().unwrap(), [1.0, 2.0, 3.0]);
    assert_eq!(network.tensor("before").unwrap().floats().unwrap(), [1.0]);
    assert_eq!(network.judge().unwrap().external, 0);
    // A network without external weights is returned unchanged.
    assert_eq!(inline(&whole, &folder).unwrap(), whole);
}

#[test]
fn nothing_outside_the_folder_is_opened() {
    let home = folder("home");
    let inside = home.join("model");
    fs::create_dir_all(&inside).unwrap();
    fs::write(home.join("secret"), [0u8; 64]).unwrap();
    let absolute = home.join("secret").display().to_string();
    for location in ["../secret", "..", "", ".", "a/../../secret", &absolute, "a\\..\\secret", "c:secret"] {
        let error = inline(&network(location, 0, 3), &inside).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ModelInvalid, "{location}: {error}");
        assert!(error.message().contains("not a file beside it"), "{location}: {error}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(home.join("secret"), inside.join("link")).unwrap();
        let error = inline(&network("link", 0, 3), &inside).unwrap_err();
        assert!(error.message().contains("not a file beside it"), "{error}");
    }
    let error = inline(&network("missing", 0, 3), &inside).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
}

#[test]
fn sizes_are_checked_before_memory_is_reserved() {
    let folder = folder("sizes");
    fs::write(folder.join("weights.bin"), [0u8; 64]).unwrap();
    assert!(inline(&network("weights.bin", 0, 16), &folder).is_ok());
    let error = inline(&network("weights.bin", 0, 17), &folder).unwrap_err();
    assert!(error.message().contains("the file has 64 bytes"), "{error}");
    let error = inline(&network("weights.bin", u64::MAX, 1), &folder).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModelInvalid);
    // 10 GB.
    let error = inline(&network("weights.bin", 0, 2_500_000_000), &folder).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    fs::create_dir(folder.join("sub")).unwrap();
    assert!(inline(&network("sub", 0, 1), &folder).is_err());
}
