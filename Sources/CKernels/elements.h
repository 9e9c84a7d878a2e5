// vw_widen, vw_find_nonfinite, vw_pack.

static void widen(vw_element type, const void *elements, size_t count, float *out) {
    const char *in = elements;
    size_t i = 0, size = element_size(type);
    for (; i + lanes <= count; i += lanes) store(out + i, load_elements(type, in + i * size));
    if (i < count) store_some(out + i, load_some_elements(type, in + i * size, count - i), count - i);
}

static size_t find_nonfinite(vw_element type, const void *elements, size_t count) {
    const uint32_t exponent = type == vw_element_f32 ? 0x7f800000 : type == vw_element_f16 ? 0x7c00 : 0x7f80;
    const char *in = elements;
    size_t i = 0, size = element_size(type), step = 64 / size;
    for (; i + step <= count; i += step)
        if (has_word(in + i * size, size, exponent)) break;
    return i + plain_find_nonfinite(type, in + i * size, count - i);
}

INLINE floats load_row(vw_element type, const char *row, size_t begin, size_t end) {
    const char *p = row + begin * element_size(type);
    if (begin + lanes <= end) return load_elements(type, p);
    return begin < end ? load_some_elements(type, p, end - begin) : splat(0);
}

INLINE struct quantiser row_quantiser(vw_element type, const char *row, size_t inputs, float limit) {
    ints largest = splat_int(0);
    for (size_t k = 0; k < inputs; k += lanes) largest = larger_int(largest, bits(magnitude(load_row(type, row, k, inputs))));
    return quantiser_for((uint32_t)largest_int_of(largest), limit);
}

INLINE struct quantiser weight_quantiser(vw_precision precision, vw_element type, const char *row, size_t inputs) {
    struct quantiser quantiser = row_quantiser(type, row, inputs, integer_limit(precision));
    if (precision == vw_i8 || !(quantiser.inverse > 0)) return quantiser;
    doubles squares = {0};
    for (size_t k = 0; k < inputs; k += lanes)
        add_squares(&squares, rounded(load_row(type, row, k, inputs) * splat(quantiser.inverse)));
    return quantiser_within_norm(quantiser, sum_of_doubles(&squares), inputs);
}

// `lanes` groups of 32 bits from input `begin` on, of one row.
INLINE ints row_groups(vw_precision precision, vw_element type, const char *row, size_t begin, size_t inputs, floats inverse) {
    if (precision == vw_f32) return bits(load_row(type, row, begin, inputs));
    if (precision == vw_bf16)
        return joined_halves(shifted_right(rounded_to_bf16(load_row(type, row, begin, inputs)), 16),
                             shifted_right(rounded_to_bf16(load_row(type, row, begin + lanes, inputs)), 16));
    if (precision == vw_i16)
        return joined_halves(to_ints(load_row(type, row, begin, inputs) * inverse),
                             to_ints(load_row(type, row, begin + lanes, inputs) * inverse));
    char groups[4 * lanes];
    for (size_t i = 0; i < 4; i++) {
        ints quantised = to_ints(load_row(type, row, begin + i * lanes, inputs) * inverse);
        store_bytes(groups + lanes * i, add(quantised, splat_int(128)));
    }
    return load_ints(groups);
}

INLINE void pack_rows(vw_precision precision, vw_element type, size_t outputs, size_t inputs, size_t first, size_t count,
                      const char *weights, char *packed, float *scales) {
    size_t groups = groups_of(precision, inputs), row_size = inputs * element_size(type);
    size_t end = first + count == outputs ? panels_of(outputs) * vw_panel : first + count;
    for (size_t output = first; output < end; output += lanes) {
        const char *rows = weights + (output - first) * row_size;
        char *panel = packed + output / vw_panel * panel_bytes(precision, inputs) + output % vw_panel * 4;
        size_t real = output >= outputs ? 0 : outputs - output < lanes ? outputs - output : lanes;
        floats inverse[lanes];
        for (size_t r = 0; is_integer(precision) && r < lanes; r++) {
            struct quantiser quantiser = {0, 0};
            if (r < real) quantiser = weight_quantiser(precision, type, rows + r * row_size, inputs);
            scales[output + r] = quantiser.scale;
            inverse[r] = splat(quantiser.inverse);
        }
        for (size_t group = 0; group < groups; group += lanes) {
            ints x[lanes];
            for (size_t r = 0; r < lanes; r++)
                x[r] = row_groups(precision, type, rows + (r < real ? r : 0) * row_size, group * group_size(precision),
                                  r < real ? inputs : 0, inverse[r]);
            transpose(x);
            for (size_t g = 0; g < lanes && group + g < groups; g++) store_ints(panel + (group + g) * vw_panel * 4, x[g]);
        }
    }
}

INLINE void pack_as(vw_precision precision, vw_element type, size_t outputs, size_t inputs, size_t first, size_t count,
                    const void *weights, void *packed, float *scales) {
    switch (type) {
        case vw_element_f32:
            pack_rows(precision, vw_element_f32, outputs, inputs, first, count, weights, packed, scales);
            break;
        case vw_element_f16:
            pack_rows(precision, vw_element_f16, outputs, inputs, first, count, weights, packed, scales);
            break;
        case vw_element_bf16:
            pack_rows(precision, vw_element_bf16, outputs, inputs, first, count, weights, packed, scales);
            break;
    }
}

static void pack(vw_precision precision, size_t outputs, size_t inputs, size_t first, size_t count, vw_element type,
                 const void *weights, void *packed, float *scales) {
    switch (precision) {
        case vw_f32: pack_as(vw_f32, type, outputs, inputs, first, count, weights, packed, scales); break;
        case vw_bf16: pack_as(vw_bf16, type, outputs, inputs, first, count, weights, packed, scales); break;
        case vw_i8: pack_as(vw_i8, type, outputs, inputs, first, count, weights, packed, scales); break;
        case vw_i16: pack_as(vw_i16, type, outputs, inputs, first, count, weights, packed, scales); break;
    }
}
