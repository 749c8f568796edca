"""The GIMP plug-in, loaded when the procedure is called. Everything that does not need GIMP is in the package `enlarger`."""
