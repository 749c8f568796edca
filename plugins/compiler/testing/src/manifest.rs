//! The manifest of a network, so that engines can open it as a model.

use sha2::{Digest, Sha256};

use crate::network::Network;

impl Network {
    /// A manifest that describes the network's file. Inputs besides `in` take noise levels from 0 to 1.
    pub fn manifest(&self) -> String {
        let (output, scale, multiple) = (&self.output, self.scale, self.multiple);
        let file = self.file();
        let sha256: String = Sha256::digest(&file).iter().map(|byte| format!("{byte:02x}")).collect();
        let support = if self.whole { "whole" } else { "exact" };
        let mut manifest = format!(
            r#"schema = 1
id = "test"
name = "Test"
version = "1"
task = "upscale"
mode = "faithful"
content = ["photo"]
architecture = "test"
scale = {scale}

[input]
name = "in"
layout = "nchw"
order = "rgb"
range = [0.0, 1.0]
dtype = "f32"
minimum = 16
multiple = {multiple}

[output]
name = "{output}"

[tiling]
support = "{support}"
halo = 24
overlap = 0
probed = true

[cost]
bytes_per_pixel = 4096

[file]
name = "model.onnx"
size = {size}
sha256 = "{sha256}"

[licence]
weights = "MIT"
commercial = true
attribution = "none"

[card]
author = "tests"
source = "made by a test"
training_data = "none"
known_limits = "random weights"
"#,
            size = file.len(),
        );
        for input in self.builder.graph.inputs.iter().filter(|input| input.name != "in") {
            manifest.push_str(&format!(
                "\n[[extra]]\nname = \"{}\"\nkind = \"noise_level\"\nminimum = 0.0\nmaximum = 1.0\ndefault = 0.5\n",
                input.name
            ));
        }
        manifest
    }
}
