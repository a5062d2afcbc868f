/* How this compiler lays the structures out that `native/layout.py` mirrors: compared when the library is loaded. */
#pragma clang diagnostic ignored "-Wunused-function"
#include "decoder.h"
#include "model.h"

typedef struct {
    const char *name;
    int64_t offset, size; /* a field's; of a structure 0 and its size; of a number itself and 0 */
} Entry;

#define STRUCTURE(S) {#S, 0, sizeof(S)},
#define FIELD(S, field) {#S "." #field, __builtin_offsetof(S, field), sizeof(((S *)0)->field)},
#define NUMBER(name) {#name, name, 0},

const Entry layout[] = {
    STRUCTURE(Linear) FIELD(Linear, weights) FIELD(Linear, bias) FIELD(Linear, inputs) FIELD(Linear, outputs)
    FIELD(Linear, half)
    STRUCTURE(Norm) FIELD(Norm, weight) FIELD(Norm, bias) FIELD(Norm, epsilon)
    STRUCTURE(Block) FIELD(Block, before_attention) FIELD(Block, before_mlp) FIELD(Block, qkv) FIELD(Block, proj)
    FIELD(Block, up) FIELD(Block, down)
    STRUCTURE(Stack) FIELD(Stack, blocks) FIELD(Stack, count) FIELD(Stack, heads) FIELD(Stack, gelu)
    STRUCTURE(Model) FIELD(Model, channels) FIELD(Model, depth) FIELD(Model, positions) FIELD(Model, text)
    FIELD(Model, vocab) FIELD(Model, branches) FIELD(Model, text_stride) FIELD(Model, position_stride)
    FIELD(Model, summed) FIELD(Model, body) FIELD(Model, head) FIELD(Model, body_table) FIELD(Model, head_table)
    FIELD(Model, head_bias) FIELD(Model, at_position) FIELD(Model, at_depth) FIELD(Model, norm)
    FIELD(Model, classifiers)
    STRUCTURE(Filters) FIELD(Filters, temperature) FIELD(Filters, top_p) FIELD(Filters, guidance)
    FIELD(Filters, top_k)
    STRUCTURE(Slot) FIELD(Slot, text) FIELD(Slot, own) FIELD(Slot, started) FIELD(Slot, draws) FIELD(Slot, codes)
    FIELD(Slot, position) FIELD(Slot, filters)
    STRUCTURE(Operation) FIELD(Operation, kind) FIELD(Operation, height) FIELD(Operation, width)
    FIELD(Operation, source) FIELD(Operation, target) FIELD(Operation, added) FIELD(Operation, doubled)
    FIELD(Operation, active) FIELD(Operation, linear) FIELD(Operation, epsilon)
    STRUCTURE(Decoder) FIELD(Decoder, operations) FIELD(Decoder, count) FIELD(Decoder, height) FIELD(Decoder, width)
    FIELD(Decoder, channels) FIELD(Decoder, out_height) FIELD(Decoder, out_width) FIELD(Decoder, out_channels)
    FIELD(Decoder, patch) FIELD(Decoder, colours) FIELD(Decoder, together) FIELD(Decoder, threads) FIELD(Decoder, room)
    FIELD(Decoder, scratch) FIELD(Decoder, zeros)
    NUMBER(LANES) NUMBER(GROUPS) NUMBER(BUFFERS) NUMBER(MOST_PATCH) NUMBER(MOST_THREADS) NUMBER(TILES) NUMBER(POINTS)
    NUMBER(LEAST_COLOURS) NUMBER(MOST_COLOURS)
    NUMBER(WRITE) NUMBER(ADD) NUMBER(GELU) NUMBER(QUICK_GELU)
    NUMBER(CONVOLVE) NUMBER(PROJECT) NUMBER(NORMALISE) NUMBER(ATTEND) NUMBER(ACTIVATE) NUMBER(UNFOLD)
    {0, 0, 0},
};
