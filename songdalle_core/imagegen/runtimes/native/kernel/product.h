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

INLINE void end(float *y, floats sum, Ending ending) {
    if (ending == ADD) sum += load(y);
    if (ending == GELU) sum = gelu(sum);
    if (ending == QUICK_GELU) sum = quick_gelu(sum);
    store(y, sum);
}

/* Add inputs `from` to `to` to the sums (rows, panels) of x (rows, inputs). With `ahead`, tile `turn` of `turns` over
   this chunk has its part of the next one fetched meanwhile, evenly, as memory delivers. */
INLINE void tile(const Linear *l, const float *x, floats *totals, int panel, int from, int to, int turn, int turns,
                 const int rows, const int panels, const int half, const int ahead) {
    const int64_t inputs = l->inputs, size = inputs * LANES, bytes = half ? 2 : 4, stride = LANES * bytes / turns;
    const char *next = (const char *)l->weights + (panel * size + (int64_t)to * LANES) * bytes;
    next += (to - from) * stride * turn;
    floats sums[TILE];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows * panels; i++) sums[i] = totals[i];
    for (int64_t k = from; k < to; k++, next += stride) {
#pragma clang loop unroll(full)
        for (int p = 0; p < panels; p++) {
            floats w = weight(l->weights, (panel + p) * size + k * LANES, half);
            if (ahead) __builtin_prefetch(next + p * size * bytes, 0, 3);
#pragma clang loop unroll(full)
            for (int r = 0; r < rows; r++)
                sums[r * panels + p] = fma(splat(x[r * inputs + k]), w, sums[r * panels + p]);
        }
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < rows * panels; i++) totals[i] = sums[i];
}

#define CASE(R) \
    case R: \
        tile(l, x + r * inputs, sums + r, panel, from, to, turn, turns, R, wide ? TILE / (R) : 1, half, ahead); break;

/* One panel of every row, or, where the rows leave registers idle, `wide`: as many as fill them. */
INLINE void tiles(const Linear *l, const float *x, int rows, float *y, int panel, const int wide,
                  const int half, const int ahead, Ending ending) {
    const int panels = wide ? TILE / rows : 1, turns = (rows + TILE - 1) / TILE;
    const int64_t inputs = l->inputs, outputs = l->outputs;
    floats sums[MOST_ROWS];
    for (int i = 0; i < rows * panels; i++) sums[i] = load(l->bias + (panel + i % panels) * LANES);
    for (int from = 0; from < inputs; from += CHUNK) {
        const int to = from + CHUNK < inputs ? from + CHUNK : inputs;
        for (int64_t r = 0, turn = 0; r < rows; r += TILE, turn++)
            switch (rows - r < TILE ? rows - r : TILE) {
                CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#if TILE == 12
                CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
#endif
            }
    }
    for (int i = 0; i < rows * panels; i++)
        end(y + i / panels * outputs + (panel + i % panels) * LANES, sums[i], ending);
}

INLINE void panels_of(const Linear *l, const float *x, int rows, float *y, Share share, const int half,
                      const int ahead, Ending ending) {
    const int count = l->outputs / LANES, fill = rows < TILE ? TILE / rows : 1;
    const int last = count * (share.index + 1) / share.of;
    int panel = count * share.index / share.of;
    if (fill > 1)
        for (; panel + fill <= last; panel += fill) tiles(l, x, rows, y, panel, 1, half, ahead, ending);
    for (; panel < last; panel++) tiles(l, x, rows, y, panel, 0, half, ahead, ending);
}

/* y (rows, outputs) of x (rows, inputs), once the whole team is through. */
static void product(const Linear *l, const float *x, int rows, float *y, Share share, Ending ending) {
    switch (2 * !!l->half + !!share.ahead) {
        case 0: panels_of(l, x, rows, y, share, 0, 0, ending); break;
        case 1: panels_of(l, x, rows, y, share, 0, 1, ending); break;
        case 2: panels_of(l, x, rows, y, share, 1, 0, ending); break;
        case 3: panels_of(l, x, rows, y, share, 1, 1, ending);
    }
    meet(share);
}
