"""Misuse: each case raises the right exception, with the status, its name and a message that names the problem."""

import array
import ctypes
import unittest

import enlarger
import numpy
from support import HEIGHT, WIDTH, pixels, upscaler

DATA = pixels("rgb u8")
SIZE = len(DATA)


def run(data=DATA, width=WIDTH, height=HEIGHT, format="rgb u8", **wanted):
    return upscaler().run(data, width, height, format, **wanted)


def plan(width=WIDTH, height=HEIGHT, **wanted):
    return upscaler().plan(width, height, **wanted)


def closed(thing):
    thing.close()
    return thing


ARGUMENT, BUFFER, FORMAT, HANDLE = "ENL_ERROR_ARGUMENT", "ENL_ERROR_BUFFER", "ENL_ERROR_FORMAT", "ENL_ERROR_BAD_HANDLE"

# The call, the name of the status, and words of the message.
CASES = [
    (lambda: run(width=0), ARGUMENT, "0 is not a valid width"),
    (lambda: run(width=-1), ARGUMENT, "-1 is not a valid width"),
    (lambda: run(width=(1 << 32) + WIDTH), ARGUMENT, "is not a valid width"),
    (lambda: run(height=1 << 40), ARGUMENT, "is not a valid height"),
    (lambda: run(width=(1 << 20) + 1), ARGUMENT, "1048576"),
    (lambda: plan(width=(1 << 32) + WIDTH), ARGUMENT, "is not a valid width"),
    (lambda: plan(height=0), ARGUMENT, "is not a valid height"),
    (lambda: run(data=b""), BUFFER, "buffer has 0"),
    (lambda: run(data=DATA[:-1]), BUFFER, "5759"),
    (lambda: run(height=HEIGHT + 1), BUFFER, "5760"),
    (lambda: run(stride=3 * WIDTH - 1), BUFFER, "143"),
    (lambda: run(stride=3 * WIDTH + 1), BUFFER, "145"),
    (lambda: run(stride=-144), ARGUMENT, "stride"),
    (lambda: run(stride=1 << 70), ARGUMENT, "stride"),
    (lambda: run(stride=(1 << 63) - 1), BUFFER, "9223372036854775807"),
    (lambda: run(format="rgb u9"), FORMAT, "'rgb u9'"),
    (lambda: run(format=""), FORMAT, "rgba u8"),
    (lambda: run(format="rgb"), FORMAT, "'rgb'"),
    (lambda: run(format="cmyk u8"), FORMAT, "'cmyk u8'"),
    (lambda: run(format="rgb u8 premultiplied"), FORMAT, "premultiplied"),
    (lambda: run(format="rgba u8 folded"), FORMAT, "folded"),
    (lambda: enlarger.Format("rgb", "u8", True), FORMAT, "alpha"),
    (lambda: run(output_format="gray u8"), FORMAT, "gray"),
    (lambda: run(data=array.array("H", DATA)), FORMAT, "items of the pixels have 2 bytes"),
    (lambda: run(data=numpy.zeros((HEIGHT, WIDTH, 3))), FORMAT, "items of the pixels have 8 bytes"),
    (lambda: run(data=numpy.zeros((HEIGHT, WIDTH, 3), ">u2"), format="rgb u16"), FORMAT, "byte order"),
    (lambda: run(data=numpy.zeros((WIDTH, HEIGHT, 3), "u1")), BUFFER, "48 rows of 120 bytes"),
    (lambda: run(data=numpy.zeros((HEIGHT, WIDTH, 4), "u1")), BUFFER, "40 rows of 192 bytes"),
    (lambda: run(data=numpy.zeros((WIDTH, HEIGHT), "u1"), format="gray u8"), BUFFER, "48 rows of 40 bytes"),
    (lambda: run(data=numpy.zeros((HEIGHT, WIDTH * 2, 3), "u1")[:, ::2]), ARGUMENT, "contiguous copy"),
    (lambda: run(data=numpy.zeros((HEIGHT, WIDTH, 3), "u1")[::-1]), ARGUMENT, "contiguous copy"),
    (lambda: run(data=numpy.zeros((3, HEIGHT, WIDTH), "u1").transpose(1, 2, 0)), ARGUMENT, "contiguous copy"),
    (lambda: run(data=memoryview(DATA * 2)[::2]), ARGUMENT, "contiguous copy"),
    (lambda: run(data=numpy.zeros((HEIGHT, WIDTH + 1, 3), "u1")[:, 1:], stride=150), ARGUMENT, "leave out the stride"),
    (lambda: run(out=bytes(16 * SIZE)), BUFFER, "out cannot be used"),
    (lambda: run(out=bytearray(16 * SIZE - 1)), BUFFER, "92159"),
    (lambda: run(out=numpy.zeros((4 * HEIGHT, 4 * WIDTH, 3), "u2")), FORMAT, "items of out have 2 bytes"),
    (lambda: run(factor=99), ARGUMENT, "99 is not a valid value for the option 'factor'"),
    (lambda: run(factor=float("nan")), ARGUMENT, "NaN is not a valid value for the option 'factor'"),
    (lambda: run(factor="twice"), ARGUMENT, "'twice' is not a valid value for the option 'factor'"),
    (lambda: run(factor=(1 << 64) + 2), ARGUMENT, "is not a valid factor"),
    (lambda: run(target_width=-5), ARGUMENT, "-5 is not a valid value for the option 'width'"),
    (lambda: run(tile=1 << 30), ARGUMENT, "is not a valid value for the option 'tile'"),
    (lambda: run(memory=-1), ARGUMENT, "is not a valid value for the option 'memory'"),
    (lambda: run(memory=1000), "ENL_ERROR_MEMORY", "memory"),
    (lambda: run(noise_level=0.5), ARGUMENT, "noise"),
    (lambda: run(colour_space="cmyk"), ARGUMENT, "'cmyk' is not a valid value for the option 'colour_space'"),
    (lambda: run(colour_lock="perhaps"), ARGUMENT, "'perhaps' is not a valid value for the option 'colour_lock'"),
    (lambda: run(icc_profile=b"nonsense"), FORMAT, "profile"),
    (lambda: run(options={"taste": "good"}), ARGUMENT, "there is no option 'taste'"),
    (lambda: run(options={"factor": "2\0"}), ARGUMENT, "NUL"),
    (lambda: run(options={"engine": "rten"}), ARGUMENT, "when an Upscaler is made"),
    (lambda: run(rect=(0, 0, WIDTH + 1, 1)), ARGUMENT, "rectangle"),
    (lambda: run(rect=(0, 0, 0, 1)), ARGUMENT, "rectangle"),
    (lambda: run(rect=(-1, 0, 1, 1)), ARGUMENT, "left column"),
    (lambda: run(rect=((1 << 32) - 1, 0, 2, 1)), ARGUMENT, "rectangle"),
    (lambda: plan(rect=(0, HEIGHT, 1, 1)), ARGUMENT, "rectangle"),
    (lambda: plan(1 << 20, 1 << 20), "ENL_ERROR_LIMIT", "1048576"),
    (lambda: run(cancel=closed(enlarger.Cancel())), HANDLE, "this Cancel is closed"),
    (lambda: closed(enlarger.Cancel()).request(), HANDLE, "this Cancel is closed"),
    (lambda: closed(enlarger.Upscaler(engine="rten")).plan(1, 1), HANDLE, "this Upscaler is closed"),
    (lambda: closed(enlarger.Registry()).models, HANDLE, "this Registry is closed"),
    (lambda: enlarger.Upscaler(registry=closed(enlarger.Registry())), HANDLE, "this Registry is closed"),
    (lambda: enlarger.Upscaler(model="mona-lisa"), "ENL_ERROR_MODEL_NOT_FOUND", "mona-lisa"),
    (lambda: enlarger.Upscaler(engine="steam"), "ENL_ERROR_ENGINE_NOT_FOUND", "steam"),
    (lambda: enlarger.Upscaler(engine="rten", device="cuda:7"), "ENL_ERROR_DEVICE", "cuda:7"),
    (lambda: enlarger.Upscaler(threads=-1), ARGUMENT, "-1 is not a valid value for the option 'threads'"),
    (lambda: enlarger.Upscaler(precision="rough"), ARGUMENT, "'rough' is not a valid value for the option 'precision'"),
    (lambda: enlarger.Upscaler(options={"factor": 2}), ARGUMENT, "for a plan or a run"),
    (lambda: enlarger.Registry().options(model="mona-lisa"), "ENL_ERROR_MODEL_NOT_FOUND", "mona-lisa"),
    (lambda: enlarger.Registry().options(preset="mona-lisa"), ARGUMENT, "mona-lisa"),
    (lambda: enlarger.Upscaler(preset="best"), ARGUMENT, "there is no preset 'best'"),
    (lambda: run(denoise=101), ARGUMENT, "101 is not a valid value for the option 'denoise'"),
    (lambda: enlarger.Registry(["a\0b"]), ARGUMENT, "NUL"),
    (lambda: enlarger.set_log(print, "loud"), ARGUMENT, "'loud' is not a log level"),
]

