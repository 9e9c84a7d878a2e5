// The table of kernels of the level whose vectors and dots have been included.
#include "plain.h"
// In this order: each uses what the ones before it define.
#include "elementary.h"
#include "prepare.h"
#include "elements.h"
#include "multiply.h"
#include "attention_operands.h"
#include "attention_weights.h"
#include "attention.h"

const struct kernels KERNELS = {
    .widen = widen,
    .find_nonfinite = find_nonfinite,
    .pack = pack,
    .left_stride = left_stride,
    .prepare = prepare,
    .multiply_scratch = multiply_scratch,
    .multiply = multiply,
    .layer_norm = layer_norm,
    .attention_scratch = attention_scratch,
    .attend = attend,
};
