//! Small checkpoints of all architectures, from `tests/checkpoints` of the repository, with tensors that tests change.

#![allow(dead_code, reason = "each test uses a part")]

use std::fs;
use std::path::{Path, PathBuf};

use enlarger_networks::checkpoints::{Checkpoint, Hyperparameter};

/// A tensor: its name, its shape, and its values.
pub type Tensor = (String, Vec<u64>, Vec<f32>);

/// A checkpoint whose network can be built.
#[derive(Clone)]
pub struct Sample {
    pub architecture: String,
    /// The name of its file.
    pub file: String,
    pub tensors: Vec<Tensor>,
    /// The hyperparameters, as the text of JSON that a safetensors file has for them.
    pub hyperparameters: String,
}

/// The folder of the checkpoints.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/checkpoints")
}

/// The checkpoints of this folder, the smallest first.
pub fn all() -> Vec<Sample> {
    let mut descriptions: Vec<PathBuf> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    descriptions.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    descriptions.sort();
    let mut samples: Vec<Sample> = descriptions.iter().map(|path| read(path)).collect();
    samples.sort_by_key(|sample| sample.tensors.iter().map(|(.., values)| values.len()).sum::<usize>());
    samples
}

/// The checkpoint with this file.
pub fn one(file: &str) -> Sample {
    let description = folder().join(file).with_extension("toml");
    read(&description)
}

fn read(description: &Path) -> Sample {
    let text = fs::read_to_string(description).unwrap();
    let told = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{key} = "))).unwrap();
        line.trim_matches('"').to_owned()
    };
    let file = told("file");
    let bytes = fs::read(folder().join(&file)).unwrap();
    let checkpoint = Checkpoint::read(&bytes).unwrap();
    let tensors = checkpoint.tensors.iter().map(|(name, tensor)| {
        (name.clone(), tensor.shape.iter().map(|length| *length as u64).collect(), tensor.floats().unwrap())
    });
    let plain = |value: &Hyperparameter| match value {
        Hyperparameter::Boolean(value) => (*value).into(),
        Hyperparameter::Integer(value) => (*value).into(),
        Hyperparameter::Float(value) => (*value).into(),
        _ => serde_json::Value::Null,
    };
    let hyperparameters: serde_json::Map<String, serde_json::Value> =
        checkpoint.hyperparameters.iter().map(|(key, value)| (key.clone(), plain(value))).collect();
    Sample {
        architecture: told("architecture"),
        file,
        tensors: tensors.collect(),
        hyperparameters: serde_json::Value::Object(hyperparameters).to_string(),
    }
}

impl Sample {
    /// The tensor with this name.
    pub fn tensor(&mut self, name: &str) -> &mut Tensor {
        let file = &self.file;
        self.tensors.iter_mut().find(|tensor| tensor.0 == name).unwrap_or_else(|| panic!("{file} has no {name}"))
    }

    /// Gives the tensor with this name another shape, and zeros.
    pub fn zeros(&mut self, name: &str, shape: &[u64]) {
        let values = vec![0.0; shape.iter().product::<u64>() as usize];
        *self.tensor(name) = (name.to_owned(), shape.to_vec(), values);
    }

    /// Adds a tensor with the shape and the values of another one.
    pub fn copy(&mut self, from: &str, to: &str) {
        let (_, shape, values) = self.tensor(from).clone();
        self.tensors.push((to.to_owned(), shape, values));
    }

    /// The checkpoint as a safetensors file.
    pub fn bytes(&self) -> Vec<u8> {
        let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
        header.insert("__metadata__".into(), serde_json::json!({ "metadata": self.hyperparameters }));
        for (name, shape, values) in &self.tensors {
            let start = data.len();
            values.iter().for_each(|value| data.extend(value.to_le_bytes()));
            let entry = serde_json::json!({"dtype": "F32", "shape": shape, "data_offsets": [start, data.len()]});
            header.insert(name.clone(), entry);
        }
        super::building::safetensors(&serde_json::Value::Object(header).to_string(), &data)
    }
}
