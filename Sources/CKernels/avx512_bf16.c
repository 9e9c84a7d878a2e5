// The kernels of vw_avx512_bf16.
#ifdef __x86_64__
#include <immintrin.h>

#include "plain.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c,avx512bf16"))), \
                             apply_to = function)
#define BF16_INSTRUCTION
#include "dots_avx512.h"
#define KERNELS vw_avx512_bf16_kernels
#include "table.h"
#pragma clang attribute pop
#endif
