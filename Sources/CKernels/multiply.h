// vw_multiply: blocks of rows by panels, in chunks of inputs, then what follows the product.
// Rows are taken in groups, and panels by pairs in batches, whose sums stay in a near cache while the chunks of inputs go by.
enum { group_rows = 288, batch_panels = 8 };

// Whether bf16 weights are multiplied as fp32.
INLINE bool widens(vw_precision precision) {
#ifdef HAS_DOTS_BF16
    (void)precision;
    return false;
#else
    return precision == vw_bf16;
#endif
}

INLINE size_t steps_of(vw_precision precision, size_t inputs) { return widens(precision) ? inputs : groups_of(precision, inputs); }

// Panels of a batch. Where one chunk holds all inputs no sums are kept; then as many as have 8 chunks of weights, or 32.
INLINE size_t batch_of(vw_precision precision, size_t steps) {
    if (widens(precision) || steps > chunk / 2) return batch_panels;
    return steps > chunk / 4 ? 2 * batch_panels : 4 * batch_panels;
}

// Floats of the scratch that are sums; after them lie widened panels.
INLINE size_t sums_of(size_t steps) { return vw_panel * (steps > chunk ? batch_panels * group_rows : 2 * max_rows); }

static size_t multiply_scratch(vw_precision precision, size_t inputs) {
    size_t widened = widens(precision) ? vw_panel * batch_panels * chunk : 0;
    return sizeof(float) * (sums_of(steps_of(precision, inputs)) + widened);
}

// The bf16 panel from input `begin` on as fp32: [count][32].
static void widen_panel(const char *panel, size_t begin, size_t count, float *out) {
    const char *in = panel + begin * vw_panel * 2;
    for (size_t pair = 0; pair < (count + 1) / 2; pair++)
        for (size_t j = 0; j < vw_panel; j += lanes) {
            ints both = load_ints(in + (pair * vw_panel + j) * 4);
            store(out + 2 * pair * vw_panel + j, from_bits(shifted_left(both, 16)));
            store(out + (2 * pair + 1) * vw_panel + j, from_bits(and(both, splat_int((int32_t)0xffff0000))));
        }
}

// What follows the product, for `lanes` columns of a few rows.
INLINE void finish_columns(vw_precision precision, vw_activation activation, const vw_product *p, size_t first_row, size_t rows,
                           size_t output, const float *sums, size_t sums_stride) {
    size_t count = p->outputs - output;
    bool whole = count >= lanes;
    floats bias = !p->bias ? splat(0) : whole ? load(p->bias + output) : load_some(p->bias + output, count);
    floats weight_scales = is_integer(precision) ? load(p->weight_scales + output) : splat(0);
    const float *residual = p->residual ? p->residual + (ptrdiff_t)first_row * p->residual_stride + output : NULL;
    float *y = p->y + (ptrdiff_t)first_row * p->y_stride + output;
    for (size_t row = first_row; row < first_row + rows; row++) {
        floats x = load(sums);
        if (is_integer(precision)) {
            vw_row_scale scale = p->left_scales[row];
            ints total = precision == vw_i8 ? add(bits(x), splat_int(-128 * scale.sum)) : bits(x);
            x = to_floats(total) * (splat(scale.scale) * weight_scales);
        }
        x = x + bias;
        if (activation == vw_gelu) x = gelu(x);
        if (activation == vw_tanh) x = hyperbolic_tangent(x);
        if (residual) {
            x = x + (whole ? load(residual) : load_some(residual, count));
            residual += p->residual_stride;
        }
        if (whole)
            store(y, x);
        else
            store_some(y, x, count);
        y += p->y_stride;
        sums += sums_stride;
    }
}

