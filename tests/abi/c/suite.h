/* The test suites that the program can run. */
#ifndef SUITE_H
#define SUITE_H

/* Divides the number of repetitions, for slow tools such as sanitizers. */
extern int suite_share;

void suite_null(void);
void suite_handle(void);
void suite_view(void);
void suite_text(void);
void suite_option(void);
void suite_preset(void);
void suite_damage(void);
void suite_callback(void);
void suite_thread(void);
void suite_cancel(void);
void suite_panic(void);
void suite_memory(void);
void suite_race(void);

/* Planted defects, which a sanitizer or a guard page must detect. */
void plant_overrun(void);
void plant_library_overrun(void);
void plant_guard(void);
void plant_undefined(void);
void plant_leak(void);
void plant_race(void);
void plant_library_race(void);

#endif
