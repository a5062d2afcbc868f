/* Runs the kernel on random small shapes, for the sanitizers: kernel_check SEED SHAPES. Every buffer is as large as
   the modules of `native/` make it and no larger. Ends with 1 where the number of threads changes a code or a pixel. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma clang diagnostic ignored "-Wunused-function"
#include "decoder.h"
#include "model.h"

#define ROOM 64
#define MOST 4096 /* allocations of a shape */

typedef struct Crew Crew;
Crew *crew_new(const Model *model, int threads, int large);
void crew_step(Crew *crew, Slot *const *slots, int count);
void crew_free(Crew *crew);
int decode(const Decoder *d, const float *features, int pictures, uint8_t *pixels, float *memory);

static uint64_t state;
static void *made[MOST];
static int count_made;

static void fail(const char *what) {
    printf("%s\n", what);
    exit(1);
}

/* A random number below n: Marsaglia's xorshift. */
static int below(int n) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return (int)(state % (uint64_t)n);
}
static int one_to(int n) { return 1 + below(n); }
static float uniform(void) { return (float)below(1 << 24) / (1 << 24); }

static void *bytes(size_t size) {
    void *at = calloc(size, 1);
    if (!at || count_made == MOST) fail("no memory");
    return made[count_made++] = at;
}
static void forget_all(void) {
    while (count_made) free(made[--count_made]);
}
static float *numbers(int64_t count, int64_t room, float scale) {
    float *x = bytes((size_t)(count + room) * sizeof(float));
    for (int64_t i = 0; i < count; i++) x[i] = scale * (2 * uniform() - 1);
    return x;
}
static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }
static int padded(int count) { return (count + LANES - 1) / LANES * LANES; }

static Linear linear(int inputs, int outputs, int maps, int half) {
    const int64_t count = (int64_t)maps * inputs * outputs;
    const float scale = 1.5f / __builtin_sqrtf((float)inputs);
    Linear l = {0, numbers(outputs, LANES, 0.1f), inputs, outputs, half};
    if (half) {
        _Float16 *weights = bytes((size_t)count * sizeof(_Float16));
        for (int64_t i = 0; i < count; i++) weights[i] = (_Float16)(scale * (2 * uniform() - 1));
        l.weights = weights;
    } else l.weights = numbers(count, 0, scale);
    return l;
}
static Norm norm(int channels) {
    return (Norm){numbers(channels, LANES, 1), numbers(channels, LANES, 0.1f), 1e-5f};
}

static Stack stack(int channels) {
    const int count = one_to(2), half = below(2);
    Block *blocks = bytes((size_t)count * sizeof(Block));
    for (int i = 0; i < count; i++)
        blocks[i] = (Block){
            norm(channels), norm(channels), linear(channels, 3 * channels, 1, half),
            linear(channels, channels, 1, half), linear(channels, 4 * channels, 1, half),
            linear(4 * channels, channels, 1, half),
        };
    return (Stack){blocks, count, 1 << below(4), below(2) ? GELU : QUICK_GELU};
}

