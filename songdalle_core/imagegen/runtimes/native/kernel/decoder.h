/* What the decoder is told: the operations of `autoencoder.Decoder` or `local.LocalDecoder` one after the other, as
   `native/decoder.py` makes them. Maps are (height, width, channels). */
#pragma once
#include "convolution.h"

enum { CONVOLVE, PROJECT, NORMALISE, ATTEND, ACTIVATE, UNFOLD };
#define BUFFERS 4
#define GROUPS 32
#define MOST_PATCH 8
#define LEAST_COLOURS 3 /* red, green and blue; the fourth is alpha */
#define MOST_COLOURS 4

typedef struct {
    int32_t kind, height, width; /* of the result */
    int32_t source, target;      /* buffers */
    int32_t added;               /* the buffer that is added to the result, or -1 */
    int32_t doubled;             /* CONVOLVE: each pixel of the source stands for 2 x 2 */
    int32_t active;              /* CONVOLVE, NORMALISE: SiLU behind it */
    Linear linear;               /* NORMALISE: gain and bias of `inputs` channels; UNFOLD: its outputs in the order (2, 2, channels) */
    float epsilon;
} Operation;

typedef struct {
    const Operation *operations;
    int32_t count, height, width, channels; /* of the operations; of a feature map */
    int32_t out_height, out_width, out_channels, patch, colours;
    int32_t together, threads;              /* most pictures of a thread's turn */
    int64_t room, scratch;                  /* floats of a buffer; of each of the two of a convolution */
    const float *zeros;
} Decoder;

/* Whether every operation stays within its buffers and this code computes its shape, for `count` pictures at once. */
INLINE int fits(const Decoder *d, int count) {
    const Operation *last = d->operations + d->count - 1;
    if (d->threads < 1 || d->threads > MOST_THREADS || count < 1 || d->count < 1) return 0;
    if (d->patch < 1 || d->patch > MOST_PATCH || d->colours < LEAST_COLOURS || d->colours > MOST_COLOURS) return 0;
    if (d->out_channels < d->colours * d->patch * d->patch) return 0;
    if ((int64_t)count * d->height * d->width * d->channels > d->room) return 0;
    for (const Operation *o = d->operations; o <= last; o++) {
        const int area = o->kind == UNFOLD ? 4 : 1; /* pixels of the result for a row of its product */
        const int64_t pixels = (int64_t)o->height * o->width / area;
        const int64_t inputs = o->linear.inputs, outputs = o->linear.outputs;
        const int64_t read = o->kind == ATTEND ? 3 * outputs : inputs, wide = read > outputs ? read : outputs;
        const int buffers[] = {o->source, o->target, o->added < 0 ? 0 : o->added};
        for (int i = 0; i < 3; i++)
            if (buffers[i] < 0 || buffers[i] >= BUFFERS) return 0;
        if (o->height < 1 || o->width < 1 || inputs < LANES || outputs < LANES) return 0;
        if (inputs % LANES || outputs % LANES || count * pixels * wide > d->room) return 0;
        switch (o->kind) {
            case CONVOLVE:
                if (POINTS * TILES * wide > d->scratch || (o->doubled && (o->height % 2 || o->width % 2))) return 0;
                break;
            case PROJECT: break;
            case UNFOLD:
                if (o->height % 2 || o->width % 2 || outputs % (4 * LANES)) return 0;
                break;
            case ACTIVATE:
                if (inputs != outputs) return 0;
                break;
            case NORMALISE:
                if (inputs != outputs || inputs % GROUPS || inputs > d->scratch) return 0;
                break;
            case ATTEND:
                if (pixels > d->scratch) return 0;
                break;
            default: return 0;
        }
    }
    if (last->kind == UNFOLD) return 0; /* a quarter of its outputs are the channels of a map */
    return last->height == d->out_height && last->width == d->out_width && last->linear.outputs == d->out_channels;
}
