#!/usr/bin/env python3
"""Makes the small checkpoints that the reader is tested with, and expected.json: what PyTorch reads from them.

    python make.py

Needs torch (a CPU build suffices; made with 1.13) and safetensors. The values are random. A file whose entry in expected.json is
a text must be refused with a message that contains the text.
"""

import collections
import json
import pathlib
import pickle
import struct

import numpy
import torch
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent
EXPECTED = {}
ZIP, LEGACY = True, False


def network(dtype=torch.float32):
    """The tensors of a small network."""
    torch.manual_seed(16)
    shapes = {"body.0.weight": (4, 3, 3, 3), "body.0.bias": (4,), "body.1.weight": (4,), "last.weight": (2, 4, 1, 1)}
    return collections.OrderedDict((name, torch.randn(shape).to(dtype)) for name, shape in shapes.items())


def bits(tensor):
    """The values as 32-bit floats, each as the number that its bits make."""
    floats = tensor.detach().float().contiguous().numpy().ravel()
    return floats.view(numpy.uint32).tolist()


def expect(name, state, metadata=None):
    tensors = [[key, list(tensor.shape), bits(tensor)] for key, tensor in state.items()]
    EXPECTED[name] = {"tensors": tensors, "metadata": metadata or {}}


def save(name, content, state, container=ZIP, metadata=None, **options):
    """Saves `content`, in which the network is `state`."""
    torch.save(content, HERE / name, _use_new_zipfile_serialization=container, **options)
    expect(name, state, metadata)


def refuse(name, content, message, container=ZIP):
    torch.save(content, HERE / name, _use_new_zipfile_serialization=container)
    EXPECTED[name] = message


def prefixed(prefix, state):
    return collections.OrderedDict((prefix + name, tensor) for name, tensor in state.items())


def views():
    """Tensors that are not one value after another, or that share storages."""
    whole = torch.arange(60, dtype=torch.float32)
    state = collections.OrderedDict()
    state["channels_last"] = torch.randn(4, 3, 3, 3).contiguous(memory_format=torch.channels_last)
    state["transposed"] = torch.randn(3, 5).t()
    state["shared.first"] = whole[:20].view(4, 5)
    state["shared.second"] = whole[20:50].view(5, 6)[:, 1:4]
    state["steps"] = whole[3:50:7]
    state["tied"] = state["transposed"]
    state["single"] = torch.tensor(0.25)
    state["empty"] = torch.zeros(0, 3)
    state["one_wide"] = torch.randn(5, 4)[:, 2:3]
    state["parameter"] = torch.nn.Parameter(torch.randn(2, 2))
    state["integers"] = torch.tensor([[1, -2], [3, 40000]])
    state["small_integers"] = torch.tensor([1, -2, 3], dtype=torch.int32)
    state["bytes"] = torch.tensor([0, 7, 255], dtype=torch.uint8)
    state["flags"] = torch.tensor([True, False, True])
    state["double"] = torch.randn(3, dtype=torch.float64)
    state["half"] = torch.randn(2, 3).half().t()
    return state


def training():
    """What training programs put beside a network."""
    made = torch.nn.Linear(3, 2)
    optimiser = torch.optim.Adam(made.parameters())
    made(torch.randn(5, 3)).sum().backward()
    optimiser.step()
    return {
        "epoch": 12,
        "global_step": 2**40,
        "seed": 2**90,
        "pytorch-lightning_version": "1.9.0",
        "best": numpy.float64(31.5),
        "loss": numpy.float32(0.25),
        "history": numpy.arange(3),
        "optimizer_states": [optimiser.state_dict()],
        "lr_schedulers": [{"last_epoch": 3, "base_lrs": [1e-4]}],
        "callbacks": {"ModelCheckpoint{'monitor': None}": {"best_model_path": "a/ü.ckpt", "best": torch.tensor(1.0)}},
        "hyper_parameters": {"scale": 4, "path": pathlib.PurePosixPath("/data"), "device": torch.device("cpu")},
        "set": {1, 2},
        "bytes": b"\x00\xff",
        "complex": 1 + 2j,
    }


class ByHand(pickle._Pickler):
    """A pickler of tensors. `identify` gives the persistent id of a storage, and the values to write for its key."""

    def __init__(self, file, identify):
        super().__init__(file, protocol=2)
        self.identify = identify
        self.written = collections.OrderedDict()

    def persistent_id(self, value):
        if not isinstance(value, torch.storage.TypedStorage):
            return None
        identity, values = self.identify(value)
        self.written[identity[2]] = values
        return identity


