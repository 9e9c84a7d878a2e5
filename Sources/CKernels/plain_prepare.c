// Rows of x: LayerNorm, gathering, rounding, quantising.
#include <math.h>

#include "plain.h"

// How a row becomes one of the layer's: (x - mean) · gain · gamma + beta, or x as it is.
struct normaliser {
    float mean, gain;
};

static struct normaliser normaliser_of(const vw_rows *rows, size_t row) {
    size_t segments = segments_of(rows), length = rows->columns / segments;
    double sum = 0, squares = 0;
    for (size_t s = 0; s < segments; s++) {
        const float *x = segment_of(rows, row, s);
        for (size_t k = 0; x && k < length; k++) sum += x[k];
    }
    double mean = sum / (double)rows->columns;
    for (size_t s = 0; s < segments; s++) {
        const float *x = segment_of(rows, row, s);
        for (size_t k = 0; k < length; k++) squares += ((x ? x[k] : 0) - mean) * ((x ? x[k] : 0) - mean);
    }
    return (struct normaliser){(float)mean, (float)(1 / sqrt(squares / (double)rows->columns + (double)rows->epsilon))};
}

static float value_at(const vw_rows *rows, struct normaliser normaliser, size_t row, size_t column) {
    size_t length = rows->columns / segments_of(rows);
    const float *segment = segment_of(rows, row, column / length);
    float x = segment ? segment[column % length] : 0;
    return rows->gamma ? (x - normaliser.mean) * normaliser.gain * rows->gamma[column] + rows->beta[column] : x;
}

size_t plain_left_stride(vw_precision precision, size_t inputs) {
    return row_bytes(precision == vw_i8 ? inputs : precision == vw_i16 ? 2 * inputs : 4 * inputs);
}

static struct quantiser quantiser_of(vw_precision precision, const vw_rows *rows, struct normaliser normaliser, size_t row) {
    uint32_t largest = 0;
    for (size_t k = 0; k < rows->columns; k++) {
        uint32_t magnitude = bits_of(value_at(rows, normaliser, row, k)) & 0x7fffffff;
        if (magnitude > largest) largest = magnitude;
    }
    struct quantiser quantiser = quantiser_for(largest, integer_limit(precision));
    if (precision == vw_i8) return quantiser;
    double squares = 0;
    for (size_t k = 0; quantiser.inverse > 0 && k < rows->columns; k++) {
        double quantised = rintf(value_at(rows, normaliser, row, k) * quantiser.inverse);
        squares += quantised * quantised;
    }
    return quantiser_within_norm(quantiser, squares, rows->columns);
}

void plain_prepare(vw_precision precision, const vw_rows *rows, size_t first, size_t count, void *left, vw_row_scale *scales) {
    size_t stride = plain_left_stride(precision, rows->columns);
    for (size_t row = first; row < first + count; row++) {
        char *out = (char *)left + row * stride;
        memset(out, 0, stride);
        struct normaliser normaliser = rows->gamma ? normaliser_of(rows, row) : (struct normaliser){0, 0};
        struct quantiser quantiser = {0, 0};
        if (is_integer(precision)) {
            quantiser = quantiser_of(precision, rows, normaliser, row);
            scales[row] = (vw_row_scale){quantiser.scale, 0};
        }
        for (size_t k = 0; k < rows->columns; k++) {
            float x = value_at(rows, normaliser, row, k);
            int quantised = quantiser.inverse > 0 ? (int)rintf(x * quantiser.inverse) : 0;
            switch (precision) {
                case vw_f32: ((float *)(void *)out)[k] = x; break;
                case vw_bf16: ((float *)(void *)out)[k] = float_of((uint32_t)round_bf16(x) << 16); break;
                case vw_i8:
                    ((int8_t *)out)[k] = (int8_t)quantised;
                    scales[row].sum += quantised;
                    break;
                case vw_i16: ((int16_t *)(void *)out)[k] = (int16_t)quantised; break;
            }
        }
    }
}

void plain_layer_norm(const vw_rows *rows, size_t first, size_t count, float *y, ptrdiff_t y_stride) {
    for (size_t row = first; row < first + count; row++) {
        struct normaliser normaliser = normaliser_of(rows, row);
        float *out = y + (ptrdiff_t)row * y_stride;
        for (size_t k = 0; k < rows->columns; k++) out[k] = value_at(rows, normaliser, row, k);
    }
}
