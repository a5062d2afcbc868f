/* One position of every slot: `stepping.SpatialStep` on a CPU. */
#include "crew.h"

/* What `count` memories of a block and row hold begins `block` blocks behind `at`. */
INLINE Memory memory(float *at, int channels, int block, int stride, int room, int tokens) {
    at += (int64_t)block * channels * (stride + room);
    return (Memory){at, at + (int64_t)channels * stride, tokens, stride};
}

INLINE void add(float *x, const float *y, int channels) {
    for (int c = 0; c < channels; c += LANES) store(x + c, load(x + c) + load(y + c));
}

/* x (channels): what the body reads of the position before. */
INLINE void previous(const Model *m, const Slot *slot, float *x) {
    const int64_t *codes = slot->codes + (int64_t)(slot->position - 1) * m->depth;
    copy(x, m->at_position + (int64_t)(slot->position - 1) * m->channels, m->channels);
    for (int64_t d = 0; d < m->depth; d++)
        add(x, m->body_table + (d * m->vocab + codes[d]) * m->channels, m->channels);
}

/* s->context (rows, channels) of slots; row branch * count + i is slot i's. Behind it the team has met. */
static void contexts(const Model *m, Slot *const *slots, int count, Scratch *s) {
    Memory memories[MOST_ROWS][2];
    int rows = 0, row_of[MOST_ROWS]; /* rows that the body advances: those behind position 0 */
    for (int row = 0; row < count * m->branches; row++) {
        const Slot *slot = slots[row % count];
        if (slot->position) row_of[rows++] = row;
        else if (row % s->share.of == s->share.index)
            copy(s->context + (int64_t)row * m->channels, slot->started[row / count], m->channels);
    }
    OWN(r, rows, s->share) previous(m, slots[row_of[r] % count], s->x + (int64_t)r * m->channels);
    for (int n = 0; n < m->body.count && rows; n++) {
        for (int r = 0; r < rows; r++) {
            const Slot *slot = slots[row_of[r] % count];
            const int b = row_of[r] / count, c = m->channels;
            memories[r][0] = memory(slot->text[b], c, n, m->text_stride, m->text, m->text);
            memories[r][1] = memory(slot->own[b], c, n, m->position_stride, m->positions, slot->position - 1);
        }
        advance(m->body.blocks + n, &m->body, m->channels, s->x, rows, memories[0], 2, s);
    }
    OWN(r, rows, s->share)
        copy(s->context + (int64_t)row_of[r] * m->channels, s->x + (int64_t)r * m->channels, m->channels);
    meet(s->share);
}

/* s->x (rows, channels): what the head reads at depth d. */
static void head_input(const Model *m, Slot *const *slots, int count, int d, Scratch *s) {
    OWN(row, count * m->branches, s->share) {
        float *x = s->x + (int64_t)row * m->channels;
        const Slot *slot = slots[row % count];
        const int64_t *codes = slot->codes + (int64_t)slot->position * m->depth;
        copy(x, d == 0 ? s->context + (int64_t)row * m->channels : m->head_bias, m->channels);
        for (int64_t e = d == 0 || m->summed ? 0 : d - 1; e < d; e++)
            add(x, m->head_table + (e * m->vocab + codes[e]) * m->channels, m->channels);
        add(x, m->at_depth + (int64_t)d * m->channels, m->channels);
    }
}

/* The code of slot i at depth d, from its guided logits (Ho & Salimans 2022, equation 6). */
static void choose(const Model *m, Slot *slot, int i, int count, int d, Scratch *s) {
    const int codes = m->classifiers[d].outputs;
    float *with = s->logits + (int64_t)i * codes;
    const float *without = s->logits + (int64_t)(count + i) * codes;
    if (m->branches == 2)
        for (int c = 0; c < codes; c += LANES) {
            floats u = load(without + c);
            store(with + c, fma(splat(slot->filters.guidance), load(with + c) - u, u));
        }
    const int64_t at = (int64_t)slot->position * m->depth + d;
    slot->codes[at] = sample(with, s->weights, codes, m->vocab, slot->filters, slot->draws[at]);
}

void draw(const Model *m, Slot *const *slots, int count, Scratch *s) {
    const int rows = count * m->branches, room = 2 * m->channels * LANES;
    Memory memories[MOST_ROWS];
    contexts(m, slots, count, s);
    for (int d = 0; d < m->depth; d++) {
        head_input(m, slots, count, d, s);
        for (int n = 0; n < m->head.count; n++) {
            for (int r = 0; r < rows; r++)
                memories[r] = memory(s->head + (int64_t)(n * rows + r) * room, m->channels, 0, LANES, LANES, d);
            advance(m->head.blocks + n, &m->head, m->channels, s->x, rows, memories, 1, s);
        }
        OWN(r, rows, s->share)
            normalise(m->norm, s->x + (int64_t)r * m->channels, m->channels, s->normed + (int64_t)r * m->channels);
        meet(s->share);
        product(m->classifiers + d, s->normed, rows, s->logits, s->share, WRITE);
        OWN(i, count, s->share) choose(m, slots[i], i, count, d, s);
        meet(s->share);
    }
    OWN(i, count, s->share) slots[i]->position++;
}
