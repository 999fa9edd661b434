// Kernels of the trainer. Written so that the compiler vectorises them; on x86-64 Linux a second version for AVX2 and FMA
// is chosen by the loader. Products of matrices are not here: they go to OpenBLAS.
#include "training_kernels.h"

#include <math.h>
#include <string.h>

#if defined(__x86_64__) && defined(__linux__) && defined(__clang__)
#define FOR_THIS_MACHINE __attribute__((target_clones("default", "arch=haswell")))
#else
#define FOR_THIS_MACHINE
#endif

enum { LANES = 8 };

// e^x for x <= 0 by range reduction and a polynomial of degree 6 (relative error below 2e-7).
static inline float exponential(float x) {
    x = x < -87.0f ? -87.0f : x;
    const float shifted = x * 1.44269504088896341f + 12582912.0f;
    const float whole = shifted - 12582912.0f;
    float rest = x - whole * 0.693359375f;
    rest = rest + whole * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * rest + 1.3981999507e-3f;
    p = p * rest + 8.3334519073e-3f;
    p = p * rest + 4.1665795894e-2f;
    p = p * rest + 1.6666665459e-1f;
    p = p * rest + 5.0000001201e-1f;
    p = p * rest * rest + rest + 1.0f;
    const int32_t bits = ((int32_t)whole + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

// Phi(x) by Abramowitz and Stegun 7.1.26 (absolute error 7.5e-8); `density` is e^(-x*x/2).
static inline float normal_cdf(float x, float density) {
    const float z = fabsf(x) * 0.70710678118654752f;
    const float t = 1.0f / (1.0f + 0.3275911f * z);
    const float tail =
        0.5f * t * density *
        (0.254829592f + t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f))));
    return x < 0.0f ? tail : 1.0f - tail;
}

FOR_THIS_MACHINE void winnow_training_gelu(const float *x, float *activated, size_t count) {
    for (size_t i = 0; i < count; i++) {
        activated[i] = x[i] * normal_cdf(x[i], exponential(-0.5f * x[i] * x[i]));
    }
}

FOR_THIS_MACHINE void winnow_training_gelu_backward(const float *x, float *gradient, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const float density = exponential(-0.5f * x[i] * x[i]);
        gradient[i] *= normal_cdf(x[i], density) + x[i] * density * 0.39894228040143268f;
    }
}

// Eight running sums, so that the order of additions is fixed and the loop still vectorises.
static inline float dot(const float *x, const float *y, size_t count) {
    float lanes[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        for (size_t lane = 0; lane < LANES; lane++) lanes[lane] += x[i + lane] * y[i + lane];
    }
    float sum = 0.0f;
    for (; i < count; i++) sum += x[i] * y[i];
    for (size_t lane = 0; lane < LANES; lane++) sum += lanes[lane];
    return sum;
}

static inline float total(const float *x, size_t count) {
    float lanes[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        for (size_t lane = 0; lane < LANES; lane++) lanes[lane] += x[i + lane];
    }
    float sum = 0.0f;
    for (; i < count; i++) sum += x[i];
    for (size_t lane = 0; lane < LANES; lane++) sum += lanes[lane];
    return sum;
}

FOR_THIS_MACHINE void winnow_training_layer_norm(const float *x, const float *scale, const float *shift, float epsilon,
                                                 float *out, float *normalised, float *inverse_deviation, size_t rows,
                                                 size_t width) {
    for (size_t row = 0; row < rows; row++) {
        const float *in = x + row * width;
        float *unit = normalised + row * width;
        float *result = out + row * width;
        const float mean = total(in, width) / (float)width;
        for (size_t j = 0; j < width; j++) unit[j] = in[j] - mean;
        const float inverse = 1.0f / sqrtf(dot(unit, unit, width) / (float)width + epsilon);
        inverse_deviation[row] = inverse;
        for (size_t j = 0; j < width; j++) {
            unit[j] *= inverse;
            result[j] = unit[j] * scale[j] + shift[j];
        }
    }
}

