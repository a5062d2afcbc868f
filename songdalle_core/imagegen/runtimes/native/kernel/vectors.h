/* Sixteen floats at a time. Every sum has one fixed order, on every CPU and for every number of rows, so that a
   row's result never depends on what else is computed. Contraction is off: fused products are asked for by name. */
#pragma once
#include <stdint.h>

#define LANES 16
typedef float floats __attribute__((vector_size(64)));
typedef float loose_floats __attribute__((vector_size(64), aligned(4)));
typedef int32_t ints __attribute__((vector_size(64)));
typedef _Float16 halves __attribute__((vector_size(32), aligned(2)));

#ifndef INLINE /* the sanitizers' build has its own: what is inlined everywhere takes them minutes to compile */
#define INLINE static inline __attribute__((always_inline))
#endif

INLINE floats splat(float x) { return (floats){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x}; }
INLINE floats load(const float *x) { return *(const loose_floats *)x; }
INLINE void copy(float *x, const float *y, int count) { __builtin_memcpy(x, y, sizeof(float) * count); }
INLINE void store(float *x, floats v) { *(loose_floats *)x = v; }
INLINE floats fma(floats a, floats b, floats c) { return __builtin_elementwise_fma(a, b, c); }
INLINE floats largest(floats a, floats b) { return __builtin_elementwise_max(a, b); }
INLINE floats where(ints mask, floats a, floats b) {
    return (floats)((mask & (ints)a) | (~mask & (ints)b));
}
INLINE ints lanes_below(int n) {
    ints lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return lane < n;
}

INLINE float sum(floats v) {
    for (int half = LANES / 2; half; half /= 2)
        for (int i = 0; i < half; i++) v[i] += v[i + half];
    return v[0];
}
INLINE float maximum(floats v) {
    for (int half = LANES / 2; half; half /= 2)
        for (int i = 0; i < half; i++) v[i] = v[i] > v[i + half] ? v[i] : v[i + half];
    return v[0];
}

/* exp by range reduction and a polynomial, about two units in the last place; 0 far below, NaN for NaN. */
INLINE floats exponential(floats x) {
    floats low = splat(-87.0f);
    ints tiny = x < low;
    x = where(tiny, low, where(x > 88.0f, splat(88.0f), x));
    floats n = __builtin_elementwise_roundeven(x * 1.44269504f);
    floats r = fma(n, splat(-0.693359375f), x);
    r = fma(n, splat(2.12194440e-4f), r);
    floats p = splat(1.0f / 5040);
    p = fma(p, r, splat(1.0f / 720));
    p = fma(p, r, splat(1.0f / 120));
    p = fma(p, r, splat(1.0f / 24));
    p = fma(p, r, splat(1.0f / 6));
    p = fma(p, r, splat(0.5f));
    p = fma(p, r, splat(1.0f));
    p = fma(p, r, splat(1.0f));
    ints power = (__builtin_convertvector(where(n == n, n, splat(0)), ints) + 127) << 23; /* no integer is a NaN */
    return where(tiny, splat(0), p * (floats)power);
}

/* x Phi(x), the error function by Abramowitz & Stegun 7.1.26 (1.5e-7). */
INLINE floats gelu(floats x) {
    floats z = __builtin_elementwise_abs(x) * 0.70710678f;
    floats t = 1.0f / fma(z, splat(0.3275911f), splat(1.0f));
    floats p = splat(1.061405429f);
    p = fma(p, t, splat(-1.453152027f));
    p = fma(p, t, splat(1.421413741f));
    p = fma(p, t, splat(-0.284496736f));
    p = fma(p, t, splat(0.254829592f));
    floats tail = 0.5f * p * t * exponential(-z * z); /* Phi(-|x|) */
    return x * where(x < 0, tail, 1.0f - tail);
}

INLINE floats quick_gelu(floats x) { return x / (1.0f + exponential(-1.702f * x)); }
INLINE floats silu(floats x) { return x / (1.0f + exponential(-x)); }
