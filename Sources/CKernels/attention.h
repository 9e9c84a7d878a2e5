// vw_attend: scores = q · Kᵀ by blocks of queries, softmax in place, y = weights · V.

// Where the parts of the scratch begin, in bytes, and the strides of those that have a row a query.
struct attention_parts {
    size_t keys, key_scales, values, value_scales, keep, queries, scores, weights, products, end;
    size_t queries_stride, scores_stride, weights_stride, products_stride;
};

static size_t part(size_t *end, size_t bytes) {
    size_t begin = *end;
    *end += (bytes + 63) & ~(size_t)63;
    return begin;
}

static struct attention_parts attention_parts(size_t keys, size_t head) {
    size_t whole_keys = panels_of(keys) * vw_panel, whole_head = panels_of(head) * vw_panel, end = 0;
    struct attention_parts p = {
        .queries_stride = row_bytes(2 * whole_head),
        .scores_stride = row_bytes(4 * whole_keys),
        .weights_stride = row_bytes(2 * whole_keys),
        .products_stride = 4 * whole_head,
    };
    p.keys = part(&end, whole_keys * head * 4);
    p.key_scales = part(&end, whole_keys * 4);
    p.values = part(&end, whole_head * keys * 4);
    p.value_scales = part(&end, whole_head * 4);
    p.keep = part(&end, whole_keys * 4);
    p.queries = part(&end, max_rows * p.queries_stride);
    p.scores = part(&end, max_rows * p.scores_stride);
    p.weights = part(&end, max_rows * p.weights_stride);
    p.products = part(&end, max_rows * p.products_stride);
    p.end = end;
    return p;
}

static size_t attention_scratch(vw_precision precision, size_t queries, size_t keys, size_t head) {
    (void)precision, (void)queries;
    return attention_parts(keys, head).end;
}

// Left rows by all panels of the right operand.
INLINE void dot_panels(const struct dots *dots, size_t rows, size_t panels, struct dot d) {
    d.panel_stride = d.steps * vw_panel * 4;
    for (size_t i = 0; i < panels; i += 2) {
        dots->of[panels - i < 2 ? 0 : 1][rows - 1](d);
        d.right += 2 * d.panel_stride;
        d.out += 2 * vw_panel;
    }
}

// A row of y: the products by their scale, and integers by their columns' too.
INLINE void put_products(bool integers, const float *products, const float *value_scales, float scale, float *y, size_t head) {
    for (size_t c = 0; c < head; c += lanes) {
        floats x = load(products + c), factor = splat(scale);
        if (integers) {
            x = to_floats(bits(x));
            factor = factor * load(value_scales + c);
        }
        if (head - c >= lanes)
            store(y + c, x * factor);
        else
            store_some(y + c, x * factor, head - c);
    }
}

INLINE void attend_with(bool integers, const struct dots *dots, const vw_attention *a, char *scratch) {
    struct attention_parts parts = attention_parts(a->keys, a->head);
    float *key_scales = (float *)(void *)(scratch + parts.key_scales), *keep = (float *)(void *)(scratch + parts.keep);
    float *value_scales = (float *)(void *)(scratch + parts.value_scales), *values = (float *)(void *)(scratch + parts.values);
    pack_keys(integers, a, scratch + parts.keys, key_scales);
    if (integers)
        pack_integer_values(a, scratch + parts.values, value_scales);
    else
        pack_values(a, values);
    if (a->mask != vw_softmax) pack_keep(a, keep);
    size_t blocks = (a->queries + max_rows - 1) / max_rows;
    for (size_t block = 0; block < blocks; block++) {
        size_t first = a->queries * block / blocks, count = a->queries * (block + 1) / blocks - first;
        float scales[max_rows];  // of the queries, then of the products
        for (size_t i = 0; i < count; i++)
            scales[i] = integers ? pack_query(a, first + i, scratch + parts.queries + i * parts.queries_stride) : 1;
        dot_panels(dots, count, panels_of(a->keys), (struct dot){
            .left = integers ? scratch + parts.queries : (const char *)(a->q + (ptrdiff_t)first * a->q_stride),
            .left_stride = integers ? parts.queries_stride : (size_t)a->q_stride * 4,
            .right = scratch + parts.keys,
            .steps = integers ? (a->head + 1) / 2 : a->head,
            .out = (float *)(void *)(scratch + parts.scores),
            .out_stride = parts.scores_stride / 4,
        });
        for (size_t i = 0; i < count; i++) {
            float *scores = (float *)(void *)(scratch + parts.scores + i * parts.scores_stride);
            float largest = largest_score(integers, key_scales, a->keys, scores);
            struct weights weights = weights_of(a, first + i, a->scale * scales[i], largest, keep, scores);
            scales[i] = 1 / weights.sum;
            if (integers) scales[i] /= pack_weights(scores, a->keys, weights, scratch + parts.weights + i * parts.weights_stride);
        }
        dot_panels(dots, count, panels_of(a->head), (struct dot){
            .left = scratch + (integers ? parts.weights : parts.scores),
            .left_stride = integers ? parts.weights_stride : parts.scores_stride,
            .right = scratch + parts.values,
            .steps = integers ? (a->keys + 1) / 2 : a->keys,
            .out = (float *)(void *)(scratch + parts.products),
            .out_stride = parts.products_stride / 4,
        });
        for (size_t i = 0; i < count; i++)
            put_products(integers, (const float *)(const void *)(scratch + parts.products + i * parts.products_stride),
                         value_scales, scales[i], a->y + (ptrdiff_t)(first + i) * a->y_stride, a->head);
    }
}

static void attend(vw_precision precision, const vw_attention *a, void *scratch) {
    // Faster than fp32, and finer than bf16. A few keys are not worth the rounding; many, or wide heads, would have few bits.
    if (precision != vw_f32 && a->keys >= 64 && a->keys <= 65536 && a->head <= 128) {
        attend_with(true, &dots_i16, a, scratch);
        return;
    }
    attend_with(false, &dots_f32, a, scratch);
}
