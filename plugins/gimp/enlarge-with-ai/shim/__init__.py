"""What the GIMP plug-in does once it is called. All that is not GIMP is in the `enlarger` package beside it."""
