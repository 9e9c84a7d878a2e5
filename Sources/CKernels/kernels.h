// What the levels share: their table of kernels, sizes of the packed layouts, and conversions of single numbers.
#ifndef VIDEOWIRE_KERNELS_H
#define VIDEOWIRE_KERNELS_H

#include <stdbool.h>
#include <string.h>

#include "CKernels.h"

// Contraction only where it is written: results must not hang on the compiler's choice.
#pragma STDC FP_CONTRACT OFF

// The kernels of one level; the arguments are those of the public functions.
struct kernels {
    void (*widen)(vw_element, const void *, size_t, float *);
    size_t (*find_nonfinite)(vw_element, const void *, size_t);
    void (*pack)(vw_precision, size_t outputs, size_t inputs, size_t first, size_t count, vw_element, const void *weights,
                 void *packed, float *scales);
    size_t (*left_stride)(vw_precision, size_t inputs);
    void (*prepare)(vw_precision, const vw_rows *, size_t first, size_t count, void *left, vw_row_scale *);
    size_t (*multiply_scratch)(vw_precision, size_t inputs);
    void (*multiply)(vw_precision, const vw_product *, size_t first_row, size_t rows, size_t first_panel, size_t panels, void *);
    void (*layer_norm)(const vw_rows *, size_t first, size_t count, float *y, ptrdiff_t y_stride);
    size_t (*attention_scratch)(vw_precision, size_t queries, size_t keys, size_t head);
    void (*attend)(vw_precision, const vw_attention *, void *);
};

extern const struct kernels vw_plain_kernels;
#ifdef __x86_64__
extern const struct kernels vw_avx2_kernels, vw_avx512_kernels, vw_avx512_bf16_kernels, vw_avx512_bf16_emulated_kernels;
#endif

// Packed weights lie in panels of 32 outputs, in each panel by groups of inputs that fill 32 bits:
// [outputs / 32][inputs / group][32][group], with zeros where outputs or inputs end. 8-bit weights are stored with 128 added.
static inline size_t group_size(vw_precision precision) { return precision == vw_f32 ? 1 : precision == vw_i8 ? 4 : 2; }

static inline bool is_integer(vw_precision precision) { return precision == vw_i8 || precision == vw_i16; }

static inline size_t groups_of(vw_precision precision, size_t inputs) {
    return (inputs + group_size(precision) - 1) / group_size(precision);
}

static inline size_t panels_of(size_t outputs) { return (outputs + vw_panel - 1) / vw_panel; }

static inline size_t panel_bytes(vw_precision precision, size_t inputs) { return groups_of(precision, inputs) * vw_panel * 4; }

// fp32 products are summed over so many inputs, and then the sums of these chunks: the error of a long sum stays small.
enum { chunk = 512 };

// Whole cache lines, and an odd number of them, so that equal columns of neighbouring rows don't meet in one set of a cache.
static inline size_t row_bytes(size_t bytes) { return ((bytes + 63) & ~(size_t)63) | 64; }

static inline size_t element_size(vw_element type) { return type == vw_element_f32 ? 4 : 2; }

static inline uint32_t bits_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    return bits;
}

static inline float float_of(uint32_t bits) {
    float x;
    memcpy(&x, &bits, 4);
    return x;
}

static inline float widen_f16(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, rest = half & 0x7fff;
    if (rest >= 0x7c00) return float_of(sign | 0x7f800000 | (rest & 0x3ff) << 13 | ((rest & 0x3ff) ? 0x400000 : 0));
    float magnitude = rest >= 0x400 ? float_of((rest << 13) + (112u << 23)) : (float)rest * 0x1p-24f;
    return float_of(sign | bits_of(magnitude));
}

static inline float element_at(vw_element type, const void *elements, size_t index) {
    if (type == vw_element_f32) {
        float x;
        memcpy(&x, (const char *)elements + 4 * index, 4);
        return x;
    }
    uint16_t half;
    memcpy(&half, (const char *)elements + 2 * index, 2);
    return type == vw_element_f16 ? widen_f16(half) : float_of((uint32_t)half << 16);
}

// To the nearest bf16, ties to even.
static inline uint16_t round_bf16(float x) {
    uint32_t bits = bits_of(x);
    if ((bits & 0x7fffffff) > 0x7f800000) return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// Symmetric quantisation to -limit...limit. Numbers too small for it count as zeros; one that is not finite makes the scale so.
struct quantiser {
    float scale, inverse;
};

// `largest`: the bits of the largest magnitude; those of a NaN are larger than all others.
static inline struct quantiser quantiser_for(uint32_t largest, float limit) {
    float max = float_of(largest);
    if (max < 1e-30f) return (struct quantiser){0, 0};
    if (largest >= 0x7f800000) return (struct quantiser){max, 0};
    return (struct quantiser){max / limit, limit / max};
}

// The largest integer of vw_i8 and vw_i16.
static inline float integer_limit(vw_precision precision) { return precision == vw_i8 ? 127 : 32767; }

// Coarsens a quantiser to ±32767 so that no sum of products of vw_i16, nor any part of it, leaves 32 bits. `squares`: the sum of the
// squares of the `count` integers that it gives; exact in a double, so the same in whatever order it is summed.
//
// By Cauchy-Schwarz |Σ aᵢbᵢ| ≤ ‖a‖·‖b‖, over all i or some, so it is enough that the integers of a row, and of an output, have a
// norm of at most 46340: 46340² < 2³¹. Rounding moves each of n numbers by at most 1/2, so a vector's norm by at most √n/2. Before
// rounding, then, the norm is at most `before` as it stands; multiplied by `factor` it is at most 46339 - √n/2, and after rounding
// at most 46339. The one that is left is for fp32: `inverse` and products with it are off by less than 2⁻²² of 46340 in all.
static inline struct quantiser quantiser_within_norm(struct quantiser quantiser, double squares, size_t count) {
    double slack = __builtin_sqrt((double)count) / 2, before = __builtin_sqrt(squares) + slack, most = 46339 - slack;
    if (before <= most) return quantiser;
    float factor = (float)(most / before);
    return (struct quantiser){quantiser.scale / factor, quantiser.inverse * factor};
}

// The pieces of a row of x.
static inline const float *segment_of(const vw_rows *rows, size_t row, size_t segment) {
    if (!rows->gather) return rows->x + (ptrdiff_t)row * rows->stride;
    int32_t number = rows->gather[row * rows->segments + segment];
    return number < 0 ? NULL : rows->x + number * rows->stride;
}

static inline size_t segments_of(const vw_rows *rows) { return rows->gather ? rows->segments : 1; }

#endif
