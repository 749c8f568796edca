/* Checks, which are counted. Several threads may check at once. */
#include "check.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "enlarger.h"

static atomic_size_t made, failed;
static _Thread_local const char *row = "";

enum { LONGEST = 4096 };

/* The message of a failure that `check_before` causes. If it is still there, nothing has failed since. */
static const char mark[] = "'cancel' is NULL; pass a valid pointer";

void check_row(const char *name) { row = name; }

void check_before(void) { enl_cancel_new(NULL); }

void check_failed(const char *text, const char *file, int line) {
    char sentence[LONGEST];
    enl_last_error(sentence, sizeof sentence);
    atomic_fetch_add(&failed, 1);
    fprintf(stderr, "%s:%d: [%s] %s\n    the library's last message: %s\n", file, line, row, text, sentence);
}

int check_true(int truth, const char *text, const char *file, int line) {
    atomic_fetch_add(&made, 1);
    if (!truth) check_failed(text, file, line);
    return truth;
}

int32_t check_status(int32_t expected, int32_t status, int sentences, const char *call, const char *file, int line) {
    char text[LONGEST], sentence[LONGEST] = "";
    atomic_fetch_add(&made, 1);
    if (status != expected) {
        snprintf(text, sizeof text, "%s returned %s instead of %s", call, enl_status_name(status), enl_status_name(expected));
        check_failed(text, file, line);
        return status;
    }
    if (!sentences) return status;
    size_t length = enl_last_error(sentence, sizeof sentence);
    const char *wrong = NULL;
    if (status == ENL_OK) {
        if (strcmp(sentence, mark) != 0) wrong = "succeeded but changed the error message";
    } else if (length == 0) {
        wrong = "failed without an error message";
    } else if (length < sizeof sentence && strlen(sentence) != length) {
        wrong = "has an error message whose length differs from the returned one";
    } else if (strcmp(sentence, mark) == 0) {
        wrong = "failed but left the message of an earlier failure";
    } else if (length < sizeof sentence && status != ENL_CANCELLED && !strstr(sentence, "; ") && !strstr(sentence, ", or ")) {
        wrong = "has an error message that does not say what to do";
    }
    if (wrong) {
        snprintf(text, sizeof text, "%s (%s) %s", call, enl_status_name(status), wrong);
        check_failed(text, file, line);
    }
    return status;
}

size_t checks_made(void) { return atomic_load(&made); }
size_t checks_failed(void) { return atomic_load(&failed); }
