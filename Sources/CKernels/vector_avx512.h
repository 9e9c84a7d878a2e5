// 512-bit vectors in the vocabulary of the kernels that AVX2 and AVX-512 share.
#ifndef VIDEOWIRE_VECTOR_H
#define VIDEOWIRE_VECTOR_H

#include <immintrin.h>

#include "kernels.h"

#define INLINE static inline __attribute__((always_inline))

typedef __m512 floats;
typedef __m512i ints;
enum { lanes = 16 };

INLINE __mmask16 first_lanes(size_t count) { return (__mmask16)((1u << count) - 1); }

INLINE floats splat(float x) { return _mm512_set1_ps(x); }
INLINE floats load(const float *p) { return _mm512_loadu_ps(p); }
INLINE floats load_some(const float *p, size_t count) { return _mm512_maskz_loadu_ps(first_lanes(count), p); }
INLINE void store(float *p, floats x) { _mm512_storeu_ps(p, x); }
INLINE void store_some(float *p, floats x, size_t count) { _mm512_mask_storeu_ps(p, first_lanes(count), x); }
// x in the first lanes, y in the others.
INLINE floats first_of(size_t count, floats x, floats y) { return _mm512_mask_mov_ps(y, first_lanes(count), x); }

INLINE floats fma(floats a, floats b, floats c) { return _mm512_fmadd_ps(a, b, c); }
INLINE floats larger(floats a, floats b) { return _mm512_max_ps(a, b); }
INLINE floats smaller(floats a, floats b) { return _mm512_min_ps(a, b); }
INLINE floats magnitude(floats x) { return _mm512_abs_ps(x); }
INLINE floats with_sign_of(floats x, floats sign) {
    return _mm512_castsi512_ps(_mm512_ternarylogic_epi32(_mm512_castps_si512(x), _mm512_castps_si512(sign),
                                                         _mm512_set1_epi32((int)0x80000000), 0xd8));
}
// A NaN where x is one, else `otherwise`.
INLINE floats nan_where_nan(floats x, floats otherwise) {
    return _mm512_mask_mov_ps(otherwise, _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q), splat(__builtin_nanf("")));
}
INLINE floats rounded(floats x) { return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
// x · 2ⁿ, where that is a normal number.
INLINE floats times_power_of_two(floats x, floats n) { return _mm512_scalef_ps(x, n); }
INLINE float sum_of(floats x) { return _mm512_reduce_add_ps(x); }
INLINE float largest_of(floats x) { return _mm512_reduce_max_ps(x); }

INLINE ints splat_int(int32_t x) { return _mm512_set1_epi32(x); }
INLINE ints load_ints(const void *p) { return _mm512_loadu_si512(p); }
INLINE void store_ints(void *p, ints x) { _mm512_storeu_si512(p, x); }
INLINE ints bits(floats x) { return _mm512_castps_si512(x); }
INLINE floats from_bits(ints x) { return _mm512_castsi512_ps(x); }
INLINE ints to_ints(floats x) { return _mm512_cvtps_epi32(x); }
INLINE floats to_floats(ints x) { return _mm512_cvtepi32_ps(x); }
INLINE ints add(ints a, ints b) { return _mm512_add_epi32(a, b); }
INLINE ints and(ints a, ints b) { return _mm512_and_si512(a, b); }
INLINE ints or(ints a, ints b) { return _mm512_or_si512(a, b); }
INLINE ints shifted_right(ints x, int count) { return _mm512_srli_epi32(x, (unsigned)count); }
INLINE ints shifted_left(ints x, int count) { return _mm512_slli_epi32(x, (unsigned)count); }
INLINE ints larger_int(ints a, ints b) { return _mm512_max_epi32(a, b); }
INLINE int32_t sum_of_ints(ints x) { return _mm512_reduce_add_epi32(x); }
INLINE int32_t largest_int_of(ints x) { return _mm512_reduce_max_epi32(x); }
// The low 8 or 16 bits of each lane.
INLINE void store_bytes(void *p, ints x) { _mm_storeu_si128(p, _mm512_cvtepi32_epi8(x)); }
INLINE void store_halves(void *p, ints x) { _mm256_storeu_si256(p, _mm512_cvtepi32_epi16(x)); }

// The low 16 bits of each lane, of a and then of b.
INLINE ints joined_halves(ints a, ints b) {
    return _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi32_epi16(a)), _mm512_cvtepi32_epi16(b), 1);
}

INLINE floats widen_halves(vw_element type, __m256i halves) {
    if (type == vw_element_f16) return _mm512_cvtph_ps(halves);
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}

INLINE floats load_elements(vw_element type, const void *p) {
    return type == vw_element_f32 ? _mm512_loadu_ps(p) : widen_halves(type, _mm256_loadu_si256(p));
}

INLINE floats load_some_elements(vw_element type, const void *p, size_t count) {
    if (type == vw_element_f32) return _mm512_maskz_loadu_ps(first_lanes(count), p);
    return widen_halves(type, _mm256_maskz_loadu_epi16(first_lanes(count), p));
}

// Whether in 64 bytes a word (of 4 or 2 bytes) has all bits of `mask` set.
INLINE bool has_word(const void *p, size_t size, uint32_t mask) {
    __m512i words = _mm512_loadu_si512(p), wanted = size == 4 ? _mm512_set1_epi32((int)mask) : _mm512_set1_epi16((short)mask);
    __m512i masked = _mm512_and_si512(words, wanted);
    return size == 4 ? _mm512_cmpeq_epi32_mask(masked, wanted) != 0 : _mm512_cmpeq_epi16_mask(masked, wanted) != 0;
}

INLINE void transpose(ints x[lanes]) {
    __m512i y[16];
    for (int i = 0; i < 16; i += 2) {
        y[i] = _mm512_unpacklo_epi32(x[i], x[i + 1]);
        y[i + 1] = _mm512_unpackhi_epi32(x[i], x[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
        x[i] = _mm512_unpacklo_epi64(y[i], y[i + 2]);
        x[i + 1] = _mm512_unpackhi_epi64(y[i], y[i + 2]);
        x[i + 2] = _mm512_unpacklo_epi64(y[i + 1], y[i + 3]);
        x[i + 3] = _mm512_unpackhi_epi64(y[i + 1], y[i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        y[i] = _mm512_shuffle_i32x4(x[i], x[i + 4], 0x88);
        y[i + 4] = _mm512_shuffle_i32x4(x[i], x[i + 4], 0xdd);
        y[i + 8] = _mm512_shuffle_i32x4(x[i + 8], x[i + 12], 0x88);
        y[i + 12] = _mm512_shuffle_i32x4(x[i + 8], x[i + 12], 0xdd);
    }
    for (int i = 0; i < 4; i++) {
        x[i] = _mm512_shuffle_i32x4(y[i], y[i + 8], 0x88);
        x[i + 8] = _mm512_shuffle_i32x4(y[i], y[i + 8], 0xdd);
        x[i + 4] = _mm512_shuffle_i32x4(y[i + 4], y[i + 12], 0x88);
        x[i + 12] = _mm512_shuffle_i32x4(y[i + 4], y[i + 12], 0xdd);
    }
}

#endif