# Arguments of wrong types: the call, and words of the message.
TYPES = [
    (lambda: run(data=5), "int"),
    (lambda: run(data=None), "NoneType"),
    (lambda: run(data="text"), "str"),
    (lambda: run(width=4.5), "width must be a whole number, not float"),
    (lambda: run(width="48"), "width must be a whole number, not str"),
    (lambda: run(format=3), "a pixel format must be a str or a Format, not int"),
    (lambda: run(rect=(1, 2, 3)), "rect must be"),
    (lambda: run(rect=7), "rect must be"),
    (lambda: run(rect=(1.5, 0, 1, 1)), "left column must be a whole number"),
    (lambda: run(cancel=True), "cancel must be a Cancel, not bool"),
    (lambda: run(out=3), "int"),
    (lambda: run(factor=[2]), "the option 'factor' takes"),
    (lambda: run(scale=2), "there is no argument 'scale'"),
    (lambda: run(progress=3), "not callable"),
    (lambda: upscaler().stream(None, None, WIDTH, HEIGHT, "rgb u8"), "not callable"),
    (lambda: enlarger.Registry("/models"), "put the path into a list"),
    (lambda: enlarger.Registry([5]), "int"),
    (lambda: enlarger.Upscaler("crisp"), "takes keyword arguments only; write preset='crisp' or model='crisp'"),
    (lambda: enlarger.Upscaler(model=5j), "complex"),
    (lambda: enlarger.Upscaler(registry=enlarger.Registry(), folders=["x"]), "not both"),
    (lambda: enlarger.Upscaler(options={5: "x"}), "an option's key must be a str"),
]

