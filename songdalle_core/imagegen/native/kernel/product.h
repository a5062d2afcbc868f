/* y = x W + b for a few rows x and weights packed into panels of sixteen columns.

   A panel stays in the first cache while all rows pass over it. A tile is `rows` x `panels` sums held in
   registers; each sum runs over the inputs one by one, so its rounding is the same in every tile. */
#pragma once
#include "vectors.h"

#ifdef __AVX512F__
#define TILE 12 /* sums of sixteen floats that fit into the registers */
#else
#define TILE 6
#endif

typedef enum { WRITE, ADD, GELU, QUICK_GELU } Ending;

typedef struct {
    const void *weights; /* (outputs / 16, inputs, 16), float or half */
    const float *bias;   /* (outputs) */
    int32_t inputs, outputs, half;
} Linear;

INLINE floats weight(const void *weights, int64_t at, int half) {
    if (half) return __builtin_convertvector(*(const halves *)((const _Float16 *)weights + at), floats);
    return load((const float *)weights + at);
}

INLINE void end(float *y, floats sum, Ending ending) {
    if (ending == ADD) sum += load(y);
    if (ending == GELU) sum = gelu(sum);
    if (ending == QUICK_GELU) sum = quick_gelu(sum);
    store(y, sum);
}

INLINE void tile(const Linear *l, const float *x, float *y, int panel, const int rows, const int panels,
                 const int half, Ending ending) {
    const int64_t inputs = l->inputs, outputs = l->outputs, size = inputs * LANES;
    floats sums[TILE];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows * panels; i++) sums[i] = load(l->bias + (panel + i % panels) * LANES);
    for (int64_t k = 0; k < inputs; k++) {
#pragma clang loop unroll(full)
        for (int p = 0; p < panels; p++) {
            floats w = weight(l->weights, (panel + p) * size + k * LANES, half);
#pragma clang loop unroll(full)
            for (int r = 0; r < rows; r++)
                sums[r * panels + p] = fma(splat(x[r * inputs + k]), w, sums[r * panels + p]);
        }
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < rows * panels; i++)
        end(y + i / panels * outputs + (panel + i % panels) * LANES, sums[i], ending);
}

#define CASE(R) case R: tile(l, x, y, panel, R, wide ? TILE / (R) : 1, half, ending); break;

/* One panel of every row, or, where the rows leave registers idle, `wide`: as many as fill them. */
INLINE void tiles(const Linear *l, const float *x, int rows, float *y, int panel, const int wide,
                  const int half, Ending ending) {
    for (; rows > 0; rows -= TILE, x += TILE * (int64_t)l->inputs, y += TILE * (int64_t)l->outputs)
        switch (rows < TILE ? rows : TILE) {
            CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#if TILE == 12
            CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
#endif
        }
}

INLINE void all_panels(const Linear *l, const float *x, int rows, float *y, const int half, Ending ending) {
    const int count = l->outputs / LANES, fill = rows < TILE ? TILE / rows : 1;
    int panel = 0;
    if (fill > 1)
        for (; panel + fill <= count; panel += fill) tiles(l, x, rows, y, panel, 1, half, ending);
    for (; panel < count; panel++) tiles(l, x, rows, y, panel, 0, half, ending);
}

/* y (rows, outputs) of x (rows, inputs). */
static void product(const Linear *l, const float *x, int rows, float *y, Ending ending) {
    if (l->half) all_panels(l, x, rows, y, 1, ending);
    else all_panels(l, x, rows, y, 0, ending);
}
