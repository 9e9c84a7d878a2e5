// Elements of checkpoints: widening, the search for numbers that are not finite, packing.
#include <math.h>

#include "plain.h"

void plain_widen(vw_element type, const void *elements, size_t count, float *out) {
    for (size_t i = 0; i < count; i++) out[i] = element_at(type, elements, i);
}

size_t plain_find_nonfinite(vw_element type, const void *elements, size_t count) {
    for (size_t i = 0; i < count; i++)
        if ((bits_of(element_at(type, elements, i)) & 0x7f800000) == 0x7f800000) return i;
    return count;
}

static struct quantiser quantiser_of(vw_precision precision, vw_element type, const void *weights, size_t inputs) {
    uint32_t largest = 0;
    for (size_t k = 0; k < inputs; k++) {
        uint32_t magnitude = bits_of(element_at(type, weights, k)) & 0x7fffffff;
        if (magnitude > largest) largest = magnitude;
    }
    struct quantiser quantiser = quantiser_for(largest, integer_limit(precision));
    if (precision == vw_i8) return quantiser;
    double squares = 0;
    for (size_t k = 0; quantiser.inverse > 0 && k < inputs; k++) {
        double quantised = rintf(element_at(type, weights, k) * quantiser.inverse);
        squares += quantised * quantised;
    }
    return quantiser_within_norm(quantiser, squares, inputs);
}

void plain_pack(vw_precision precision, size_t outputs, size_t inputs, size_t first, size_t count, vw_element type,
                const void *weights, void *packed, float *scales) {
    size_t group = group_size(precision), groups = groups_of(precision, inputs);
    size_t end = first + count == outputs ? panels_of(outputs) * vw_panel : first + count;
    for (size_t output = first; output < end; output++) {
        const char *row = (const char *)weights + (output - first) * inputs * element_size(type);
        char *panel = (char *)packed + output / vw_panel * panel_bytes(precision, inputs);
        struct quantiser quantiser = {0, 0};
        if (is_integer(precision)) {
            if (output < outputs) quantiser = quantiser_of(precision, type, row, inputs);
            scales[output] = quantiser.scale;
        }
        for (size_t k = 0; k < groups * group; k++) {
            float weight = output < outputs && k < inputs ? element_at(type, row, k) : 0;
            size_t index = (k / group * vw_panel + output % vw_panel) * group + k % group;
            int quantised = quantiser.inverse > 0 ? (int)rintf(weight * quantiser.inverse) : 0;
            switch (precision) {
                case vw_f32: ((float *)(void *)panel)[index] = weight; break;
                case vw_bf16: ((uint16_t *)(void *)panel)[index] = round_bf16(weight); break;
                case vw_i8: ((uint8_t *)panel)[index] = (uint8_t)(quantised + 128); break;
                case vw_i16: ((int16_t *)(void *)panel)[index] = (int16_t)quantised; break;
            }
        }
    }
}
