// Product with packed weights. Part of kernels_body.h. Packed layout: panels of PANEL columns, each (depth, PANEL) and
// zero beyond the last column.

#define PANEL (TILE_VECTORS * LANES)

// One tile: `rows` rows by one panel over `depth`; sums start from c where `accumulate`.
static inline __attribute__((always_inline)) void product_tile(
    const float *a, long a_stride, const float *panel, Vector sums[TILE_ROWS][TILE_VECTORS], long depth,
    const int rows) {
    for (long index = 0; index < depth; index++, panel += PANEL) {
        Vector weights[TILE_VECTORS];
        for (int part = 0; part < TILE_VECTORS; part++) weights[part] = load(panel + part * LANES);
        for (int row = 0; row < rows; row++) {
            Vector value = splat(a[row * a_stride + index]);
            for (int part = 0; part < TILE_VECTORS; part++) sums[row][part] += value * weights[part];
        }
    }
}

static inline void finish_row(
    const Vector *sums, const float *bias, const float *residual, float *c, long columns, WinnowEpilogue epilogue) {
    Vector values[TILE_VECTORS];
    for (int part = 0; part < TILE_VECTORS; part++) {
        long column = part * LANES;
        Vector value = sums[part];
        if (column + LANES <= columns) {
            if (bias) value += load(bias + column);
            if (epilogue == WINNOW_GELU) value = gelu_vector(value);
            if (epilogue == WINNOW_ADD_RESIDUAL) value += load(residual + column);
            store(c + column, value);
            continue;
        }
        values[part] = value;
        for (long lane = 0; column + lane < columns; lane++) {
            float one = values[part][lane] + (bias ? bias[column + lane] : 0);
            if (epilogue == WINNOW_GELU) one = gelu_vector(splat(one))[0];
            if (epilogue == WINNOW_ADD_RESIDUAL) one += residual[column + lane];
            c[column + lane] = one;
        }
    }
}

static __attribute__((noinline)) void rows_by_panel(
    const float *a, long a_stride, const float *panel, const float *bias, const float *residual, float *c,
    long c_stride, long columns, long depth, int rows, WinnowEpilogue epilogue) {
    Vector sums[TILE_ROWS][TILE_VECTORS] = {{{0}}};
    if (rows == TILE_ROWS) product_tile(a, a_stride, panel, sums, depth, TILE_ROWS);
    else for (int row = 0; row < rows; row++)
        product_tile(a + row * a_stride, a_stride, panel, sums + row, depth, 1);
    for (int row = 0; row < rows; row++)
        finish_row(sums[row], bias, residual ? residual + row * c_stride : NULL, c + row * c_stride, columns, epilogue);
}

void KERNEL(packed_product)(
    const float *a, long a_stride, const float *packed, const float *bias, const float *residual, float *c,
    long c_stride, long rows, long columns, long depth, WinnowEpilogue epilogue) {
    for (long column = 0; column < columns; column += PANEL) {
        const float *panel = packed + column * depth;
        long here = columns - column < PANEL ? columns - column : PANEL;
        for (long row = 0; row < rows; row += TILE_ROWS)
            rows_by_panel(
                a + row * a_stride, a_stride, panel, bias ? bias + column : NULL,
                residual ? residual + row * c_stride + column : NULL, c + row * c_stride + column, c_stride, here,
                depth, (int)(rows - row < TILE_ROWS ? rows - row : TILE_ROWS), epilogue);
    }
}

long KERNEL(panel_columns)(void) {
    return PANEL;
}
