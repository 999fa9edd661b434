#ifndef WINNOW_TRAINING_KERNELS_H
#define WINNOW_TRAINING_KERNELS_H

// Elementwise and row-wise kernels of the trainer: forward and backward beside each other, single-threaded, no allocation.
// Matrices are row-major and dense. Nothing here keeps state; the caller owns every buffer.
#include <stddef.h>
#include <stdint.h>

/// activated[i] = x * Phi(x), the exact (erf) GELU.
void winnow_training_gelu(const float *x, float *activated, size_t count);

/// gradient[i] *= d/dx (x * Phi(x)) = Phi(x) + x * phi(x).
void winnow_training_gelu_backward(const float *x, float *gradient, size_t count);

/// Each row of x (rows, width) to zero mean and unit variance, kept in `normalised`, then scaled and shifted into `out`.
/// `out` may be `x`.
void winnow_training_layer_norm(const float *x, const float *scale, const float *shift, float epsilon, float *out,
                                float *normalised, float *inverse_deviation, size_t rows, size_t width);

/// Gradient of layer_norm: d_x (rows, width) is written (it may be d_out), d_scale and d_shift (width) are added to.
void winnow_training_layer_norm_backward(const float *d_out, const float *normalised, const float *inverse_deviation,
                                         const float *scale, float *d_x, float *d_scale, float *d_shift, size_t rows,
                                         size_t width);

/// Takes the columns `scores` (rows, width) of a wider matrix into each row's largest score and its sum of
/// e^(score - largest): a softmax over more columns than are held at once. Begin with -3e38 and 0.
void winnow_training_add_to_softmax_sums(const float *scores, float *largest, float *sums, size_t rows, size_t width);

/// scores = factors[row] * e^(score - largest[row]); with the factor 1 / sum these are the softmax's probabilities.
void winnow_training_softmax_by_sums(float *scores, const float *largest, const float *factors, size_t rows, size_t width);

/// Softmax of each row of `scores` (rows, width) times `factor`, in place.
void winnow_training_softmax(float *scores, float factor, size_t rows, size_t width);

/// Gradient of the above with respect to the scores before the factor: gradient (rows, width) holds dL/dP on entry.
void winnow_training_softmax_backward(const float *probabilities, float *gradient, float factor, size_t rows,
                                      size_t width);

/// As softmax, with a gate (at least 0) on each column: on return `scores` holds r = e / Z with e = exp(factor * score) and
/// Z the sum of gate * e over the row, and `probabilities` gate * r, which sums to 1. A column of gate 0 is as if it were not
/// there. At least one gate must be positive.
void winnow_training_gated_softmax(float *scores, float *probabilities, const float *gates, float factor, size_t rows,
                                   size_t width);

/// Gradient of the above, from r: `gradient` (rows, width) holds dL/dprobabilities on entry and dL/dscores on return; the
/// gates' gradient (width) is added to.
void winnow_training_gated_softmax_backward(const float *ratios, const float *gates, float *gradient, float *gate_gradient,
                                            float factor, size_t rows, size_t width);

/// out (rows, width) = x with column j times gates[j].
void winnow_training_multiply_columns(const float *x, const float *gates, float *out, size_t rows, size_t width);

/// Sum of x[i] * y[i].
float winnow_training_dot(const float *x, const float *y, size_t count);

/// Adds `bias` (width) to each row.
void winnow_training_add_bias(float *x, const float *bias, size_t rows, size_t width);

/// sums[j] += sum over rows of x[., j].
void winnow_training_add_column_sums(const float *x, float *sums, size_t rows, size_t width);

/// x[i] += y[i], and x[i] *= y[i].
void winnow_training_add(float *x, const float *y, size_t count);
void winnow_training_multiply(float *x, const float *y, size_t count);

/// Sum of squares, accumulated in double precision.
double winnow_training_sum_of_squares(const float *x, size_t count);

/// One AdamW step (Loshchilov and Hutter, 2019): decoupled decay. `rate` already holds the schedule;
/// `step_size` is rate / (1 - beta1^t), `root_correction` is 1 / sqrt(1 - beta2^t).
void winnow_training_adamw(float *values, const float *gradients, float *first, float *second, size_t count,
                           float gradient_factor, float beta1, float beta2, float epsilon, float step_size,
                           float root_correction, float decay);

/// Inverted dropout from a counter: factors[i] is 0 with the given probability, else 1 / (1 - probability).
/// The same seed gives the same factors, wherever and in whatever order the blocks are made.
void winnow_training_dropout_factors(float *factors, size_t count, uint64_t seed, float probability);

#endif
