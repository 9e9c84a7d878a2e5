// CPU time of the kernels on one thread, at this machine's best level, beside oneDNN's where it is installed; best of many, in turn.
// The kernels' times include what follows the product (scales, bias, GELU); oneDNN's are of the bare product, in 8 bits as u8 · s8.
//
//   clang -O2 -ISources/CKernels/include Tests/Benchmarks/kernels.c -x c -O3 Sources/CKernels/*.c -lm -o /tmp/kernels
//   clang -O2 -DWITH_ONEDNN … -lm -ldnnl -o /tmp/kernels && OMP_NUM_THREADS=1 /tmp/kernels
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "CKernels.h"
#ifdef WITH_ONEDNN
#include <dnnl.h>
#endif

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *memory(size_t bytes) { return aligned_alloc(64, (bytes + 63) / 64 * 64); }

static float *numbers(size_t count) {
    float *x = memory(count * sizeof(float));
    for (size_t i = 0; i < count; i++) x[i] = (float)(rand() % 2001 - 1000) / 1000;
    return x;
}

static void keep_best(double *best, double begin) {
    double time = seconds() - begin;
    if (time < *best) *best = time;
}

struct peer {
    bool there;
#ifdef WITH_ONEDNN
    dnnl_stream_t stream;
    dnnl_primitive_t primitive;
    dnnl_exec_arg_t arguments[3];
#endif
};

static void run_peer(struct peer *peer) {
#ifdef WITH_ONEDNN
    dnnl_primitive_execute(peer->primitive, peer->stream, 3, peer->arguments);
    dnnl_stream_wait(peer->stream);
#else
    (void)peer;
#endif
}

static struct peer peer_of(vw_precision precision, size_t rows, size_t inputs, size_t outputs) {
    struct peer peer = {0};
#ifdef WITH_ONEDNN
    static dnnl_engine_t engine;
    if (!engine) dnnl_engine_create(&engine, dnnl_cpu, 0);
    dnnl_data_type_t types[] = {dnnl_f32, dnnl_f32, dnnl_f32};
    if (precision == vw_i8) types[0] = dnnl_u8, types[1] = dnnl_s8, types[2] = dnnl_s32;
    dnnl_dims_t sizes[] = {{rows, inputs}, {inputs, outputs}, {rows, outputs}};
    dnnl_memory_desc_t formats[3];
    for (int i = 0; i < 3; i++)
        dnnl_memory_desc_init_by_tag(&formats[i], 2, sizes[i], types[i], i == 1 ? dnnl_format_tag_any : dnnl_ab);
    dnnl_matmul_desc_t product;
    dnnl_matmul_desc_init(&product, &formats[0], &formats[1], NULL, &formats[2]);
    dnnl_primitive_desc_t description;
    if (dnnl_primitive_desc_create(&description, &product, NULL, engine, NULL) != dnnl_success) return peer;
    formats[1] = *dnnl_primitive_desc_query_md(description, dnnl_query_weights_md, 0);
    dnnl_primitive_create(&peer.primitive, description);
    dnnl_stream_create(&peer.stream, engine, 0);
    int roles[] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST};
    for (int i = 0; i < 3; i++) {
        peer.arguments[i].arg = roles[i];
        dnnl_memory_create(&peer.arguments[i].memory, &formats[i], engine, DNNL_MEMORY_ALLOCATE);
        void *bytes;
        dnnl_memory_get_data_handle(peer.arguments[i].memory, &bytes);
        for (size_t j = 0; j < dnnl_memory_desc_get_size(&formats[i]); j++) ((char *)bytes)[j] = 0x3c;
    }
    peer.there = true;
#else
    (void)precision, (void)rows, (void)inputs, (void)outputs;
#endif
    return peer;
}

