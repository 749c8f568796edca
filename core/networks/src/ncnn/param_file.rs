//! Reads a `.param` file: the layers of a network and their settings.
//!
//! The counts in the header are compared with the layers that follow; memory is never reserved by a count from the file.

use std::collections::HashMap;

use enlarger::Result;

use crate::errors::invalid;

/// The first line of the format.
const MAGIC: &str = "7767517";

/// The most bytes that a `.param` file may have: 50 times the largest known one.
const MOST_BYTES: usize = 8 << 20;

/// One layer. Settings are `key=value` pairs, whose keys are ncnn's numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layer<'a> {
    pub(super) kind: &'a str,
    pub(super) name: &'a str,
    pub(super) inputs: Vec<&'a str>,
    pub(super) outputs: Vec<&'a str>,
    settings: HashMap<i32, &'a str>,
}

impl Layer<'_> {
    /// The integer under this key.
    pub(super) fn integer(&self, key: i32, default: i64) -> Result<i64> {
        match self.settings.get(&key) {
            None => Ok(default),
            Some(text) => text.parse().map_err(|_| self.wrong(key)),
        }
    }

    /// The count under this key, from 0 to 1,000,000,000.
    pub(super) fn count(&self, key: i32, default: usize) -> Result<usize> {
        let value = self.integer(key, default as i64)?;
        usize::try_from(value).ok().filter(|value| *value <= 1_000_000_000).ok_or_else(|| self.wrong(key))
    }

    /// The float under this key.
    pub(super) fn float(&self, key: i32, default: f32) -> Result<f32> {
        match self.settings.get(&key) {
            None => Ok(default),
            Some(text) => text.parse().ok().filter(|value: &f32| value.is_finite()).ok_or_else(|| self.wrong(key)),
        }
    }

    /// The list under this key; empty where there is none.
    pub(super) fn list<T: std::str::FromStr>(&self, key: i32) -> Result<Vec<T>> {
        // A list has the key -23300 - key, and begins with its length.
        let Some(text) = self.settings.get(&(-23300 - key)) else { return Ok(Vec::new()) };
        let mut parts = text.split(',');
        let length: usize = parts.next().and_then(|part| part.parse().ok()).ok_or_else(|| self.wrong(key))?;
        let values: Option<Vec<T>> = parts.map(|part| part.parse().ok()).collect();
        values.filter(|values| values.len() == length).ok_or_else(|| self.wrong(key))
    }

    /// Whether the layer has a value or a list under this key.
    pub(super) fn has(&self, key: i32) -> bool {
        self.settings.contains_key(&key) || self.settings.contains_key(&(-23300 - key))
    }

    /// Refuses any value under this key but this one.
    pub(super) fn only(&self, key: i32, value: i64) -> Result<()> {
        if self.integer(key, value)? == value { Ok(()) } else { Err(self.unknown(&format!("the setting {key}"))) }
    }

    /// The error for an invalid value under this key.
    pub(super) fn wrong(&self, key: i32) -> enlarger::Error {
        invalid(format!(
            "the layer '{}' ({}) has an invalid value for the setting {key}; fetch the file again",
            self.name, self.kind
        ))
    }

    /// The error for a feature that is not supported; `what` completes "the layer uses …".
    pub(super) fn unknown(&self, what: &str) -> enlarger::Error {
        invalid(format!(
            "the layer '{}' ({}) uses {what}, which is not supported; look for the model as ONNX",
            self.name, self.kind
        ))
    }
}

/// Reads the layers of a `.param` file.
pub(super) fn read(text: &str) -> Result<Vec<Layer<'_>>> {
    if text.len() > MOST_BYTES {
        return Err(invalid(format!(
            "the .param file has {} MiB, too much for a list of layers; fetch the file again",
            text.len() >> 20
        )));
    }
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    if lines.next() != Some(MAGIC) {
        return Err(invalid("this is not a .param file of ncnn in text form; look for one that begins with 7767517"));
    }
    let header: Vec<usize> = lines.next().unwrap_or("").split_whitespace().flat_map(str::parse).collect();
    let &[count, blobs] = header.as_slice() else {
        return Err(invalid("the .param file lacks the number of its layers; fetch it again"));
    };
    let layers = lines.map(layer).collect::<Result<Vec<_>>>()?;
    let made: usize = layers.iter().map(|layer| layer.outputs.len()).sum();
    if layers.len() != count || made != blobs {
        return Err(invalid(format!(
            "the .param file announces {count} layers and {blobs} values but holds {} and {made}; fetch it again",
            layers.len()
        )));
    }
    Ok(layers)
}

fn layer(line: &str) -> Result<Layer<'_>> {
    let shown = || line.chars().filter(|c| !c.is_control()).take(60).collect::<String>();
    let damaged = || invalid(format!("the line '{}' of the .param file is damaged; fetch it again", shown()));
    let mut words = line.split_whitespace();
    let mut word = || words.next().ok_or_else(damaged);
    let (kind, name) = (word()?, word()?);
    let (inputs, outputs): (usize, usize) =
        (word()?.parse().map_err(|_| damaged())?, word()?.parse().map_err(|_| damaged())?);
    let inputs = (0..inputs).map(|_| word()).collect::<Result<Vec<_>>>()?;
    let outputs = (0..outputs).map(|_| word()).collect::<Result<Vec<_>>>()?;
    let mut settings = HashMap::new();
    for word in words {
        let (key, value) = word.split_once('=').ok_or_else(damaged)?;
        settings.insert(key.parse().map_err(|_| damaged())?, value);
    }
    Ok(Layer { kind, name, inputs, outputs, settings })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_is_read() {
        let text = "7767517\n1 1\nConvolution c 0 1 out 0=3 1=-4 -23310=2,1.5e-1,2 5=0.5\n";
        let layers = read(text).unwrap();
        let layer = &layers[0];
        assert_eq!((layer.kind, layer.name, layer.outputs.as_slice()), ("Convolution", "c", ["out"].as_slice()));
        assert_eq!(layer.count(0, 9).unwrap(), 3);
        assert_eq!(layer.count(7, 9).unwrap(), 9);
        assert!(layer.count(1, 0).is_err());
        assert_eq!(layer.list::<f32>(10).unwrap(), [0.15, 2.0]);
        assert_eq!(layer.float(5, 0.0).unwrap(), 0.5);
        assert!(layer.integer(5, 0).is_err());
    }

    #[test]
    fn malformed_files_are_refused() {
        for text in [
            "",
            "7767518\n1 1\nInput a 0 1 b",
            "7767517\n",
            "7767517\n2 1\nInput a 0 1 b",
            "7767517\n1 2\nInput a 0 1 b",
            "7767517\n1 1\nInput a 0 99999999999999 b",
            "7767517\n1 1\nInput a 0 4000000000 b",
            "7767517\n1 1\nInput a 0 -1 b",
            "7767517\n1 1\nInput a 0 1 b 0",
            "7767517\n1 1\nInput a 0 1 b x=0",
            "7767517\n18446744073709551616 1\nInput a 0 1 b",
        ] {
            assert!(read(text).is_err(), "{text:?}");
        }
        let layers = read("7767517\n1 1\nX a 0 1 b -23310=3,1,2").unwrap();
        assert!(layers[0].list::<i64>(10).is_err());
    }
}
