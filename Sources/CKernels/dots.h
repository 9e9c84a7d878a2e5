// The innermost products: a few left rows with the columns of one or two panels.
#ifndef VIDEOWIRE_DOTS_COMMON_H
#define VIDEOWIRE_DOTS_COMMON_H

#include "kernels.h"

struct dot {
    const char *left;    // rows of 32-bit groups
    size_t left_stride;  // bytes
    const char *right;   // panels of [steps][32] 32-bit groups
    size_t panel_stride;  // bytes
    size_t steps;         // groups
    float *out;           // 32 sums a row and panel: floats, or integers' bits
    size_t out_stride;
    bool accumulate;  // add to `out`
};

enum { max_rows = 6 };

// Kernels of 1 and 2 panels by 1 ... max_rows rows.
struct dots {
    void (*of[2][max_rows])(struct dot);
};

#define DOT(NAME, ROWS, PANELS, STEP, SUM) \
    static void NAME##_##PANELS##_##ROWS(struct dot d) { dot_rows(ROWS, PANELS, STEP, SUM, d); }
#define DOTS_OF_PANELS(NAME, PANELS, STEP, SUM) \
    DOT(NAME, 1, PANELS, STEP, SUM)             \
    DOT(NAME, 2, PANELS, STEP, SUM)             \
    DOT(NAME, 3, PANELS, STEP, SUM)             \
    DOT(NAME, 4, PANELS, STEP, SUM)             \
    DOT(NAME, 5, PANELS, STEP, SUM)             \
    DOT(NAME, 6, PANELS, STEP, SUM)
// A table of kernels by the name of NAME that compute with STEP; SUM adds partial sums.
#define DOTS(NAME, STEP, SUM)                                                         \
    DOTS_OF_PANELS(NAME, 1, STEP, SUM)                                                \
    DOTS_OF_PANELS(NAME, 2, STEP, SUM)                                                \
    static const struct dots NAME = {                                                 \
        {{NAME##_1_1, NAME##_1_2, NAME##_1_3, NAME##_1_4, NAME##_1_5, NAME##_1_6},    \
         {NAME##_2_1, NAME##_2_2, NAME##_2_3, NAME##_2_4, NAME##_2_5, NAME##_2_6}}};

#endif
