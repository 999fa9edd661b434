// Self-attention of one post, one head after the other. Part of kernels_body.h.

// scores (length rows, padded columns) = queries x transposed keys, four queries and two vectors at a time.
static inline __attribute__((always_inline)) void score_tile(
    const float *queries, long stride, const float *keys, long padded, float *scores, long head_width,
    const int rows) {
    Vector sums[4][2] = {{{0}}};
    for (long depth = 0; depth < head_width; depth++) {
        Vector first = load(keys + depth * padded);
        Vector second = load(keys + depth * padded + LANES);
        for (int row = 0; row < rows; row++) {
            float query = queries[row * stride + depth];
            sums[row][0] += first * query;
            sums[row][1] += second * query;
        }
    }
    for (int row = 0; row < rows; row++) {
        store(scores + row * padded, sums[row][0]);
        store(scores + row * padded + LANES, sums[row][1]);
    }
}

static inline void softmax_row(float *scores, long length, long padded, float scale) {
    for (long column = length; column < padded; column++) scores[column] = -__builtin_inff();
    Vector largest = load(scores);
    for (long column = LANES; column < padded; column += LANES) largest = maximum(largest, load(scores + column));
    float offset = horizontal_maximum(largest) * scale;
    Vector sums = {0};
    for (long column = 0; column < padded; column += LANES) {
        Vector value = exponential(load(scores + column) * scale - offset);
        store(scores + column, value);
        sums += value;
    }
    // Lanes beyond the length hold e^-87, not zero; nothing reads them, and 1e-38 does not move the sum.
    float factor = 1.0f / horizontal_sum(sums);
    for (long column = 0; column < padded; column += LANES) store(scores + column, load(scores + column) * factor);
}

// out (rows, up to 2 vectors) = probabilities (rows, length) x values (length, columns).
static inline __attribute__((always_inline)) void value_tile(
    const float *scores, long padded, const float *values, long stride, float *out, long out_stride, long length,
    const int rows) {
    Vector sums[4][2] = {{{0}}};
    for (long key = 0; key < length; key++) {
        Vector first = load(values + key * stride);
        Vector second = load(values + key * stride + LANES);
        for (int row = 0; row < rows; row++) {
            float weight = scores[row * padded + key];
            sums[row][0] += first * weight;
            sums[row][1] += second * weight;
        }
    }
    for (int row = 0; row < rows; row++) {
        store(out + row * out_stride, sums[row][0]);
        store(out + row * out_stride + LANES, sums[row][1]);
    }
}

// keys (head_width, padded), zero beyond the length: the rows of qkv turned into columns.
static inline void transpose_keys(
    const float *rows, long stride, long length, long head_width, long padded, float *keys) {
    for (long key = 0; key < length; key++)
        for (long depth = 0; depth < head_width; depth++) keys[depth * padded + key] = rows[key * stride + depth];
    for (long depth = 0; depth < head_width; depth++)
        for (long key = length; key < padded; key++) keys[depth * padded + key] = 0;
}

// Up to four query rows of one head, from their scores to their output. `rows` is a constant where it is called.
static inline __attribute__((always_inline)) void attend_rows(
    const float *queries, const float *values, long stride, const float *keys, long length, long padded,
    float *scores, float *to, long width, long head_width, float scale, const int rows) {
    for (long column = 0; column < padded; column += 2 * LANES)
        score_tile(queries, stride, keys + column, padded, scores + column, head_width, rows);
    for (int row = 0; row < rows; row++) softmax_row(scores + row * padded, length, padded, scale);
    long column = 0;
    for (; column + 2 * LANES <= head_width; column += 2 * LANES)
        value_tile(scores, padded, values + column, stride, to + column, width, length, rows);
    for (; column < head_width; column++)
        for (int row = 0; row < rows; row++) {
            float sum = 0;
            for (long key = 0; key < length; key++)
                sum += scores[row * padded + key] * values[key * stride + column];
            to[row * width + column] = sum;
        }
}

void KERNEL(attention)(
    const float *qkv, float *out, long length, long heads, long head_width, float *scratch) {
    long width = heads * head_width, stride = 3 * width;
    // A multiple of 32 columns whatever the instruction set: the same size of scratch for each.
    long padded = (length + 31) / 32 * 32;
    float *keys = scratch, *scores = scratch + head_width * padded;
    float scale = 1.0f / __builtin_sqrtf((float)head_width);
    for (long head = 0; head < heads; head++) {
        const float *queries = qkv + head * head_width, *values = queries + 2 * width;
        float *to = out + head * head_width;
        transpose_keys(queries + width, stride, length, head_width, padded, keys);
        long row = 0;
        for (; row + 4 <= length; row += 4)
            attend_rows(
                queries + row * stride, values, stride, keys, length, padded, scores, to + row * width, width,
                head_width, scale, 4);
        for (; row < length; row++)
            attend_rows(
                queries + row * stride, values, stride, keys, length, padded, scores, to + row * width, width,
                head_width, scale, 1);
    }
}
