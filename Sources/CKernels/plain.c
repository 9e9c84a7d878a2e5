#include "plain.h"

const struct kernels vw_plain_kernels = {
    .widen = plain_widen,
    .find_nonfinite = plain_find_nonfinite,
    .pack = plain_pack,
    .left_stride = plain_left_stride,
    .prepare = plain_prepare,
    .multiply_scratch = plain_multiply_scratch,
    .multiply = plain_multiply,
    .layer_norm = plain_layer_norm,
    .attention_scratch = plain_attention_scratch,
    .attend = plain_attend,
};
