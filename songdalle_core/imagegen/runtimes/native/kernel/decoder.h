/* What the decoder is told: the operations of `autoencoder.Decoder` one after the other, as `native/decoder.py`
   makes them. Maps are (height, width, channels). */
#pragma once
#include "convolution.h"

enum { CONVOLVE, PROJECT, NORMALISE, ATTEND };
#define BUFFERS 4
#define GROUPS 32
#define MOST_PATCH 8

typedef struct {
    int32_t kind, height, width; /* of the result */
    int32_t source, target;      /* buffers */
    int32_t added;               /* the buffer that is added to the result, or -1 */
    int32_t flag;                /* CONVOLVE: double the source; NORMALISE: SiLU behind it */
    Linear linear;               /* NORMALISE: gain and bias of `inputs` channels */
    float epsilon;
} Operation;

typedef struct {
    const Operation *operations;
    int32_t count, height, width, channels; /* of the operations; of a feature map */
    int32_t out_height, out_width, out_channels, patch;
    int32_t together, threads;              /* most pictures of a thread's turn */
    int64_t room, scratch;                  /* floats of a buffer; of each of the two of a convolution */
    const float *zeros;
} Decoder;

/* Whether every operation stays within its buffers and this code computes its shape, for `count` pictures at once. */
INLINE int fits(const Decoder *d, int count) {
    const Operation *last = d->operations + d->count - 1;
    if (d->threads < 1 || d->threads > MOST_THREADS || count < 1 || d->count < 1) return 0;
    if (d->patch < 1 || d->patch > MOST_PATCH || d->out_channels < 3 * d->patch * d->patch) return 0;
    if ((int64_t)count * d->height * d->width * d->channels > d->room) return 0;
    for (const Operation *o = d->operations; o <= last; o++) {
        const int64_t pixels = (int64_t)o->height * o->width, inputs = o->linear.inputs, outputs = o->linear.outputs;
        const int64_t read = o->kind == ATTEND ? 3 * outputs : inputs, wide = read > outputs ? read : outputs;
        const int buffers[] = {o->source, o->target, o->added < 0 ? 0 : o->added};
        for (int i = 0; i < 3; i++)
            if (buffers[i] < 0 || buffers[i] >= BUFFERS) return 0;
        if (o->height < 1 || o->width < 1 || inputs < LANES || outputs < LANES) return 0;
        if (inputs % LANES || outputs % LANES || count * pixels * wide > d->room) return 0;
        switch (o->kind) {
            case CONVOLVE:
                if (POINTS * TILES * wide > d->scratch || (o->flag && (o->height % 2 || o->width % 2))) return 0;
                break;
            case PROJECT: break;
            case NORMALISE:
                if (inputs != outputs || inputs % GROUPS || inputs > d->scratch) return 0;
                break;
            case ATTEND:
                if (pixels > d->scratch) return 0;
                break;
            default: return 0;
        }
    }
    return last->height == d->out_height && last->width == d->out_width && last->linear.outputs == d->out_channels;
}
