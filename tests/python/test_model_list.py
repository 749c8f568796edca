"""The models that dialogs list to install and remove: order, texts, consent, and the task that does it."""

import time
import unittest
from types import SimpleNamespace

import enlarger
from enlarger import model_list
from enlarger.dialog import as_sentence, missing_note
from enlarger.model_list import COLUMNS, model_rows
from enlarger.model_task import ModelTask


def entry(id, **more):
    """A model of the catalogue."""
    values = dict(
        id=id, name=id.title(), version="1", scale=4, mode="creative", content="photo,line_art",
        known_limits="Invents texture.", architecture="RRDB", licence="MIT", licence_certain=True, commercial=True, tried=True,
        attribution="Net, Copyright (c) 2021, A", author="A", size=67_000_000, source="somewhere", installed=False,
    )  # fmt: skip
    return SimpleNamespace(**{**values, **more})


def model(id, origin, **more):
    """An installed model."""
    values = dict(
        id=id, name=id.title(), version="", task="upscale", mode="faithful", content="photo", architecture="SPAN",
        scale="2", licence="unknown", commercial="no", attribution="", author="", source="", training_data="",
        known_limits="", sha256="", origin=origin,
        removable="no" if origin == "embedded" else "yes",
    )  # fmt: skip
    return SimpleNamespace(**{**values, **more})


def rows(entries, models=()):
    registry = SimpleNamespace(models=list(models), available=lambda: list(entries))
    return {row.id: row for row in model_rows(registry)}


class Rows(unittest.TestCase):
    def test_own_models_come_first_and_then_the_freest_licences(self):
        entries = [
            entry("unclear", licence="unknown", licence_certain=False, commercial=False),
            entry("paid", licence="CC-BY-NC-4.0", commercial=False),
            entry("free"),
            entry("again"),
        ]
        found = rows(entries, [model("built-in", "embedded"), model("mine", "/home/me/models/mine")])
        self.assertEqual(list(found), ["mine", "free", "again", "paid", "unclear"])

    def test_columns(self):
        found = rows([entry("net"), entry("other", scale=None, size=0)])
        self.assertEqual(found["net"].columns, ("Net", "photo, line art", "4 ×", "MIT", "67 MB", "no"))
        self.assertEqual(found["other"].columns, ("Other", "photo, line art", "", "MIT", "", "no"))
        self.assertEqual(len(COLUMNS), len(found["net"].columns))

    def test_what_a_licence_leaves_open_or_forbids_is_said(self):
        found = rows(
            [
                entry("nc", licence="CC-BY-NC-4.0", commercial=False),
                entry("stated", licence="WTFPL", licence_certain=False, commercial=False),
                entry("nothing", licence="unknown", licence_certain=False, commercial=False),
            ],
            [model("mine", "/models/mine")],
        )
        licences = {id: row.licence for id, row in found.items()}
        self.assertEqual(licences["nc"], "CC-BY-NC-4.0, not for commercial use")
        self.assertEqual(licences["stated"], "unclear (stated: WTFPL)")
        self.assertEqual((licences["nothing"], licences["mine"]), ("unclear", "unknown"))
        self.assertEqual([id for id, row in found.items() if row.consent], ["stated", "nothing"])
        for id in ("stated", "nothing"):
            self.assertIn("Net, Copyright (c) 2021, A", found[id].consent)
        self.assertIn("'WTFPL'", found["stated"].consent)
        self.assertIn("does not allow commercial use", " ".join(found["nc"].details))

    def test_what_can_be_done(self):
        found = rows(
            [entry("inside"), entry("here"), entry("away")],
            [model("inside", "embedded"), model("here", "/models/here"), model("mine", "/models/mine"), model("system", "/usr", removable="no")],
        )
        states = {id: (row.state, row.installed, row.removable, bool(row.farewell)) for id, row in found.items()}
        self.assertEqual(
            states,
            {
                "mine": ("yes", True, True, True),
                "system": ("yes", True, False, True),
                "inside": ("built in", True, False, False),
                "here": ("yes", True, True, False),
                "away": ("no", False, False, False),
            },
        )

    def test_search(self):
        row = rows([entry("net")])["net"]
        self.assertTrue(all(row.matches(words) for words in ("", "NET", "photo rrdb", "mit copyright")))
        self.assertFalse(row.matches("net faces"))

    def test_sizes(self):
        sizes = {0: "", 1: "0.1 MB", 620_000: "0.6 MB", 9_949_000: "9.9 MB", 66_961_958: "67 MB", 1_210_000_000: "1.2 GB"}
        self.assertEqual({size: model_list.size_text(size) for size in sizes}, sizes)


class Notes(unittest.TestCase):
    def test_a_choice_that_is_gone_is_named(self):
        self.assertEqual(missing_note({"preset": "crisp", "model": ""}, {"preset": "crisp"}), "")
        self.assertEqual(
            missing_note({"preset": "crisp", "model": "mona"}, {"preset": "crisp"}),
            "The model 'mona' is not installed any more; the default is used instead.",
        )
        both = missing_note({"preset": "a", "model": "b"}, {})
        self.assertIn("The preset 'a' is not", both)
        self.assertIn("The model 'b' is not", both)

    def test_a_sentence(self):
        self.assertEqual(as_sentence(ValueError("no file")), "No file.")
        self.assertEqual(as_sentence(ValueError("No file!")), "No file!")


class Tasks(unittest.TestCase):
    def ended(self, work):
        task = ModelTask(work, "Waiting")
        task.start()
        self.assertTrue(task.wait(10))
        return task

    def test_the_result_and_the_last_progress(self):
        def work(progress, cancel):
            progress(None, "Reading")
            progress(1.5, "")
            return "the-id"

        task = self.ended(work)
        self.assertEqual((task.result(), task.progress, task.done), ("the-id", (1.0, "Reading"), True))

    def test_a_failure_is_raised_where_the_result_is_asked_for(self):
        def work(progress, cancel):
            raise enlarger.ModelError("no model")

        with self.assertRaisesRegex(enlarger.ModelError, "no model"):
            self.ended(work).result()

    def test_a_lack_of_memory_has_a_sentence(self):
        def work(progress, cancel):
            raise MemoryError

        with self.assertRaisesRegex(enlarger.OutOfMemory, "not enough memory"):
            self.ended(work).result()

    def test_cancellation_reaches_the_work(self):
        def work(progress, cancel):
            while not cancel.requested:
                time.sleep(0.01)
            raise enlarger.Cancelled("cancelled")

        task = ModelTask(work, "Waiting")
        self.assertEqual(task.progress, (None, "Waiting"))
        task.start()
        self.assertFalse(task.wait(0.1))
        task.cancel()
        self.assertTrue(task.wait(10))
        with self.assertRaises(enlarger.Cancelled):
            task.result()


if __name__ == "__main__":
    unittest.main()