// The same for the columns of one or two panels.
INLINE void finish(vw_precision precision, const vw_product *p, size_t row, size_t rows, size_t panel, size_t panels,
                   const float *sums) {
    for (size_t j = 0; j < panels * vw_panel; j += lanes) {
        size_t output = panel * vw_panel + j;
        if (output >= p->outputs) return;
        switch (p->activation) {
            case vw_no_activation:
                finish_columns(precision, vw_no_activation, p, row, rows, output, sums + j, panels * vw_panel);
                break;
            case vw_gelu: finish_columns(precision, vw_gelu, p, row, rows, output, sums + j, panels * vw_panel); break;
            case vw_tanh: finish_columns(precision, vw_tanh, p, row, rows, output, sums + j, panels * vw_panel); break;
        }
    }
}

INLINE void multiply_group(vw_precision precision, const struct dots *dots, const vw_product *p, size_t first_row, size_t rows,
                           size_t first_panel, size_t panels, float *scratch) {
    size_t steps = steps_of(precision, p->inputs), stride = left_stride(precision, p->inputs);
    size_t left_step = precision == vw_i8 ? 4 * left_i8_size : 4, panel_size = panel_bytes(precision, p->inputs);
    size_t blocks = (rows + max_rows - 1) / max_rows;
    float *widened = scratch + sums_of(steps);
    for (size_t begin = 0; begin < steps; begin += chunk) {
        size_t count = steps - begin < chunk ? steps - begin : chunk;
        bool last = begin + count == steps;
        const char *right = (const char *)p->packed + first_panel * panel_size + begin * vw_panel * 4;
        size_t right_stride = panel_size;
        if (widens(precision)) {
            right_stride = chunk * vw_panel * 4;
            const char *panel = (const char *)p->packed + first_panel * panel_size;
            for (size_t i = 0; i < panels; i++)
                widen_panel(panel + i * panel_size, begin, count, widened + i * chunk * vw_panel);
            right = (const char *)widened;
        }
        for (size_t block = 0; block < blocks; block++) {
            size_t row = rows * block / blocks, end = rows * (block + 1) / blocks;
            for (size_t i = 0; i < panels; i += 2) {
                size_t pair = panels - i < 2 ? 1 : 2;
                float *sums = scratch + (begin == 0 && last ? 0 : (row * batch_panels + i * (end - row)) * vw_panel);
                dots->of[pair - 1][end - row - 1]((struct dot){
                    .left = (const char *)p->left + (first_row + row) * stride + begin * left_step,
                    .left_stride = stride,
                    .right = right + i * right_stride,
                    .panel_stride = right_stride,
                    .steps = count,
                    .out = sums,
                    .out_stride = pair * vw_panel,
                    .accumulate = begin > 0,
                });
                if (last) finish(precision, p, first_row + row, end - row, first_panel + i, pair, sums);
            }
        }
    }
}

INLINE void multiply_all(vw_precision precision, const struct dots *dots, const vw_product *p, size_t first_row, size_t rows,
                         size_t first_panel, size_t panels, float *scratch) {
    size_t groups = (rows + group_rows - 1) / group_rows, batch = batch_of(precision, steps_of(precision, p->inputs));
    for (size_t group = 0; group < groups; group++) {
        size_t row = rows * group / groups, end = rows * (group + 1) / groups;
        for (size_t panel = 0; panel < panels; panel += batch)
            multiply_group(precision, dots, p, first_row + row, end - row, first_panel + panel,
                           panels - panel < batch ? panels - panel : batch, scratch);
    }
}

static void multiply(vw_precision precision, const vw_product *product, size_t first_row, size_t rows, size_t first_panel,
                     size_t panels, void *scratch) {
    switch (precision) {
        case vw_f32: multiply_all(vw_f32, &dots_f32, product, first_row, rows, first_panel, panels, scratch); break;
#ifdef HAS_DOTS_BF16
        case vw_bf16: multiply_all(vw_bf16, &dots_bf16, product, first_row, rows, first_panel, panels, scratch); break;
#else
        case vw_bf16: multiply_all(vw_bf16, &dots_f32, product, first_row, rows, first_panel, panels, scratch); break;
#endif
        case vw_i8: multiply_all(vw_i8, &dots_i8, product, first_row, rows, first_panel, panels, scratch); break;
        case vw_i16: multiply_all(vw_i16, &dots_i16, product, first_row, rows, first_panel, panels, scratch); break;
    }
}
