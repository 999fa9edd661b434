// The kernels, written once with compiler vectors. Each instruction set's file defines LANES, KERNEL(name), TILE_ROWS
// and TILE_VECTORS and includes this. Not a public header.
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

static inline Vector maximum(Vector left, Vector right) {
    return __builtin_elementwise_max(left, right);
}

static inline Vector minimum(Vector left, Vector right) {
    return __builtin_elementwise_min(left, right);
}

// Halves the vector until one lane is left.
static inline float horizontal_sum(Vector value) {
    float lanes[LANES];
    store(lanes, value);
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int lane = 0; lane < width; lane++) lanes[lane] += lanes[lane + width];
    return lanes[0];
}

static inline float horizontal_maximum(Vector value) {
    float lanes[LANES];
    store(lanes, value);
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int lane = 0; lane < width; lane++)
            lanes[lane] = lanes[lane + width] > lanes[lane] ? lanes[lane + width] : lanes[lane];
    return lanes[0];
}

// 2^x for -126 <= x <= 126: a minimax polynomial for the fraction (relative error below 6e-8), the whole part goes
// into the exponent. Adding 1.5 x 2^23 rounds to the nearest integer and leaves it in the low bits.
static inline Vector power_of_two(Vector x) {
    Vector shifted = x + 12582912.0f;
    Vector rest = x - (shifted - 12582912.0f);
    Vector sum = rest * 1.32823945e-3f + 9.67862830e-3f;
    sum = sum * rest + 5.55072874e-2f;
    sum = sum * rest + 2.40220323e-1f;
    sum = sum * rest + 6.93146884e-1f;
    sum = sum * rest + 1.0f;
    return (Vector)((Integers)sum + ((Integers)shifted << 23));
}

// e^x for x <= 87; what is below -87 counts as -87.
static inline Vector exponential(Vector x) {
    return power_of_two(maximum(x, splat(-87.0f)) * 1.44269504088896341f);
}

// x Phi(x) = max(x, 0) - |x| Phi(-|x|). log2 Phi(-m) is smooth: a polynomial of degree six on 0...6, fitted so that the
// largest error of the product is least (3.3e-7 in float arithmetic over all x).
static inline Vector gelu_vector(Vector x) {
    Vector m = minimum(__builtin_elementwise_abs(x), splat(6.0f));
    Vector sum = m * 2.84139987e-5f - 7.26968690e-4f;
    sum = sum * m + 7.93698803e-3f;
    sum = sum * m - 5.31803742e-2f;
    sum = sum * m - 4.58952665e-1f;
    sum = sum * m - 1.15113866f;
    sum = sum * m - 1.0f;
    return maximum(x, splat(0.0f)) - m * power_of_two(sum);
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
