"""Jobs over a host: the result, the order of calls, and that nothing is left after a failure."""

import os
import tempfile
import threading
import time
import unittest
from unittest import mock

import enlarger
from enlarger.host import Picture
from enlarger.job import Job, duration
from enlarger.upscaler_cache import UpscalerCache
from fake_host import FakeHost, layer
from support import HEIGHT, WIDTH, difference, pixels, upscaler

SETTINGS = {"engine": "rten", "threads": 1}
UPSCALERS = UpscalerCache()


def photo(format="rgb u8", name="photo", **more):
    return layer(name, format, WIDTH, HEIGHT, pixels(format), **more)


def job(host, upscalers=UPSCALERS, **settings):
    return Job(host, {**SETTINGS, **settings}, upscalers)


def enlarged(format="rgb u8", **wanted):
    return bytes(upscaler().run(pixels(format), WIDTH, HEIGHT, format, **wanted).data)


class Done(unittest.TestCase):
    def test_the_result_is_what_a_run_gives(self):
        for when_complete in (True, False):
            for format, factor, size in [
                ("rgb u8", 2, (96, 80)),
                ("rgba u16", 0.75, (36, 30)),
                ("gray u8", 0.75, (36, 30)),
                ("gray_alpha u16", 0.75, (36, 30)),
                ("bgra u8", 0.75, (36, 30)),
                ("rgba f32", 0.75, (36, 30)),
            ]:
                with self.subTest(format, write_when_complete=when_complete):
                    host = FakeHost([photo(format)], when_complete)
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

    def test_a_mask(self):
        mask = bytes(255 if x > y else 0 for y in range(HEIGHT) for x in range(WIDTH))
        rect = enlarger.Rect(7, 9, 20, 11)
        for more in ({}, {"mask_white": "protect"}):
            host = FakeHost([photo(rect=rect, mask=mask)])
            job(host, factor=2, **more).run()
            expected = enlarged(factor=2, rect=rect, mask=mask, **more)
            self.assertEqual(difference(host.document["photo"], expected), "")
            self.assertNotEqual(expected, enlarged(factor=2, rect=rect))
            self.assertIn("<enlarger:Mask>", host.provenance[0].xmp)

    def test_a_method_has_no_use_for_a_mask_and_says_so(self):
        mask = bytes(WIDTH * HEIGHT)
        for method in ("bicubic", "nearest"):
            host = FakeHost([photo(mask=mask, settings={"mask_white": "protect"})])
            job(host, factor=2, method=method).run()
            plain = enlarger.Upscaler(method=method).run(pixels("rgb u8"), WIDTH, HEIGHT, "rgb u8", factor=2)
            self.assertEqual(difference(host.document["photo"], bytes(plain.data)), "")
            note = f"the method {method} runs no network and ignores mask; leave out the method to use a network"
            self.assertEqual(host.messages, [note])

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
        for when_complete in (True, False):
            host = FakeHost([photo(), small], when_complete)
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
        for when_complete in (True, False):
            host = FakeHost([layer("tall", "rgb u8", width, height, data)], when_complete)
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
        for when_complete in (True, False):
            host = FakeHost([photo()], when_complete)
            job(host).run()
            calls = [call for call in host.calls if call != "progress"]
            self.assertEqual(calls[:2], ["pictures", "begin"])
            self.assertEqual(calls[-1], "commit")
            last_read = len(calls) - 1 - calls[::-1].index("read")
            if when_complete:
                self.assertLess(last_read, calls.index("write"))

    def test_complete_results_wait_for_the_last_picture(self):
        host = FakeHost([photo(name="one"), photo(name="two")])
        job(host).run()
        last_read = max(i for i, call in enumerate(host.calls) if call == "read")
        self.assertLess(last_read, host.calls.index("write"))

    def test_notes_become_messages(self):
        class Noted(UpscalerCache):
            def upscaler(self, settings):
                one = super().upscaler(settings)

                class Proxy:
                    notes = ["Tile 3 was computed again."]

                    def __getattr__(self, name):
                        return getattr(one, name)

                return Proxy()

        host = FakeHost([photo()])
        job(host, Noted()).run()
        self.assertEqual(host.messages, ["Tile 3 was computed again."])
        self.assertEqual(host.calls[-2:], ["commit", "message"])

    def test_a_host_with_an_event_loop(self):
        for when_complete in (True, False):
            host = FakeHost([photo()], when_complete)
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


