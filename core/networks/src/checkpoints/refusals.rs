//! What a file is that is no checkpoint of a network for pictures, and what to do instead: one sentence for each.
//!
//! A refusal names the kind of file. It must never guess from a file's name.

use std::collections::BTreeMap;

use enlarger::Error;

use super::pickle::Global;
use super::zip_file::{self, ZipFile};
use crate::errors::{invalid, shown};

/// What the names of models end with, in archives.
const MODELS: &[&[u8]] = &[b".pth", b".pt", b".ckpt", b".safetensors", b".onnx", b".param"];

pub(super) fn incomplete() -> Error {
    invalid("the file is incomplete: it is shorter than a checkpoint with these tensors; fetch it again, to the end")
}

pub(super) fn big_endian() -> Error {
    invalid("the checkpoint was saved on a big-endian computer, which is not supported; save it again on another one")
}

pub(super) fn no_tensors() -> Error {
    invalid("the checkpoint holds no tensors of a network; save the network's state_dict")
}

pub(super) fn training_state() -> Error {
    invalid(
        "this file holds the state of a training (its optimiser), not the network; import the file of the network, which training programs save beside it",
    )
}

pub(super) fn torchscript() -> Error {
    invalid(
        "this is a TorchScript program, not a checkpoint: it holds code, which is never run here; get the model as .pth, .safetensors or .onnx",
    )
}

/// A ZIP file without PyTorch's pickle.
pub(super) fn zip_without_checkpoint(zip: &ZipFile<'_>) -> Error {
    let names = || zip.entries.iter().map(|entry| entry.name);
    let is_model = |name: &&[u8]| {
        let ends = |end: &&[u8]| {
            name.len().checked_sub(end.len()).is_some_and(|start| name[start..].eq_ignore_ascii_case(end))
        };
        !name.starts_with(b"__MACOSX/") && MODELS.iter().any(ends)
    };
    if let Some(name) = names().find(is_model) {
        return invalid(format!(
            "this is a ZIP archive with a model in it; extract `{}` first, then import that file",
            zip_file::shown(name)
        ));
    }
    if names().any(|name| name.ends_with(b"constants.pkl")) {
        return torchscript();
    }
    if names().any(|name| name.ends_with(b"serialized_exported_program.json") || name.ends_with(b"models/model.json")) {
        return invalid(
            "this is a program that torch.export wrote, not a checkpoint; get the model as .pth, .safetensors or .onnx",
        );
    }
    if zip.entries.is_empty() {
        return invalid("this is an empty ZIP archive; fetch it again, or get the model from another source");
    }
    invalid("this is a ZIP archive without a model in it; get the model as .pth, .safetensors or .onnx")
}

/// A tensor with values of a type that weights here never have.
pub(super) fn values(name: &str, what: &str) -> Error {
    invalid(format!(
        "the tensor `{}` holds {what}, which are not supported; get the model with 16-bit or 32-bit floats",
        shown(name)
    ))
}

/// An object that is itself the content of the file.
pub(super) fn whole_object(global: &Global) -> Error {
    invalid(format!(
        "this file holds a whole Python object, `{global}`, whose code other programs would run, instead of named tensors; save its state_dict, or get the model as .safetensors"
    ))
}

/// Something among the tensors that is no tensor that can be read. `named` is how the message names it.
pub(super) fn object(named: &str, global: &Global) -> Error {
    let what = match global.name.as_str() {
        "_rebuild_sparse_tensor" | "_rebuild_sparse_csr_tensor" => "a sparse tensor",
        "_rebuild_qtensor" => "a quantised tensor",
        "_rebuild_nested_tensor" => "a nested tensor",
        "_rebuild_meta_tensor_no_storage" => "a tensor without values",
        "_rebuild_device_tensor_from_numpy" | "_rebuild_xla_tensor" => "a tensor of another device",
        _ if is_array(global) => "an array of NumPy",
        _ => {
            return invalid(format!(
                "among the tensors of the checkpoint, {named} is `{global}`, which other programs would run to load it; save the network's state_dict alone, or get the model as .safetensors"
            ));
        }
    };
    invalid(format!(
        "the tensor {named} of the checkpoint is {what}, which is not supported; save the network's state_dict with ordinary tensors of 32-bit floats"
    ))
}

/// Whether a function makes a tensor, though not one that can be read.
pub(super) fn is_tensor(global: &Global) -> bool {
    global.module.starts_with("torch.") && global.name.starts_with("_rebuild_")
}

/// Whether a function makes an array of NumPy.
pub(super) fn is_array(global: &Global) -> bool {
    global.module.starts_with("numpy") && matches!(global.name.as_str(), "_reconstruct" | "_frombuffer")
}

/// Whether an object is a plain value, such as a number of NumPy, that training programs put beside tensors.
pub(super) fn is_harmless(global: &Global) -> bool {
    let top = global.module.split('.').next().unwrap_or_default();
    match top {
        "numpy" => global.name == "scalar" || global.name == "dtype",
        "datetime" | "pathlib" | "collections" | "fractions" | "decimal" | "argparse" | "_codecs" | "uuid" => true,
        "torch" => matches!(global.name.as_str(), "device" | "dtype" | "Size" | "Generator"),
        "builtins" | "__builtin__" => true,
        _ => false,
    }
}

/// A model of another kind, known by the texts beside its tensors.
pub(super) fn other_metadata(texts: &BTreeMap<String, String>) -> Option<Error> {
    let kind = texts.get("modelspec.architecture").map(String::as_str).unwrap_or_default();
    let lora = texts.contains_key("ss_network_module") || kind.ends_with("/lora");
    if lora {
        return Some(self::lora());
    }
    kind.starts_with("stable-diffusion").then(|| diffusion("Stable Diffusion"))
}

fn lora() -> Error {
    invalid("this is a LoRA, an addition to a model that generates pictures, and no upscaler; get an upscaling model")
}

fn diffusion(what: &str) -> Error {
    invalid(format!(
        "this is a checkpoint of {what}, which generates pictures and is no upscaler; get an upscaling model"
    ))
}

/// A model of another kind, known by the names of its tensors.
pub(super) fn other_model<'n>(names: impl Iterator<Item = &'n str>) -> Option<Error> {
    const LORA: &[&str] = &[".lora_up.", ".lora_down.", ".lora_A.", ".lora_B.", ".hada_w1_", ".lokr_w1"];
    for name in names {
        let begins = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
        if begins(&["lora_unet_", "lora_te"]) || LORA.iter().any(|part| name.contains(part)) {
            return Some(lora());
        }
        if begins(&["model.diffusion_model.", "cond_stage_model.", "conditioner.embedders."]) {
            return Some(diffusion("Stable Diffusion or a model like it"));
        }
        if begins(&["first_stage_model."]) {
            return Some(diffusion("the picture coder of Stable Diffusion (a VAE)"));
        }
        if begins(&["double_blocks.", "joint_blocks.", "single_transformer_blocks."]) {
            return Some(diffusion("Flux, Stable Diffusion 3 or a model like them"));
        }
        if begins(&["control_model.", "controlnet_"]) {
            return Some(diffusion("a ControlNet"));
        }
        if begins(&["spynet.", "OFR.", "flownet.", "block_tea.", "contextnet."]) {
            return Some(invalid(
                "this network works on several frames of a video together, which is not supported; get a model for single pictures",
            ));
        }
    }
    None
}