CLASSES = {
    "ENL_ERROR_ARGUMENT": enlarger.InvalidArgument,
    "ENL_ERROR_BUFFER": enlarger.InvalidArgument,
    "ENL_ERROR_FORMAT": enlarger.InvalidArgument,
    "ENL_ERROR_BAD_HANDLE": enlarger.InvalidArgument,
    "ENL_ERROR_MODEL_NOT_FOUND": enlarger.ModelError,
    "ENL_ERROR_ENGINE_NOT_FOUND": enlarger.EngineError,
    "ENL_ERROR_DEVICE": enlarger.EngineError,
    "ENL_ERROR_MEMORY": enlarger.OutOfMemory,
    "ENL_ERROR_LIMIT": enlarger.Error,
}


class Misuse(unittest.TestCase):
    def test_values(self):
        from enlarger import _abi

        for number, (act, name, words) in enumerate(CASES):
            with self.subTest(number=number, name=name, words=words):
                with self.assertRaises(enlarger.Error) as caught:
                    act()
                error = caught.exception
                self.assertIs(type(error), CLASSES[name])
                self.assertEqual(error.name, name)
                self.assertEqual(error.status, getattr(_abi, name))
                self.assertIn(words, str(error))
                self.assertGreater(len(str(error)), 20)

    def test_types(self):
        for number, (act, words) in enumerate(TYPES):
            with self.subTest(number=number, words=words):
                with self.assertRaises(TypeError) as caught:
                    act()
                self.assertIn(words, str(caught.exception))

    def test_the_upscaler_still_works_afterwards(self):
        for act, _, _ in CASES[:10]:
            with self.assertRaises(enlarger.Error):
                act()
        self.assertEqual(run(factor=0.5).width, WIDTH // 2)

    def test_the_source_and_the_result_must_not_be_the_same_memory(self):
        memory = bytearray(16 * SIZE)
        with self.assertRaises(enlarger.InvalidArgument) as caught:
            run(data=memory, out=memory)
        self.assertIn("share memory", str(caught.exception))

    def test_statuses_and_classes(self):
        from enlarger import _abi, errors

        for name, value in vars(_abi).items():
            if not name.startswith("ENL_ERROR_") and name != "ENL_CANCELLED":
                continue
            error = errors.error(value, "Something.")
            self.assertEqual((error.status, error.name, str(error)), (value, name, "Something."))
            library = enlarger._load.load()
            self.assertEqual(library.enl_status_name(value).decode(), name)
        self.assertIs(type(errors.error(-12345, "New.", "ENL_ERROR_NEW")), enlarger.Error)
        self.assertTrue(issubclass(enlarger.InvalidArgument, ValueError))
        for kind in (enlarger.Cancelled, enlarger.Busy, enlarger.Defect, enlarger.LoadError, enlarger.OutOfMemory):
            self.assertTrue(issubclass(kind, enlarger.Error))

    def test_a_long_message_is_complete(self):
        name = "x" * 5000
        with self.assertRaises(enlarger.ModelError) as caught:
            enlarger.Upscaler(model=name)
        self.assertIn(name, str(caught.exception))

    def test_a_ctypes_array_has_no_strides(self):
        with self.assertRaises(enlarger.InvalidArgument):
            run(data=(ctypes.c_ubyte * 10)())


if __name__ == "__main__":
    unittest.main()
