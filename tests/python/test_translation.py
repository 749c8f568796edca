"""The dialogs' texts in other languages, and scripts/translations, which must notice what is wrong with a catalog."""

import functools
import gettext
import importlib.machinery
import importlib.util
import os
import subprocess
import sys
import unittest

from babel.messages import Catalog
from enlarger import Registry, translation
from enlarger.job import duration
from enlarger.upscaler_cache import UpscalerCache
from support import upscaler

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCRIPT = os.path.join(ROOT, "scripts", "translations")


@functools.cache
def script():
    """scripts/translations as a module."""
    loader = importlib.machinery.SourceFileLoader("translations", SCRIPT)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("translations", loader))
    loader.exec_module(module)
    return module


class Languages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        subprocess.run([sys.executable, SCRIPT, "--compile"], check=True)

    def tearDown(self):
        translation.use([])

    def in_language(self, *languages):
        translation.use(languages)
        return translation._("Models")

    def test_the_first_language_with_a_catalog_is_used(self):
        for languages, models in [
            ((), "Models"),
            (("de",), "Modelle"),
            (("de_AT.UTF-8", "de"), "Modelle"),
            (("fr-CH", "de"), "Modèles"),
            (("xx", "de"), "Modelle"),
            (("xx",), "Models"),
            # English needs no catalog, and the locale C is English.
            (("en_GB", "de"), "Models"),
            (("C", "de"), "Models"),
        ]:
            self.assertEqual(self.in_language(*languages), models, languages)

    def test_compiled_catalogs_do_not_depend_on_the_time(self):
        for path in script().catalogs():
            with open(path.with_suffix(".mo"), "rb") as file:
                heading = gettext.GNUTranslations(file).info()
            for name in ("pot-creation-date", "po-revision-date"):
                self.assertEqual(heading[name], "1970-01-01 00:00+0000", f"{path}: {name}")

    def test_plural_forms(self):
        for language, texts in {
            "en": ["{count} layers", "{count} layer", "{count} layers"],
            "de": ["{count} Ebenen", "{count} Ebene", "{count} Ebenen"],
            # Nothing is singular in French.
            "fr": ["{count} calque", "{count} calque", "{count} calques"],
        }.items():
            translation.use([language])
            found = [translation.plural("{count} layer", "{count} layers", count) for count in range(3)]
            self.assertEqual(found, texts)

    def test_texts_that_have_no_translation_stay(self):
        for languages in ([], ["de"]):
            translation.use(languages)
            self.assertEqual((translation._(""), translation._("Nobody says this.")), ("", "Nobody says this."))

    def test_texts_of_the_library_are_translated_for_dialogs_only(self):
        translation.use(["de"])
        options = UpscalerCache().options({})
        self.assertEqual(options["preset"].label, "Voreinstellung")
        self.assertIn("JPEG-Blöcke", options["preset"].help_of("clean"))
        self.assertEqual(dict(options["method"].choices)["bicubic"], "Bikubisch")
        # A name stays, and so do the binding's own descriptions and errors.
        self.assertEqual(dict(options["engine"].choices)["rten"], "rten")
        self.assertEqual({option.key: option.label for option in Registry().options()}["preset"], "Preset")
        with self.assertRaisesRegex(Exception, "is not a valid value"):
            upscaler().plan(10, 10, factor=99)

    def test_sentences_with_figures(self):
        translation.use(["fr"])
        self.assertEqual([duration(seconds) for seconds in (3, 33, 333)], ["quelques secondes", "environ 35 s", "environ 6 min"])


class Check(unittest.TestCase):
    def problems(self, english, translated, fuzzy=False, template=None):
        """What the script says about a catalog with one text."""
        catalog, wanted = Catalog("de", fuzzy=False), Catalog(fuzzy=False)
        catalog.add(english, translated, flags=["fuzzy"] if fuzzy else [])
        wanted.add(english if template is None else template)
        return " ".join(script().check(catalog, wanted))

    def test_the_catalogs_are_complete_and_right(self):
        done = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_right_catalogs_are_accepted(self):
        for english, translated in [
            ("It takes {time}.", "Dauer: {time}."),
            (("{count} layer", "{count} layers"), ("eine Ebene", "{count} Ebenen")),
            ("_Open", "Ö_ffnen"),
            ("Save && &close", "Sichern && &schließen"),
        ]:
            self.assertEqual(self.problems(english, translated), "")

    def test_each_defect_is_found(self):
        for english, translated, problem in [
            ("Models", "", "is not translated"),
            (("{count} layer", "{count} layers"), ("{count} Ebene", ""), "is not translated"),
            ("It takes {time}.", "Es dauert.", "no placeholders in 'Es dauert.'"),
            ("It takes {time}.", "Dauer: {zeit}.", "has {'zeit'}"),
            ("It takes {time}.", "Dauer: {time.", "an unmatched brace"),
            ("It takes long.", "Dauer: {time}.", "not none"),
            (("{count} layer", "{count} layers"), ("{count} Ebene", "Ebenen"), "no placeholders in 'Ebenen'"),
            ("_Open", "Öffnen", "marked letters"),
            ("&Open", "&Ö&ffnen", "marked letters"),
            ("Models", "Modelle ", "begins or ends with a space"),
        ]:
            self.assertIn(problem, self.problems(english, translated), english)
        self.assertIn("fuzzy", self.problems("Models", "Modelle", fuzzy=True))
        both = self.problems("Models", "Modelle", template="Engines")
        self.assertIn("'Engines' is missing", both)
        self.assertIn("'Models' is not used any more", both)


if __name__ == "__main__":
    unittest.main()
