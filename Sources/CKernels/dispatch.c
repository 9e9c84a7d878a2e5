// The public functions: each calls the kernel of the level that it is given.
#include "kernels.h"

vw_level vw_best_level(void) {
#ifdef __x86_64__
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("f16c")) return vw_plain;
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512dq") ||
        !__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512vnni"))
        return vw_avx2;
    return __builtin_cpu_supports("avx512bf16") ? vw_avx512_bf16 : vw_avx512;
#else
    return vw_plain;
#endif
}

static const struct kernels *kernels_at(vw_level level) {
#ifdef __x86_64__
    switch (level) {
        case vw_plain: break;
        case vw_avx2: return &vw_avx2_kernels;
        case vw_avx512: return &vw_avx512_kernels;
        case vw_avx512_bf16: return &vw_avx512_bf16_kernels;
        case vw_avx512_bf16_emulated: return &vw_avx512_bf16_emulated_kernels;
    }
#endif
    (void)level;
    return &vw_plain_kernels;
}

void vw_widen(vw_level level, vw_element type, const void *elements, size_t count, float *out) {
    kernels_at(level)->widen(type, elements, count, out);
}

size_t vw_find_nonfinite(vw_level level, vw_element type, const void *elements, size_t count) {
    return kernels_at(level)->find_nonfinite(type, elements, count);
}

size_t vw_packed_bytes(vw_precision precision, size_t outputs, size_t inputs) {
    return panels_of(outputs) * panel_bytes(precision, inputs);
}

void vw_pack(vw_level level, vw_precision precision, size_t outputs, size_t inputs, size_t first, size_t count, vw_element type,
             const void *weights, void *packed, float *scales) {
    kernels_at(level)->pack(precision, outputs, inputs, first, count, type, weights, packed, scales);
}

size_t vw_left_stride(vw_level level, vw_precision precision, size_t inputs) {
    return kernels_at(level)->left_stride(precision, inputs);
}

void vw_prepare(vw_level level, vw_precision precision, const vw_rows *rows, size_t first, size_t count, void *left,
                vw_row_scale *scales) {
    kernels_at(level)->prepare(precision, rows, first, count, left, scales);
}

size_t vw_multiply_scratch(vw_level level, vw_precision precision, size_t inputs) {
    return kernels_at(level)->multiply_scratch(precision, inputs);
}

void vw_multiply(vw_level level, vw_precision precision, const vw_product *product, size_t first_row, size_t rows,
                 size_t first_panel, size_t panels, void *scratch) {
    kernels_at(level)->multiply(precision, product, first_row, rows, first_panel, panels, scratch);
}

void vw_layer_norm(vw_level level, const vw_rows *rows, size_t first, size_t count, float *y, ptrdiff_t y_stride) {
    kernels_at(level)->layer_norm(rows, first, count, y, y_stride);
}

size_t vw_attention_scratch(vw_level level, vw_precision precision, size_t queries, size_t keys, size_t head) {
    return kernels_at(level)->attention_scratch(precision, queries, keys, head);
}

void vw_attend(vw_level level, vw_precision precision, const vw_attention *attention, void *scratch) {
    kernels_at(level)->attend(precision, attention, scratch);
}