/* A random transformer draws random slots, begun at different steps, in every way to share them among threads. */
static void check_steps(void) {
    const int channels = LANES * one_to(3), depth = one_to(4), positions = one_to(20), text = one_to(20);
    const int vocab = one_to(70), codes = padded(vocab), count = one_to(30);
    Linear *classifiers = bytes((size_t)depth * sizeof(Linear));
    for (int d = 0; d < depth; d++) classifiers[d] = linear(channels, codes, 1, below(2));
    const Model model = {
        channels, depth, positions, text, vocab, one_to(2), padded(text), padded(positions), below(2),
        stack(channels), stack(channels), numbers((int64_t)depth * vocab * channels, LANES, 1),
        numbers((int64_t)depth * vocab * channels, LANES, 1), numbers(channels, LANES, 1),
        numbers((int64_t)positions * channels, LANES, 1), numbers((int64_t)depth * channels, LANES, 1),
        norm(channels), classifiers,
    };
    Slot *slots = bytes((size_t)count * sizeof(Slot));
    Slot **all = bytes((size_t)count * sizeof(Slot *)), **now = bytes((size_t)count * sizeof(Slot *));
    const size_t map = (size_t)positions * depth * sizeof(int64_t);
    int64_t *first = bytes(count * map);
    for (int i = 0; i < count; i++) {
        Slot *s = all[i] = slots + i;
        for (int b = 0; b < model.branches; b++) {
            const int64_t wide = (int64_t)model.body.count * channels;
            s->text[b] = numbers(wide * (model.text_stride + text), ROOM, 1);
            s->own[b] = numbers(wide * (model.position_stride + positions), ROOM, 0);
            s->started[b] = numbers(channels, 0, 1);
        }
        s->draws = numbers((int64_t)positions * depth, 0, 0);
        for (int n = 0; n < positions * depth; n++) ((float *)s->draws)[n] = uniform();
        s->codes = bytes(map);
        s->filters = (Filters){0.5f + uniform(), below(2) ? 1 : uniform(), 1 + 3 * uniform(), one_to(vocab)};
    }
    for (int threads = 1; threads <= 4; threads++)
        for (int large = 0; large < 2; large++) {
            Crew *crew = crew_new(&model, threads, large);
            if (!crew) fail("no crew");
            for (int i = 0; i < count; i++) slots[i].position = 0;
            for (int step = 0; step < positions + 1; step++) {
                int steps = 0; /* every other slot begins a step later */
                for (int i = 0; i < count; i++)
                    if (step >= i % 2 && slots[i].position < positions) now[steps++] = all[i];
                crew_step(crew, now, steps);
            }
            crew_free(crew);
            for (int i = 0; i < count; i++) {
                for (int n = 0; n < positions * depth; n++)
                    if (slots[i].codes[n] < 0 || slots[i].codes[n] >= vocab) fail("a code outside of the vocabulary");
                int64_t *expected = first + (size_t)i * positions * depth;
                if (threads == 1 && !large) memcpy(expected, slots[i].codes, map);
                if (memcmp(expected, slots[i].codes, map)) fail("threads change a code");
            }
        }
}

/* Random maps come out the same with any number of threads; `widest` and `largest` are of channels and of a map. */
static void check_pictures(Decoder d, int widest, int64_t largest) {
    const int pictures = one_to(9), most = 4;
    d.together = one_to(3);
    d.room = d.together * largest + LANES, d.scratch = (int64_t)POINTS * TILES * widest + LANES;
    d.zeros = numbers(widest, LANES, 0);
    const int64_t map = (int64_t)d.height * d.width * d.channels;
    const size_t all = (size_t)pictures * d.out_height * d.out_width * d.patch * d.patch * d.colours;
    const float *maps = numbers(pictures * map, 0, 1);
    float *memory = bytes((size_t)most * (size_t)(BUFFERS * d.room + 2 * d.scratch) * sizeof(float));
    uint8_t *expected = bytes(all), *pixels = bytes(all);
    for (d.threads = 1; d.threads <= most; d.threads++) {
        if (decode(&d, maps, pictures, pixels, memory)) fail("a shape was refused");
        if (d.threads == 1) memcpy(expected, pixels, all);
        if (memcmp(expected, pixels, all)) fail("threads change a pixel");
    }
    d.threads = MOST_THREADS + 1;
    if (!decode(&d, maps, pictures, pixels, memory)) fail("too many threads were not refused");
    d.threads = 1, d.colours = MOST_COLOURS + 1;
    if (!decode(&d, maps, pictures, pixels, memory)) fail("too many colours were not refused");
}

