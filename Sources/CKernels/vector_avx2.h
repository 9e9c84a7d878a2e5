// 256-bit vectors in the vocabulary of the kernels that AVX2 and AVX-512 share.
#ifndef VIDEOWIRE_VECTOR_H
#define VIDEOWIRE_VECTOR_H

#include <immintrin.h>

#include "kernels.h"

#define INLINE static inline __attribute__((always_inline))

typedef __m256 floats;
typedef __m256i ints;
enum { lanes = 8 };

INLINE __m256i first_lanes(size_t count) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

INLINE floats splat(float x) { return _mm256_set1_ps(x); }
INLINE floats load(const float *p) { return _mm256_loadu_ps(p); }
INLINE floats load_some(const float *p, size_t count) { return _mm256_maskload_ps(p, first_lanes(count)); }
INLINE void store(float *p, floats x) { _mm256_storeu_ps(p, x); }
INLINE void store_some(float *p, floats x, size_t count) { _mm256_maskstore_ps(p, first_lanes(count), x); }
// x in the first lanes, y in the others.
INLINE floats first_of(size_t count, floats x, floats y) {
    return _mm256_blendv_ps(y, x, _mm256_castsi256_ps(first_lanes(count)));
}

INLINE floats fma(floats a, floats b, floats c) { return _mm256_fmadd_ps(a, b, c); }
INLINE floats larger(floats a, floats b) { return _mm256_max_ps(a, b); }
INLINE floats smaller(floats a, floats b) { return _mm256_min_ps(a, b); }
INLINE floats magnitude(floats x) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x); }
INLINE floats with_sign_of(floats x, floats sign) { return _mm256_blendv_ps(magnitude(x), _mm256_or_ps(x, splat(-0.0f)), sign); }
// A NaN where x is one, else `otherwise`.
INLINE floats nan_where_nan(floats x, floats otherwise) {
    return _mm256_blendv_ps(otherwise, splat(__builtin_nanf("")), _mm256_cmp_ps(x, x, _CMP_UNORD_Q));
}
INLINE floats rounded(floats x) { return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
// x · 2ⁿ, where 2ⁿ is a normal number.
INLINE floats times_power_of_two(floats x, floats n) {
    __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
    return x * _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23));
}

INLINE float sum_of(floats x) {
    __m128 y = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    y = _mm_add_ps(y, _mm_movehl_ps(y, y));
    return _mm_cvtss_f32(_mm_add_ss(y, _mm_movehdup_ps(y)));
}

INLINE float largest_of(floats x) {
    __m128 y = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    y = _mm_max_ps(y, _mm_movehl_ps(y, y));
    return _mm_cvtss_f32(_mm_max_ss(y, _mm_movehdup_ps(y)));
}

INLINE ints splat_int(int32_t x) { return _mm256_set1_epi32(x); }
INLINE ints load_ints(const void *p) { return _mm256_loadu_si256(p); }
INLINE void store_ints(void *p, ints x) { _mm256_storeu_si256(p, x); }
INLINE ints bits(floats x) { return _mm256_castps_si256(x); }
INLINE floats from_bits(ints x) { return _mm256_castsi256_ps(x); }
INLINE ints to_ints(floats x) { return _mm256_cvtps_epi32(x); }
INLINE floats to_floats(ints x) { return _mm256_cvtepi32_ps(x); }
INLINE ints add(ints a, ints b) { return _mm256_add_epi32(a, b); }
INLINE ints and(ints a, ints b) { return _mm256_and_si256(a, b); }
INLINE ints or(ints a, ints b) { return _mm256_or_si256(a, b); }
INLINE ints shifted_right(ints x, int count) { return _mm256_srli_epi32(x, count); }
INLINE ints shifted_left(ints x, int count) { return _mm256_slli_epi32(x, count); }
INLINE ints larger_int(ints a, ints b) { return _mm256_max_epi32(a, b); }

INLINE int32_t sum_of_ints(ints x) {
    __m128i y = _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
    y = _mm_add_epi32(y, _mm_shuffle_epi32(y, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(y, _mm_shuffle_epi32(y, 0xb1)));
}

INLINE int32_t largest_int_of(ints x) {
    __m128i y = _mm_max_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
    y = _mm_max_epi32(y, _mm_shuffle_epi32(y, 0x4e));
    return _mm_cvtsi128_si32(_mm_max_epi32(y, _mm_shuffle_epi32(y, 0xb1)));
}

// The low 16 bits of each lane.
INLINE __m128i low_halves(ints x) {
    __m256i y = _mm256_packus_epi32(and(x, splat_int(0xffff)), _mm256_setzero_si256());
    return _mm256_castsi256_si128(_mm256_permute4x64_epi64(y, 0x08));
}

INLINE void store_halves(void *p, ints x) { _mm_storeu_si128(p, low_halves(x)); }
// The low 8 bits of each lane.
INLINE void store_bytes(void *p, ints x) {
    _mm_storel_epi64(p, _mm_packus_epi16(low_halves(and(x, splat_int(0xff))), _mm_setzero_si128()));
}

// The low 16 bits of each lane, of a and then of b.
INLINE ints joined_halves(ints a, ints b) { return _mm256_setr_m128i(low_halves(a), low_halves(b)); }

INLINE floats widen_halves(vw_element type, __m128i halves) {
    if (type == vw_element_f16) return _mm256_cvtph_ps(halves);
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
}

INLINE floats load_elements(vw_element type, const void *p) {
    return type == vw_element_f32 ? _mm256_loadu_ps(p) : widen_halves(type, _mm_loadu_si128(p));
}

INLINE floats load_some_elements(vw_element type, const void *p, size_t count) {
    if (type == vw_element_f32) return load_some(p, count);
    uint16_t halves[8] = {0};
    memcpy(halves, p, 2 * count);
    return widen_halves(type, _mm_loadu_si128((const void *)halves));
}

// Whether in 64 bytes a word (of 4 or 2 bytes) has all bits of `mask` set.
INLINE bool has_word(const void *p, size_t size, uint32_t mask) {
    __m256i wanted = size == 4 ? _mm256_set1_epi32((int)mask) : _mm256_set1_epi16((short)mask), found = _mm256_setzero_si256();
    for (int i = 0; i < 2; i++) {
        __m256i masked = _mm256_and_si256(_mm256_loadu_si256((const __m256i *)p + i), wanted);
        found = _mm256_or_si256(found, size == 4 ? _mm256_cmpeq_epi32(masked, wanted) : _mm256_cmpeq_epi16(masked, wanted));
    }
    return !_mm256_testz_si256(found, found);
}

INLINE void transpose(ints x[lanes]) {
    __m256i y[8];
    for (int i = 0; i < 8; i += 2) {
        y[i] = _mm256_unpacklo_epi32(x[i], x[i + 1]);
        y[i + 1] = _mm256_unpackhi_epi32(x[i], x[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
        x[i] = _mm256_unpacklo_epi64(y[i], y[i + 2]);
        x[i + 1] = _mm256_unpackhi_epi64(y[i], y[i + 2]);
        x[i + 2] = _mm256_unpacklo_epi64(y[i + 1], y[i + 3]);
        x[i + 3] = _mm256_unpackhi_epi64(y[i + 1], y[i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        y[i] = _mm256_permute2x128_si256(x[i], x[i + 4], 0x20);
        y[i + 4] = _mm256_permute2x128_si256(x[i], x[i + 4], 0x31);
    }
    for (int i = 0; i < 8; i++) x[i] = y[i];
}

#endif
