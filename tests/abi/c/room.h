/* Guarded memory: blocks ("rooms") with an inaccessible page directly before or after them.
 *
 * An access one byte too far crashes the program in every build. A room must not be used after `room_free_all`.
 */
#ifndef ROOM_H
#define ROOM_H

#include <stddef.h>

/* New rooms are filled with this byte. */
enum { ROOM_FILL = 0xA5 };

/* `size` bytes that end where the inaccessible page begins. They are aligned no better than `size` is. */
void *room(size_t size);

/* `size` bytes that begin where an inaccessible page ends. */
void *room_after(size_t size);

/* A room with a copy of these bytes. */
void *room_of(const void *bytes, size_t size);
char *room_text(const char *text);

/* Whether `size` bytes still have the value that new rooms have. */
int room_untouched(const void *bytes, size_t size);

void room_free_all(void);

#endif