class Python2(ByHand):
    """Writes texts and ordered maps as Python 2 did."""

    dispatch = dict(pickle._Pickler.dispatch)

    def text(self, value):
        coded = value.encode("latin1")
        self.write(b"U" + bytes([len(coded)]) + coded)
        self.memoize(value)

    def reducer_override(self, value):
        if type(value) is collections.OrderedDict:
            return collections.OrderedDict, ([list(pair) for pair in value.items()],)
        return NotImplemented

    dispatch[str] = text


def legacy_by_hand(name, state, identify, pickler=ByHand):
    """Writes the legacy stream without torch.save."""
    with open(HERE / name, "wb") as file:
        pickle.dump(0x1950A86A20F9469CFC6C, file, protocol=2)
        pickle.dump(1001, file, protocol=2)
        pickle.dump({"protocol_version": 1001, "little_endian": True, "type_sizes": {"long": 4}}, file, protocol=2)
        made = pickler(file, identify)
        made.dump(state)
        pickle.dump(list(made.written), file, protocol=2)
        for values in made.written.values():
            file.write(struct.pack("<q", values.numel()) + values.numpy().tobytes())
    expect(name, state)


def containers():
    state = network()
    for container, suffix in ((ZIP, "zip"), (LEGACY, "legacy")):
        save(f"plain-{suffix}.pth", state, state, container)
        save(f"params-{suffix}.pth", {"params": state}, state, container)
        wrong = collections.OrderedDict((key, tensor + 0.3) for key, tensor in state.items())
        save(f"two-{suffix}.pth", {"params": wrong, "params_ema": state}, state, container)
        save(f"half-{suffix}.pth", network(torch.float16), network(torch.float16), container)
        save(f"bf16-{suffix}.pth", network(torch.bfloat16), network(torch.bfloat16), container)
        save(f"views-{suffix}.pth", views_state, views_state, container)
        save(f"lightning-{suffix}.ckpt", {**training(), "state_dict": prefixed("model.", state)}, state, container)
    for protocol in (1, 3, 4, 5):
        save(f"protocol-{protocol}-zip.pth", {"params": state}, state, ZIP, pickle_protocol=protocol)
        save(f"protocol-{protocol}-legacy.pth", {"params": state}, state, LEGACY, pickle_protocol=protocol)
    for name, dtype in (("f32", torch.float32), ("half", torch.float16), ("bf16", torch.bfloat16)):
        state = network(dtype)
        save_file(state, HERE / f"{name}.safetensors", {"format": "pt"})
        with open(HERE / f"{name}.safetensors", "rb") as file:
            header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        expect(f"{name}.safetensors", {key: state[key] for key in header if key in state})


def wrappers():
    state = network()
    judge = {"conv.weight": torch.randn(2, 2)}
    save("module.pth", prefixed("module.", state), state)
    averaged = collections.OrderedDict(n_averaged=torch.tensor(7), **prefixed("module.", state))
    save("averaged.pth", {"ema": averaged}, state)
    counted = collections.OrderedDict()
    for name, tensor in state.items():
        counted[name] = tensor
        counted[name.replace("weight", "total_ops").replace("bias", "total_params")] = torch.zeros(1, dtype=torch.float64)
    counted["norm.num_batches_tracked"] = torch.tensor(3)
    save("counters.pth", counted, state)
    save("judge.pth", {"net_d": judge, "net_g": state, "optimizer_g": training()["optimizer_states"][0], "iter": 5}, state)
    both = collections.OrderedDict(**prefixed("model_d.", judge), **prefixed("model_g.", state))
    save("model-g.pth", {"state_dict": both, "epoch": 3}, state)
    save("steps.pth", {"step": torch.tensor(5), "history": numpy.arange(3.0), "g": state, "scores": {"a": numpy.arange(3)}}, state)
    mixed = collections.OrderedDict(**prefixed("generator.", state), **prefixed("discriminator.", judge), step_counter=torch.tensor(3))
    save("generator.pth", {"state_dict": mixed, "meta": {"epoch": 3}}, state)
    compiled = prefixed("_orig_mod.module.", state)
    save("compiled.pth", {"params": compiled}, state)
    save("only.pth", {"weights": {"generator": state}, "date": "2021-06-01", "score": numpy.float64(30)}, state)
    old = collections.OrderedDict((name.replace("body", "model"), tensor) for name, tensor in state.items())
    old = collections.OrderedDict((name, tensor) for name, tensor in old.items() if name.startswith("model"))
    save("old-names.pth", old, old)
    claims = {"arch": "span", "scale": 2, "norm": False, "rate": 0.5, "blocks": [6, 6], "network_g": {"feats": 48}, "none": None}
    flat = {key: value for key, value in claims.items() if key not in ("network_g", "none")} | {"network_g.feats": 48}
    save("metadata.pth", {"metadata": claims, "params_ema": state}, state, metadata=flat)
    save_file(state, HERE / "metadata.safetensors", {"metadata": json.dumps(claims), "format": "pt"})
    order = sorted(state)
    with open(HERE / "metadata.safetensors", "rb") as file:
        order = [key for key in json.loads(file.read(struct.unpack("<Q", file.read(8))[0])) if key in state]
    expect("metadata.safetensors", {key: state[key] for key in order}, flat)


