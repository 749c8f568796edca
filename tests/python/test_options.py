"""Descriptions: the registry's models, engines and devices, and the options."""

import os
import shutil
import tempfile
import unittest

import enlarger
from support import upscaler

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MODEL = os.path.join(ROOT, "core", "models", "realesr-general-x4v3")


class Options(unittest.TestCase):
    def setUp(self):
        self.options = {option.key: option for option in enlarger.Registry().options()}

    def test_every_argument_is_an_option(self):
        from enlarger.run_options import keys

        for key in [*keys(), "preset", "model", "engine", "device", "threads", "precision"]:
            self.assertIn(key, self.options)

    def test_types_ranges_and_defaults(self):
        factor = self.options["factor"]
        self.assertEqual((factor.type, factor.default, factor.minimum, factor.maximum), ("float", 4.0, 0.1, 16.0))
        self.assertEqual((factor.unit, factor.scope, factor.applies), ("×", "run", True))
        width = self.options["width"]
        self.assertEqual((width.type, width.default, width.minimum, width.maximum), ("integer", 0, 0, 1 << 20))
        lock = self.options["colour_lock"]
        self.assertEqual((lock.type, lock.default, lock.minimum), ("boolean", True, None))
        profile = self.options["icc_profile"]
        self.assertEqual((profile.type, profile.default), ("bytes", b""))
        mask = self.options["mask"]
        self.assertEqual((mask.type, mask.default, mask.group), ("mask", None, "host"))
        grain = self.options["grain"]
        self.assertEqual((grain.type, grain.default, grain.automatic), ("float", 0.0, False))
        model = self.options["model"]
        self.assertEqual((model.type, model.default, model.scope), ("choice", "auto", "upscaler"))
        self.assertIn(("realesr-general-x4v3", "Real-ESRGAN general ×4"), model.choices)
        self.assertFalse(self.options["noise_level"].applies)

    def test_descriptions_are_consistent(self):
        kinds = {"choice": str, "integer": int, "float": float, "boolean": bool, "bytes": bytes, "mask": type(None)}
        for option in self.options.values():
            with self.subTest(option.key):
                self.assertIs(type(option.default), kinds[option.type])
                self.assertTrue(option.label and option.help.endswith("."))
                self.assertIn(option.scope, ("run", "upscaler"))
                self.assertIn(option.group, ("size", "main", "more", "advanced", "host"))
                self.assertEqual(bool(option.choices), option.type == "choice")
                if option.choices:
                    self.assertIn(option.default, [value for value, _ in option.choices])
                    self.assertTrue(all(label for _, label in option.choices))
                    self.assertEqual(len(option.choices), len(option.choice_help))
                if option.type in ("integer", "float"):
                    self.assertLessEqual(option.minimum, option.default)
                    self.assertLessEqual(option.default, option.maximum)

    def test_long_texts_are_complete(self):
        from enlarger.option import Options as Values

        for length in (254, 255, 256, 257, 5000):
            with Values(enlarger.Registry(), {"engine": "é" * length}) as values:
                self.assertEqual(values.property("engine", "value"), "é" * length)

    def test_values_of_each_type(self):
        from enlarger.option import _PARSERS

        texts = {"integer": "7", "float": "0.1", "boolean": "off", "choice": "auto", "bytes": ""}
        values = {kind: _PARSERS[kind](text) for kind, text in texts.items()}
        self.assertEqual(values, {"integer": 7, "float": 0.1, "boolean": False, "choice": "auto", "bytes": b""})

    def test_every_default_may_be_set(self):
        run = {o.key: o.default for o in self.options.values() if o.scope == "run" and o.applies}
        plan = upscaler().plan(10, 10, options=run)
        self.assertEqual((plan.width, plan.height), (40, 40))
        opening = {o.key: o.default for o in self.options.values() if o.scope == "upscaler"}
        self.assertEqual(enlarger.Upscaler(options=opening).scale, 4)


class Registry(unittest.TestCase):
    def test_models(self):
        (model,) = [one for one in enlarger.Registry().models if one.id == "realesr-general-x4v3"]
        self.assertEqual((model.scale, model.task, model.licence), ("4", "upscale", "BSD-3-Clause"))
        self.assertTrue(model.name and model.origin and model.known_limits)
        self.assertEqual(len(model.sha256), 64)

    def test_engines_and_devices(self):
        registry = enlarger.Registry()
        (rten,) = [engine for engine in registry.engines if engine.id == "rten"]
        self.assertTrue(rten.version)
        self.assertEqual(rten.problem, "")
        for engine in registry.engines:
            self.assertNotEqual(bool(engine.version), bool(engine.problem))
        self.assertIn("rten", [device.engine for device in registry.devices if device.id == "cpu"])

    def model_folder(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        copy = os.path.join(folder.name, "another")
        shutil.copytree(MODEL, copy)
        manifest = os.path.join(copy, "manifest.toml")
        with open(manifest, encoding="utf-8") as file:
            text = file.read()
        with open(manifest, "w", encoding="utf-8") as file:
            file.write(text.replace('id = "realesr-general-x4v3"', 'id = "another"'))
        return folder.name

    def test_folders(self):
        folder = self.model_folder()
        registry = enlarger.Registry([folder])
        self.assertIn("another", [model.id for model in registry.models])
        self.assertNotIn("another", [model.id for model in enlarger.Registry().models])
        self.assertIn("another", [value for value, _ in registry.options(model="another")[1].choices])
        one = enlarger.Upscaler(model="another", engine="rten", folders=[folder])
        self.assertEqual(one.model, "another")
        self.assertEqual(one.run(bytes(75), 5, 5, "rgb u8").width, 20)

    def test_the_log_warns_of_a_model_that_cannot_be_used(self):
        folder = self.model_folder()
        with open(os.path.join(folder, "another", "manifest.toml"), "w", encoding="utf-8") as file:
            file.write("this is not a manifest")
        said = []
        enlarger.set_log(lambda level, message: said.append((level, message)))
        try:
            self.assertNotIn("another", [model.id for model in enlarger.Registry([folder]).models])
            self.assertEqual([level for level, message in said if "another" in message], ["warning"])
            warnings = len(said)
            enlarger.set_log(lambda level, message: said.append((level, message)), "info")
            enlarger.Upscaler(engine="rten")
            self.assertIn("info", [level for level, _ in said[warnings:]])
        finally:
            enlarger.set_log(None)
        count = len(said)
        enlarger.Registry([folder]).close()
        self.assertEqual(len(said), count)


if __name__ == "__main__":
    unittest.main()
