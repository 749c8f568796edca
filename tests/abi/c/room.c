/* Memory between inaccessible pages. One thread creates rooms; any thread may use them. */
#include "room.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct mapping {
    struct mapping *next;
    size_t length;
};

static struct mapping *mappings;

/* An inaccessible page, whole pages for `size` bytes, and another inaccessible page. The page before them holds the
 * list entry. */
static char *map(size_t size, size_t *inside) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    *inside = (size + page - 1) / page * page;
    if (*inside == 0) *inside = page;
    size_t length = *inside + 3 * page;
    char *all = mmap(NULL, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (all == MAP_FAILED || mprotect(all, page, PROT_READ | PROT_WRITE) != 0 ||
        mprotect(all + 2 * page, *inside, PROT_READ | PROT_WRITE) != 0) {
        perror("mmap");
        abort();
    }
    struct mapping *mapping = (struct mapping *)(void *)all;
    *mapping = (struct mapping){mappings, length};
    mappings = mapping;
    memset(all + 2 * page, ROOM_FILL, *inside);
    return all + 2 * page;
}

void *room(size_t size) {
    size_t inside;
    char *start = map(size, &inside);
    return start + inside - size;
}

void *room_after(size_t size) {
    size_t inside;
    return map(size, &inside);
}

void *room_of(const void *bytes, size_t size) {
    return memcpy(room(size), bytes, size);
}

char *room_text(const char *text) {
    return room_of(text, strlen(text) + 1);
}

int room_untouched(const void *bytes, size_t size) {
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < size; i++) {
        if (byte[i] != ROOM_FILL) return 0;
    }
    return 1;
}

void room_free_all(void) {
    while (mappings) {
        struct mapping *next = mappings->next;
        munmap(mappings, mappings->length);
        mappings = next;
    }
}
