// The kernels of vw_avx2.
#ifdef __x86_64__
#include <immintrin.h>

#include "plain.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#include "dots_avx2.h"
#define KERNELS vw_avx2_kernels
#include "table.h"
#pragma clang attribute pop
#endif