FOR_THIS_MACHINE void winnow_training_layer_norm_backward(const float *d_out, const float *normalised,
                                                          const float *inverse_deviation, const float *scale,
                                                          float *d_x, float *d_scale, float *d_shift, size_t rows,
                                                          size_t width) {
    for (size_t row = 0; row < rows; row++) {
        const float *above = d_out + row * width;
        const float *unit = normalised + row * width;
        float *below = d_x + row * width;
        for (size_t j = 0; j < width; j++) {
            d_scale[j] += above[j] * unit[j];
            d_shift[j] += above[j];
        }
        for (size_t j = 0; j < width; j++) below[j] = above[j] * scale[j];
        const float mean = total(below, width) / (float)width;
        const float along = dot(below, unit, width) / (float)width;
        const float inverse = inverse_deviation[row];
        for (size_t j = 0; j < width; j++) below[j] = inverse * (below[j] - mean - unit[j] * along);
    }
}

FOR_THIS_MACHINE void winnow_training_softmax(float *scores, float factor, size_t rows, size_t width) {
    for (size_t row = 0; row < rows; row++) {
        float *line = scores + row * width;
        float largest = line[0];
        for (size_t j = 1; j < width; j++) largest = line[j] > largest ? line[j] : largest;
        for (size_t j = 0; j < width; j++) line[j] = exponential((line[j] - largest) * factor);
        const float inverse = 1.0f / total(line, width);
        for (size_t j = 0; j < width; j++) line[j] *= inverse;
    }
}

FOR_THIS_MACHINE void winnow_training_add_to_softmax_sums(const float *scores, float *largest, float *sums, size_t rows,
                                                          size_t width) {
    for (size_t row = 0; row < rows; row++) {
        const float *line = scores + row * width;
        float top = largest[row];
        for (size_t j = 0; j < width; j++) top = line[j] > top ? line[j] : top;
        float lanes[LANES] = {0};
        size_t j = 0;
        for (; j + LANES <= width; j += LANES) {
            for (size_t lane = 0; lane < LANES; lane++) lanes[lane] += exponential(line[j + lane] - top);
        }
        float sum = sums[row] * exponential(largest[row] - top);
        for (; j < width; j++) sum += exponential(line[j] - top);
        for (size_t lane = 0; lane < LANES; lane++) sum += lanes[lane];
        largest[row] = top;
        sums[row] = sum;
    }
}

FOR_THIS_MACHINE void winnow_training_softmax_by_sums(float *scores, const float *largest, const float *factors,
                                                      size_t rows, size_t width) {
    for (size_t row = 0; row < rows; row++) {
        float *line = scores + row * width;
        const float top = largest[row], factor = factors[row];
        for (size_t j = 0; j < width; j++) line[j] = factor * exponential(line[j] - top);
    }
}

FOR_THIS_MACHINE void winnow_training_softmax_backward(const float *probabilities, float *gradient, float factor,
                                                       size_t rows, size_t width) {
    for (size_t row = 0; row < rows; row++) {
        const float *p = probabilities + row * width;
        float *g = gradient + row * width;
        const float along = dot(p, g, width);
        for (size_t j = 0; j < width; j++) g[j] = factor * p[j] * (g[j] - along);
    }
}

FOR_THIS_MACHINE void winnow_training_gated_softmax(float *scores, float *probabilities, const float *gates, float factor,
                                                    size_t rows, size_t width) {
    for (size_t row = 0; row < rows; row++) {
        float *line = scores + row * width;
        float *p = probabilities + row * width;
        float largest = -3.0e38f;
        for (size_t j = 0; j < width; j++) largest = gates[j] > 0.0f && line[j] > largest ? line[j] : largest;
        for (size_t j = 0; j < width; j++) {
            // A closed column may score far above the open ones; its ratio only has to stay finite.
            const float above = (line[j] - largest) * factor;
            line[j] = exponential(above > 30.0f ? 30.0f : above);
            p[j] = gates[j] * line[j];
        }
        const float inverse = 1.0f / total(p, width);
        for (size_t j = 0; j < width; j++) {
            line[j] *= inverse;
            p[j] *= inverse;
        }
    }
}

