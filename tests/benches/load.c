/* Loads the library, opens the default model with the engine that the argument names, makes a plan, and prints the CPU time of
 * this process in milliseconds, including the start of the program. */

#include <enlarger.h>
#include <stdio.h>
#include <sys/resource.h>

int main(int argc, char **argv)
{
    enl_registry *registry;
    enl_options *options;
    enl_upscaler *upscaler;
    enl_plan plan;
    char message[1000];
    if (argc != 2 || enl_registry_new(NULL, 0, &registry) || enl_options_new(registry, &options) ||
        enl_options_set(options, "engine", argv[1]) || enl_upscaler_new(registry, options, &upscaler) ||
        enl_upscaler_plan(upscaler, NULL, 1633, 1225, NULL, &plan)) {
        enl_last_error(message, sizeof message);
        fprintf(stderr, "load: %s\n", message);
        return 1;
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%.1f\n", (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
                         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000);
    enl_upscaler_free(upscaler);
    enl_options_free(options);
    enl_registry_free(registry);
    return 0;
}
