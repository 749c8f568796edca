/* Checks of what the library answers: the exact status, and a sentence of its own for each failure.
 *
 * `expect` is the one way in which cases call the library. It must never let a failure pass that left no sentence, or a
 * success that changed it.
 */
#ifndef CHECK_H
#define CHECK_H

#include <stddef.h>
#include <stdint.h>

/* Calls, and compares the status. The last failure before it is a known one, so that an old sentence shows. */
#define expect(status, call) (check_before(), check_status((status), (call), 1, #call, __FILE__, __LINE__))

/* The same where calls from inside callbacks may fail too, and leave their sentences. */
#define expect_noisy(status, call) (check_before(), check_status((status), (call), 0, #call, __FILE__, __LINE__))

/* Any other truth. */
#define check(truth) check_true(!!(truth), #truth, __FILE__, __LINE__)

/* What comes in rows of a table is named by its row. */
void check_row(const char *row);

void check_before(void);
int32_t check_status(int32_t expected, int32_t status, int sentences, const char *call, const char *file, int line);
int check_true(int truth, const char *text, const char *file, int line);

/* A status that the code has seen and found wrong. */
void check_failed(const char *text, const char *file, int line);

/* How many checks there were, and how many of them failed. */
size_t checks_made(void);
size_t checks_failed(void);

#endif
