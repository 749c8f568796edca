/* Checks of what the library returns: the exact status, and an error message for each failure.
 *
 * Test cases call the library only through `expect`. It rejects a failure without a new message, and a success that
 * changes the message.
 */
#ifndef CHECK_H
#define CHECK_H

#include <stddef.h>
#include <stdint.h>

/* Makes a call and compares its status. A known failure before the call reveals a message that is not replaced. */
#define expect(status, call) (check_before(), check_status((status), (call), 1, #call, __FILE__, __LINE__))

/* The same if callbacks make calls that may fail and leave their messages. */
#define expect_noisy(status, call) (check_before(), check_status((status), (call), 0, #call, __FILE__, __LINE__))

/* Checks any other condition. */
#define check(truth) check_true(!!(truth), #truth, __FILE__, __LINE__)

/* Names the current row of a table of cases. */
void check_row(const char *row);

void check_before(void);
int32_t check_status(int32_t expected, int32_t status, int sentences, const char *call, const char *file, int line);
int check_true(int truth, const char *text, const char *file, int line);

/* Reports a failed check. */
void check_failed(const char *text, const char *file, int line);

/* The number of checks, and of failed ones. */
size_t checks_made(void);
size_t checks_failed(void);

#endif
