// Dot products of up to 6 left rows with the columns of panels, 16 at a time, all sums in registers.
#ifndef VIDEOWIRE_DOTS_H
#define VIDEOWIRE_DOTS_H

#include "dots.h"
#include "vector_avx2.h"

// Bytes of an 8-bit element of the left operand: of each four, widened to 16 bits, the even ones come before the odd ones.
enum { left_i8_size = 2 };

// `bytes` may be the second half of the row `out`.
INLINE void spread_i8(const char *bytes, size_t count, char *out) {
    const __m128i even_odd = _mm_setr_epi8(0, 2, 1, 3, 4, 6, 5, 7, -1, -1, -1, -1, -1, -1, -1, -1);
    for (size_t i = 0; i < count; i += 8) {
        __m128i x = _mm_shuffle_epi8(_mm_loadl_epi64((const void *)(bytes + i)), even_odd);
        _mm_storeu_si128((void *)(out + 2 * i), _mm_cvtepi8_epi16(x));
    }
}

INLINE int32_t load_word(const char *p) {
    int32_t word;
    memcpy(&word, p, 4);
    return word;
}

struct pair {
    floats s0, s1;
};

// One step of a left row with 16 columns.
INLINE struct pair step_f32(struct pair sum, const char *right, const char *left, size_t k) {
    floats x = _mm256_castsi256_ps(_mm256_set1_epi32(load_word(left + 4 * k)));
    const float *r = (const float *)(const void *)right;
    return (struct pair){fma(x, _mm256_loadu_ps(r), sum.s0), fma(x, _mm256_loadu_ps(r + 8), sum.s1)};
}

// Unsigned weights by signed activations: sums of two products of 16 bits are exact.
INLINE floats add_products(floats sum, ints weights, ints even, ints odd) {
    ints products = add(_mm256_madd_epi16(and(weights, splat_int(0x00ff00ff)), even),
                        _mm256_madd_epi16(_mm256_srli_epi16(weights, 8), odd));
    return from_bits(add(bits(sum), products));
}

INLINE struct pair step_i8(struct pair sum, const char *right, const char *left, size_t k) {
    ints even = splat_int(load_word(left + 8 * k)), odd = splat_int(load_word(left + 8 * k + 4));
    sum.s0 = add_products(sum.s0, load_ints(right), even, odd);
    sum.s1 = add_products(sum.s1, load_ints(right + 32), even, odd);
    return sum;
}

INLINE struct pair step_i16(struct pair sum, const char *right, const char *left, size_t k) {
    ints x = splat_int(load_word(left + 4 * k));
    sum.s0 = from_bits(add(bits(sum.s0), _mm256_madd_epi16(x, load_ints(right))));
    sum.s1 = from_bits(add(bits(sum.s1), _mm256_madd_epi16(x, load_ints(right + 32))));
    return sum;
}

INLINE floats add_floats(floats a, floats b) { return a + b; }
INLINE floats add_ints(floats a, floats b) { return from_bits(add(bits(a), bits(b))); }

INLINE void dot_rows(size_t rows, size_t panels, struct pair step(struct pair, const char *, const char *, size_t),
                     floats sum(floats, floats), struct dot d) {
    for (size_t column = 0; column < panels * vw_panel; column += 16) {
        struct pair sums[max_rows];
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) sums[r] = (struct pair){splat(0), splat(0)};
        const char *right = d.right + column / vw_panel * d.panel_stride + column % vw_panel * 4;
        for (size_t k = 0; k < d.steps; k++, right += 4 * vw_panel) {
#pragma clang loop unroll(full)
            for (size_t r = 0; r < rows; r++) sums[r] = step(sums[r], right, d.left + r * d.left_stride, k);
        }
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) {
            float *out = d.out + r * d.out_stride + column;
            store(out, d.accumulate ? sum(load(out), sums[r].s0) : sums[r].s0);
            store(out + 8, d.accumulate ? sum(load(out + 8), sums[r].s1) : sums[r].s1);
        }
    }
}

DOTS(dots_f32, step_f32, add_floats)
DOTS(dots_i8, step_i8, add_ints)
DOTS(dots_i16, step_i16, add_ints)

#endif
