"""The user's folders follow the XDG Base Directory Specification."""

import os
import sys
import unittest
from unittest import mock

from enlarger._folders import cache_folder


def cache(platform="linux", **environment):
    with mock.patch.dict(os.environ, environment, clear=True), mock.patch.object(sys, "platform", platform):
        return cache_folder()


class Folders(unittest.TestCase):
    def test_the_variable_decides(self):
        self.assertEqual(cache(HOME="/home/me", XDG_CACHE_HOME="/other"), "/other/enlarger")

    def test_unset_empty_and_relative_variables_mean_the_default(self):
        for wrong in ({}, {"XDG_CACHE_HOME": ""}, {"XDG_CACHE_HOME": "cache"}, {"XDG_CACHE_HOME": "./cache"}):
            with self.subTest(wrong):
                self.assertEqual(cache(HOME="/home/me", **wrong), "/home/me/.cache/enlarger")

    def test_without_a_home_there_is_no_folder(self):
        for home in ("", "me"):
            with self.subTest(home):
                self.assertIsNone(cache(HOME=home))
                self.assertIsNone(cache("darwin", HOME=home))
                self.assertEqual(cache(HOME=home, XDG_CACHE_HOME="/other"), "/other/enlarger")
                self.assertEqual(cache(HOME=home, USERPROFILE="/users/me"), "/users/me/.cache/enlarger")
        self.assertIsNone(cache())

    def test_macos_has_a_folder_of_its_own(self):
        self.assertEqual(cache("darwin", HOME="/Users/me", XDG_CACHE_HOME="/other"), "/Users/me/Library/Caches/enlarger")

    def test_windows_has_one_variable(self):
        self.assertEqual(cache("win32", LOCALAPPDATA="/local", HOME="/home/me"), os.path.join("/local", "enlarger"))
        for wrong in ({}, {"LOCALAPPDATA": ""}, {"LOCALAPPDATA": "local"}):
            self.assertIsNone(cache("win32", HOME="/home/me", **wrong))

    def test_times_are_not_recorded_without_a_folder(self):
        from enlarger import _timings

        with mock.patch.dict(os.environ, {"HOME": ""}, clear=True):
            _timings.record("network", 0.25)
            self.assertIsNone(_timings.seconds_per_pixel("network"))


if __name__ == "__main__":
    unittest.main()
