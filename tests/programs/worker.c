/* A worker that is made of the static library, for a program that is shipped alone. */
#include <enlarger.h>

int main(void) {
    return enl_worker_run() != ENL_OK;
}
