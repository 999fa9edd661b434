// Float kernels of the encoder, compiled for several instruction sets and chosen at run time: pure functions on
// caller's memory, no state, nothing allocated. TensorKernels wraps them; the shapes are checked there.
#ifndef WINNOW_VECTOR_KERNELS_H
#define WINNOW_VECTOR_KERNELS_H

#include <stddef.h>

typedef enum {
    WINNOW_PORTABLE = 0,  // four lanes: SSE2, NEON
    WINNOW_AVX2 = 1,      // eight lanes, fused multiply-add
    WINNOW_AVX512 = 2,    // sixteen lanes
} WinnowInstructionSet;

/// The widest set this processor and operating system run.
WinnowInstructionSet winnow_best_instruction_set(void);

/// Columns of one panel of packed weights for an instruction set.
long winnow_panel_columns(WinnowInstructionSet set);

/// What happens to a row of a product before it is stored. `bias` may be NULL (none).
typedef enum {
    WINNOW_STORE = 0,          // c = a b + bias
    WINNOW_GELU = 1,           // c = gelu(a b + bias), exact (erf) form
    WINNOW_ADD_RESIDUAL = 2,   // c = a b + bias + residual
} WinnowEpilogue;

/// c (rows, columns) = epilogue(a (rows, depth) x weights), weights packed by winnow_pack_weights.
/// `residual` has c's shape and leading dimension; it may be c itself. Rows of a lie `a_stride` floats apart.
void winnow_packed_product(
    WinnowInstructionSet set, const float *a, long a_stride, const float *packed, const float *bias,
    const float *residual, float *c, long c_stride, long rows, long columns, long depth, WinnowEpilogue epilogue);

/// Floats that packed weights of (columns, depth) need.
long winnow_packed_count(WinnowInstructionSet set, long columns, long depth);

/// Packs row-major weights (columns, depth), PyTorch's order of a linear layer, into panels.
void winnow_pack_weights(WinnowInstructionSet set, const float *weights, long columns, long depth, float *packed);

/// x (count) = gelu(x), exact (erf) form; absolute error below 1e-6.
void winnow_gelu(WinnowInstructionSet set, float *x, long count);

/// out (rows, width) = layer_norm(x) * gamma + beta over each row. `out` may be x.
void winnow_layer_norm(
    WinnowInstructionSet set, const float *x, const float *gamma, const float *beta, float *out, long rows,
    long width, float epsilon);

/// out (rows, width) = word[ids[r]] + position[positions[r]] + segment (width). Ids were checked by the caller.
void winnow_embed(
    WinnowInstructionSet set, const float *word, const float *position, const float *segment, const int *ids,
    const int *positions, float *out, long rows, long width);

/// Self-attention of one post: qkv (length, 3 x heads x head_width) -> out (length, heads x head_width), no mask.
/// `scratch` holds winnow_attention_scratch floats.
void winnow_attention(
    WinnowInstructionSet set, const float *qkv, float *out, long length, long heads, long head_width, float *scratch);

long winnow_attention_scratch(long length, long head_width);

#endif