static void time_layer(vw_level level, vw_precision precision, size_t rows, size_t inputs, size_t outputs, vw_activation activation) {
    size_t panels = (outputs + vw_panel - 1) / vw_panel;
    float *x = numbers(rows * inputs), *weights = numbers(outputs * inputs), *bias = numbers(outputs), *y = numbers(rows * outputs);
    float *scales = memory(panels * vw_panel * sizeof(float));
    void *packed = memory(vw_packed_bytes(precision, outputs, inputs)), *left = memory(rows * vw_left_stride(level, precision, inputs));
    void *scratch = memory(vw_multiply_scratch(level, precision, inputs));
    vw_row_scale *left_scales = memory(rows * sizeof(vw_row_scale));
    vw_rows all = {.x = x, .stride = (ptrdiff_t)inputs, .columns = inputs};
    vw_product product = {.inputs = inputs, .outputs = outputs, .packed = packed, .weight_scales = scales, .left = left,
                          .left_scales = left_scales, .bias = bias, .activation = activation, .y = y, .y_stride = (ptrdiff_t)outputs};
    struct peer peer = peer_of(precision, rows, inputs, outputs);
    double pack = 1, prepare = 1, multiply = 1, theirs = 1;
    for (double end = seconds() + 0.5; seconds() < end;) {
        double begin = seconds();
        vw_pack(level, precision, outputs, inputs, 0, outputs, vw_element_f32, weights, packed, scales);
        keep_best(&pack, begin);
        for (int i = 0; i < 5; i++) {
            begin = seconds();
            vw_prepare(level, precision, &all, 0, rows, left, left_scales);
            keep_best(&prepare, begin);
            begin = seconds();
            vw_multiply(level, precision, &product, 0, rows, 0, panels, scratch);
            keep_best(&multiply, begin);
            begin = seconds();
            if (peer.there) run_peer(&peer);
            keep_best(&theirs, begin);
        }
    }
    double operations = 2e-9 * (double)(rows * inputs * outputs);
    printf("%-4s %4zu x %5zu x %4zu%s  %7.3f ms %5.0f G/s, prepare %6.3f ms, pack %5.2f G weights/s", (const char *[]){"f32", "bf16", "i8", "i16"}[precision],
           rows, inputs, outputs, activation == vw_gelu ? " gelu" : "     ", 1e3 * multiply, operations / multiply, 1e3 * prepare,
           1e-9 * (double)(outputs * inputs) / pack);
    if (peer.there) printf(", oneDNN %7.3f ms, ratio %.2f", 1e3 * theirs, multiply / theirs);
    printf("\n");
    free(x), free(weights), free(bias), free(y), free(scales), free(packed), free(left), free(scratch), free(left_scales);
}

static void time_attention(vw_level level, vw_precision precision, size_t count, size_t head, size_t stride) {
    float *qkv = numbers(count * stride), *y = numbers(count * head);
    vw_attention attention = {.q = qkv, .k = qkv + head, .v = qkv + 2 * head, .q_stride = (ptrdiff_t)stride, .k_stride = (ptrdiff_t)stride,
                              .v_stride = (ptrdiff_t)stride, .y = y, .y_stride = (ptrdiff_t)head, .queries = count, .keys = count,
                              .head = head, .scale = 0.125f};
    void *scratch = memory(vw_attention_scratch(level, precision, count, count, head));
    double best = 1;
    for (double end = seconds() + 0.2; seconds() < end;) {
        double begin = seconds();
        for (int i = 0; i < 10; i++) vw_attend(level, precision, &attention, scratch);
        keep_best(&best, begin);
    }
    printf("%-4s attention %3zu x %2zu  %8.4f ms %4.0f G/s\n", (const char *[]){"f32", "bf16", "i8", "i16"}[precision], count, head, 100 * best,
           4e-8 * (double)(count * count * head) / best);
    free(qkv), free(y), free(scratch);
}

int main(void) {
    vw_level level = vw_best_level();
    for (vw_precision precision = vw_f32; precision <= vw_i16; precision++) {
        time_layer(level, precision, 257, 1408, 4224, vw_no_activation);
        time_layer(level, precision, 257, 1408, 1408, vw_no_activation);
        time_layer(level, precision, 257, 1408, 6144, vw_gelu);
        time_layer(level, precision, 257, 6144, 1408, vw_no_activation);
        time_layer(level, precision, 720, 512, 1536, vw_no_activation);
        time_layer(level, precision, 720, 512, 2048, vw_gelu);
        time_layer(level, precision, 720, 2048, 512, vw_no_activation);
        time_layer(level, precision, 720, 13824, 512, vw_no_activation);
        time_attention(level, precision, 257, 88, 4224);
        time_attention(level, precision, 720, 64, 1536);
        time_attention(level, precision, 24, 64, 1536 * 180);
    }
}
