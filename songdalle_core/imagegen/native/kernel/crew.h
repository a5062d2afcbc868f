/* The threads that share a step. The slots are cut into pieces; each thread takes one, then the next. */
#pragma once
#include <pthread.h>
#include <stdlib.h>

#include "model.h"

#define MOST_ROWS 24 /* of a piece: its activations stay in a core's second cache */

typedef struct {
    const Model *model;
    Scratch scratch[64]; /* one a thread; the caller's is the first */
    pthread_t members[64];
    int threads;
    pthread_mutex_t lock;
    pthread_cond_t begin, done;
    int stopping;
    int64_t rounds; /* steps so far */
    Slot *const *slots;
    int count, piece, next, busy;
} Crew;

typedef struct {
    Crew *crew;
    Scratch *scratch;
} Member;

/* One position of `count` slots (at most MOST_ROWS / branches), all its codes. */
void draw(const Model *m, Slot *const *slots, int count, Scratch *s);

/* Take pieces until none is left. The lock is held before and after. */
static void take_part(Crew *crew, Scratch *scratch) {
    while (crew->next < crew->count) {
        Slot *const *first = crew->slots + crew->next;
        const int left = crew->count - crew->next, count = left < crew->piece ? left : crew->piece;
        crew->next += count;
        crew->busy++;
        pthread_mutex_unlock(&crew->lock);
        draw(crew->model, first, count, scratch);
        pthread_mutex_lock(&crew->lock);
        crew->busy--;
    }
    pthread_cond_signal(&crew->done);
}

static void *work(void *argument) {
    const Member member = *(Member *)argument;
    Crew *crew = member.crew;
    free(argument);
    pthread_mutex_lock(&crew->lock);
    for (int64_t seen = 0;; seen = crew->rounds) {
        while (crew->rounds == seen && !crew->stopping) pthread_cond_wait(&crew->begin, &crew->lock);
        if (crew->stopping) break;
        take_part(crew, member.scratch);
    }
    pthread_mutex_unlock(&crew->lock);
    return 0;
}

static float *space(int64_t count) {
    void *at = 0;
    count += 4 * LANES; /* the last vector may reach over the end */
    if (posix_memalign(&at, 64, (size_t)count * sizeof(float))) abort();
    __builtin_memset(at, 0, (size_t)count * sizeof(float)); /* what is never written must be finite */
    return at;
}

static Scratch new_scratch(const Model *m) {
    const int64_t wide = (int64_t)MOST_ROWS * m->channels, codes = m->classifiers[0].outputs;
    return (Scratch){
        .x = space(wide), .context = space(wide), .normed = space(wide), .attended = space(wide),
        .qkv = space(3 * wide), .hidden = space(4 * wide), .logits = space(MOST_ROWS * codes),
        .weights = space(codes), .scores = space(m->text_stride + m->position_stride),
        .head = space(2 * wide * LANES * m->head.count),
    };
}

/* A crew of `threads`, its caller included, or NULL. */
Crew *crew_new(const Model *model, int threads) {
    void *at = 0;
    if (threads < 1 || threads > 64 || posix_memalign(&at, 64, sizeof(Crew))) return 0;
    Crew *crew = at;
    __builtin_memset(crew, 0, sizeof(Crew));
    crew->model = model;
    pthread_mutex_init(&crew->lock, 0);
    pthread_cond_init(&crew->begin, 0);
    pthread_cond_init(&crew->done, 0);
    for (crew->threads = 0; crew->threads < threads; crew->threads++) {
        const int t = crew->threads;
        crew->scratch[t] = new_scratch(model);
        Member *member = t ? malloc(sizeof(Member)) : 0;
        if (!t) continue;
        *member = (Member){crew, crew->scratch + t};
        if (pthread_create(crew->members + t, 0, work, member)) abort();
    }
    return crew;
}

/* Draw one position of `count` slots. Not to be called twice at once. */
void crew_step(Crew *crew, Slot *const *slots, int count) {
    const int most = MOST_ROWS / crew->model->branches, threads = crew->threads;
    int pieces = (count + most - 1) / most;
    pieces = (pieces + threads - 1) / threads * threads;
    pthread_mutex_lock(&crew->lock);
    crew->slots = slots, crew->count = count, crew->next = 0;
    crew->piece = (count + pieces - 1) / pieces;
    crew->rounds++;
    pthread_cond_broadcast(&crew->begin);
    take_part(crew, crew->scratch);
    while (crew->busy) pthread_cond_wait(&crew->done, &crew->lock);
    pthread_mutex_unlock(&crew->lock);
}

void crew_free(Crew *crew) {
    pthread_mutex_lock(&crew->lock);
    crew->stopping = 1;
    pthread_cond_broadcast(&crew->begin);
    pthread_mutex_unlock(&crew->lock);
    for (int t = 0; t < crew->threads; t++) {
        if (t) pthread_join(crew->members[t], 0);
        float **spaces = (float **)(crew->scratch + t);
        for (size_t i = 0; i < sizeof(Scratch) / sizeof(float *); i++) free(spaces[i]);
    }
    free(crew);
}
