/*
 * Chooses the layers that AI enlarges, and computes where they lie in the enlarged image.
 * GIMP scales everything else, and nothing may move against anything else, so this is GIMP's own arithmetic.
 * It must never run the library, nor change an image.
 */
#include "target.h"

#include <math.h>

#include "failure.h"

/* Rounds as GIMP 2.10 does: halves up, negative ones too. */
static gint rounded(gdouble value)
{
    return (gint)floor(value + 0.5);
}

/* Where GIMP puts a line of pixels when it scales an image: both ends are rounded. */
static void scaled(gint start, gint length, gdouble factor, gint *to, gint *to_length)
{
    *to = rounded(start * factor);
    *to_length = rounded((start + length) * factor) - *to;
}

void target_add_note(Target *target, const gchar *note)
{
    if (target->notes->len)
        g_string_append_c(target->notes, '\n');
    g_string_append(target->notes, note);
}

/* Adds the layers that an item stands for. Text is left to GIMP, which draws it sharp in any size. */
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
        gchar *note = g_strdup_printf("'%s' was left to GIMP, which draws it sharp in any size.", name);
        target_add_note(target, note);
        g_free(note);
        g_free(name);
    } else if (gimp_item_is_layer_mask(item)) {
        choose(target, gimp_layer_from_mask(item));
    } else if (gimp_item_is_layer(item)) {
        TargetLayer layer = {.layer = item, .width = gimp_drawable_width(item), .height = gimp_drawable_height(item)};
        layer.format = pixel_format_of(item);
        g_array_append_val(target->layers, layer);
    }
}

static void clear_layer(gpointer layer)
{
    result_free(((TargetLayer *)layer)->result);
}

/* The part of the canvas that the result shows: all of it, or the bounding box of the layers. */
static GeglRectangle frame(const Target *target)
{
    GeglRectangle all = {0, 0, target->canvas_width, target->canvas_height};
    for (guint index = 0; target->kind == TARGET_NEW_IMAGE && index < target->layers->len; index++) {
        const TargetLayer *layer = target_layer_at(target, index);
        GeglRectangle bounds = {0, 0, layer->width, layer->height};
        gimp_drawable_offsets(layer->layer, &bounds.x, &bounds.y);
        if (index == 0)
            all = bounds;
        else
            gegl_rectangle_bounding_box(&all, &all, &bounds);
    }
    return all;
}

/* Computes where all layers lie in the result. GIMP would delete a layer without any pixels. */
static gboolean place_layers(Target *target, gdouble factor, GError **error)
{
    GeglRectangle from = frame(target);
    /* The library refuses larger sizes; until then, numbers must not overflow. */
    target->width = MAX(rounded(MIN(from.width * factor, 1 << 20)), 1);
    target->height = MAX(rounded(MIN(from.height * factor, 1 << 20)), 1);
    gdouble across = (gdouble)target->width / from.width, down = (gdouble)target->height / from.height;
    for (guint index = 0; index < target->layers->len; index++) {
        TargetLayer *layer = target_layer_at(target, index);
        gint x, y;
        gimp_drawable_offsets(layer->layer, &x, &y);
        scaled(x - from.x, layer->width, across, &layer->to_x, &layer->to_width);
        scaled(y - from.y, layer->height, down, &layer->to_y, &layer->to_height);
        if (layer->to_width < 1 || layer->to_height < 1)
            return failed(error, GIMP_PDB_CALLING_ERROR,
                          "the layer has %d × %d pixels, so that none would be left at this factor; choose a larger one",
                          layer->width, layer->height);
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
    target->notes = g_string_new(NULL);
    target->layers = g_array_new(FALSE, FALSE, sizeof(TargetLayer));
    g_array_set_clear_func(target->layers, clear_layer);
    choose(target, drawable);
    gboolean fine = target->layers->len ||
                    failed(error, GIMP_PDB_CALLING_ERROR,
                           "AI cannot enlarge this: GIMP draws text sharp in any size, and channels have no colour; select "
                           "a layer with pixels");
    if (fine && place_layers(target, factor, error))
        return target;
    target_free(target);
    return NULL;
}

gboolean target_check(const Target *target, GError **error)
{
    gboolean same = gimp_image_is_valid(target->image) && gimp_image_width(target->image) == target->canvas_width &&
                    gimp_image_height(target->image) == target->canvas_height;
    for (guint index = 0; same && index < target->layers->len; index++) {
        const TargetLayer *layer = target_layer_at(target, index);
        same = gimp_item_is_valid(layer->layer) && gimp_drawable_width(layer->layer) == layer->width &&
               gimp_drawable_height(layer->layer) == layer->height &&
               pixel_format_of(layer->layer).code == layer->format.code;
    }
    return same || failed(error, GIMP_PDB_EXECUTION_ERROR,
                          "the image was changed meanwhile, so that the result does not fit any more; try again, and do "
                          "not change the image during the run");
}

void target_free(Target *target)
{
    if (!target)
        return;
    g_array_free(target->layers, TRUE);
    g_string_free(target->notes, TRUE);
    g_free(target->software);
    g_free(target->source_type);
    g_free(target);
}
