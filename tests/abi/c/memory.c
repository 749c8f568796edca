/* Limited memory, and memory that runs out. The result is a smaller tile or ENL_ERROR_MEMORY, never a crash.
 *
 * The cases run in child processes, so that the parent sees a crash. Windows cannot fork: there a crash ends the program.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef _WIN32
#include <errno.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#endif
#ifdef __linux__
#include <malloc.h>
#endif

#include "check.h"
#include "room.h"
#include "set.h"
#include "suite.h"

void abi_fail_allocation(size_t number, size_t large);
size_t abi_allocations(void);

/* Less memory makes the tiles smaller, until no tile is small enough. */
static void limited(void) {
    struct set set = set_up("plain");
    enl_plan much, little;
    enum { SIDE = 2000 };
    check_row("the option memory");
    expect(ENL_OK, enl_upscaler_plan(set.upscaler, NULL, SIDE, SIDE, NULL, &much));
    expect(ENL_OK, enl_options_set_integer(set.options, "memory", (int64_t)much.memory / 2));
    expect(ENL_OK, enl_upscaler_plan(set.upscaler, set.options, SIDE, SIDE, NULL, &little));
    check(little.memory <= much.memory / 2);
    check((uint64_t)little.tile_width * little.tile_height < (uint64_t)much.tile_width * much.tile_height);
    check(little.tiles > much.tiles && little.width == much.width);
    expect(ENL_OK, enl_options_set_integer(set.options, "memory", 1 << 16));
    memset(&little, ROOM_FILL, sizeof little);
    expect(ENL_ERROR_MEMORY, enl_upscaler_plan(set.upscaler, set.options, SIDE, SIDE, NULL, &little));
    check(room_untouched(&little, sizeof little));
    /* The run fails in the same way. */
    enl_view source = set_source(), target = set_target();
    expect(ENL_OK, enl_options_set_integer(set.options, "memory", 1));
    expect(ENL_ERROR_MEMORY, enl_upscaler_run(set.upscaler, set.options, &source, NULL, NULL, NULL, NULL, &target));
    check(room_untouched(target.data, target.size));
    set_down(&set);
}

/* Pictures that together use every stage. */
static const struct picture {
    const char *name, *factor, *lock, *tile;
    int32_t format;
    uint32_t width, height;
    enl_rect rect;
} pictures[] = {
    {"colour lock", "2", "on", "0", FORMAT, 3000, 3, {0, 0, 0, 0}},
    {"tiles", "2", "off", "700", FORMAT, 3000, 4, {0, 0, 0, 0}},
    {"many tiles", "2", "off", "1", FORMAT, 3000, 1, {0, 0, 0, 0}},
    {"alpha, floats, an odd factor", "1.5", "on", "900", ENL_CHANNELS_RGBA + ENL_SAMPLE_F32, 3000, 3, {0, 0, 0, 0}},
    {"premultiplied halves, two passes", "4", "on", "0", ENL_CHANNELS_BGRA + ENL_SAMPLE_F16 + ENL_ALPHA_PREMULTIPLIED, 2500, 2, {0, 0, 0, 0}},
    {"shrinking", "0.3", "on", "0", ENL_CHANNELS_GRAY_ALPHA + ENL_SAMPLE_U16, 9000, 8, {0, 0, 0, 0}},
    {"a part", "2", "on", "0", ENL_CHANNELS_GRAY + ENL_SAMPLE_U8, 5000, 60, {500, 30, 3000, 2}},
};

struct job {
    struct set set;
    const struct picture *picture;
    size_t row, row_out;
    enl_plan plan;
};

static int32_t give(void *user_data, uint32_t x, uint32_t y, void *row, size_t size) {
    (void)user_data, (void)x;
    /* These bytes are small numbers in every format. */
    for (size_t i = 0; i < size; i++) ((uint8_t *)row)[i] = (uint8_t)(0x30 + (i * 7 + y) % 9);
    return ENL_CONTINUE;
}

static int32_t take(void *user_data, uint32_t y, const void *row, size_t size) {
    (void)user_data, (void)y, (void)row, (void)size;
    return ENL_CONTINUE;
}

static int32_t stream(struct job *job) {
    const struct picture *p = job->picture;
    enl_source source = {give, NULL, p->width, p->height, p->format, 0};
    enl_sink sink = {take, NULL, job->plan.width, job->plan.height, p->format, 0};
    const enl_rect *rect = p->rect.width ? &p->rect : NULL;
    return enl_upscaler_stream(job->set.upscaler, job->set.options, &source, rect, NULL, NULL, NULL, &sink);
}

