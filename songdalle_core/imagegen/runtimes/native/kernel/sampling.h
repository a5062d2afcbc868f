/* One code from one row's logits: `sampling.sample`, without putting anything in order. */
#pragma once
#include "vectors.h"

typedef struct {
    float temperature, top_p, guidance;
    int32_t top_k;
} Filters;

/* An integer that orders as the float does. */
INLINE int32_t rank_of(float x) {
    int32_t bits;
    __builtin_memcpy(&bits, &x, sizeof bits);
    return bits ^ ((bits >> 31) & 0x7fffffff);
}
INLINE ints ranks_of(floats x) {
    ints bits = (ints)x;
    return bits ^ ((bits >> 31) & 0x7fffffff);
}

/* How many logits (codes, a multiple of 16) rank at least so high. */
INLINE int32_t count_from(const float *logits, int codes, int32_t rank) {
    ints count = {};
    for (int c = 0; c < codes; c += LANES) count -= ranks_of(load(logits + c)) >= rank;
    int32_t total = 0;
    for (int i = 0; i < LANES; i++) total += count[i];
    return total;
}

/* The mass of the logits that rank higher. */
INLINE float mass_above(const float *logits, const float *weights, int codes, int32_t rank) {
    floats mass = splat(0);
    for (int c = 0; c < codes; c += LANES)
        mass += where(ranks_of(load(logits + c)) > rank, load(weights + c), splat(0));
    return sum(mass);
}

INLINE int32_t between(int32_t low, int32_t high) { return low + (int32_t)(((int64_t)high - low) / 2); }

/* The rank of the k-th largest logit, by bisection. */
INLINE int32_t rank_of_kth(const float *logits, int codes, int k, int32_t low, int32_t high) {
    while (low < high) { /* at least k rank from `low` on, fewer than k above `high` */
        int32_t middle = between(low, high) + 1;
        if (count_from(logits, codes, middle) >= k) low = middle;
        else high = middle - 1;
    }
    return low;
}

/* The lowest rank whose likelier logits have less than `top_p` of the mass. */
INLINE int32_t rank_of_nucleus(const float *logits, const float *weights, int codes, float top_p, int32_t low,
                               int32_t high) {
    const float most = top_p * mass_above(logits, weights, codes, low - 1);
    while (low < high) {
        int32_t middle = between(low, high);
        if (mass_above(logits, weights, codes, middle) < most) high = middle;
        else low = middle + 1;
    }
    return low;
}

/* What `sampling.sample` makes of logits that are no numbers: NaN and -inf are the least finite one, inf is the
   largest. */
INLINE floats finite(floats x) {
    const floats most = splat(__FLT_MAX__);
    return where(x > -most, __builtin_elementwise_min(x, most), -most);
}

/* The code at `draw` in [0, 1) of the distribution; logits (codes) and weights (codes) are scratch after.
   `codes` is a multiple of 16; those from `vocab` on are no codes. */
static int64_t sample(float *logits, float *weights, int codes, int vocab, Filters f, float draw) {
    floats top = splat(-__builtin_inff());
    for (int c = 0; c < codes; c += LANES) {
        floats x = finite(load(logits + c) / f.temperature);
        x = where(lanes_below(vocab - c), x, splat(-__builtin_inff()));
        store(logits + c, x);
        top = largest(top, x);
    }
    const float likeliest = maximum(top);
    const int32_t highest = rank_of(likeliest);
    int32_t least = rank_of(-__builtin_inff()) + 1;
    if (f.top_k < vocab) least = rank_of_kth(logits, codes, f.top_k, least, highest);
    for (int c = 0; c < codes; c += LANES) {
        floats x = load(logits + c);
        store(weights + c, where(ranks_of(x) >= least, exponential(x - likeliest), splat(0)));
    }
    if (f.top_p < 1) {
        least = rank_of_nucleus(logits, weights, codes, f.top_p, least, highest);
        for (int c = 0; c < codes; c += LANES)
            store(weights + c, where(ranks_of(load(logits + c)) >= least, load(weights + c), splat(0)));
    }
    float total = 0;
    for (int c = 0; c < codes; c += LANES) total += sum(load(weights + c));
    const float target = draw * total;
    float reached = 0;
    int at = 0, last = 0;
    for (float more; at + LANES < codes && reached + (more = sum(load(weights + at))) <= target; at += LANES)
        reached += more;
    for (last = at; at < codes; at++) { /* within sixteen codes, and on if rounding lifted the target */
        if (weights[at] <= 0) continue;
        last = at;
        reached += weights[at];
        if (reached > target) return at;
    }
    while (last > 0 && weights[last] <= 0) last--;
    return last;
}
