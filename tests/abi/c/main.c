/* abi SUITE... [--share N]
 *
 * Runs test suites of misuse, or plants a defect. `misuse` runs all suites without special requirements. The program
 * returns 0 if all checks pass. With a planted defect that nothing detects it returns 0 too, which the scripts check.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "room.h"
#include "set.h"
#include "suite.h"

/* The part in Rust. */
const char *abi_begin(void);
void abi_end(void);

int suite_share = 1;

static const struct suite {
    const char *name;
    void (*run)(void);
    int misuse;
} suites[] = {
    {"null", suite_null, 1},
    {"handle", suite_handle, 1},
    {"view", suite_view, 1},
    {"text", suite_text, 1},
    {"option", suite_option, 1},
    {"preset", suite_preset, 1},
    {"damage", suite_damage, 1},
    {"callback", suite_callback, 1},
    {"thread", suite_thread, 1},
    {"cancel", suite_cancel, 1},
    {"panic", suite_panic, 1},
    {"memory", suite_memory, 0},
    {"race", suite_race, 0},
    {"plant-overrun", plant_overrun, 0},
    {"plant-library-overrun", plant_library_overrun, 0},
    {"plant-guard", plant_guard, 0},
    {"plant-undefined", plant_undefined, 0},
    {"plant-leak", plant_leak, 0},
    {"plant-race", plant_race, 0},
    {"plant-library-race", plant_library_race, 0},
};

/* Runs the suites of this name and returns their number. */
static int run(const char *name) {
    int known = 0;
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        if (strcmp(name, suites[i].name) == 0 || (suites[i].misuse && strcmp(name, "misuse") == 0)) {
            size_t made = checks_made(), failed = checks_failed();
            suites[i].run();
            room_free_all();
            printf("%-10s %9zu checks, %zu failed\n", suites[i].name, checks_made() - made, checks_failed() - failed);
            fflush(stdout);
            known++;
        }
    }
    return known;
}

int main(int argc, char **argv) {
    set_models = abi_begin();
    int usage = argc < 2;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--share") == 0 && i + 1 < argc) {
            suite_share = atoi(argv[++i]);
        } else if (run(argv[i]) == 0) {
            fprintf(stderr, "abi: there is no suite '%s'\n", argv[i]);
            usage = 1;
        }
    }
    abi_end();
    return usage || suite_share < 1 ? 2 : checks_failed() > 0;
}
