/* y = x W + b for a few rows x and weights packed into panels of sixteen columns.

   All rows pass over a chunk of a panel while it is in the first cache and the next one is fetched. A tile is
   `rows` x `panels` sums held in registers; each sum runs over the inputs one by one, so its rounding is the same
   in every tile. */
#pragma once
#include "team.h"
#include "vectors.h"

#ifdef __AVX512F__
#define TILE 12 /* sums of sixteen floats that fit into the registers */
#else
#define TILE 6
#endif

#define CHUNK 256    /* inputs of a panel that stay in the first cache while all rows pass over them */
#define MOST_ROWS 24 /* of a product: their activations stay in a core's second cache */

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

INLINE void fetch(const void *weights, int64_t at, int half) {
    __builtin_prefetch((const char *)weights + at * (half ? 2 : 4), 0, 3);
}

INLINE void end(float *y, floats sum, Ending ending) {
    if (ending == ADD) sum += load(y);
    if (ending == GELU) sum = gelu(sum);
    if (ending == QUICK_GELU) sum = quick_gelu(sum);
    store(y, sum);
}

/* Add inputs `from` to `to` to the sums (rows, panels) of x (rows, inputs); `ahead`: and have the next ones fetched. */
INLINE void tile(const Linear *l, const float *x, floats *kept, int panel, int from, int to, const int ahead,
                 const int rows, const int panels, const int half) {
    const int64_t inputs = l->inputs, size = inputs * LANES;
    floats sums[TILE];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows * panels; i++) sums[i] = kept[i];
    for (int64_t k = from; k < to; k++) {
#pragma clang loop unroll(full)
        for (int p = 0; p < panels; p++) {
            const int64_t at = (panel + p) * size + k * LANES;
            floats w = weight(l->weights, at, half);
            if (ahead) fetch(l->weights, at + CHUNK * LANES, half);
#pragma clang loop unroll(full)
            for (int r = 0; r < rows; r++)
                sums[r * panels + p] = fma(splat(x[r * inputs + k]), w, sums[r * panels + p]);
        }
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < rows * panels; i++) kept[i] = sums[i];
}

#define CASE(R) case R: tile(l, x + r * inputs, sums + r, panel, from, to, 1, R, wide ? TILE / (R) : 1, half); break;

/* One panel of every row, or, where the rows leave registers idle, `wide`: as many as fill them. */
INLINE void tiles(const Linear *l, const float *x, int rows, float *y, int panel, const int wide,
                  const int half, Ending ending) {
    const int panels = wide ? TILE / rows : 1;
    const int64_t inputs = l->inputs, outputs = l->outputs;
    floats sums[MOST_ROWS];
    for (int i = 0; i < rows * panels; i++) sums[i] = load(l->bias + (panel + i % panels) * LANES);
    for (int from = 0; from < inputs; from += CHUNK) {
        const int to = from + CHUNK < inputs ? from + CHUNK : inputs;
        for (int64_t r = 0; r < rows; r += TILE) {
            switch (rows - r) { /* the last rows have the next chunk fetched */
                CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#if TILE == 12
                CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
#endif
                default: tile(l, x + r * inputs, sums + r, panel, from, to, 0, TILE, 1, half);
            }
        }
    }
    for (int i = 0; i < rows * panels; i++)
        end(y + i / panels * outputs + (panel + i % panels) * LANES, sums[i], ending);
}

INLINE void panels_of(const Linear *l, const float *x, int rows, float *y, Share share, const int half,
                      Ending ending) {
    const int count = l->outputs / LANES, fill = rows < TILE ? TILE / rows : 1;
    const int last = count * (share.index + 1) / share.of;
    int panel = count * share.index / share.of;
    if (fill > 1)
        for (; panel + fill <= last; panel += fill) tiles(l, x, rows, y, panel, 1, half, ending);
    for (; panel < last; panel++) tiles(l, x, rows, y, panel, 0, half, ending);
}

/* y (rows, outputs) of x (rows, inputs), once the whole team is through. */
static void product(const Linear *l, const float *x, int rows, float *y, Share share, Ending ending) {
    if (l->half) panels_of(l, x, rows, y, share, 1, ending);
    else panels_of(l, x, rows, y, share, 0, ending);
    meet(share);
}
