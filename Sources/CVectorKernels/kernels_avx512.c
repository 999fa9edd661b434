// The kernels for AVX-512: sixteen lanes, twenty-four sums of thirty-two registers.
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma"))), apply_to = function)
#define LANES 16
#define TILE_ROWS 12
#define TILE_VECTORS 2
#define KERNEL(name) winnow_avx512_##name
#include "kernels_body.h"
#pragma clang attribute pop
#else
typedef int winnow_avx512_is_absent;
#endif