class Reports(unittest.TestCase):
    def test_progress_never_goes_backwards(self):
        for when_complete in (True, False):
            host = FakeHost([photo(name="one"), photo(name="two"), photo("gray u8", "three")], when_complete)
            job(host, tile=32).run()
            self.assertEqual(host.fractions, sorted(host.fractions))
            self.assertEqual(host.fractions[-1], 1.0)
            self.assertGreater(len(set(host.fractions)), 10)
            # Three pictures of the same size have a third each.
            for third, name in enumerate(("one", "two", "three")):
                own = [f for f, text in zip(host.fractions, host.texts) if name in text]
                self.assertGreaterEqual(min(own), third / 3 * 0.94)
                self.assertLessEqual(max(own), (third + 1) / 3 * 1.01)

    def test_rounding_does_not_make_progress_go_backwards(self):
        host = FakeHost([photo()])
        one = job(host)
        for fraction in (0.5, 0.49999, 1.00001):
            one._show_progress(fraction, "")
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
            upscalers = UpscalerCache()
            plan, _ = upscalers.plan(picture[0], wanted)
            self.assertIsNone(upscalers.estimated_seconds([plan], wanted))
            host = FakeHost([picture])
            started = time.monotonic()
            job(host, upscalers, tile=24).run()
            took = time.monotonic() - started
            self.assertTrue(any(text.endswith(" left") for text in host.texts), host.texts)
            # The next program uses it too, but not for another engine or number of threads.
            self.assertTrue(0.1 * took < UpscalerCache().estimated_seconds([plan], wanted) < 2 * took)
            self.assertIsNone(UpscalerCache().estimated_seconds([plan], {**wanted, "threads": 2}))
            file = os.path.join(cache, "enlarger", "speeds.json")
            for text in ["", "[]", '{"a": ', "\0"]:
                with open(file, "w", encoding="utf-8") as broken:
                    broken.write(text)
                self.assertIsNone(upscalers.estimated_seconds([plan], wanted))
            os.chmod(file, 0o400)
            upscalers.record_time(upscalers.upscaler(wanted), wanted, plan, took)
            self.assertAlmostEqual(upscalers.estimated_seconds([plan], wanted), took, delta=took * 0.01)

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
        for when_complete in (True, False):
            for at in (0.0, 0.3, 0.7):
                with self.subTest(write_when_complete=when_complete, at=at):
                    host = FakeHost([photo(name="one"), photo(name="two")], when_complete, cancel_at=at)
                    with self.assertRaises(enlarger.Cancelled):
                        job(host, tile=32).run()
                    self.untouched(host)
                    self.assertNotIn("commit", host.calls)
                    if "begin" in host.calls:
                        self.assertEqual(host.ended, "abandon")

    def test_cancelled_while_writing(self):
        # All three strips are computed; the second one is not written any more.
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
        # The whole job takes more than five seconds of processor time. Other programs may run beside it.
        self.assertLess(time.process_time() - asked[0], 2)
        self.untouched(host)

    def test_an_error_in_any_call(self):
        for when_complete in (True, False):
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
                    with self.subTest(write_when_complete=when_complete, call=call, number=number, problem=type(problem)):
                        data = bytes(3 * 100 * 600)
                        host = FakeHost([layer("tall", "rgb u8", 100, 600, data)], when_complete, {call: number}, problem)
                        with self.assertRaises(type(problem)) as caught:
                            job(host, factor=0.9).run()
                        self.assertIs(caught.exception, problem)
                        self.untouched(host)
                        began = "begin" in host.calls
                        self.assertEqual(host.calls.count("abandon"), 1 if began else 0)
                        if began:
                            self.assertEqual(host.calls[-1], "abandon")

    def test_an_error_of_the_library_half_way(self):
        # The second picture fails when the first one is complete.
        for when_complete in (True, False):
            bad = layer("bad", "rgb u8", 4, 4, bytes(48), icc_profile=b"nonsense")
            host = FakeHost([photo(), bad], when_complete)
            with self.assertRaises(enlarger.InvalidArgument) as caught:
                job(host, factor=0.5).run()
            self.assertIn("profile", str(caught.exception))
            self.untouched(host)
            self.assertEqual(host.ended, "abandon")

    def test_after_a_defect_the_next_job_uses_a_new_upscaler(self):
        upscalers = UpscalerCache()
        broken = upscalers.upscaler(SETTINGS)
        host = FakeHost([photo()], fail={"read": 1}, problem=enlarger.Defect("on purpose", -90, "ENL_ERROR_PANIC"))
        with self.assertRaises(enlarger.Defect):
            job(host, upscalers).run()
        self.assertIsNot(upscalers.upscaler(SETTINGS), broken)

    def test_invalid_settings(self):
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
        self.assertIn("the host gave 5759 bytes for 40 rows of 48 pixels; 5760 bytes are needed", str(caught.exception))
        self.untouched(host)

    def test_out_of_memory_has_a_message_for_people(self):
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
        # The worker may be waiting for the host at this moment; it must not wait forever.
        one.close()
        one.close()
        self.untouched(host)
        self.assertEqual(host.calls.count("abandon"), 1)

    def test_closed_while_the_worker_waits_for_a_call(self):
        host = FakeHost([photo()])
        waiting = threading.Event()
        one = Job(host, SETTINGS, UPSCALERS, wake=waiting.set)
        one.start()
        self.assertTrue(waiting.wait(10))
        one.close()
        self.untouched(host)
        self.assertEqual(host.calls, ["pictures"])


class Cache(unittest.TestCase):
    def test_an_upscaler_is_kept_until_a_setting_for_making_it_changes(self):
        upscalers = UpscalerCache()
        first = upscalers.upscaler({**SETTINGS, "factor": 2})
        self.assertIs(upscalers.upscaler({**SETTINGS, "factor": 3, "colour_lock": False}), first)
        self.assertIsNot(upscalers.upscaler({**SETTINGS, "threads": 2}), first)
        # The first one can still be used.
        self.assertEqual(first.scale, 4)
        second = upscalers.upscaler(SETTINGS)
        upscalers.close()
        self.assertIsNot(upscalers.upscaler(SETTINGS), second)

    def test_plan(self):
        picture = Picture("photo", 4000, 3000, "rgba u8", settings={"height": 6000})
        plan, result = UPSCALERS.plan(picture, {**SETTINGS, "factor": 3})
        self.assertEqual((plan.width, result.width, result.height), (8000, 8000, 6000))
        self.assertEqual((result.picture, str(result.format)), (picture, "rgba u8"))
        self.assertGreater(plan.memory, 0)


if __name__ == "__main__":
    unittest.main()
