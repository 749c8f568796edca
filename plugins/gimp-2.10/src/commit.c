/*
 * Puts complete results into an image: the last part of a run, and the only one that changes anything.
 * It is one step to undo. GIMP's cancel would end the process in the middle of it, so that there is no progress
 * any more that could be cancelled.
 * It must never compute, wait or fail half-way.
 */
#include "target.h"

static void write_piece(Piece *piece, gint32 layer)
{
    GeglBuffer *buffer = gimp_drawable_get_buffer(layer);
    strips_move(piece->result, buffer, piece->pixels.format);
    gegl_buffer_flush(buffer);
    g_object_unref(buffer);
    gimp_drawable_update(layer, 0, 0, piece->to_width, piece->to_height);
}

static const Piece *piece_of(const Target *target, gint32 layer)
{
    for (guint index = 0; index < target->pieces->len; index++)
        if (target_piece(target, index)->layer == layer)
            return target_piece(target, index);
    return NULL;
}

/* Whether GIMP has anything to interpolate but the layers that are replaced anyway. */
static gboolean others(const Target *target)
{
    gint count;
    g_free(gimp_image_get_channels(target->image, &count));
    gboolean found = count > 0 || !gimp_selection_is_empty(target->image);
    gint *layers = gimp_image_get_layers(target->image, &count);
    for (gint index = 0; index < count; index++)
        found = found || !piece_of(target, layers[index]) || gimp_layer_get_mask(layers[index]) != -1;
    g_free(layers);
    return found;
}

static void scale_image(Target *target)
{
    gint32 image = target->image;
    if (gimp_image_base_type(image) == GIMP_INDEXED) {
        gimp_image_convert_rgb(image);
        target_say(target, "The indexed image is an RGB image now: the network makes colours that its palette has "
                           "not.");
    }
    gimp_context_push();
    /* The best one takes longer than all else here, and would be for nothing. */
    gimp_context_set_interpolation(others(target) ? GIMP_INTERPOLATION_NOHALO : GIMP_INTERPOLATION_NONE);
    gimp_image_scale(image, target->width, target->height);
    gimp_context_pop();
}

static gint32 commit_image(Target *target)
{
    gimp_image_undo_group_start(target->image);
    scale_image(target);
    for (guint index = 0; index < target->pieces->len; index++) {
        Piece *piece = target_piece(target, index);
        gboolean locked = gimp_item_get_lock_content(piece->layer);
        if (locked)
            gimp_item_set_lock_content(piece->layer, FALSE);
        /* Another GIMP may round otherwise; a layer that is a pixel off is better than one that is cut off. */
        if (gimp_drawable_width(piece->layer) != piece->to_width ||
            gimp_drawable_height(piece->layer) != piece->to_height)
            gimp_layer_scale(piece->layer, piece->to_width, piece->to_height, FALSE);
        /* GIMP keeps the layer's former pixels for undo since it was scaled; these go directly into the new ones, past
         * the selection. */
        write_piece(piece, piece->layer);
        if (locked)
            gimp_item_set_lock_content(piece->layer, TRUE);
    }
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
    gboolean several = target->pieces->len > 1;
    for (guint index = 0; index < target->pieces->len; index++) {
        Piece *piece = target_piece(target, index);
        gchar *name = gimp_item_get_name(piece->layer);
        gint32 layer = gimp_layer_new(made, name, piece->to_width, piece->to_height, pixels_layer_type(piece->layer),
                                      several ? gimp_layer_get_opacity(piece->layer) : 100.0,
                                      several ? gimp_layer_get_mode(piece->layer) : GIMP_LAYER_MODE_NORMAL);
        g_free(name);
        gimp_image_insert_layer(made, layer, 0, (gint)index);
        gimp_layer_set_offsets(layer, piece->to_x, piece->to_y);
        write_piece(piece, layer);
    }
    gimp_image_undo_enable(made);
    gimp_image_clean_all(made);
    return made;
}

gint32 target_commit(Target *target)
{
    gimp_progress_end();
    return target->kind == TARGET_IMAGE ? commit_image(target) : commit_new_image(target);
}
