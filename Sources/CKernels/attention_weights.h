// The softmax of an attention, in fp32.

// The largest score of a query. Integer scores become floats, each by its key's scale, on the way.
INLINE float largest_score(bool integers, const float *key_scales, size_t keys, float *scores) {
    floats largest = splat(-__builtin_inff());
    size_t j = 0, whole = keys / lanes * lanes;
    for (; j < whole; j += lanes) {
        if (integers) store(scores + j, to_floats(load_ints(scores + j)) * load(key_scales + j));
        largest = larger(largest, load(scores + j));
    }
    if (j < keys) {
        if (integers) store(scores + j, to_floats(load_ints(scores + j)) * load(key_scales + j));
        largest = larger(largest, first_of(keys - j, load(scores + j), largest));
    }
    return largest_of(largest);
}

// Of a query's weights before they are divided by their sum.
struct weights {
    float sum, largest;
};

// Turns the scores of a query into its weights. `keep` is changed and restored.
INLINE struct weights soften(vw_mask mask, const vw_attention *a, size_t query, float scale, float largest, float *keep,
                             float *scores) {
    size_t keys = a->keys, seen = keys, j = 0;
    float own = 0;
    if (mask == vw_merger_causal && query < keys) {
        seen = query + 1;
        own = keep[query];
        keep[query] = 1;
    }
    float epsilon = mask == vw_softmax ? 0 : 1e-6f;
    floats factor = splat(scale), origin = splat(largest), share = splat(epsilon / (float)keys);
    floats sum = splat(0), most = splat(0);
    for (size_t whole = seen / lanes * lanes; j < whole; j += lanes) {
        floats w = exponential((load(scores + j) - origin) * factor);
        if (mask != vw_softmax) {
            w = w * load(keep + j);
            most = larger(most, w);
        }
        sum = sum + w;
        store(scores + j, mask == vw_softmax ? w : w + share);
    }
    for (; j < seen; j += lanes) {
        floats w = exponential((load(scores + j) - origin) * factor);
        if (mask != vw_softmax) w = w * load(keep + j);
        w = first_of(seen - j, w, splat(0));
        most = larger(most, w);
        sum = sum + w;
        store(scores + j, mask == vw_softmax ? w : w + share);
    }
    for (; j < keys; j += lanes) store(scores + j, share);
    if (mask == vw_merger_causal && query < keys) keep[query] = own;
    return (struct weights){sum_of(sum) + epsilon, mask == vw_softmax ? 1 : largest_of(most + share)};
}

static struct weights weights_of(const vw_attention *a, size_t query, float scale, float largest, float *keep, float *scores) {
    switch (a->mask) {
        case vw_softmax: return soften(vw_softmax, a, query, scale, largest, keep, scores);
        case vw_merger_causal: return soften(vw_merger_causal, a, query, scale, largest, keep, scores);
        case vw_merger_cross: return soften(vw_merger_cross, a, query, scale, largest, keep, scores);
    }
    return (struct weights){1, 1};
}

// Weights as integers of 16 bits, as fine as the largest and the sum allow; returns their unit.
static float pack_weights(const float *scores, size_t keys, struct weights weights, char *out) {
    float unit = (weights_limit - (float)keys / 2) / weights.sum, most = 32767 / weights.largest;
    if (!(unit < most)) unit = most;
    for (size_t j = 0; j < keys; j += lanes) store_halves(out + 2 * j, to_ints(load(scores + j) * splat(unit)));
    if (keys % 2) memset(out + 2 * keys, 0, 2);
    return unit;
}
