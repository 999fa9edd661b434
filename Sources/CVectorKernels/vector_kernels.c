// The dispatch: one call, one switch. The kernels themselves are compiled once for each instruction set.
#include "vector_kernels.h"

#if defined(__x86_64__)
#define FOR_EACH_SET(call) \
    switch (set) { \
    case WINNOW_AVX512: winnow_avx512_##call; return; \
    case WINNOW_AVX2: winnow_avx2_##call; return; \
    default: winnow_portable_##call; return; \
    }
#define DECLARE(result, name, parameters) \
    result winnow_portable_##name parameters; \
    result winnow_avx2_##name parameters; \
    result winnow_avx512_##name parameters;
#else
#define FOR_EACH_SET(call) \
    (void)set; \
    winnow_portable_##call;
#define DECLARE(result, name, parameters) result winnow_portable_##name parameters;
#endif

DECLARE(void, packed_product,
    (const float *, long, const float *, const float *, const float *, float *, long, long, long, long, WinnowEpilogue))
DECLARE(long, panel_columns, (void))
DECLARE(void, gelu, (float *, long))
DECLARE(void, layer_norm, (const float *, const float *, const float *, float *, long, long, float))
DECLARE(void, embed,
    (const float *, const float *, const float *, const int *, const int *, float *, long, long))
DECLARE(void, attention, (const float *, float *, long, long, long, float *))

WinnowInstructionSet winnow_best_instruction_set(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq"))
        return WINNOW_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return WINNOW_AVX2;
#endif
    return WINNOW_PORTABLE;
}

long winnow_panel_columns(WinnowInstructionSet set) {
#if defined(__x86_64__)
    if (set == WINNOW_AVX512) return winnow_avx512_panel_columns();
    if (set == WINNOW_AVX2) return winnow_avx2_panel_columns();
#endif
    return winnow_portable_panel_columns();
}

long winnow_packed_count(WinnowInstructionSet set, long columns, long depth) {
    long panel = winnow_panel_columns(set);
    return (columns + panel - 1) / panel * panel * depth;
}

void winnow_pack_weights(WinnowInstructionSet set, const float *weights, long columns, long depth, float *packed) {
    long panel = winnow_panel_columns(set);
    for (long first = 0; first < columns; first += panel)
        for (long index = 0; index < depth; index++)
            for (long column = first; column < first + panel; column++)
                *packed++ = column < columns ? weights[column * depth + index] : 0;
}

void winnow_packed_product(
    WinnowInstructionSet set, const float *a, long a_stride, const float *packed, const float *bias,
    const float *residual, float *c, long c_stride, long rows, long columns, long depth, WinnowEpilogue epilogue) {
    FOR_EACH_SET(packed_product(a, a_stride, packed, bias, residual, c, c_stride, rows, columns, depth, epilogue))
}

void winnow_gelu(WinnowInstructionSet set, float *x, long count) {
    FOR_EACH_SET(gelu(x, count))
}

void winnow_layer_norm(
    WinnowInstructionSet set, const float *x, const float *gamma, const float *beta, float *out, long rows,
    long width, float epsilon) {
    FOR_EACH_SET(layer_norm(x, gamma, beta, out, rows, width, epsilon))
}

void winnow_embed(
    WinnowInstructionSet set, const float *word, const float *position, const float *segment, const int *ids,
    const int *positions, float *out, long rows, long width) {
    FOR_EACH_SET(embed(word, position, segment, ids, positions, out, rows, width))
}

void winnow_attention(
    WinnowInstructionSet set, const float *qkv, float *out, long length, long heads, long head_width, float *scratch) {
    FOR_EACH_SET(attention(qkv, out, length, heads, head_width, scratch))
}

long winnow_attention_scratch(long length, long head_width) {
    long padded = (length + 31) / 32 * 32;
    return (head_width + 4) * padded;
}
