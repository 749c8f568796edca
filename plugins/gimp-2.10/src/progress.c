/*
 * Shows the library's progress reports in GIMP's progress bar.
 * The network is nearly all of the work, so the fraction of its tiles has 19 times the weight of the fraction of rows.
 * It must never update faster than GIMP draws: of two texts within a fifth of a second GIMP only draws the first.
 */
#include "progress.h"

#define INTERVAL (G_USEC_PER_SEC / 4)

void progress_layer(Progress *progress, const gchar *name, gdouble before, gdouble share)
{
    g_free(progress->name);
    progress->name = g_strdup(name);
    progress->before = before;
    progress->share = share;
    if (progress->shown)
        return;
    gchar *text = g_strconcat("Enlarging ", name, NULL);
    gimp_progress_init(text);
    g_free(text);
    progress->shown = g_get_monotonic_time();
}

/* The seconds that are left, by the speed so far; negative as long as it is unknown. The time before the first progress is
 * left out, because preparation says nothing about the speed. */
static gdouble time_left(Progress *progress, gdouble fraction, gint64 now)
{
    if (fraction > 0 && !progress->first_time) {
        progress->first_time = progress->last_time = now;
        progress->first = progress->last = fraction;
    } else if (progress->first_time && fraction > progress->last) {
        progress->last_time = now;
        progress->last = fraction;
    }
    gdouble elapsed = (gdouble)(progress->last_time - progress->first_time) / G_USEC_PER_SEC;
    gdouble done = progress->last - progress->first;
    if (elapsed < 0.5 || done <= 0)
        return -1;
    gdouble since = (gdouble)(now - progress->last_time) / G_USEC_PER_SEC;
    return MAX((1 - progress->last) * elapsed / done - since, 0);
}

static void add_duration(GString *text, gdouble seconds)
{
    gint minutes = (gint)(seconds / 60 + 0.5);
    if (seconds < 10)
        g_string_append(text, ", a few seconds left");
    else if (seconds < 100)
        g_string_append_printf(text, ", about %d s left", (gint)(seconds / 5 + 0.5) * 5);
    else if (minutes < 100)
        g_string_append_printf(text, ", about %d min left", minutes);
    else
        g_string_append_printf(text, ", about %d h left", (gint)(seconds / 3600 + 0.5));
}

void progress_show(Progress *progress, const enl_progress *report)
{
    gint64 now = g_get_monotonic_time();
    if (now - progress->shown < INTERVAL)
        return;
    progress->shown = now;
    gdouble done = report->rows_total ? (gdouble)report->rows_done / report->rows_total : 0;
    if (report->tiles_total)
        done = (19 * (gdouble)report->tiles_done / (gdouble)report->tiles_total + done) / 20;
    gdouble fraction = progress->before + progress->share * done;
    gdouble seconds = time_left(progress, fraction, now);

    GString *text = g_string_new("Enlarging ");
    g_string_append(text, progress->name);
    if (report->tiles_total > 1)
        g_string_append_printf(text, ": tile %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT,
                               (guint64)MIN(report->tiles_done + 1, report->tiles_total), (guint64)report->tiles_total);
    if (seconds >= 0)
        add_duration(text, seconds);
    gimp_progress_set_text(text->str);
    g_string_free(text, TRUE);
    gimp_progress_update(fraction);
}

void progress_end(Progress *progress)
{
    g_free(progress->name);
}
