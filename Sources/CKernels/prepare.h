// vw_prepare and vw_layer_norm: rows of x, normalised, rounded or quantised.

struct normaliser {
    floats mean, gain;
};

// Calls `visit` for the vectors of a row, in order; lanes from `count` on are zeros.
INLINE void for_each(const vw_rows *rows, size_t row, void visit(void *, floats x, size_t column, size_t count), void *state) {
    size_t segments = segments_of(rows), length = rows->columns / segments;
    for (size_t s = 0; s < segments; s++) {
        const float *x = segment_of(rows, row, s);
        size_t column = s * length, k = 0;
        for (; k + lanes <= length; k += lanes) visit(state, x ? load(x + k) : splat(0), column + k, lanes);
        if (k < length) visit(state, x ? load_some(x + k, length - k) : splat(0), column + k, length - k);
    }
}

struct statistics {
    floats sum, mean, squares;
};

INLINE void add_to_sum(void *state, floats x, size_t column, size_t count) {
    (void)column, (void)count;
    struct statistics *s = state;
    s->sum = s->sum + x;
}

INLINE void add_to_squares(void *state, floats x, size_t column, size_t count) {
    (void)column;
    struct statistics *s = state;
    floats difference = x - s->mean;
    if (count < lanes) difference = first_of(count, difference, splat(0));
    s->squares = fma(difference, difference, s->squares);
}

INLINE struct normaliser normaliser_of(const vw_rows *rows, size_t row) {
    struct statistics s = {splat(0), splat(0), splat(0)};
    for_each(rows, row, add_to_sum, &s);
    s.mean = splat(sum_of(s.sum) / (float)rows->columns);
    for_each(rows, row, add_to_squares, &s);
    float variance = sum_of(s.squares) / (float)rows->columns;
    return (struct normaliser){s.mean, splat(1 / __builtin_sqrtf(variance + rows->epsilon))};
}

// What a row becomes, and where.
struct row_out {
    const float *gamma, *beta;  // NULL: no norm
    struct normaliser normaliser;
    char *out;
    ints largest;    // magnitude's bits
    floats inverse;  // of the quantiser
    ints sum;        // of the quantised (vw_i8)
    doubles squares;  // of the quantised (vw_i16)
};

INLINE floats normalised(const struct row_out *o, floats x, size_t column, size_t count) {
    if (!o->gamma) return x;
    bool whole = count == lanes;
    floats gamma = whole ? load(o->gamma + column) : load_some(o->gamma + column, count);
    floats beta = whole ? load(o->beta + column) : load_some(o->beta + column, count);
    return fma((x - o->normaliser.mean) * o->normaliser.gain, gamma, beta);
}

INLINE void put_f32(void *state, floats x, size_t column, size_t count) {
    struct row_out *o = state;
    x = normalised(o, x, column, count);
    if (count == lanes)
        store((float *)(void *)o->out + column, x);
    else
        store_some((float *)(void *)o->out + column, x, count);
}

// The nearest bf16, ties to even, in the high half of each lane. A NaN stays one.
INLINE ints rounded_to_bf16(floats x) {
    ints odd = and(shifted_right(bits(x), 16), splat_int(1));
    ints rounded = add(bits(x), add(odd, splat_int(0x7fff)));
    return and(bits(nan_where_nan(x, from_bits(rounded))), splat_int((int32_t)0xffff0000));
}

INLINE void put_bf16(void *state, floats x, size_t column, size_t count) {
    struct row_out *o = state;
    ints rounded = rounded_to_bf16(normalised(o, x, column, count));
#ifdef HAS_DOTS_BF16
    uint16_t halves[lanes];
    store_halves(halves, shifted_right(rounded, 16));
    memcpy(o->out + 2 * column, halves, 2 * count);
#else
    if (count == lanes)
        store((float *)(void *)o->out + column, from_bits(rounded));
    else
        store_some((float *)(void *)o->out + column, from_bits(rounded), count);
#endif
}

INLINE void find_largest(void *state, floats x, size_t column, size_t count) {
    struct row_out *o = state;
    ints size = bits(magnitude(normalised(o, x, column, count)));
    o->largest = larger_int(o->largest, size);
}

INLINE void put_i8(void *state, floats x, size_t column, size_t count) {
    struct row_out *o = state;
    ints quantised = to_ints(normalised(o, x, column, count) * o->inverse);
    o->sum = add(o->sum, quantised);
    if (count == lanes) {
        store_bytes(o->out + column, quantised);
        return;
    }
    int8_t bytes[lanes];
    store_bytes(bytes, quantised);
    memcpy(o->out + column, bytes, count);
}

