"""The library in a process of its own: the second way to call it, beside loading it into this process.

`library.py` has an object with the functions that the loaded library would have. Nothing outside this folder may know how they are
called.
"""
