// The plain twins: portable, obvious, the definition of what the other levels compute.
#ifndef VIDEOWIRE_PLAIN_H
#define VIDEOWIRE_PLAIN_H

#include "kernels.h"

void plain_widen(vw_element type, const void *elements, size_t count, float *out);
size_t plain_find_nonfinite(vw_element type, const void *elements, size_t count);
void plain_pack(vw_precision precision, size_t outputs, size_t inputs, size_t first, size_t count, vw_element type,
                const void *weights, void *packed, float *scales);
size_t plain_left_stride(vw_precision precision, size_t inputs);
void plain_prepare(vw_precision precision, const vw_rows *rows, size_t first, size_t count, void *left, vw_row_scale *scales);
size_t plain_multiply_scratch(vw_precision precision, size_t inputs);
void plain_multiply(vw_precision precision, const vw_product *product, size_t first_row, size_t rows, size_t first_panel,
                    size_t panels, void *scratch);
void plain_layer_norm(const vw_rows *rows, size_t first, size_t count, float *y, ptrdiff_t y_stride);
size_t plain_attention_scratch(vw_precision precision, size_t queries, size_t keys, size_t head);
void plain_attend(vw_precision precision, const vw_attention *attention, void *scratch);

#endif