FOR_THIS_MACHINE void winnow_training_gated_softmax_backward(const float *ratios, const float *gates, float *gradient,
                                                             float *gate_gradient, float factor, size_t rows,
                                                             size_t width) {
    for (size_t row = 0; row < rows; row++) {
        const float *r = ratios + row * width;
        float *g = gradient + row * width;
        float along = 0.0f;
        for (size_t j = 0; j < width; j++) along += gates[j] * r[j] * g[j];
        for (size_t j = 0; j < width; j++) {
            const float share = r[j] * (g[j] - along);
            gate_gradient[j] += share;
            g[j] = factor * gates[j] * share;
        }
    }
}

FOR_THIS_MACHINE void winnow_training_multiply_columns(const float *x, const float *gates, float *out, size_t rows,
                                                       size_t width) {
    for (size_t row = 0; row < rows; row++) {
        for (size_t j = 0; j < width; j++) out[row * width + j] = x[row * width + j] * gates[j];
    }
}

FOR_THIS_MACHINE float winnow_training_dot(const float *x, const float *y, size_t count) { return dot(x, y, count); }

FOR_THIS_MACHINE void winnow_training_add_bias(float *x, const float *bias, size_t rows, size_t width) {
    for (size_t row = 0; row < rows; row++) {
        for (size_t j = 0; j < width; j++) x[row * width + j] += bias[j];
    }
}

FOR_THIS_MACHINE void winnow_training_add_column_sums(const float *x, float *sums, size_t rows, size_t width) {
    for (size_t row = 0; row < rows; row++) {
        for (size_t j = 0; j < width; j++) sums[j] += x[row * width + j];
    }
}

FOR_THIS_MACHINE void winnow_training_add(float *x, const float *y, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] += y[i];
}

FOR_THIS_MACHINE void winnow_training_multiply(float *x, const float *y, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] *= y[i];
}

FOR_THIS_MACHINE double winnow_training_sum_of_squares(const float *x, size_t count) {
    double lanes[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        for (size_t lane = 0; lane < LANES; lane++) lanes[lane] += (double)x[i + lane] * (double)x[i + lane];
    }
    double sum = 0.0;
    for (; i < count; i++) sum += (double)x[i] * (double)x[i];
    for (size_t lane = 0; lane < LANES; lane++) sum += lanes[lane];
    return sum;
}

FOR_THIS_MACHINE void winnow_training_adamw(float *values, const float *gradients, float *first, float *second,
                                            size_t count, float gradient_factor, float beta1, float beta2,
                                            float epsilon, float step_size, float root_correction, float decay) {
    const float keep = 1.0f - decay;
    for (size_t i = 0; i < count; i++) {
        const float gradient = gradients[i] * gradient_factor;
        const float m = beta1 * first[i] + (1.0f - beta1) * gradient;
        const float v = beta2 * second[i] + (1.0f - beta2) * gradient * gradient;
        first[i] = m;
        second[i] = v;
        values[i] = values[i] * keep - step_size * m / (sqrtf(v) * root_correction + epsilon);
    }
}

// SplitMix64's output function (Steele, Lea and Flood, 2014) of a counter.
static inline uint64_t mixed(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

FOR_THIS_MACHINE void winnow_training_dropout_factors(float *factors, size_t count, uint64_t seed, float probability) {
    const uint32_t threshold = (uint32_t)(probability * 65536.0f);
    const float kept = 1.0f / (1.0f - probability);
    for (size_t i = 0; i < count; i += 4) {
        const uint64_t bits = mixed(seed + (i / 4 + 1) * 0x9E3779B97F4A7C15ULL);
        const size_t block = count - i < 4 ? count - i : 4;
        for (size_t j = 0; j < block; j++) {
            factors[i + j] = (uint32_t)((bits >> (16 * j)) & 0xFFFF) < threshold ? 0.0f : kept;
        }
    }
}
