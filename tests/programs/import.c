/* Imports a network, or removes a model, and prints the model's id; the steps go to standard error.
 *
 *     import FILE
 *     import --remove ID
 *     import --stop FILE     stops when the network first runs
 */
#include <enlarger.h>
#include <stdio.h>
#include <string.h>

static int failed(int32_t status) {
    char sentence[1024];
    enl_last_error(sentence, sizeof sentence);
    fprintf(stderr, "%s: %s\n", enl_status_name(status), sentence);
    return status == ENL_CANCELLED ? 3 : 1;
}

static int32_t step(void *user_data, double fraction, const char *text) {
    fprintf(stderr, "%g %s\n", fraction, text);
    return *(const int *)user_data && strstr(text, "finding out") ? 0 : ENL_CONTINUE;
}

int main(int count, char **arguments) {
    enl_registry *registry;
    char id[128];
    int stop = count == 3 && !strcmp(arguments[1], "--stop");
    int32_t status = enl_registry_new(NULL, 0, &registry);
    if (status != ENL_OK || count < 2) return failed(status);
    if (count == 3 && !stop) {
        status = enl_registry_remove(registry, arguments[2]);
        snprintf(id, sizeof id, "%s", arguments[2]);
    } else {
        status = enl_registry_import(registry, arguments[count - 1], NULL, step, &stop, id, sizeof id, NULL);
    }
    if (status != ENL_OK) return failed(status);
    enl_registry_free(registry);
    puts(id);
    return 0;
}
