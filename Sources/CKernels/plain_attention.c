// Attention of one head, in fp32 whatever the precision.
#include <math.h>

#include "plain.h"

size_t plain_attention_scratch(vw_precision precision, size_t queries, size_t keys, size_t head) {
    (void)precision, (void)queries, (void)head;
    return keys * sizeof(float);
}

static bool is_kept(const vw_attention *attention, size_t query, size_t key) {
    switch (attention->mask) {
        case vw_softmax: return true;
        case vw_merger_causal: return (attention->keep[key] || query == key) && key <= query;
        case vw_merger_cross: return !attention->keep[key];
    }
    return true;
}

void plain_attend(vw_precision precision, const vw_attention *attention, void *scratch) {
    (void)precision;
    const vw_attention a = *attention;
    float *weights = scratch, epsilon = a.mask == vw_softmax ? 0 : 1e-6f;
    for (size_t i = 0; i < a.queries; i++) {
        const float *q = a.q + (ptrdiff_t)i * a.q_stride;
        float *y = a.y + (ptrdiff_t)i * a.y_stride;
        float max = -INFINITY, sum = 0;
        for (size_t j = 0; j < a.keys; j++) {
            const float *k = a.k + (ptrdiff_t)j * a.k_stride;
            float dot = 0;
            for (size_t c = 0; c < a.head; c++) dot += q[c] * k[c];
            weights[j] = dot * a.scale;
            max = fmaxf(max, weights[j]);
        }
        for (size_t j = 0; j < a.keys; j++) {
            weights[j] = is_kept(attention, i, j) ? expf(weights[j] - max) : 0;
            sum += weights[j];
        }
        for (size_t c = 0; c < a.head; c++) y[c] = 0;
        for (size_t j = 0; j < a.keys; j++) {
            const float *v = a.v + (ptrdiff_t)j * a.v_stride;
            float p = (weights[j] + epsilon / (float)a.keys) / (sum + epsilon);
            for (size_t c = 0; c < a.head; c++) y[c] += p * v[c];
        }
    }
}
