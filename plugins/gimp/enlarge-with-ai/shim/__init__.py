"""The GIMP plug-in, loaded when the procedure is called. What is not about GIMP is in the package `enlarger` beside it."""
