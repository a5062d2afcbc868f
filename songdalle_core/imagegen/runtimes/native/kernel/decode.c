/* Feature maps to pictures: the operations of a decoder one after the other, on a CPU. Maps are (height, width,
   channels). A thread takes a few pictures through all operations, then the next few. */
#include <pthread.h>

#include "decoder.h"

typedef struct {
    const Decoder *decoder;
    const float *features; /* (pictures, height, width, channels) */
    uint8_t *pixels;       /* (pictures, out_height * patch, out_width * patch, colours) */
    int pictures, together, next;
} Work;

/* Group normalisation (Wu & He, ECCV 2018, arXiv 1803.08494) of one map (pixels, channels). */
static void group_norm(const Operation *o, const float *x, float *y, int pixels, float *gain, float *shift) {
    const int channels = o->linear.inputs, size = channels / GROUPS;
    for (int c = 0; c < channels; c += LANES) {
        double sums[2][LANES] = {{0}};
        for (int from = 0; from < pixels; from += CHUNK) { /* single precision for a while, double for the rest */
            const int to = from + CHUNK < pixels ? from + CHUNK : pixels;
            floats total = splat(0), squares = splat(0);
            for (int i = from; i < to; i++) {
                const floats value = load(x + (int64_t)i * channels + c);
                total += value;
                squares = fma(value, value, squares);
            }
            for (int i = 0; i < LANES; i++) sums[0][i] += total[i], sums[1][i] += squares[i];
        }
        for (int i = 0; i < LANES; i++) {
            gain[c + i] = (float)(sums[0][i] / pixels);
            shift[c + i] = (float)(sums[1][i] / pixels);
        }
    }
    for (int group = 0; group < GROUPS; group++) {
        double mean = 0, square = 0;
        for (int c = group * size; c < (group + 1) * size; c++) mean += gain[c], square += shift[c];
        mean /= size;
        const double variance = square / size - mean * mean;
        const float scale = 1.0f / __builtin_sqrtf((float)(variance > 0 ? variance : 0) + o->epsilon);
        for (int c = group * size; c < (group + 1) * size; c++) {
            gain[c] = ((const float *)o->linear.weights)[c] * scale;
            shift[c] = o->linear.bias[c] - (float)mean * gain[c];
        }
    }
    for (int i = 0; i < pixels; i++)
        for (int c = 0; c < channels; c += LANES) {
            const floats value = fma(load(x + (int64_t)i * channels + c), load(gain + c), load(shift + c));
            store(y + (int64_t)i * channels + c, o->active ? silu(value) : value);
        }
}

/* One picture's single-head self-attention: qkv (pixels, 3 * channels) to y (pixels, channels). */
static void self_attention(const float *qkv, float *y, int pixels, int channels, float *scores) {
    const int64_t stride = 3 * (int64_t)channels;
    const float scale = 1.0f / __builtin_sqrtf((float)channels);
    for (int i = 0; i < pixels; i++, y += channels) {
        float top = -1e30f, total = 0;
        for (int j = 0; j < pixels; j++) {
            floats dot = splat(0);
            for (int c = 0; c < channels; c += LANES)
                dot = fma(load(qkv + i * stride + c), load(qkv + j * stride + channels + c), dot);
            scores[j] = sum(dot) * scale;
            top = scores[j] > top ? scores[j] : top;
        }
        for (int j = 0; j < pixels; j++) total += scores[j] = exponential(splat(scores[j] - top))[0];
        for (int c = 0; c < channels; c += LANES) {
            floats read = splat(0);
            for (int j = 0; j < pixels; j++)
                read = fma(splat(scores[j]), load(qkv + j * stride + 2 * channels + c), read);
            store(y + c, read * (1.0f / total));
        }
    }
}

/* target (rows, outputs) = source (rows, inputs) W + b + added. */
static void project(const Linear *l, const float *source, const float *added, float *target, int64_t rows) {
    static Team alone;
    const Share share = {&alone, 0, 1, 0};
    for (int64_t first = 0; first < rows; first += MOST_ROWS) {
        const int count = rows - first < MOST_ROWS ? (int)(rows - first) : MOST_ROWS;
        float *y = target + first * l->outputs;
        if (added && added != target) copy(y, added + first * l->outputs, count * l->outputs);
        product(l, source + first * l->inputs, count, y, share, added ? ADD : WRITE);
    }
}

/* target (maps, height, width, channels) = source (maps, height / 2, width / 2, inputs) W + b: every source pixel gives
   2 x 2. The outputs are in the order (2, 2, channels), so that a half of them, for a source row, is a row of the result
   as it stands: nothing is moved afterwards. */
static void unfold(const Operation *o, const float *source, float *target, int count) {
    static Team alone;
    const Share share = {&alone, 0, 1, 0};
    const Linear *l = &o->linear;
    const int across = o->width / 2, wide = l->outputs / 2;
    const int64_t half = (int64_t)wide * l->inputs * (l->half ? sizeof(_Float16) : sizeof(float));
    for (int64_t row = 0; row < (int64_t)count * o->height; row++, target += (int64_t)across * wide) {
        const int64_t below = row % 2, from = row / 2 * across * l->inputs;
        const Linear line = {(const char *)l->weights + below * half, l->bias + below * wide, l->inputs, wide, l->half};
        for (int64_t x = 0; x < across; x += MOST_ROWS) {
            const int rows = across - x < MOST_ROWS ? (int)(across - x) : MOST_ROWS;
            product(&line, source + from + x * l->inputs, rows, target + x * wide, share, WRITE);
        }
    }
}

