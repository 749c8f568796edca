"""ESRGAN in its spellings."""

from spandrel.architectures.ESRGAN import ESRGAN

from . import ALL, Recipe


def spelled(first, block, trunk, up, last):
    """Renames the tensors of the oldest spelling."""

    def rename(state):
        renamed = {}
        ends = sorted(int(name.split(".")[1]) for name in state if name.startswith("model.") and name.endswith(".bias"))
        blocks = max(int(name.split(".")[3]) for name in state if name.startswith("model.1.sub."))
        steps = (ends[-2] - 2) // 3
        for name, tensor in state.items():
            parts = name.split(".")
            kind = parts[-1]
            if parts[1] == "0":
                new = f"{first}.{kind}"
            elif parts[1] == "1" and int(parts[3]) < blocks:
                dense = parts[4] if "RRDB" in block else parts[4].lower()
                new = f"{block}.{parts[3]}.{dense}.{parts[5]}.{kind}"
            elif parts[1] == "1":
                new = f"{trunk}.{kind}"
            elif int(parts[1]) >= 3 * steps + 2:
                new = f"{last[0] if int(parts[1]) == 3 * steps + 2 else last[1]}.{kind}"
            else:
                new = f"{up}{int(parts[1]) // 3}.{kind}"
            renamed[new] = tensor
        return renamed

    return rename


TRUNK = spelled("conv_first", "RRDB_trunk", "trunk_conv", "upconv", ("HRconv", "conv_last"))
BODY = spelled("conv_first", "body", "conv_body", "conv_up", ("conv_hr", "conv_last"))


def network(blocks, features, growth, plus=False, **settings):
    """An ESRGAN whose dense blocks grow by few features, so that its file is small."""

    def make():
        network = ESRGAN(num_filters=features, num_blocks=blocks, plus=plus, **settings)
        trunk = network.model[1].sub
        for at in range(blocks):
            trunk[at] = type(trunk[at])(features, gc=growth, plus=plus)
        return network

    return make


def recipe(name, scale, container, network, size=(3, 24, 32), state=dict):
    return Recipe(name, "ESRGAN", scale, network, container, size, ALL, state)


RECIPES = [
    recipe("esrgan-x4", 4, "legacy", network(2, 16, 8, scale=4), (3, 16, 20)),
    recipe("esrgan-x1", 1, "module", network(3, 12, 4, scale=1)),
    recipe("esrgan-x8-trunk", 8, "module", network(2, 16, 4, scale=8), (3, 9, 12), TRUNK),
    recipe("esrgan-x2-body", 2, "two copies", network(4, 8, 4, scale=2), (3, 17, 23), BODY),
    recipe("esrgan-x2-unshuffle", 2, "half", network(2, 16, 8, scale=4, in_nc=12, shuffle_factor=2), state=BODY),
    recipe("esrgan-x1-unshuffle", 1, "legacy", network(2, 16, 8, scale=4, in_nc=48, shuffle_factor=4), state=BODY),
    recipe("esrgan-plus-x2", 2, "half safetensors", network(2, 16, 8, scale=2, plus=True)),
]
