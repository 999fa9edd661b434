// The kernels for AVX2 with fused multiply-add: eight lanes, twelve sums of sixteen registers.
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define LANES 8
#define TILE_ROWS 6
#define TILE_VECTORS 2
#define KERNEL(name) winnow_avx2_##name
#include "kernels_body.h"
#pragma clang attribute pop
#else
typedef int winnow_avx2_is_absent;
#endif
