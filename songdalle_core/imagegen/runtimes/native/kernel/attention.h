/* One token's attention over what is remembered. */
#pragma once
#include "vectors.h"

/* Keys and values of one block and one row, with room for `stride` tokens, a multiple of 16. `keys` is
   (stride / 16, channels, 16), for sixteen tokens' scores at a time; `values` is (tokens, channels). What lies
   behind `tokens` is finite. */
typedef struct {
    float *keys, *values;
    int32_t tokens, stride;
} Memory;

/* Remember a token's key and value (channels). */
INLINE void remember(Memory *m, const float *key, const float *value, int channels) {
    float *at = m->keys + (int64_t)(m->tokens / LANES) * channels * LANES + m->tokens % LANES;
    for (int c = 0; c < channels; c++) at[c * LANES] = key[c];
    __builtin_memcpy(m->values + (int64_t)m->tokens * channels, value, sizeof(float) * channels);
    m->tokens++;
}

/* Scores (scratch) of one head's query (size) over a memory, whose keys begin at `keys`; the largest. */
INLINE floats scored(const Memory *m, const float *keys, const float *query, int size, int channels, float scale,
                     float *scores) {
    floats top = splat(-1e30f);
    for (int t = 0; t < m->tokens; t += LANES, keys += (int64_t)channels * LANES) {
        floats score = splat(0);
        for (int c = 0; c < size; c++) score = fma(splat(query[c]), load(keys + c * LANES), score);
        score = where(lanes_below(m->tokens - t), score * scale, splat(-1e30f));
        top = largest(top, score);
        store(scores + t, score);
    }
    return top;
}

/* out (channels): what the heads of query (channels) read in `count` memories. */
static void attend(const Memory *memories, int count, const float *query, int heads, int channels, float scale,
                   float *out, float *scores) {
    const int size = channels / heads;
    for (int h = 0; h < heads; h++) {
        floats top = splat(-1e30f), total = splat(0);
        float *at = scores, *o = out + h * size;
        for (int i = 0; i < count; at += memories[i++].stride)
            top = largest(top, scored(memories + i, memories[i].keys + h * size * LANES, query + h * size, size,
                                      channels, scale, at));
        const floats highest = splat(maximum(top));
        for (int c = 0; c < size; c += LANES) store(o + c, splat(0));
        at = scores;
        for (int i = 0; i < count; at += memories[i++].stride) {
            for (int t = 0; t < memories[i].tokens; t += LANES) {
                floats e = exponential(load(at + t) - highest);
                total += e;
                store(at + t, e);
            }
            for (int c = 0; c < size; c += LANES) {
                floats read = load(o + c);
                const float *value = memories[i].values + h * size + c;
                for (int t = 0; t < memories[i].tokens; t++, value += channels)
                    read = fma(splat(at[t]), load(value), read);
                store(o + c, read);
            }
        }
        const float share = 1.0f / sum(total);
        for (int c = 0; c < size; c += LANES) store(o + c, load(o + c) * share);
    }
}
