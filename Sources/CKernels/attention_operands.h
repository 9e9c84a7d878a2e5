// Queries, keys and values of an attention as operands of the dots: as they are, or as integers of 16 bits with scales.

// Integers of queries and keys, so that sums of `head` products fit 32 bits.
static float score_limit(size_t head) {
    float limit = __builtin_floorf(__builtin_sqrtf(2147000000.0f / (float)(head + head % 2)));
    return limit < 32767 ? limit : 32767;
}

// Of values, and the greatest sum of the weights' integers that goes with it.
static const float value_limit = 4095, weights_limit = 524000;

INLINE floats load_columns(const float *row, size_t column, size_t columns) {
    return load_row(vw_element_f32, (const char *)row, column, columns);
}

// The pairs of 16-bit integers of 2 · lanes columns.
INLINE ints row_pairs(const float *row, size_t column, size_t columns, floats inverse) {
    return joined_halves(to_ints(load_columns(row, column, columns) * inverse),
                         to_ints(load_columns(row, column + lanes, columns) * inverse));
}

// Kᵀ in panels of 32 keys: [keys / 32][head][32], or [keys / 32][head / 2][32][2] with a scale a key.
INLINE void pack_keys(bool integers, const vw_attention *a, char *out, float *scales) {
    size_t group = integers ? 2 : 1, groups = (a->head + group - 1) / group;
    for (size_t key = 0; key < panels_of(a->keys) * vw_panel; key += lanes) {
        char *panel = out + (key / vw_panel * groups * vw_panel + key % vw_panel) * 4;
        floats inverse[lanes];
        for (size_t r = 0; integers && r < lanes; r++) {
            const float *row = a->k + (ptrdiff_t)(key + r) * a->k_stride;
            struct quantiser quantiser = {0, 0};
            if (key + r < a->keys) quantiser = row_quantiser(vw_element_f32, (const char *)row, a->head, score_limit(a->head));
            scales[key + r] = quantiser.scale;
            inverse[r] = splat(quantiser.inverse);
        }
        for (size_t g = 0; g < groups; g += lanes) {
            ints x[lanes];
            for (size_t r = 0; r < lanes; r++) {
                const float *row = a->k + (ptrdiff_t)(key + r) * a->k_stride;
                size_t columns = key + r < a->keys ? a->head : 0;
                x[r] = integers ? row_pairs(row, g * 2, columns, inverse[r]) : bits(load_columns(row, g, columns));
            }
            transpose(x);
            for (size_t i = 0; i < lanes && g + i < groups; i++) store_ints(panel + (g + i) * vw_panel * 4, x[i]);
        }
    }
}

// V in panels of 32 columns: [head / 32][keys][32].
static void pack_values(const vw_attention *a, float *out) {
    for (size_t panel = 0; panel < panels_of(a->head); panel++)
        for (size_t key = 0; key < a->keys; key++, out += vw_panel)
            for (size_t c = 0; c < vw_panel; c += lanes)
                store(out + c, load_columns(a->v + (ptrdiff_t)key * a->v_stride, panel * vw_panel + c, a->head));
}

// The same as integers, [head / 32][keys / 2][32][2], with a scale a column.
static void pack_integer_values(const vw_attention *a, char *out, float *scales) {
    for (size_t column = 0; column < panels_of(a->head) * vw_panel; column += lanes) {
        size_t pairs = (a->keys + 1) / 2;
        char *panel = out + (column / vw_panel * pairs * vw_panel + column % vw_panel) * 4;
        ints largest = splat_int(0);
        for (size_t key = 0; key < a->keys; key++)
            largest = larger_int(largest, bits(magnitude(load_columns(a->v + (ptrdiff_t)key * a->v_stride, column, a->head))));
        int32_t magnitudes[lanes];
        float inverses[lanes];
        store_ints(magnitudes, largest);
        for (size_t i = 0; i < lanes; i++) {
            struct quantiser quantiser = quantiser_for((uint32_t)magnitudes[i], value_limit);
            scales[column + i] = quantiser.scale;
            inverses[i] = quantiser.inverse;
        }
        floats inverse = load(inverses);
        for (size_t key = 0; key < a->keys; key += 2) {
            const float *row = a->v + (ptrdiff_t)key * a->v_stride;
            ints even = to_ints(load_columns(row, column, a->head) * inverse);
            ints odd = to_ints(load_columns(row + a->v_stride, column, key + 1 < a->keys ? a->head : 0) * inverse);
            store_ints(panel + key / 2 * vw_panel * 4, or(and(even, splat_int(0xffff)), shifted_left(odd, 16)));
        }
    }
}

// A query as integers; returns its scale.
static float pack_query(const vw_attention *a, size_t query, char *out) {
    const float *row = a->q + (ptrdiff_t)query * a->q_stride;
    struct quantiser quantiser = row_quantiser(vw_element_f32, (const char *)row, a->head, score_limit(a->head));
    for (size_t c = 0; c < a->head; c += 2 * lanes) store_ints(out + 2 * c, row_pairs(row, c, a->head, splat(quantiser.inverse)));
    return quantiser.scale;
}

// What the merger's masks multiply weights by, as far as it does not depend on the query.
static void pack_keep(const vw_attention *a, float *out) {
    for (size_t j = 0; j < a->keys; j++) out[j] = (a->keep[j] != 0) == (a->mask == vw_merger_causal) ? 1 : 0;
}
