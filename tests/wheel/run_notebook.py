#!/usr/bin/env python3
"""Runs a notebook with the Python that runs this, and writes it with the outputs that it has made.

    run_notebook.py NOTEBOOK RESULT     NOTEBOOK and RESULT may be the same file, to renew docs/python.ipynb
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

notebook, result = map(Path, sys.argv[1:])
cells = nbformat.read(notebook, as_version=4)
client = NotebookClient(cells, timeout=120, record_timing=False, resources={"metadata": {"path": notebook.parent}})
client.execute()
# The version of Python is no part of the notebook.
cells.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
nbformat.write(cells, result)
