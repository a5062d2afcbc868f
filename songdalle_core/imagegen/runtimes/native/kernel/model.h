/* The transformer's weights, as `native/layout.py` lays them out, and its two kinds of block. */
#pragma once
#include "attention.h"
#include "product.h"
#include "sampling.h"

typedef struct {
    const float *weight, *bias;
    float epsilon;
} Norm;

typedef struct {
    Norm before_attention, before_mlp;
    Linear qkv, proj, up, down;
} Block;

typedef struct {
    const Block *blocks;
    int32_t count, heads;
    int32_t gelu; /* an Ending */
} Stack;

typedef struct {
    int32_t channels, depth, positions, text, vocab, branches, text_stride, position_stride;
    int32_t summed; /* the head reads the sum of all earlier codes' vectors, not the last one */
    Stack body, head;
    const float *body_table, *head_table; /* (depth, vocab, channels) */
    const float *head_bias;               /* (channels) */
    const float *at_position, *at_depth;  /* (positions, channels), (depth, channels) */
    Norm norm;
    const Linear *classifiers; /* (depth) */
} Model;

/* Whether this code computes a model of that shape. */
INLINE int computes(const Model *m) {
    if (m->channels < LANES || m->channels % LANES || m->depth < 1 || m->depth > LANES) return 0;
    if (m->branches < 1 || m->branches > 2 || m->body.heads < 1 || m->head.heads < 1) return 0;
    if (m->channels % m->body.heads || m->channels % m->head.heads) return 0;
    return m->text_stride >= m->text && m->position_stride >= m->positions && m->text_stride % LANES == 0 &&
           m->position_stride % LANES == 0 && m->vocab > 0 && m->vocab <= m->classifiers[0].outputs;
}

/* A thread's scratch for MOST_ROWS rows; a team has them in common, but for the last three spaces. */
typedef struct {
    float *x, *context, *normed, *qkv, *attended, *hidden, *logits;
    float *head; /* what the head's blocks remember of the position, a block and row */
    float *weights, *scores, *read; /* of one row */
    Share share;
} Scratch;

/* One candidate. A branch's text holds, a body block, the keys and values of a `Memory`, with room for
   text_stride keys and `text` values; its own memory likewise for position_stride and `positions`. */
typedef struct {
    float *text[2], *own[2];
    const float *started[2]; /* what the text says of position 0 (channels) */
    const float *draws;      /* (positions, depth) */
    int64_t *codes;          /* (positions, depth) */
    int32_t position;
    Filters filters;
} Slot;

INLINE void normalise(Norm n, const float *x, int channels, float *y) {
    floats total = splat(0), squares = splat(0);
    for (int c = 0; c < channels; c += LANES) total += load(x + c);
    const float mean = sum(total) / channels;
    for (int c = 0; c < channels; c += LANES) {
        floats d = load(x + c) - mean;
        squares = fma(d, d, squares);
    }
    const float scale = 1.0f / __builtin_sqrtf(sum(squares) / channels + n.epsilon);
    for (int c = 0; c < channels; c += LANES)
        store(y + c, fma((load(x + c) - mean) * scale, load(n.weight + c), load(n.bias + c)));
}

/* Advance x (rows, channels) by a block. Row r reads `memories` r * each .. and adds its own token to the last. */
static void advance(const Block *b, const Stack *stack, int channels, float *x, int rows, Memory *memories,
                    int each, Scratch *s) {
    const float scale = 1.0f / __builtin_sqrtf((float)(channels / stack->heads));
    OWN(r, rows, s->share)
        normalise(b->before_attention, x + (int64_t)r * channels, channels, s->normed + (int64_t)r * channels);
    meet(s->share);
    product(&b->qkv, s->normed, rows, s->qkv, s->share, WRITE);
    OWN(r, rows, s->share) {
        const float *q = s->qkv + (int64_t)r * 3 * channels;
        Memory *m = memories + (int64_t)r * each;
        remember(m + each - 1, q + channels, q + 2 * channels, channels);
        attend(m, each, q, stack->heads, channels, scale, s->read, s->scores); /* may reach over the row's end */
        copy(s->attended + (int64_t)r * channels, s->read, channels);
    }
    meet(s->share);
    product(&b->proj, s->attended, rows, x, s->share, ADD);
    OWN(r, rows, s->share)
        normalise(b->before_mlp, x + (int64_t)r * channels, channels, s->normed + (int64_t)r * channels);
    meet(s->share);
    product(&b->up, s->normed, rows, s->hidden, s->share, stack->gelu);
    product(&b->down, s->hidden, rows, x, s->share, ADD);
}
