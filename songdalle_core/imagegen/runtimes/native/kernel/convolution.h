/* 3 x 3 convolutions of maps (height, width, channels) by Winograd's minimal filtering F(4 x 4, 3 x 3): Lavin & Gray,
   "Fast Algorithms for Convolutional Neural Networks", CVPR 2016, arXiv 1509.09308, section 4.2. A tile of 4 x 4
   outputs takes 36 products a pair of channels instead of 144. */
#pragma once
#include "product.h"

#define OUT 4
#define IN 6
#define POINTS 36
#define TILES MOST_ROWS /* of a block: the rows of one product */

typedef struct {
    int32_t count, height, width; /* maps, and the size of the result */
    int32_t doubled;              /* each source pixel stands for 2 x 2 */
} Grid;

/* B^T d along one direction: six inputs, `stride` vectors apart. */
INLINE void transform_in(const floats *d, int stride, floats *v) {
    const floats a = d[0], b = d[stride], c = d[2 * stride], e = d[3 * stride], f = d[4 * stride], g = d[5 * stride];
    const floats even = fma(splat(-4), c, f), odd = fma(splat(-4), b, e), near = f - c, far = 2 * (e - b);
    v[0] = fma(splat(4), a, fma(splat(-5), c, f));
    v[stride] = even + odd;
    v[2 * stride] = even - odd;
    v[3 * stride] = near + far;
    v[4 * stride] = near - far;
    v[5 * stride] = fma(splat(4), b, fma(splat(-5), e, g));
}

/* A^T m along one direction: six sums to four results. */
INLINE void transform_out(const floats *m, int stride, floats *y, int to) {
    const floats p = m[stride] + m[2 * stride], q = m[stride] - m[2 * stride];
    const floats r = m[3 * stride] + m[4 * stride], s = m[3 * stride] - m[4 * stride];
    y[0] = m[0] + p + r;
    y[to] = fma(splat(2), s, q);
    y[2 * to] = fma(splat(4), r, p);
    y[3 * to] = fma(splat(8), s, q) + m[5 * stride];
}

/* The tile of that number: its map and its first row and column. */
typedef struct {
    int map, y, x;
} Corner;

INLINE Corner corner(const Grid *g, int tile) {
    const int across = (g->width + OUT - 1) / OUT, down = (g->height + OUT - 1) / OUT, in_map = tile % (across * down);
    return (Corner){tile / (across * down), in_map / across * OUT, in_map % across * OUT};
}

/* v (POINTS, tiles, channels) of one tile: what its 6 x 6 neighbourhood is in Winograd's domain. */
static void tile_in(const Grid *g, const float *source, int channels, Corner at, float *v, int64_t stride) {
    const int width = g->width >> g->doubled, height = g->height >> g->doubled;
    source += (int64_t)at.map * height * width * channels;
    for (int c = 0; c < channels; c += LANES) {
        floats d[POINTS], half[POINTS];
        for (int i = 0; i < IN; i++)
            for (int j = 0; j < IN; j++) {
                const int y = at.y + i - 1, x = at.x + j - 1;
                const int inside = y >= 0 && y < g->height && x >= 0 && x < g->width;
                const int64_t from = (int64_t)(y >> g->doubled) * width + (x >> g->doubled);
                d[i * IN + j] = inside ? load(source + from * channels + c) : splat(0);
            }
        for (int i = 0; i < IN; i++) transform_in(d + i * IN, 1, half + i * IN);
        for (int j = 0; j < IN; j++) transform_in(half + j, IN, d + j);
        for (int p = 0; p < POINTS; p++) store(v + p * stride + c, d[p]);
    }
}

/* One tile of the result, with the bias, what is added (or 0) and, with `active`, SiLU at the end. */
static void tile_out(const Grid *g, const float *m, int64_t stride, const float *bias, const float *added,
                     float *target, int channels, Corner at, int active) {
    const int64_t map = (int64_t)at.map * g->height * g->width * channels;
    for (int c = 0; c < channels; c += LANES) {
        floats s[POINTS], half[OUT * IN], y[OUT * OUT];
        for (int p = 0; p < POINTS; p++) s[p] = load(m + p * stride + c);
        for (int j = 0; j < IN; j++) transform_out(s + j, IN, half + j, IN);
        for (int i = 0; i < OUT; i++) transform_out(half + i * IN, 1, y + i * OUT, 1);
        const floats shift = load(bias + c);
        for (int i = 0; i < OUT && at.y + i < g->height; i++)
            for (int j = 0; j < OUT && at.x + j < g->width; j++) {
                const int64_t to = map + ((int64_t)(at.y + i) * g->width + at.x + j) * channels + c;
                floats sum = y[i * OUT + j] + shift;
                if (added) sum += load(added + to);
                store(target + to, active ? silu(sum) : sum);
            }
    }
}

/* target (maps, height, width, outputs) = source * weights (POINTS, outputs / 16, inputs, 16) + bias + added, or SiLU
   of it. `v` and `m` have room for POINTS * TILES rows of inputs and outputs; `none` is a bias of zeros. `added` may
   be `target`. */
static void convolve(const Grid *g, const Linear *l, const float *none, const float *source, const float *added,
                     float *target, float *v, float *m, int active) {
    static Team alone;
    const Share share = {&alone, 0, 1, 0};
    const int64_t inputs = l->inputs, outputs = l->outputs;
    const int tiles = g->count * ((g->height + OUT - 1) / OUT) * ((g->width + OUT - 1) / OUT);
    for (int first = 0; first < tiles; first += TILES) {
        const int count = tiles - first < TILES ? tiles - first : TILES;
        for (int t = 0; t < count; t++)
            tile_in(g, source, l->inputs, corner(g, first + t), v + t * inputs, count * inputs);
        for (int64_t p = 0; p < POINTS; p++) {
            const Linear point = {(const float *)l->weights + p * inputs * outputs, none, l->inputs, l->outputs, 0};
            product(&point, v + p * count * inputs, count, m + p * count * outputs, share, WRITE);
        }
        for (int t = 0; t < count; t++)
            tile_out(g, m + t * outputs, count * outputs, l->bias, added, target, l->outputs, corner(g, first + t),
                     active);
    }
}
