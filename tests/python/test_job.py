"""Jobs over a host: the result, the order of things, and that nothing is left behind."""

import os
import tempfile
import threading
import time
import unittest
from unittest import mock

import enlarger
from enlarger.host import Picture
from enlarger.job import Job, duration
from enlarger.upscalers import Upscalers
from fake_host import FakeHost, layer
from support import HEIGHT, WIDTH, difference, pixels, upscaler

SETTINGS = {"engine": "rten", "threads": 1}
UPSCALERS = Upscalers()


def photo(format="rgb u8", name="photo", **more):
    return layer(name, format, WIDTH, HEIGHT, pixels(format), **more)


def job(host, upscalers=UPSCALERS, **settings):
    return Job(host, {**SETTINGS, **settings}, upscalers)


def enlarged(format="rgb u8", **wanted):
    return bytes(upscaler().run(pixels(format), WIDTH, HEIGHT, format, **wanted).data)


class Done(unittest.TestCase):
    def test_the_result_is_what_a_run_gives(self):
        for hold in (True, False):
            for format, factor, size in [
                ("rgb u8", 2, (96, 80)),
                ("rgba u16", 0.75, (36, 30)),
                ("gray u8", 0.75, (36, 30)),
                ("gray_alpha u16", 0.75, (36, 30)),
                ("bgra u8", 0.75, (36, 30)),
                ("rgba f32", 0.75, (36, 30)),
            ]:
                with self.subTest(format, hold=hold):
                    host = FakeHost([photo(format)], hold)
                    job(host, factor=factor).run()
                    self.assertEqual(difference(host.document["photo"], enlarged(format, factor=factor)), "")
                    self.assertEqual(host.sizes["photo"], (*size, format))
                    self.assertEqual(host.ended, "commit")

    def test_a_selection(self):
        rect = enlarger.Rect(7, 9, 20, 11)
        host = FakeHost([photo("rgb u16", rect=rect)])
        job(host).run()
        self.assertEqual(difference(host.document["photo"], enlarged("rgb u16", rect=rect)), "")
        self.assertEqual(host.sizes["photo"], (80, 44, "rgb u16"))

    def test_only_what_is_needed_is_read(self):
        rect = enlarger.Rect(80, 400, 8, 4)
        host = FakeHost([layer("large", "rgb u8", 200, 900, bytes(3 * 200 * 900), rect=rect)])
        job(host, factor=0.5).run()
        rows = sum(rect.height for _, rect in host.reads)
        columns = {(rect.x, rect.width) for _, rect in host.reads}
        self.assertLess(rows, 40)
        self.assertEqual(len(columns), 1)
        self.assertLess(columns.pop()[1], 40)

    def test_several_pictures(self):
        small = layer("small", "gray u8", 20, 30, bytes(range(200)) * 3, settings={"width": 13, "height": 25})
        for hold in (True, False):
            host = FakeHost([photo(), small], hold)
            job(host, factor=0.75).run()
            self.assertEqual(difference(host.document["photo"], enlarged(factor=0.75)), "")
            self.assertEqual(host.sizes["small"], (13, 25, "gray u8"))
            expected = upscaler().run(small[1], 20, 30, "gray u8", target_width=13, target_height=25).data
            self.assertEqual(difference(host.document["small"], bytes(expected)), "")
            self.assertEqual(host.calls.count("commit"), 1)
            self.assertTrue(any("small (2 of 2)" in text for text in host.texts))

    def test_profile_colour_space_and_output_format(self):
        host = FakeHost([photo(colour_space="linear_srgb", output_format="rgba u16")])
        job(host).run()
        expected = enlarged(colour_space="linear_srgb", output_format="rgba u16")
        self.assertEqual(difference(host.document["photo"], expected), "")
        self.assertNotEqual(expected, enlarged(output_format="rgba u16"))
        host = FakeHost([photo(icc_profile=b"nonsense")])
        with self.assertRaises(enlarger.InvalidArgument) as caught:
            job(host).run()
        self.assertEqual(caught.exception.name, "ENL_ERROR_FORMAT")
        self.assertEqual(difference(host.document, host.before), "")

    def test_large_pictures_come_and_go_in_strips(self):
        width, height = 300, 700
        data = bytes(range(256)) * (width * height * 3 // 256 + 1)
        data = data[: width * height * 3]
        for hold in (True, False):
            host = FakeHost([layer("tall", "rgb u8", width, height, data)], hold)
            job(host, factor=0.9).run()
            self.assertEqual([rect.height for _, rect in host.reads], [256, 256, 188])
            self.assertEqual([rect.height for _, rect in host.strips], [256, 256, 118])
            expected = upscaler().run(data, width, height, "rgb u8", factor=0.9).data
            self.assertEqual(difference(host.document["tall"], bytes(expected)), "")

    def test_strips_are_bounded_in_bytes(self):
        width, height = 200_000, 30
        host = FakeHost([layer("wide", "rgba f32", width, height, bytes(width * height * 16))], False)
        job(host, factor=0.5).run()
        for _, rect in host.reads + host.strips:
            self.assertLessEqual(rect.width * rect.height * 16, 4 << 20)
        self.assertGreater(len(host.reads), 20)

    def test_order(self):
        for hold in (True, False):
            host = FakeHost([photo()], hold)
            job(host).run()
            calls = [call for call in host.calls if call != "progress"]
            self.assertEqual(calls[:2], ["pictures", "begin"])
            self.assertEqual(calls[-1], "commit")
            last_read = len(calls) - 1 - calls[::-1].index("read")
            if hold:
                self.assertLess(last_read, calls.index("write"))

    def test_held_results_wait_for_the_last_picture(self):
        host = FakeHost([photo(name="one"), photo(name="two")])
        job(host).run()
        last_read = max(i for i, call in enumerate(host.calls) if call == "read")
        self.assertLess(last_read, host.calls.index("write"))

    def test_notes_become_messages(self):
        class Noted(Upscalers):
            def open(self, settings):
                one = super().open(settings)

                class Proxy:
                    notes = ["Tile 3 was made again."]

                    def __getattr__(self, name):
                        return getattr(one, name)

                return Proxy()

        host = FakeHost([photo()])
        job(host, Noted()).run()
        self.assertEqual(host.messages, ["Tile 3 was made again."])
        self.assertEqual(host.calls[-2:], ["commit", "message"])

    def test_a_host_with_an_event_loop(self):
        for hold in (True, False):
            host = FakeHost([photo()], hold)
            awake = threading.Event()
            one = Job(host, SETTINGS, UPSCALERS, wake=awake.set)
            one.start()
            steps = 0
            done = False
            while not done:
                self.assertTrue(awake.wait(20))
                awake.clear()
                done = one.step()
                steps += 1
            self.assertEqual(difference(host.document["photo"], enlarged()), "")
            self.assertGreater(steps, 2)
            self.assertTrue(one.step())
            one.close()
            self.assertEqual(host.ended, "commit")


class Told(unittest.TestCase):
    def test_progress_never_goes_backwards(self):
        for hold in (True, False):
            host = FakeHost([photo(name="one"), photo(name="two"), photo("gray u8", "three")], hold)
            job(host, tile=32).run()
            self.assertEqual(host.fractions, sorted(host.fractions))
            self.assertEqual(host.fractions[-1], 1.0)
            self.assertGreater(len(set(host.fractions)), 10)
            # Each of three pictures of one size has its third.
            for third, name in enumerate(("one", "two", "three")):
                own = [f for f, text in zip(host.fractions, host.texts) if name in text]
                self.assertGreaterEqual(min(own), third / 3 * 0.94)
                self.assertLessEqual(max(own), (third + 1) / 3 * 1.01)

    def test_progress_is_held_against_rounding(self):
        host = FakeHost([photo()])
        one = job(host)
        for fraction in (0.5, 0.49999, 1.00001):
            one._tell(fraction, "")
        self.assertEqual(host.fractions, [0.5, 0.5, 1.0])

    def test_texts(self):
        host = FakeHost([photo()])
        job(host, tile=16).run()
        self.assertEqual(host.texts[-1], "Writing the result")
        tiles = [text for text in host.texts if text.startswith("Enlarging photo: tile ")]
        self.assertTrue(tiles)
        self.assertIn(" of ", tiles[0])

    def test_time_left_and_estimates(self):
        picture = layer("photo", "rgb u8", 96, 96, bytes(3 * 96 * 96))
        wanted = {**SETTINGS, "tile": 24}
        with tempfile.TemporaryDirectory() as cache, mock.patch.dict(os.environ, {"XDG_CACHE_HOME": cache}):
            upscalers = Upscalers()
            plan, _ = upscalers.plan(picture[0], wanted)
            self.assertIsNone(upscalers.seconds([plan], wanted))
            host = FakeHost([picture])
            started = time.monotonic()
            job(host, upscalers, tile=24).run()
            took = time.monotonic() - started
            self.assertTrue(any(text.endswith(" left") for text in host.texts), host.texts)
            # The next program knows it too; of another engine or number of threads it says nothing.
            self.assertAlmostEqual(Upscalers().seconds([plan], wanted), took, delta=took * 0.5)
            self.assertIsNone(Upscalers().seconds([plan], {**wanted, "threads": 2}))
            file = os.path.join(cache, "enlarger", "speeds.json")
            for text in ["", "[]", '{"a": ', "\0"]:
                with open(file, "w", encoding="utf-8") as broken:
                    broken.write(text)
                self.assertIsNone(upscalers.seconds([plan], wanted))
            os.chmod(file, 0o400)
            upscalers.learn(upscalers.open(wanted), wanted, plan, took)
            self.assertAlmostEqual(upscalers.seconds([plan], wanted), took, delta=took * 0.01)

    def test_durations(self):
        for seconds, text in [(0, "a few seconds"), (12, "about 10 s"), (93, "about 95 s"), (150, "about 2 min")]:
            self.assertEqual(duration(seconds), text)
        self.assertEqual(duration(7200), "about 2 h")


class Stopped(unittest.TestCase):
    def untouched(self, host):
        self.assertEqual(difference(host.document, host.before), "")
        self.assertNotIn("commit", [host.ended])
        self.assertEqual([thread for thread in threading.enumerate() if thread.name == "enlarger"], [])

    def test_cancelled_half_way(self):
        for hold in (True, False):
            for at in (0.0, 0.3, 0.7):
                with self.subTest(hold=hold, at=at):
                    host = FakeHost([photo(name="one"), photo(name="two")], hold, cancel_at=at)
                    with self.assertRaises(enlarger.Cancelled):
                        job(host, tile=32).run()
                    self.untouched(host)
                    self.assertNotIn("commit", host.calls)
                    if "begin" in host.calls:
                        self.assertEqual(host.ended, "abandon")

    def test_cancelled_while_writing(self):
        # Held: everything is computed, and the second of three strips is not written any more.
        data = bytes(3 * 100 * 700)
        host = FakeHost([layer("tall", "rgb u8", 100, 700, data)], True, cancel_at=0.96)
        with self.assertRaises(enlarger.Cancelled):
            job(host, factor=0.9).run()
        self.untouched(host)
        self.assertEqual(len(host.strips), 1)
        self.assertEqual(host.ended, "abandon")

    def test_cancelled_from_another_thread_is_quick(self):
        asked = []

        class Impatient(FakeHost):
            def progress(self, fraction, text):
                if text.startswith("Enlarging") and not asked:
                    asked.append(time.process_time())
                    threading.Timer(0.3, one.cancel).start()
                return super().progress(fraction, text)

        side = 600
        host = Impatient([layer("large", "rgb u8", side, side, bytes(3 * side * side))])
        one = job(host)
        with self.assertRaises(enlarger.Cancelled):
            one.run()
        # The whole takes more than five seconds of the processor; and others may use it too.
        self.assertLess(time.process_time() - asked[0], 2)
        self.untouched(host)

    def test_an_error_in_any_call(self):
        for hold in (True, False):
            for call, number in [
                ("pictures", 1),
                ("read", 1),
                ("read", 2),
                ("begin", 1),
                ("write", 1),
                ("write", 2),
                ("commit", 1),
                ("progress", 1),
                ("progress", 3),
            ]:
                for problem in (OSError("the disk is gone"), KeyboardInterrupt()):
                    with self.subTest(hold=hold, call=call, number=number, problem=type(problem)):
                        data = bytes(3 * 100 * 600)
                        host = FakeHost([layer("tall", "rgb u8", 100, 600, data)], hold, {call: number}, problem)
                        with self.assertRaises(type(problem)) as caught:
                            job(host, factor=0.9).run()
                        self.assertIs(caught.exception, problem)
                        self.untouched(host)
                        began = "begin" in host.calls
                        self.assertEqual(host.calls.count("abandon"), 1 if began else 0)
                        if began:
                            self.assertEqual(host.calls[-1], "abandon")

    def test_an_error_of_the_library_half_way(self):
        # The second picture cannot be made; the first one is complete by then.
        for hold in (True, False):
            bad = layer("bad", "rgb u8", 4, 4, bytes(48), icc_profile=b"nonsense")
            host = FakeHost([photo(), bad], hold)
            with self.assertRaises(enlarger.InvalidArgument) as caught:
                job(host, factor=0.5).run()
            self.assertIn("profile", str(caught.exception))
            self.untouched(host)
            self.assertEqual(host.ended, "abandon")

    def test_after_a_defect_the_next_job_has_another_upscaler(self):
        upscalers = Upscalers()
        broken = upscalers.open(SETTINGS)
        host = FakeHost([photo()], fail={"read": 1}, problem=enlarger.Defect("on purpose", -90, "ENL_ERROR_PANIC"))
        with self.assertRaises(enlarger.Defect):
            job(host, upscalers).run()
        self.assertIsNot(upscalers.open(SETTINGS), broken)

    def test_settings_that_cannot_be(self):
        for settings, kind in [
            ({"factor": 99}, enlarger.InvalidArgument),
            ({"taste": "good"}, enlarger.InvalidArgument),
            ({"model": "mona-lisa"}, enlarger.ModelError),
            ({"engine": "steam"}, enlarger.EngineError),
            ({"memory": 1000}, enlarger.OutOfMemory),
        ]:
            host = FakeHost([photo()])
            with self.subTest(settings), self.assertRaises(kind):
                job(host, **settings).run()
            self.untouched(host)
            self.assertNotIn("read", host.calls)

    def test_no_picture(self):
        host = FakeHost([])
        with self.assertRaises(enlarger.InvalidArgument) as caught:
            job(host).run()
        self.assertIn("nothing to enlarge", str(caught.exception))

    def test_a_host_that_gives_too_little(self):
        class Short(FakeHost):
            def read(self, picture, rect):
                return super().read(picture, rect)[:-1]

        host = Short([photo()])
        with self.assertRaises(ValueError) as caught:
            job(host).run()
        self.assertIn("the host gave 5759 bytes for 40 rows of 48 pixels, which are 5760", str(caught.exception))
        self.untouched(host)

    def test_out_of_memory_is_a_sentence(self):
        host = FakeHost([photo()], fail={"write": 1}, problem=MemoryError())
        with self.assertRaises(enlarger.OutOfMemory) as caught:
            job(host, factor=0.5).run()
        self.assertIn("not enough memory", str(caught.exception))
        self.untouched(host)

    def test_an_abandon_that_fails_hides_nothing(self):
        class Clumsy(FakeHost):
            def abandon(self):
                super().abandon()
                raise RuntimeError("and this too")

        host = Clumsy([photo()], fail={"read": 1}, problem=OSError("first"))
        with self.assertRaises(OSError) as caught:
            job(host).run()
        self.assertEqual(str(caught.exception), "first")

    def test_closed_in_the_middle(self):
        host = FakeHost([photo()], False)
        one = job(host)
        one.close()
        one.start()
        while "read" not in host.calls:
            one.step(0.01)
        # The worker may be waiting for the host just now; it must not wait for ever.
        one.close()
        one.close()
        self.untouched(host)
        self.assertEqual(host.calls.count("abandon"), 1)

    def test_closed_while_the_worker_asks(self):
        host = FakeHost([photo()])
        waiting = threading.Event()
        one = Job(host, SETTINGS, UPSCALERS, wake=waiting.set)
        one.start()
        self.assertTrue(waiting.wait(10))
        one.close()
        self.untouched(host)
        self.assertEqual(host.calls, ["pictures"])


class Kept(unittest.TestCase):
    def test_an_upscaler_is_kept_while_nothing_that_counts_changes(self):
        upscalers = Upscalers()
        first = upscalers.open({**SETTINGS, "factor": 2})
        self.assertIs(upscalers.open({**SETTINGS, "factor": 3, "colour_lock": False}), first)
        self.assertIsNot(upscalers.open({**SETTINGS, "threads": 2}), first)
        # Who still has the first one may go on with it.
        self.assertEqual(first.scale, 4)
        second = upscalers.open(SETTINGS)
        upscalers.close()
        self.assertIsNot(upscalers.open(SETTINGS), second)

    def test_plan(self):
        picture = Picture("photo", 4000, 3000, "rgba u8", settings={"height": 6000})
        plan, result = UPSCALERS.plan(picture, {**SETTINGS, "factor": 3})
        self.assertEqual((plan.width, result.width, result.height), (8000, 8000, 6000))
        self.assertEqual((result.picture, str(result.format)), (picture, "rgba u8"))
        self.assertGreater(plan.memory, 0)


if __name__ == "__main__":
    unittest.main()