def by_hand():
    def whole(storage):
        values = torch.tensor(storage.tolist())
        return ("storage", torch.FloatStorage, str(storage.data_ptr()), "cpu", len(storage), None), values

    legacy_by_hand("python2-legacy.pth", network(), whole, Python2)
    # Two storages that are parts of one, as old versions wrote them.
    root = torch.arange(40, dtype=torch.float32)
    parts = collections.OrderedDict(first=root[5:15].clone().view(2, 5), second=root[28:].clone().view(3, 4).t())

    def part(storage):
        start = int(storage[0])
        return ("storage", torch.FloatStorage, "1000", "cpu", 40, (str(1000 + start), start, len(storage))), root

    legacy_by_hand("old-views-legacy.pth", parts, part)


def refused():
    state = network()
    put = lambda tensor: collections.OrderedDict(**state, odd=tensor)
    refuse("sparse.pth", put(torch.eye(3).to_sparse()), "`odd` of the checkpoint is a sparse tensor")
    refuse("quantised.pth", put(torch.quantize_per_tensor(torch.randn(3), 0.1, 0, torch.qint8)), "quantised")
    refuse("complex.pth", put(torch.randn(3, dtype=torch.complex64)), "`odd` holds complex numbers")
    refuse("complex-legacy.pth", put(torch.randn(3, dtype=torch.complex64)), "`odd` holds complex numbers", LEGACY)
    refuse("short.pth", put(torch.tensor([1, 2], dtype=torch.int16)), "`odd` holds 16-bit integers")
    refuse("expanded.pth", put(torch.randn(1).expand(5)), "stride of 0")
    refuse("array.pth", put(numpy.arange(3.0)), "an array of NumPy")
    refuse("arrays.pth", {"params": {name: tensor.numpy() for name, tensor in state.items()}}, "an array of NumPy")
    refuse("module-zip.pth", torch.nn.Sequential(torch.nn.Linear(2, 2)), "`torch.nn.modules.container.Sequential`")
    refuse("module-legacy.pth", torch.nn.Linear(2, 2), "`torch.nn.modules.linear.Linear`", LEGACY)
    refuse("wrapped-module.pth", {"epoch": 3, "model": torch.nn.Linear(2, 2)}, "`torch.nn.modules.linear.Linear`")
    refuse("optimiser.pth", training()["optimizer_states"][0], "the state of a training")
    refuse("training.pth", {key: value for key, value in training().items()}, "the state of a training")
    refuse("two-networks.pth", {"a": state, "b": state}, "several networks (`a`, `b`)")
    refuse("one-tensor.pth", torch.randn(3), "a single tensor")
    refuse("list.pth", [torch.randn(3)], "a list")
    refuse("empty.pth", {}, "no tensors")
    refuse("diffusion.pth", {"state_dict": prefixed("model.diffusion_model.", state)}, "Stable Diffusion")
    refuse("vae.pth", {"state_dict": prefixed("first_stage_model.", state)}, "a VAE")
    refuse("lora.pth", {"lora_unet_down.lora_up.weight": torch.randn(2)}, "a LoRA")
    refuse("video.pth", {"params": prefixed("spynet.", state)}, "video")
    torch.jit.save(torch.jit.script(torch.nn.ReLU()), HERE / "torchscript.pt")
    EXPECTED["torchscript.pt"] = "TorchScript"
    save_file(state, HERE / "lora.safetensors", {"ss_network_module": "networks.lora"})
    EXPECTED["lora.safetensors"] = "a LoRA"
    with open(HERE / "plain-pickle.pth", "wb") as file:
        pickle.dump({"weights": [1.0, 2.0]}, file)
    EXPECTED["plain-pickle.pth"] = "a plain Python pickle"
    with open(HERE / "plain-pickle-0.pth", "wb") as file:
        pickle.dump({"weights": [1.0, 2.0]}, file, protocol=0)
    EXPECTED["plain-pickle-0.pth"] = "a plain Python pickle"


torch.manual_seed(61)
views_state = views()
containers()
wrappers()
by_hand()
refused()
lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in sorted(EXPECTED.items()))
(HERE / "expected.json").write_text("{\n" + lines + "\n}\n")
print(len(EXPECTED), "files,", sum((HERE / name).stat().st_size for name in EXPECTED), "bytes")
