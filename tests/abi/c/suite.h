/* The suites: what the program can be asked to run. */
#ifndef SUITE_H
#define SUITE_H

/* What is done very often is done one time in this many: for tools that take their time. */
extern int suite_share;

void suite_null(void);
void suite_handle(void);
void suite_view(void);
void suite_text(void);
void suite_option(void);
void suite_preset(void);
void suite_callback(void);
void suite_thread(void);
void suite_cancel(void);
void suite_panic(void);
void suite_memory(void);
void suite_race(void);

/* Planted defects: whatever watches the program must stop it. */
void plant_overrun(void);
void plant_library_overrun(void);
void plant_guard(void);
void plant_undefined(void);
void plant_leak(void);
void plant_race(void);
void plant_library_race(void);

#endif
