// SIMD kernels of the models, with run-time choice of the instruction level.
//
// Every kernel takes the level at which it works, so that one process can compare levels; the plain twins are the definition. No
// kernel allocates, locks or starts threads. Results depend on the arguments alone: a tile's numbers are the same whichever
// tiles are computed beside it, and on which thread. Matrices are row-major; strides count elements between rows.
#ifndef VIDEOWIRE_CKERNELS_H
#define VIDEOWIRE_CKERNELS_H

#include <stddef.h>
#include <stdint.h>

// Each level includes the ones before it.
typedef enum {
    vw_plain = 0,        // portable C
    vw_avx2 = 1,         // AVX2, FMA, F16C
    vw_avx512 = 2,       // AVX-512 F, BW, DQ, VL, VNNI
    vw_avx512_bf16 = 3,  // and AVX512_BF16
    vw_avx512_bf16_emulated = 4,  // for tests: that level's kernels with its instruction emulated, on a CPU of vw_avx512
} vw_level;

// The highest level of this CPU and operating system.
vw_level vw_best_level(void);

// How the numbers of checkpoints are stored.
typedef enum { vw_element_f32, vw_element_f16, vw_element_bf16 } vw_element;

// Widens `count` elements, aligned or not.
void vw_widen(vw_level level, vw_element type, const void *elements, size_t count, float *out);
// The index of the first element that is NaN or infinite; `count` where there is none.
size_t vw_find_nonfinite(vw_level level, vw_element type, const void *elements, size_t count);

// Adds `count` blocks of 64 bytes to the state of SHA-256. The plain twin is what it does where the CPU has no instructions for it.
void vw_sha256(uint32_t state[8], const uint8_t *blocks, size_t count);
void vw_sha256_plain(uint32_t state[8], const uint8_t *blocks, size_t count);

// ---- Linear layers: y = act(norm(x) · Wᵀ + b) + residual ------------------------------------------------------------------
//
// Three steps: weights are packed once; `vw_prepare` turns rows of x into the left operand (LayerNorm, gathering, rounding or
// quantising); `vw_multiply` computes a tile of the product with everything that follows it.
//
// vw_f32:  weights and activations in fp32.
// vw_bf16: weights and activations rounded to bf16 (nearest even), products summed in fp32.
// vw_i8:   weights in 8 bits with a scale an output (symmetric), activations in 8 bits with a scale a row (symmetric, dynamic);
//          sums are exact integers.
// vw_i16:  the same in 16 bits. Scales keep sums within 32 bits, whatever the numbers are: the rounding of a row, or of an output's
//          weights, is off by about √inputs / 160 000 of their Euclidean norm. Up to 2²³ inputs.
typedef enum { vw_f32 = 0, vw_bf16 = 1, vw_i8 = 2, vw_i16 = 3 } vw_precision;

// Outputs are packed in panels of this many.
enum { vw_panel = 32 };

typedef enum { vw_no_activation = 0, vw_gelu = 1 /* x·Φ(x), by erf */, vw_tanh = 2 } vw_activation;

// Bytes of the packed weights; one layout for all levels. Panels lie one after another: panel p at p · bytes / panels.
size_t vw_packed_bytes(vw_precision precision, size_t outputs, size_t inputs);
// Packs rows first ..< first + count of a matrix outputs × inputs (`weights` points to row `first`; `first` is a multiple of
// vw_panel, and so is `count` unless the rows end the matrix). `scales` (vw_i8, vw_i16): a float an output, rounded up to whole panels.
void vw_pack(vw_level level, vw_precision precision, size_t outputs, size_t inputs, size_t first, size_t count, vw_element type,
             const void *weights, void *packed, float *scales);

// Rows of x to be prepared.
typedef struct {
    const float *x;
    ptrdiff_t stride;
    size_t columns;      // inputs of the layer
    const float *gamma;  // LayerNorm's scale and shift, `columns` each; NULL: no norm
    const float *beta;
    float epsilon;
    // Convolution: row i is the concatenation of `segments` rows of x, of columns / segments elements each, with the numbers
    // gather[i · segments ...]; a negative number stands for zeros. NULL: row i of x.
    const int32_t *gather;
    size_t segments;
} vw_rows;

// Bytes between the rows of the left operand at this level and precision; a multiple of 64.
size_t vw_left_stride(vw_level level, vw_precision precision, size_t inputs);
// What vw_i8 and vw_i16 remember of a row.
typedef struct {
    float scale;
    int32_t sum;  // of its quantised elements (vw_i8)
} vw_row_scale;
// Prepares rows first ..< first + count into left (+ row · stride) and scales[row] (vw_i8, vw_i16).
void vw_prepare(vw_level level, vw_precision precision, const vw_rows *rows, size_t first, size_t count, void *left,
                vw_row_scale *scales);

typedef struct {
    size_t inputs, outputs;
    const void *packed;
    const float *weight_scales;  // vw_i8, vw_i16
    const void *left;
    const vw_row_scale *left_scales;  // vw_i8, vw_i16
    const float *bias;                // or NULL
    vw_activation activation;
    const float *residual;  // or NULL; may be y
    ptrdiff_t residual_stride;
    float *y;
    ptrdiff_t y_stride;
} vw_product;

// Scratch that one call of vw_multiply needs; 64-byte aligned.
size_t vw_multiply_scratch(vw_level level, vw_precision precision, size_t inputs);
// Computes rows first_row ..< first_row + rows of the outputs of panels first_panel ..< first_panel + panels. Fastest where
// tiles are 8 panels, of few inputs 16 or 32, by a few hundred rows, and where packed weights and left operand begin at a multiple
// of 64 bytes.
void vw_multiply(vw_level level, vw_precision precision, const vw_product *product, size_t first_row, size_t rows,
                 size_t first_panel, size_t panels, void *scratch);

// LayerNorm of rows first ..< first + count (biased variance); y may be x.
void vw_layer_norm(vw_level level, const vw_rows *rows, size_t first, size_t count, float *y, ptrdiff_t y_stride);

// ---- Attention of one head of one sequence ---------------------------------------------------------------------------------

typedef enum {
    vw_softmax = 0,  // softmax over all keys
    // The merger's weighted softmax (specification of Video-LaVIT's visual tokenizer): A less its maximum over all keys;
    // W = exp(A) · M; P = (W + ε/keys) / (ΣW + ε), ε = 1e-6.
    vw_merger_causal = 1,  // M[i, j] = (keep[j] or i = j) and j ≤ i
    vw_merger_cross = 2,   // M[i, j] = not keep[j]
} vw_mask;

typedef struct {
    const float *q, *k, *v;
    ptrdiff_t q_stride, k_stride, v_stride;
    float *y;
    ptrdiff_t y_stride;
    size_t queries, keys, head;  // head: elements a head
    float scale;                 // of q · k; not negative
    vw_mask mask;
    const uint8_t *keep;  // `keys` flags, for the merger's masks
} vw_attention;

// vw_f32 is fp32 throughout. In the others products may be of integers, of at least 12 bits and a sign, with a scale a query, a key
// and a column of v: they round less than bf16 does. The softmax is fp32.
size_t vw_attention_scratch(vw_level level, vw_precision precision, size_t queries, size_t keys, size_t head);
void vw_attend(vw_level level, vw_precision precision, const vw_attention *attention, void *scratch);

#endif