/* A random decoder with every kind of operation of `autoencoder.Decoder` decodes random maps. */
static void check_decoding(void) {
    const int colours = 3 + below(2), features = LANES * one_to(2), c = GROUPS * one_to(2), patch = one_to(4);
    const int out = padded(colours * patch * patch), height = one_to(6), width = one_to(6);
    const Linear gain = {numbers(c, LANES, 1), numbers(c, LANES, 0.1f), c, c, 0}, none = {0, 0, c, c, 0};
    const Operation operations[] = {
        {PROJECT, height, width, 0, 1, -1, 0, 0, linear(features, c, 1, below(2)), 0},
        {CONVOLVE, height, width, 1, 0, -1, 0, 0, linear(c, c, POINTS, 0), 0},
        {NORMALISE, height, width, 0, 1, -1, 0, below(2), gain, 1e-6f},
        {CONVOLVE, height, width, 1, 2, 0, 0, 0, linear(c, c, POINTS, 0), 0},
        {NORMALISE, height, width, 2, 1, -1, 0, 0, gain, 1e-6f},
        {PROJECT, height, width, 1, 3, -1, 0, 0, linear(c, 3 * c, 1, below(2)), 0},
        {ATTEND, height, width, 3, 1, -1, 0, 0, none, 0},
        {PROJECT, height, width, 1, 2, 2, 0, 0, linear(c, c, 1, below(2)), 0},
        {CONVOLVE, 2 * height, 2 * width, 2, 1, -1, 1, 0, linear(c, c, POINTS, 0), 0},
        {NORMALISE, 2 * height, 2 * width, 1, 0, -1, 0, 1, gain, 1e-6f},
        {CONVOLVE, 2 * height, 2 * width, 0, 3, -1, 0, 0, linear(c, out, POINTS, 0), 0},
    };
    const int widest = (int)larger(3 * c, out);
    const Decoder d = {
        operations, sizeof(operations) / sizeof(Operation), height, width, features, 2 * height, 2 * width, out,
        patch, colours, 0, 0, 0, 0, 0,
    };
    check_pictures(d, widest, 4L * height * width * widest);
}

/* A random decoder with every kind of operation of `local.LocalDecoder` does too. */
static void check_local_decoding(void) {
    const int colours = 3 + below(2), features = LANES * one_to(2), c = LANES * one_to(3), fine = LANES * one_to(3);
    const int patch = one_to(4), out = padded(colours * patch * patch), height = one_to(6), width = one_to(30);
    const Linear coarse_map = {0, 0, c, c, 0}, fine_map = {0, 0, fine, fine, 0};
    const Operation operations[] = {
        {CONVOLVE, height, width, 0, 1, -1, 0, 0, linear(features, c, POINTS, 0), 0},
        {ACTIVATE, height, width, 1, 0, -1, 0, 0, coarse_map, 0},
        {CONVOLVE, height, width, 0, 2, -1, 0, 1, linear(c, c, POINTS, 0), 0},
        {CONVOLVE, height, width, 2, 1, 1, 0, 0, linear(c, c, POINTS, 0), 0}, /* adds to what it writes over */
        {UNFOLD, 2 * height, 2 * width, 1, 0, -1, 0, 0, linear(c, 4 * fine, 1, below(2)), 0},
        {ACTIVATE, 2 * height, 2 * width, 0, 0, -1, 0, 0, fine_map, 0},
        {CONVOLVE, 2 * height, 2 * width, 0, 1, -1, 0, 0, linear(fine, out, POINTS, 0), 0},
    };
    const int64_t coarse = larger(larger(features, c), 4 * fine), finest = larger(fine, out);
    const Decoder d = {
        operations, sizeof(operations) / sizeof(Operation), height, width, features, 2 * height, 2 * width, out,
        patch, colours, 0, 0, 0, 0, 0,
    };
    check_pictures(d, (int)larger(coarse, out), height * width * larger(coarse, 4 * finest));
}

int main(int argc, char **argv) {
    const int seed = argc > 1 ? atoi(argv[1]) : 1, shapes = argc > 2 ? atoi(argv[2]) : 1;
    for (int shape = 0; shape < shapes; shape++) {
        state = 0x9e3779b97f4a7c15u * (uint64_t)(seed + shape + 1);
        check_steps();
        check_decoding();
        check_local_decoding();
        forget_all();
    }
    printf("%d shapes\n", shapes);
    return 0;
}