static void activate(const float *source, float *target, int64_t size) {
    for (int64_t i = 0; i < size; i += LANES) store(target + i, silu(load(source + i)));
}

static void operate(const Decoder *d, const Operation *o, int count, float *memory) {
    float *v = memory + BUFFERS * d->room, *m = v + d->scratch;
    const float *source = memory + o->source * d->room, *added = o->added < 0 ? 0 : memory + o->added * d->room;
    float *target = memory + o->target * d->room;
    const int pixels = o->height * o->width;
    const int64_t in = (int64_t)pixels * o->linear.inputs, out = (int64_t)pixels * o->linear.outputs;
    const Grid grid = {count, o->height, o->width, o->doubled};
    switch (o->kind) {
        case CONVOLVE: convolve(&grid, &o->linear, d->zeros, source, added, target, v, m, o->active); break;
        case PROJECT: project(&o->linear, source, added, target, (int64_t)count * pixels); break;
        case ACTIVATE: activate(source, target, count * in); break;
        case UNFOLD: unfold(o, source, target, count); break;
        case NORMALISE:
            for (int i = 0; i < count; i++) group_norm(o, source + i * in, target + i * in, pixels, v, m);
            break;
        case ATTEND:
            for (int i = 0; i < count; i++)
                self_attention(source + i * 3 * out, target + i * out, pixels, o->linear.outputs, v);
    }
}

/* Bytes of one picture from its last map, whose channels are patch x patch pixels of each colour in turn. What is no
   number is black and, where there is alpha, transparent. */
static void to_pixels(const Decoder *d, const float *map, uint8_t *pixels) {
    const int patch = d->patch, area = patch * patch, colours = d->colours, across = d->out_width * patch;
    float values[MOST_COLOURS * MOST_PATCH * MOST_PATCH + LANES];
    for (int y = 0; y < d->out_height; y++, pixels += colours * patch * across)
        for (int x = 0; x < d->out_width; x++, map += d->out_channels) {
            for (int c = 0; c < colours * area; c += LANES) {
                const floats value = fma(load(map + c), splat(127.5f), splat(127.5f));
                const floats bounded = where(value > 0, __builtin_elementwise_min(value, splat(255)), splat(0));
                store(values + c, __builtin_elementwise_roundeven(bounded));
            }
            const float *value = values;
            for (int colour = 0; colour < colours; colour++)
                for (int row = 0; row < patch; row++) {
                    uint8_t *to = pixels + colours * (row * across + x * patch) + colour;
                    for (int column = 0; column < patch; column++, to += colours) *to = (uint8_t)*value++;
                }
        }
}

static void decode_some(const Decoder *d, const float *features, int count, uint8_t *pixels, float *memory) {
    copy(memory, features, count * d->height * d->width * d->channels);
    for (int i = 0; i < d->count; i++) operate(d, d->operations + i, count, memory);
    const int64_t map = (int64_t)d->out_height * d->out_width;
    for (int i = 0; i < count; i++)
        to_pixels(d, memory + d->operations[d->count - 1].target * d->room + i * map * d->out_channels,
                  pixels + i * map * d->patch * d->patch * d->colours);
}

static void *take_turns(Work *w, float *memory) {
    const Decoder *d = w->decoder;
    for (;;) {
        const int first = __atomic_fetch_add(&w->next, w->together, __ATOMIC_RELAXED);
        if (first >= w->pictures) return 0;
        const int left = w->pictures - first, count = left < w->together ? left : w->together;
        const int64_t in = (int64_t)d->height * d->width * d->channels;
        const int64_t out = (int64_t)d->out_height * d->out_width * d->patch * d->patch * d->colours;
        decode_some(d, w->features + first * in, count, w->pixels + first * out, memory);
    }
}

typedef struct {
    Work *work;
    float *memory;
} Helper;

static void *help(void *argument) {
    const Helper *helper = argument;
    return take_turns(helper->work, helper->memory);
}

/* Pixels of `pictures` feature maps; `memory` has room for every thread. 0, or -1 for what this code does not
   compute: then nothing is written. */
int decode(const Decoder *d, const float *features, int pictures, uint8_t *pixels, float *memory) {
    if (pictures < 1) return pictures;
    if (!fits(d, d->together)) return -1;
    const int share = (pictures + d->threads - 1) / d->threads;
    Work work = {d, features, pixels, pictures, share < d->together ? share : d->together, 0};
    Helper helpers[MOST_THREADS];
    pthread_t threads[MOST_THREADS];
    int started = 0;
    const int64_t each = BUFFERS * d->room + 2 * d->scratch;
    const int turns = (pictures + work.together - 1) / work.together;
    for (int i = 1; i < d->threads && i < turns; i++) {
        helpers[i] = (Helper){&work, memory + i * each};
        if (pthread_create(threads + started, 0, help, helpers + i)) break; /* the others decode its share */
        started++;
    }
    take_turns(&work, memory);
    for (int i = 0; i < started; i++) pthread_join(threads[i], 0);
    return 0;
}
