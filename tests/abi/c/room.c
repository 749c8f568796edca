/* Memory between inaccessible pages. One thread creates rooms; any thread may use them. */
#include "room.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#include <windows.h>
#else
#include <sys/mman.h>
#include <unistd.h>
#endif

struct mapping {
    struct mapping *next;
    size_t length;
};

static struct mapping *mappings;

#ifdef _WIN32

static size_t page_size(void) {
    SYSTEM_INFO system;
    GetSystemInfo(&system);
    return system.dwPageSize;
}

/* Inaccessible pages, or NULL. */
static char *reserve(size_t length) { return VirtualAlloc(NULL, length, MEM_RESERVE, PAGE_NOACCESS); }

static int open_pages(char *pages, size_t length) { return VirtualAlloc(pages, length, MEM_COMMIT, PAGE_READWRITE) != NULL; }

static void release(void *all, size_t length) {
    (void)length;
    VirtualFree(all, 0, MEM_RELEASE);
}

#else

static size_t page_size(void) { return (size_t)sysconf(_SC_PAGESIZE); }

static char *reserve(size_t length) {
    char *all = mmap(NULL, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return all == MAP_FAILED ? NULL : all;
}

static int open_pages(char *pages, size_t length) { return mprotect(pages, length, PROT_READ | PROT_WRITE) == 0; }

static void release(void *all, size_t length) { munmap(all, length); }

#endif

/* An inaccessible page, whole pages for `size` bytes, and another inaccessible page. The page before them holds the
 * list entry. */
static char *map(size_t size, size_t *inside) {
    size_t page = page_size();
    *inside = (size + page - 1) / page * page;
    if (*inside == 0) *inside = page;
    size_t length = *inside + 3 * page;
    char *all = reserve(length);
    if (!all || !open_pages(all, page) || !open_pages(all + 2 * page, *inside)) {
        fprintf(stderr, "no memory for %zu bytes between inaccessible pages\n", size);
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
        release(mappings, mappings->length);
        mappings = next;
    }
}
