/*
 * Which layers are enlarged and where they come to lie.
 * All else in an image is scaled by GIMP, and nothing may move against anything else: this is GIMP's own arithmetic.
 * It must never run the library, nor change an image.
 */
#include "target.h"

#include <math.h>

#include "failure.h"

/* As GIMP 2.10 rounds: halves up, also below zero. */
static gint rounded(gdouble value)
{
    return (gint)floor(value + 0.5);
}

/* Where GIMP puts a line of pixels when it scales an image: both of its ends, each rounded. */
static void scaled(gint start, gint length, gdouble factor, gint *to, gint *to_length)
{
    *to = rounded(start * factor);
    *to_length = rounded((start + length) * factor) - *to;
}

void target_say(Target *target, const gchar *sentence)
{
    if (target->said->len)
        g_string_append_c(target->said, '\n');
    g_string_append(target->said, sentence);
}

/* Text is left to GIMP, which draws it anew in any size; groups stand for what is in them. */
static void choose(Target *target, gint32 item)
{
    if (gimp_item_is_group(item)) {
        gint count;
        gint *children = gimp_item_get_children(item, &count);
        for (gint index = 0; index < count; index++)
            choose(target, children[index]);
        g_free(children);
    } else if (gimp_item_is_text_layer(item)) {
        gchar *name = gimp_item_get_name(item);
        gchar *sentence = g_strdup_printf("'%s' was left to GIMP, which draws it sharp in any size.", name);
        target_say(target, sentence);
        g_free(sentence);
        g_free(name);
    } else if (gimp_item_is_layer_mask(item)) {
        choose(target, gimp_layer_from_mask(item));
    } else if (gimp_item_is_layer(item)) {
        Piece piece = {.layer = item, .width = gimp_drawable_width(item), .height = gimp_drawable_height(item)};
        piece.pixels = pixels_of(item);
        g_array_append_val(target->pieces, piece);
    }
}

static void clear_piece(gpointer piece)
{
    strips_free(((Piece *)piece)->result);
}

/* What of the canvas the result shows: all of it, or as much as the chosen layers take together. */
static GeglRectangle frame(const Target *target)
{
    GeglRectangle all = {0, 0, target->canvas_width, target->canvas_height};
    for (guint index = 0; target->kind == TARGET_NEW_IMAGE && index < target->pieces->len; index++) {
        const Piece *piece = target_piece(target, index);
        GeglRectangle place = {0, 0, piece->width, piece->height};
        gimp_drawable_offsets(piece->layer, &place.x, &place.y);
        if (index == 0)
            all = place;
        else
            gegl_rectangle_bounding_box(&all, &all, &place);
    }
    return all;
}

/* Where all layers come to lie in the result. GIMP deletes a layer of which nothing would be left. */
static gboolean place(Target *target, gdouble factor, GError **error)
{
    GeglRectangle from = frame(target);
    /* What the library takes at most; it says no to the rest, and numbers must not overflow before. */
    target->width = MAX(rounded(MIN(from.width * factor, 1 << 20)), 1);
    target->height = MAX(rounded(MIN(from.height * factor, 1 << 20)), 1);
    gdouble across = (gdouble)target->width / from.width, down = (gdouble)target->height / from.height;
    for (guint index = 0; index < target->pieces->len; index++) {
        Piece *piece = target_piece(target, index);
        gint x, y;
        gimp_drawable_offsets(piece->layer, &x, &y);
        scaled(x - from.x, piece->width, across, &piece->to_x, &piece->to_width);
        scaled(y - from.y, piece->height, down, &piece->to_y, &piece->to_height);
        if (piece->to_width < 1 || piece->to_height < 1)
            return failed(error, GIMP_PDB_CALLING_ERROR,
                          "nothing would be left of the layer, which has %d × %d pixels; take a larger factor",
                          piece->width, piece->height);
    }
    return TRUE;
}

Target *target_new(TargetKind kind, gint32 image, gint32 drawable, gdouble factor, GError **error)
{
    Target *target = g_new0(Target, 1);
    target->kind = kind;
    target->image = image;
    target->canvas_width = gimp_image_width(image);
    target->canvas_height = gimp_image_height(image);
    target->said = g_string_new(NULL);
    target->pieces = g_array_new(FALSE, FALSE, sizeof(Piece));
    g_array_set_clear_func(target->pieces, clear_piece);
    choose(target, drawable);
    gboolean fine = target->pieces->len ||
                    failed(error, GIMP_PDB_CALLING_ERROR,
                           "there is nothing here for AI to enlarge: GIMP draws text sharp in any size, and channels "
                           "have no colour; choose a layer with pixels");
    if (fine && place(target, factor, error))
        return target;
    target_free(target);
    return NULL;
}

gboolean target_check(const Target *target, GError **error)
{
    gboolean same = gimp_image_is_valid(target->image) && gimp_image_width(target->image) == target->canvas_width &&
                    gimp_image_height(target->image) == target->canvas_height;
    for (guint index = 0; same && index < target->pieces->len; index++) {
        const Piece *piece = target_piece(target, index);
        same = gimp_item_is_valid(piece->layer) && gimp_drawable_width(piece->layer) == piece->width &&
               gimp_drawable_height(piece->layer) == piece->height &&
               pixels_of(piece->layer).code == piece->pixels.code;
    }
    return same || failed(error, GIMP_PDB_EXECUTION_ERROR,
                          "the image was changed while it was enlarged, so that the result does not fit any more; do "
                          "it again, and leave the image alone meanwhile");
}

void target_free(Target *target)
{
    if (!target)
        return;
    g_array_free(target->pieces, TRUE);
    g_string_free(target->said, TRUE);
    g_free(target);
}
