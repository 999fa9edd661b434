// Self-attention of one post, one head after the other. Part of kernels_body.h.

// scores (length rows, padded columns) = queries x transposed keys, four queries and two vectors at a time.
static inline void score_tile(
    const float *queries, long stride, const float *keys, long padded, float *scores, long head_width, int rows) {
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
static inline void value_tile(
    const float *scores, long padded, const float *values, long stride, float *out, long out_stride, long length,
    int rows) {
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

void KERNEL(attention)(
    const float *qkv, float *out, long length, long heads, long head_width, float *scratch) {
    long width = heads * head_width, stride = 3 * width;
    // A multiple of 32 columns whatever the instruction set: the same size of scratch for each.
    long padded = (length + 31) / 32 * 32;
    float *keys = scratch, *scores = scratch + head_width * padded;
    float scale = 1.0f / __builtin_sqrtf((float)head_width);
    for (long head = 0; head < heads; head++) {
        const float *queries = qkv + head * head_width;
        const float *key_rows = queries + width, *values = queries + 2 * width;
        for (long key = 0; key < length; key++)
            for (long depth = 0; depth < head_width; depth++) keys[depth * padded + key] = key_rows[key * stride + depth];
        for (long depth = 0; depth < head_width; depth++)
            for (long key = length; key < padded; key++) keys[depth * padded + key] = 0;
        float *to = out + head * head_width;
        for (long row = 0; row < length; row += 4) {
            int rows = (int)(length - row < 4 ? length - row : 4);
            for (long column = 0; column < padded; column += 2 * LANES) {
                if (rows == 4) score_tile(queries + row * stride, stride, keys + column, padded, scores + column, head_width, 4);
                else for (int one = 0; one < rows; one++)
                    score_tile(queries + (row + one) * stride, stride, keys + column, padded, scores + one * padded + column, head_width, 1);
            }
            for (int one = 0; one < rows; one++) softmax_row(scores + one * padded, length, padded, scale);
            long column = 0;
            for (; column + 2 * LANES <= head_width; column += 2 * LANES) {
                if (rows == 4) value_tile(scores, padded, values + column, stride, to + row * width + column, width, length, 4);
                else for (int one = 0; one < rows; one++)
                    value_tile(scores + one * padded, padded, values + column, stride, to + (row + one) * width + column, width, length, 1);
            }
            for (; column < head_width; column++)
                for (int one = 0; one < rows; one++) {
                    float sum = 0;
                    for (long key = 0; key < length; key++) sum += scores[one * padded + key] * values[key * stride + column];
                    to[(row + one) * width + column] = sum;
                }
        }
    }
}