INLINE void square_i16(void *state, floats x, size_t column, size_t count) {
    struct row_out *o = state;
    add_squares(&o->squares, rounded(normalised(o, x, column, count) * o->inverse));
}

INLINE void put_i16(void *state, floats x, size_t column, size_t count) {
    struct row_out *o = state;
    int16_t halves[lanes];
    store_halves(halves, to_ints(normalised(o, x, column, count) * o->inverse));
    memcpy(o->out + 2 * column, halves, 2 * count);
}

static size_t left_bytes(vw_precision precision, size_t inputs) {
    if (precision == vw_i8) return left_i8_size * inputs;
    if (precision == vw_i16) return 2 * inputs;
#ifdef HAS_DOTS_BF16
    if (precision == vw_bf16) return 2 * inputs;
#endif
    return 4 * inputs;
}

static size_t left_stride(vw_precision precision, size_t inputs) { return row_bytes(left_bytes(precision, inputs)); }

INLINE void prepare_i8(const vw_rows *rows, size_t row, struct row_out *o, size_t stride, vw_row_scale *scale) {
    char *out = o->out;
    for_each(rows, row, find_largest, o);
    struct quantiser quantiser = quantiser_for((uint32_t)largest_int_of(o->largest), integer_limit(vw_i8));
    o->inverse = splat(quantiser.inverse);
    memset(out, 0, stride);
    if (left_i8_size == 2) o->out = out + stride / 2;
    if (quantiser.inverse > 0) for_each(rows, row, put_i8, o);
    if (left_i8_size == 2) spread_i8(o->out, rows->columns, out);
    *scale = (vw_row_scale){quantiser.scale, sum_of_ints(o->sum)};
}

INLINE void prepare_i16(const vw_rows *rows, size_t row, struct row_out *o, size_t stride, vw_row_scale *scale) {
    for_each(rows, row, find_largest, o);
    struct quantiser quantiser = quantiser_for((uint32_t)largest_int_of(o->largest), integer_limit(vw_i16));
    memset(o->out, 0, stride);
    if (quantiser.inverse > 0) {
        o->inverse = splat(quantiser.inverse);
        for_each(rows, row, square_i16, o);
        quantiser = quantiser_within_norm(quantiser, sum_of_doubles(&o->squares), rows->columns);
        o->inverse = splat(quantiser.inverse);
        for_each(rows, row, put_i16, o);
    }
    *scale = (vw_row_scale){quantiser.scale, 0};
}

INLINE void prepare_rows(vw_precision precision, bool norm, const vw_rows *rows, size_t first, size_t count, char *left,
                         vw_row_scale *scales) {
    size_t used = left_bytes(precision, rows->columns), stride = row_bytes(used);
    for (size_t row = first; row < first + count; row++) {
        struct row_out o = {.out = left + row * stride, .largest = splat_int(0), .sum = splat_int(0)};
        if (norm) {
            o.gamma = rows->gamma;
            o.beta = rows->beta;
            o.normaliser = normaliser_of(rows, row);
        }
        if (precision == vw_i8) {
            prepare_i8(rows, row, &o, stride, &scales[row]);
            continue;
        }
        if (precision == vw_i16) {
            prepare_i16(rows, row, &o, stride, &scales[row]);
            continue;
        }
        memset(o.out + used, 0, stride - used);
        if (precision == vw_f32)
            for_each(rows, row, put_f32, &o);
        else
            for_each(rows, row, put_bf16, &o);
    }
}

static void prepare(vw_precision precision, const vw_rows *rows, size_t first, size_t count, void *left, vw_row_scale *scales) {
    bool norm = rows->gamma != NULL;
    switch (precision) {
        case vw_f32: prepare_rows(vw_f32, norm, rows, first, count, left, scales); break;
        case vw_bf16: prepare_rows(vw_bf16, norm, rows, first, count, left, scales); break;
        case vw_i8: prepare_rows(vw_i8, norm, rows, first, count, left, scales); break;
        case vw_i16: prepare_rows(vw_i16, norm, rows, first, count, left, scales); break;
    }
}

static void layer_norm(const vw_rows *rows, size_t first, size_t count, float *y, ptrdiff_t y_stride) {
    for (size_t row = first; row < first + count; row++) {
        struct row_out o = {.gamma = rows->gamma, .beta = rows->beta, .out = (char *)(y + (ptrdiff_t)row * y_stride)};
        o.normaliser = normaliser_of(rows, row);
        for_each(rows, row, put_f32, &o);
    }
}