static struct job job_of(const struct picture *p, const char *engine) {
    struct job job = {.set = set_up(engine), .picture = p};
    check_row(p->name);
    expect(ENL_OK, enl_options_set(job.set.options, "factor", p->factor));
    expect(ENL_OK, enl_options_set(job.set.options, "colour_lock", p->lock));
    expect(ENL_OK, enl_options_set(job.set.options, "tile", p->tile));
    const enl_rect *rect = p->rect.width ? &p->rect : NULL;
    expect(ENL_OK, enl_upscaler_plan(job.set.upscaler, job.set.options, p->width, p->height, rect, &job.plan));
    return job;
}

#ifdef _WIN32
static int32_t in_child(int32_t (*run)(struct job *, size_t), struct job *job, size_t argument) { return run(job, argument); }
#else
/* The result of a child: its status, or -1000 or less if it was killed. */
static int32_t in_child(int32_t (*run)(struct job *, size_t), struct job *job, size_t argument) {
    fflush(stdout), fflush(stderr);
    pid_t child = fork();
    if (child == 0) {
        /* Suppress the messages of a process that crashes, because the parent reports it. */
        if (!freopen("/dev/null", "w", stderr)) _exit(127);
        _exit(-run(job, argument) & 127);
    }
    int state = 0;
    while (waitpid(child, &state, 0) < 0 && errno == EINTR) {}
    return WIFEXITED(state) ? -WEXITSTATUS(state) : -1000 - WTERMSIG(state);
}
#endif

enum { LARGE = 1 << 13, NEVER_FAILED = 99 };

/* The n-th large allocation fails. */
static int32_t without_one(struct job *job, size_t number) {
    abi_fail_allocation(number, LARGE);
    int32_t status = stream(job);
    size_t allocations = abi_allocations();
    /* Whatever comes after it in this process succeeds. */
    abi_fail_allocation(0, SIZE_MAX);
    return allocations <= number ? -NEVER_FAILED : status;
}

/* Each large allocation of a run fails once. */
static void failing(void) {
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        struct job job = job_of(&pictures[i], "plain");
        size_t ended = 0, number = 0;
        expect(ENL_OK, stream(&job));
        for (int32_t status; (status = in_child(without_one, &job, number)) != -NEVER_FAILED && number < 3000; number++) {
            if (status == ENL_ERROR_MEMORY) continue;
            if (ended++ == 0) fprintf(stderr, "[%s] allocation %zu: %d\n", pictures[i].name, number, status);
        }
        printf("%s: %zu large allocations\n", pictures[i].name, number);
        /* A run without large allocations would prove nothing. */
        check(number > 10);
        check(ended == 0);
        set_down(&job.set);
    }
}

/* Linux tells in /proc how many addresses a process has. Sanitizers reserve all of them. */
#if defined(__linux__) && !defined(ABI_ASAN) && !defined(ABI_TSAN)

/* The size of this process's address space in bytes. */
static size_t addresses(void) {
    FILE *file = fopen("/proc/self/statm", "r");
    size_t pages = 0;
    if (!file || fscanf(file, "%zu", &pages) != 1) pages = 0;
    if (file) fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* Limits the address space to this many more bytes. */
static int32_t within(struct job *job, size_t more) {
    /* Return freed memory to the system. Otherwise the run could use it. */
    mallopt(M_MMAP_THRESHOLD, 1 << 17);
    malloc_trim(0);
    size_t all = addresses() + more;
    struct rlimit limit = {all, all};
    if (setrlimit(RLIMIT_AS, &limit) != 0) return -NEVER_FAILED;
    return stream(job);
}

/* From far too little memory to enough. */
static void sweep(void) {
    static const struct picture wide = {"a limit on addresses", "2", "on", "0", FORMAT, 40000, 6, {0, 0, 0, 0}};
    struct job job = job_of(&wide, "plain");
    size_t memory = 0, done = 0, ended = 0, steps = 40, most = (size_t)job.plan.memory * 2 + ((size_t)160 << 20);
    for (size_t i = 0; i < steps; i++) {
        size_t more = (1 << 20) + most / steps * i;
        int32_t status = in_child(within, &job, more);
        memory += status == ENL_ERROR_MEMORY;
        done += status == ENL_OK;
        if (status != ENL_OK && status != ENL_ERROR_MEMORY) {
            ended++;
            fprintf(stderr, "with %zu KiB more: %d\n", more >> 10, status);
        }
    }
    check(memory > 0);
    check(done > 0);
    check(ended == 0);
    set_down(&job.set);
}

#else
static void sweep(void) {}
#endif

void suite_memory(void) {
    limited();
    /* Before anything else runs, and in a program that has run nothing else: threads leave addresses behind that the
     * next ones live on. */
    sweep();
    failing();
}
