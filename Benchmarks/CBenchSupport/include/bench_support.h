// Counts heap allocations: malloc and its kin are defined by the benchmark executable, which
// takes precedence over libc's for the Swift runtime and every library.
#pragma once
#include <stdint.h>

uint64_t bench_allocations(void); // calls so far
uint64_t bench_allocated_bytes(void);
void bench_trace(int count, const char *label); // backtraces of the next allocations to stderr
double bench_cpu_seconds(void);   // CPU time of the process
int64_t bench_peak_kib(void);     // largest resident set so far
