"""What the procedure runs. Everything in it speaks the language of GIMP, which this file chooses before the rest is imported.

GIMP passes the language of its preferences to plug-ins in the variable LANGUAGE; GLib reads it by the rules of gettext.
"""

from gi.repository import GLib

from enlarger import translation

translation.use(GLib.get_language_names())
