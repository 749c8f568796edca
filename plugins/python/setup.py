"""What pyproject.toml cannot say: a package with programs in it is for one platform but for every Python, and has a command."""

from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel

HAS_PROGRAMS = any((Path(__file__).resolve().parent / "enlarger" / name).exists() for name in ("enlarge", "enlarge.exe"))


class Package(Distribution):
    """A package that is for one platform if it has programs."""

    def has_ext_modules(self):
        return HAS_PROGRAMS


class Wheel(bdist_wheel):
    """A wheel for every Python, because the binding uses ctypes."""

    def get_tag(self):
        return ("py3", "none", super().get_tag()[2])


commands = {"console_scripts": ["enlarge = enlarger.__main__:main"]} if HAS_PROGRAMS else {}
setup(distclass=Package, cmdclass={"bdist_wheel": Wheel}, entry_points=commands)
