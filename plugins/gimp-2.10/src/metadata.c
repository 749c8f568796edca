/*
 * Writes into an image's metadata how it was made: IPTC's digital source type, and one line about the software.
 * The metadata is changed as the text that GIMP itself stores, one line for each tag, so that no further library is needed.
 * It must never drop what the metadata had. GIMP 2.10 has no place for properties of our own namespace.
 */
#include "metadata.h"

#include <string.h>

static const gchar SOURCE_TYPE[] = "Xmp.iptcExt.DigitalSourceType";
/* GIMP writes its own name into Software when it exports. */
static const gchar SOFTWARE[] = "Exif.Image.ProcessingSoftware";
static const gchar END[] = "</metadata>";

/* Removes the element of a tag from the text, if it is there. */
static void remove_tag(GString *text, const gchar *name)
{
    gchar *opening = g_strdup_printf("<tag name=\"%s\"", name);
    gchar *start;
    while ((start = strstr(text->str, opening)) != NULL) {
        gchar *end = strstr(start, "</tag>");
        if (!end)
            break;
        g_string_erase(text, start - text->str, end + strlen("</tag>") - start);
    }
    g_free(opening);
}

static void add_tag(GString *text, const gchar *name, const gchar *value)
{
    gchar *element = g_markup_printf_escaped("  <tag name=\"%s\">%s</tag>\n", name, value);
    const gchar *end = strstr(text->str, END);
    if (end)
        g_string_insert(text, end - text->str, element);
    g_free(element);
}

gboolean metadata_record(gint32 image, const Target *target)
{
    if (!target->software || !target->source_type)
        return FALSE;
    GimpMetadata *before = gimp_image_get_metadata(image);
    gchar *stored = before ? gimp_metadata_serialize(before) : NULL;
    GString *text = g_string_new(stored && strstr(stored, END) ? stored : "<metadata>\n</metadata>\n");
    remove_tag(text, SOURCE_TYPE);
    remove_tag(text, SOFTWARE);
    add_tag(text, SOURCE_TYPE, target->source_type);
    add_tag(text, SOFTWARE, target->software);
    GimpMetadata *after = gimp_metadata_deserialize(text->str);
    gboolean accepted = after && gimp_image_set_metadata(image, after);
    g_clear_object(&after);
    g_string_free(text, TRUE);
    g_free(stored);
    g_clear_object(&before);
    return accepted;
}
