/* fuzz - the one function of a target (fuzz_response.c, fuzz_session.c), under the name that
 * libFuzzer calls. */
#ifndef SHEAF_TESTS_FUZZ_H
#define SHEAF_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Aborts where `data` shows a fault; else 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
