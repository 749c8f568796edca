/*
 * Writes complete results to an image: the last part of a run, and the only one that changes an image.
 * It is one undo step. GIMP's Cancel would end the process in the middle of it, so the progress bar, which has the
 * button, is removed first.
 * It must never compute or wait.
 */
#include "metadata.h"
#include "target.h"

static void write_result(TargetLayer *enlarged, gint32 layer)
{
    GeglBuffer *buffer = gimp_drawable_get_buffer(layer);
    result_move(enlarged->result, buffer, enlarged->format.babl);
    gegl_buffer_flush(buffer);
    g_object_unref(buffer);
    gimp_drawable_update(layer, 0, 0, enlarged->to_width, enlarged->to_height);
}

static gboolean is_replaced(const Target *target, gint32 layer)
{
    for (guint index = 0; index < target->layers->len; index++)
        if (target_layer_at(target, index)->layer == layer)
            return TRUE;
    return FALSE;
}

/* Whether GIMP scales any pixels that are not replaced. */
static gboolean other_pixels(const Target *target)
{
    gint count;
    g_free(gimp_image_get_channels(target->image, &count));
    gboolean found = count > 0 || !gimp_selection_is_empty(target->image);
    gint *layers = gimp_image_get_layers(target->image, &count);
    for (gint index = 0; index < count; index++)
        found = found || !is_replaced(target, layers[index]) || gimp_layer_get_mask(layers[index]) != -1;
    g_free(layers);
    return found;
}

static void scale_image(Target *target)
{
    gint32 image = target->image;
    if (gimp_image_base_type(image) == GIMP_INDEXED) {
        gimp_image_convert_rgb(image);
        target_add_note(target, "The indexed image is now an RGB image, because the result has colours that the palette "
                                "lacks.");
    }
    gimp_context_push();
    /* The best method takes longer than everything else here; pixels that are replaced do not need it. */
    gimp_context_set_interpolation(other_pixels(target) ? GIMP_INTERPOLATION_NOHALO : GIMP_INTERPOLATION_NONE);
    gimp_image_scale(image, target->width, target->height);
    gimp_context_pop();
}

static void record(gint32 image, Target *target)
{
    if (!metadata_record(image, target))
        target_add_note(target, "GIMP did not accept the metadata that says how the result was made, so it is missing.");
}

static gint32 commit_image(Target *target)
{
    gimp_image_undo_group_start(target->image);
    scale_image(target);
    for (guint index = 0; index < target->layers->len; index++) {
        TargetLayer *enlarged = target_layer_at(target, index);
        gint32 layer = enlarged->layer;
        gboolean locked = gimp_item_get_lock_content(layer);
        if (locked)
            gimp_item_set_lock_content(layer, FALSE);
        /* Another version of GIMP may round sizes in another way. */
        if (gimp_drawable_width(layer) != enlarged->to_width || gimp_drawable_height(layer) != enlarged->to_height)
            gimp_layer_scale(layer, enlarged->to_width, enlarged->to_height, FALSE);
        /* Scaling kept the old pixels for undo, so the new ones need no undo step. They also ignore the selection. */
        write_result(enlarged, layer);
        if (locked)
            gimp_item_set_lock_content(layer, TRUE);
    }
    record(target->image, target);
    gimp_image_undo_group_end(target->image);
    return target->image;
}

static gint32 new_image(const Target *target)
{
    gint32 image = target->image;
    gboolean gray = gimp_image_base_type(image) == GIMP_GRAY;
    gint32 made = gimp_image_new_with_precision(target->width, target->height, gray ? GIMP_GRAY : GIMP_RGB,
                                                gimp_image_get_precision(image));
    GimpColorProfile *profile = gimp_image_get_color_profile(image);
    gimp_image_undo_disable(made);
    if (profile) {
        gimp_image_set_color_profile(made, profile);
        g_object_unref(profile);
    }
    gdouble across, down;
    gimp_image_get_resolution(image, &across, &down);
    gimp_image_set_resolution(made, across, down);
    gimp_image_set_unit(made, gimp_image_get_unit(image));
    return made;
}

static gint32 commit_new_image(Target *target)
{
    gint32 made = new_image(target);
    gboolean several = target->layers->len > 1;
    for (guint index = 0; index < target->layers->len; index++) {
        TargetLayer *enlarged = target_layer_at(target, index);
        gint32 source = enlarged->layer;
        gchar *name = gimp_item_get_name(source);
        gint32 layer = gimp_layer_new(made, name, enlarged->to_width, enlarged->to_height,
                                      pixel_format_layer_type(source), several ? gimp_layer_get_opacity(source) : 100.0,
                                      several ? gimp_layer_get_mode(source) : GIMP_LAYER_MODE_NORMAL);
        g_free(name);
        gimp_image_insert_layer(made, layer, 0, (gint)index);
        gimp_layer_set_offsets(layer, enlarged->to_x, enlarged->to_y);
        write_result(enlarged, layer);
    }
    record(made, target);
    gimp_image_undo_enable(made);
    gimp_image_clean_all(made);
    return made;
}

gint32 target_commit(Target *target)
{
    gimp_progress_end();
    return target->kind == TARGET_IMAGE ? commit_image(target) : commit_new_image(target);
}
