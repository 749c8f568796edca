/* Memory with an inaccessible page right before or right after it.
 *
 * Whoever goes one byte too far ends the program, in every build. A room must never be used after `room_free_all`.
 */
#ifndef ROOM_H
#define ROOM_H

#include <stddef.h>

/* What new rooms are filled with, and what is untouched still has. */
enum { ROOM_FILL = 0xA5 };

/* `size` bytes that end where the inaccessible page begins: never aligned more than `size` is. */
void *room(size_t size);

/* `size` bytes that begin where an inaccessible page ends. */
void *room_after(size_t size);

/* The same as `room`, with this in it. */
void *room_of(const void *bytes, size_t size);
char *room_text(const char *text);

/* Whether `size` bytes still are as they were made. */
int room_untouched(const void *bytes, size_t size);

void room_free_all(void);

#endif
