// Products of left rows and packed panels, and what follows them.
#include <math.h>

#include "plain.h"

size_t plain_multiply_scratch(vw_precision precision, size_t inputs) {
    (void)precision, (void)inputs;
    return 64;
}

static float weight_of(vw_precision precision, const void *panel, size_t input, size_t output) {
    if (precision == vw_f32) return ((const float *)panel)[input * vw_panel + output];
    return float_of((uint32_t)((const uint16_t *)panel)[(input / 2 * vw_panel + output) * 2 + input % 2] << 16);
}

static void multiply_floats(vw_precision precision, const float *left, const void *panel, size_t inputs, float *sums) {
    for (size_t output = 0; output < vw_panel; output++) sums[output] = 0;
    for (size_t begin = 0; begin < inputs; begin += chunk) {
        float part[vw_panel] = {0};
        for (size_t k = begin; k < inputs && k < begin + chunk; k++)
            for (size_t output = 0; output < vw_panel; output++) part[output] += left[k] * weight_of(precision, panel, k, output);
        for (size_t output = 0; output < vw_panel; output++) sums[output] += part[output];
    }
}

static void multiply_integers(vw_precision precision, const vw_product *product, const void *left, const void *panel, size_t row,
                              size_t first_output, float *sums) {
    int32_t totals[vw_panel] = {0};
    for (size_t k = 0; k < product->inputs; k++)
        for (size_t output = 0; output < vw_panel; output++)
            if (precision == vw_i8)
                totals[output] += ((const int8_t *)left)[k] * (((const uint8_t *)panel)[(k / 4 * vw_panel + output) * 4 + k % 4] - 128);
            else
                totals[output] += ((const int16_t *)left)[k] * ((const int16_t *)panel)[(k / 2 * vw_panel + output) * 2 + k % 2];
    float scale = product->left_scales[row].scale;
    for (size_t output = 0; output < vw_panel; output++)
        sums[output] = (float)totals[output] * (scale * product->weight_scales[first_output + output]);
}

static float activate(vw_activation activation, float x) {
    switch (activation) {
        case vw_no_activation: return x;
        case vw_gelu: return 0.5f * x * (1 + erff(x * 0.70710678f));
        case vw_tanh: return tanhf(x);
    }
    return x;
}

void plain_multiply(vw_precision precision, const vw_product *product, size_t first_row, size_t rows, size_t first_panel,
                    size_t panels, void *scratch) {
    (void)scratch;
    size_t left_stride = plain_left_stride(precision, product->inputs), stride = panel_bytes(precision, product->inputs);
    for (size_t p = first_panel; p < first_panel + panels; p++)
        for (size_t row = first_row; row < first_row + rows; row++) {
            const void *left = (const char *)product->left + row * left_stride;
            const void *panel = (const char *)product->packed + p * stride;
            float sums[vw_panel];
            if (is_integer(precision))
                multiply_integers(precision, product, left, panel, row, p * vw_panel, sums);
            else
                multiply_floats(precision, left, panel, product->inputs, sums);
            const float *residual = product->residual ? product->residual + (ptrdiff_t)row * product->residual_stride : NULL;
            float *y = product->y + (ptrdiff_t)row * product->y_stride;
            for (size_t j = 0; j < vw_panel && p * vw_panel + j < product->outputs; j++) {
                size_t output = p * vw_panel + j;
                float sum = product->bias ? sums[j] + product->bias[output] : sums[j];
                float activated = activate(product->activation, sum);
                y[output] = residual ? activated + residual[output] : activated;
            }
        }
}
