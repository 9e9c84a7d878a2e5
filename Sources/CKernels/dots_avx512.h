// Dot products of up to 6 left rows with the 64 columns of two panels, all sums in registers.
#ifndef VIDEOWIRE_DOTS_H
#define VIDEOWIRE_DOTS_H

#include "dots.h"
#include "vector_avx512.h"

// Bytes of an 8-bit element of the left operand.
enum { left_i8_size = 1 };
INLINE void spread_i8(const char *bytes, size_t count, char *out) { (void)bytes, (void)count, (void)out; }

// One step: 32 bits of a left row, for all columns. Sums are kept as floats or as the bits of integers.
INLINE floats step_f32(floats sum, floats right, int32_t left) {
    return _mm512_fmadd_ps(_mm512_castsi512_ps(_mm512_set1_epi32(left)), right, sum);
}

INLINE floats step_i8(floats sum, floats right, int32_t left) {
    return from_bits(_mm512_dpbusd_epi32(bits(sum), bits(right), _mm512_set1_epi32(left)));
}

// Written as assembly because LLVM splits the intrinsic into a multiplication and an addition.
INLINE floats step_i16(floats sum, floats right, int32_t left) {
    __asm__("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(right), "v"(_mm512_set1_epi32(left)));
    return sum;
}

#if defined(BF16_INSTRUCTION)
INLINE floats step_bf16(floats sum, floats right, int32_t left) {
    return _mm512_dpbf16_ps(sum, (__m512bh)bits(right), (__m512bh)_mm512_set1_epi32(left));
}
#elif defined(BF16_EMULATION)
// The second product first, as the instruction does; unlike it, numbers below the normal ones are kept.
INLINE floats step_bf16(floats sum, floats right, int32_t left) {
    ints l = _mm512_set1_epi32(left), high = splat_int((int32_t)0xffff0000);
    sum = _mm512_fmadd_ps(from_bits(and(l, high)), from_bits(and(bits(right), high)), sum);
    return _mm512_fmadd_ps(from_bits(shifted_left(l, 16)), from_bits(shifted_left(bits(right), 16)), sum);
}
#endif

INLINE floats add_floats(floats a, floats b) { return a + b; }
INLINE floats add_ints(floats a, floats b) { return from_bits(add(bits(a), bits(b))); }

INLINE void dot_rows(size_t rows, size_t panels, floats step(floats, floats, int32_t), floats sum(floats, floats), struct dot d) {
    const size_t vectors = 2 * panels;
    floats sums[max_rows][4];
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++)
        for (size_t v = 0; v < vectors; v++) sums[r][v] = splat(0);
    // All indices are constants once this is unrolled, so sums and right operands are registers.
#define STEP_AT(K)                                                                                                  \
    {                                                                                                               \
        floats right[4];                                                                                            \
        _Pragma("clang loop unroll(full)") for (size_t v = 0; v < vectors; v++) right[v] =                          \
            _mm512_loadu_ps(d.right + v / 2 * d.panel_stride + (K) * 128 + v % 2 * 64);                              \
        _Pragma("clang loop unroll(full)") for (size_t r = 0; r < rows; r++) {                                      \
            int32_t left;                                                                                           \
            memcpy(&left, d.left + r * d.left_stride + (K) * 4, 4);                                                 \
            _Pragma("clang loop unroll(full)") for (size_t v = 0; v < vectors; v++) sums[r][v] =                    \
                step(sums[r][v], right[v], left);                                                                   \
        }                                                                                                           \
    }
    size_t k = 0;
    for (; k + 4 <= d.steps; k += 4) {
        STEP_AT(k)
        STEP_AT(k + 1)
        STEP_AT(k + 2)
        STEP_AT(k + 3)
    }
    for (; k < d.steps; k++) STEP_AT(k)
#undef STEP_AT
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++)
        for (size_t v = 0; v < vectors; v++) {
            float *out = d.out + r * d.out_stride + v * lanes;
            store(out, d.accumulate ? sum(load(out), sums[r][v]) : sums[r][v]);
        }
}

DOTS(dots_f32, step_f32, add_floats)
DOTS(dots_i8, step_i8, add_ints)
DOTS(dots_i16, step_i16, add_ints)
#if defined(BF16_INSTRUCTION) || defined(BF16_EMULATION)
#define HAS_DOTS_BF16
DOTS(dots_bf16, step_bf16, add_floats)
#endif

#endif
