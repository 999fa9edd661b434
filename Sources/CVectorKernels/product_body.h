// Product with packed weights. Part of kernels_body.h. Packed layout: panels of PANEL columns, each (depth, PANEL)
// and zero beyond the last column.

#define PANEL (TILE_VECTORS * LANES)

// Rows that go through all panels before the next rows: with a depth of 384 they and the panel in use stay in a cache
// of half a megabyte. A multiple of every TILE_ROWS.
#define ROW_BLOCK 144

// Panels up to this many floats are fetched while the one before is in use; longer ones stream well by themselves.
#define LONGEST_FETCHED_PANEL 8192

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
    long c_stride, long columns, long depth, int rows, WinnowEpilogue epilogue, const float *ahead,
    long ahead_count) {
    for (long index = 0; index < ahead_count; index += 16) __builtin_prefetch(ahead + index, 0, 2);
    Vector sums[TILE_ROWS][TILE_VECTORS] = {{{0}}};
    // A constant number of rows keeps the sums in registers; a rest goes in quarters, pairs and single rows.
    int row = 0;
    if (rows == TILE_ROWS) {
        product_tile(a, a_stride, panel, sums, depth, TILE_ROWS);
        row = TILE_ROWS;
    }
    for (; row + 4 <= rows; row += 4) product_tile(a + row * a_stride, a_stride, panel, sums + row, depth, 4);
    for (; row + 2 <= rows; row += 2) product_tile(a + row * a_stride, a_stride, panel, sums + row, depth, 2);
    for (; row < rows; row++) product_tile(a + row * a_stride, a_stride, panel, sums + row, depth, 1);
    for (row = 0; row < rows; row++)
        finish_row(sums[row], bias, residual ? residual + row * c_stride : NULL, c + row * c_stride, columns, epilogue);
}

void KERNEL(packed_product)(
    const float *a, long a_stride, const float *packed, const float *bias, const float *residual, float *c,
    long c_stride, long rows, long columns, long depth, WinnowEpilogue epilogue) {
    for (long block = 0; block < rows; block += ROW_BLOCK) {
        long last = block + ROW_BLOCK < rows ? block + ROW_BLOCK : rows;
        for (long column = 0; column < columns; column += PANEL) {
            const float *panel = packed + column * depth;
            long here = columns - column < PANEL ? columns - column : PANEL;
            // Each tile fetches its share of the next panel.
            long tiles = (last - block + TILE_ROWS - 1) / TILE_ROWS;
            int fetches = column + PANEL < columns && depth * PANEL <= LONGEST_FETCHED_PANEL;
            long share = fetches ? (depth * PANEL / tiles + 15) / 16 * 16 : 0;
            const float *ahead = panel + depth * PANEL;
            for (long row = block; row < last; row += TILE_ROWS, ahead += share)
                rows_by_panel(
                    a + row * a_stride, a_stride, panel, bias ? bias + column : NULL,
                    residual ? residual + row * c_stride + column : NULL, c + row * c_stride + column, c_stride, here,
                    depth, (int)(last - row < TILE_ROWS ? last - row : TILE_ROWS), epilogue, ahead, share);
        }
    }
}

long KERNEL(panel_columns)(void) {
    return PANEL;
}
