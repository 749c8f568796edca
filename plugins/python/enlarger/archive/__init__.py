"""Enlarges archives: many pictures on many machines, with Ray.

``python -m enlarger.archive INPUT... --output URI --options ...`` and `run` are the ways in; docs/archive.md describes both.
Needs Ray and PyArrow (``pip install 'enlarger[ray]'``); the rest of the package must never need this part.
"""

try:
    from .row import Row
    from .run import run
    from .totals import Totals
except ModuleNotFoundError as error:
    message = f"enlarger.archive needs the Python package {error.name}; run pip install 'enlarger[ray]'"
    raise ModuleNotFoundError(message, name=error.name) from error

__all__ = ["Row", "Totals", "run"]
