// The kernels, written once with compiler vectors. Each instruction set's file defines LANES, KERNEL(name), TILE_ROWS and
// TILE_VECTORS and includes this. Not a public header.
#include "vector_kernels.h"

#include <stdint.h>
#include <string.h>

typedef float Vector __attribute__((vector_size(LANES * 4), aligned(4)));
typedef int32_t Integers __attribute__((vector_size(LANES * 4), aligned(4)));

static inline Vector load(const float *from) {
    return *(const Vector *)from;
}

static inline void store(float *to, Vector value) {
    *(Vector *)to = value;
}

static inline Vector splat(float value) {
    return value - (Vector){0};
}

static inline Vector select_vector(Integers mask, Vector yes, Vector no) {
    return (Vector)((mask & (Integers)yes) | (~mask & (Integers)no));
}

static inline Vector maximum(Vector left, Vector right) {
    return select_vector(left > right, left, right);
}

static inline Vector minimum(Vector left, Vector right) {
    return select_vector(left < right, left, right);
}

static inline float horizontal_sum(Vector value) {
    float sum = 0;
    for (int lane = 0; lane < LANES; lane++) sum += value[lane];
    return sum;
}

static inline float horizontal_maximum(Vector value) {
    float result = value[0];
    for (int lane = 1; lane < LANES; lane++) result = value[lane] > result ? value[lane] : result;
    return result;
}

// exp(x) for x <= 88: 2^n e^r with |r| <= ln 2 / 2, Taylor to the sixth power (relative error below 2e-7).
static inline Vector exponential(Vector x) {
    x = maximum(x, splat(-87.0f));
    Vector scaled = x * 1.44269504088896341f;
    // Adding and taking away 1.5 x 2^23 rounds to the nearest integer.
    Vector rounded = (scaled + 12582912.0f) - 12582912.0f;
    Vector rest = x - rounded * 0.693359375f;
    rest = rest + rounded * 2.12194440e-4f;
    Vector sum = rest * 1.3888889e-3f + 8.3333333e-3f;
    sum = sum * rest + 4.16666667e-2f;
    sum = sum * rest + 1.66666667e-1f;
    sum = sum * rest + 0.5f;
    sum = sum * rest + 1.0f;
    sum = sum * rest + 1.0f;
    Integers exponent = (__builtin_convertvector(rounded, Integers) + 127) << 23;
    return sum * (Vector)exponent;
}

// x Phi(x) = max(x, 0) - |x| Phi(-|x|); the tail Phi(-|x|) by Abramowitz and Stegun 26.2.17 (error below 7.5e-8).
static inline Vector gelu_vector(Vector x) {
    Vector magnitude = (Vector)((Integers)x & 0x7fffffff);
    Vector bounded = minimum(magnitude, splat(13.0f));
    Vector t = 1.0f / (bounded * 0.2316419f + 1.0f);
    Vector sum = t * 1.330274429f - 1.821255978f;
    sum = sum * t + 1.781477937f;
    sum = sum * t - 0.356563782f;
    sum = sum * t + 0.319381530f;
    Vector tail = exponential(bounded * bounded * -0.5f) * 0.39894228040143268f * (sum * t);
    return maximum(x, splat(0.0f)) - bounded * tail;
}

void KERNEL(gelu)(float *x, long count) {
    long index = 0;
    for (; index + LANES <= count; index += LANES) store(x + index, gelu_vector(load(x + index)));
    if (index < count) {
        float rest[LANES] = {0};
        memcpy(rest, x + index, (size_t)(count - index) * sizeof(float));
        store(rest, gelu_vector(load(rest)));
        memcpy(x + index, rest, (size_t)(count - index) * sizeof(float));
    }
}

void KERNEL(add_bias)(float *x, const float *bias, long rows, long width) {
    for (long row = 0; row < rows; row++, x += width)
        for (long column = 0; column < width; column++) x[column] += bias[column];
}

void KERNEL(layer_norm)(
    const float *x, const float *gamma, const float *beta, float *out, long rows, long width, float epsilon) {
    for (long row = 0; row < rows; row++, x += width, out += width) {
        Vector sums = {0}, squares = {0};
        float sum = 0, square = 0;
        long column = 0;
        for (; column + LANES <= width; column += LANES) sums += load(x + column);
        for (; column < width; column++) sum += x[column];
        float mean = (sum + horizontal_sum(sums)) / (float)width;
        for (column = 0; column + LANES <= width; column += LANES) {
            Vector difference = load(x + column) - mean;
            squares += difference * difference;
        }
        for (; column < width; column++) square += (x[column] - mean) * (x[column] - mean);
        float variance = (square + horizontal_sum(squares)) / (float)width;
        float scale = 1.0f / __builtin_sqrtf(variance + epsilon);
        for (column = 0; column + LANES <= width; column += LANES)
            store(out + column, (load(x + column) - mean) * scale * load(gamma + column) + load(beta + column));
        for (; column < width; column++) out[column] = (x[column] - mean) * scale * gamma[column] + beta[column];
    }
}

void KERNEL(embed)(
    const float *word, const float *position, const float *segment, const int *ids, const int *positions, float *out,
    long rows, long width) {
    for (long row = 0; row < rows; row++, out += width) {
        const float *from_word = word + (long)ids[row] * width;
        const float *from_position = position + (long)positions[row] * width;
        for (long column = 0; column < width; column++)
            out[column] = from_word[column] + segment[column] + from_position[column];
    }
}

#include "attention_body.h"
#include "product_body.h"
