//! Checkpoints that do not say what their networks compute: each is refused with the reason, or the network says what is assumed.

#[path = "checkpoints/building.rs"]
mod building;
#[path = "checkpoints/samples.rs"]
mod samples;

use building::{checkpoint, map, storage, tensor, text};
use enlarger_networks::architectures::{self, Design};
use enlarger_networks::checkpoints::Checkpoint;
use samples::{Sample, one};

fn build(file: &[u8]) -> enlarger::Result<Design> {
    Ok(architectures::recognise(&Checkpoint::read(file)?)?.into_design())
}

/// The refusal of a sample after a change.
fn refusal(file: &str, change: impl FnOnce(&mut Sample)) -> String {
    let mut sample = one(file);
    assert!(build(&sample.bytes()).is_ok(), "{file}");
    change(&mut sample);
    build(&sample.bytes()).err().unwrap_or_else(|| panic!("{file} was built")).to_string()
}

#[test]
fn what_cannot_be_meant_is_refused_with_the_reason() {
    let cases: [(&str, String, &str); 7] = [
        (
            "a kernel without a middle",
            refusal("compact-x2.pth", |sample| {
                let outputs = sample.tensor("body.0.weight").1[0];
                sample.zeros("body.0.weight", &[outputs, 3, 2, 2]);
            }),
            "a kernel of 2×2 values has no middle",
        ),
        (
            "a transposed convolution of rectangles",
            refusal("cugan-x2.pth", |sample| sample.zeros("unet1.conv_bottom.weight", &[8, 3, 5, 4])),
            "has 5×4 values, not a square",
        ),
        (
            "an unshuffled convolution of single pixels",
            refusal("restormer.pth", |sample| sample.zeros("down1_2.body.0.weight", &[2, 4, 1, 1])),
            "has 1×1 values, not 3×3",
        ),
        (
            "noise of another size",
            refusal("gfpgan-32.pth", |sample| sample.zeros("stylegan_decoder.noises.noise1", &[1, 1, 4, 4])),
            "'stylegan_decoder.noises.noise1' has the shape 1×1×4×4, not 1×1×8×8",
        ),
        (
            "a scale that is no whole number",
            refusal("moesr-x2.pth", |sample| sample.tensor("upscale.MetaUpsample").2[2] = 2.5),
            "'upscale.MetaUpsample' has 2.5 for a whole number",
        ),
        (
            "a picture of other channels",
            refusal("nafnet-odd-size.pth", |sample| {
                sample.zeros("ending.weight", &[4, 10, 3, 3]);
                sample.zeros("ending.bias", &[4]);
            }),
            "it adds 4 channels to a picture of 3",
        ),
        (
            "a table without some of its rows",
            refusal("omnisr-x4.pth", |sample| {
                let name = "residual_layer.0.residual_layer.0.layer.8.fn.rel_pos_bias.weight";
                let heads = sample.tensor(name).1[1];
                sample.zeros(name, &[9, heads]);
            }),
            "has the shape 9×",
        ),
    ];
    for (what, refusal, part) in cases {
        assert!(refusal.contains(part), "{what}: {refusal}");
    }
}

#[test]
fn what_neither_shapes_nor_the_training_program_tell_is_assumed_aloud() {
    for (file, key, told, assumed) in [
        ("hat-x4.safetensors", "conv_scale", "0.5", "a factor of 0.01 for the convolutions"),
        ("atd-x2.pth", "category_size", "64", "categories of 256 pixels"),
        ("ditn-x2.pth", "patch_size", "4", "patches of 8"),
        ("edsr-x4.pth", "img_range", "1.0", "samples up to 255"),
        ("swinir-x1-jpeg.pth", "img_range", "1.0", "samples up to 255"),
    ] {
        let mut sample = one(file);
        sample.hyperparameters = "{}".into();
        let silent = build(&sample.bytes()).unwrap();
        assert!(silent.assumed.iter().any(|words| words == assumed), "{file}: {:?}", silent.assumed);
        assert!(silent.summary.contains("assumed: ") && silent.summary.contains(assumed), "{file}: {}", silent.summary);
        sample.hyperparameters = format!("{{\"{key}\": {told}}}");
        let told = build(&sample.bytes()).unwrap();
        assert!(!told.assumed.iter().any(|words| words == assumed), "{file}: {:?}", told.assumed);
        assert_ne!(silent.network, told.network, "{file}");
    }
}

#[test]
fn swinir_without_masks_does_not_shift_its_windows() {
    let mut sample = one("swinir-x4-nearest.pth");
    let shifted = build(&sample.bytes()).unwrap();
    assert_eq!(shifted.assumed, [""; 0]);
    sample.tensors.retain(|(name, ..)| !name.ends_with(".attn_mask"));
    let plain = build(&sample.bytes()).unwrap();
    assert_eq!(plain.assumed, ["windows that are not shifted"]);
    assert_ne!(shifted.network, plain.network);
    // Without the indices either, nothing tells.
    sample.tensors.retain(|(name, ..)| !name.ends_with(".relative_position_index"));
    assert_eq!(build(&sample.bytes()).unwrap().network, shifted.network);
}

#[test]
fn long_hyperparameters_are_refused() {
    let long = format!("{{\"a\": \"{}\"}}", "x".repeat(200_000));
    let mut sample = one("compact-x2.pth");
    sample.hyperparameters = long.clone();
    let pickled =
        map(&[("metadata", text(&long)), ("body.0.weight", tensor(&storage("FloatStorage", 4), 0, &[4], &[1]))]);
    for file in [sample.bytes(), checkpoint(&pickled, &[0; 16])] {
        let error = Checkpoint::read(&file).err().unwrap().to_string();
        assert!(error.contains("hyperparameters in a text of more than 160000 bytes"), "{error}");
    }
}

#[test]
fn empty_tensors_cannot_claim_lengths() {
    let header = |shape: &str| format!(r#"{{"a":{{"dtype":"F32","shape":{shape},"data_offsets":[0,0]}}}}"#);
    for (shape, read) in
        [("[0,180,1,1]", true), ("[1048576,0]", true), ("[1048577,0]", false), ("[2147483648,0,3]", false)]
    {
        let file = building::safetensors(&header(shape), &[]);
        assert_eq!(Checkpoint::read(&file).is_ok(), read, "{shape}");
    }
    // An empty tensor is in no architecture, whatever its other lengths are.
    let empty = refusal("compact-x2.pth", |sample| sample.zeros("body.0.weight", &[0, 3, 3, 3]));
    assert!(empty.contains("the tensor 'body.0.weight' is empty"), "{empty}");
}
