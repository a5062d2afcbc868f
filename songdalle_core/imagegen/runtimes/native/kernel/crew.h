/* The threads that share a step. The slots are cut into pieces. Apart, each thread takes one, then the next, and
   reads all weights for itself: right for weights that fit into a cache. Together, all threads draw the same piece
   as a team and read each weight once; so do threads that would get no slot of their own. */
#pragma once
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

#include "model.h"

typedef struct Crew Crew;

typedef struct {
    Crew *crew;
    int number;
} Member;

struct Crew {
    const Model *model;
    Scratch apart[MOST_THREADS], together[MOST_THREADS]; /* one a thread; the caller's is the first */
    Member members[MOST_THREADS];
    pthread_t threads[MOST_THREADS];
    int size, large; /* threads; whether no cache holds the weights */
    Team team;
    pthread_mutex_t lock;
    pthread_cond_t begin, done;
    int stopping;
    int64_t rounds; /* steps so far */
    Slot *const *slots;
    int count, piece, next, busy, as_team;
};

/* One position of `count` slots (at most MOST_ROWS / branches), all its codes. */
void draw(const Model *m, Slot *const *slots, int count, Scratch *s);

/* Draw the piece that begins at a slot; its count. */
static int piece(const Crew *crew, int first) {
    const int left = crew->count - first;
    return left < crew->piece ? left : crew->piece;
}

/* Draw every piece with the others. The lock is held before and after. */
static void draw_together(Crew *crew, Scratch *scratch) {
    pthread_mutex_unlock(&crew->lock);
    for (int first = 0; first < crew->count; first += crew->piece)
        draw(crew->model, crew->slots + first, piece(crew, first), scratch);
    pthread_mutex_lock(&crew->lock);
    crew->busy--;
    pthread_cond_signal(&crew->done);
}

/* Take pieces until none is left. The lock is held before and after. */
static void draw_apart(Crew *crew, Scratch *scratch) {
    while (crew->next < crew->count) {
        Slot *const *first = crew->slots + crew->next;
        const int count = piece(crew, crew->next);
        crew->next += count;
        crew->busy++;
        pthread_mutex_unlock(&crew->lock);
        draw(crew->model, first, count, scratch);
        pthread_mutex_lock(&crew->lock);
        crew->busy--;
    }
    pthread_cond_signal(&crew->done);
}

static void take_part(Crew *crew, int member) {
    if (crew->as_team) draw_together(crew, crew->together + member);
    else draw_apart(crew, crew->apart + member);
}

static void *work(void *argument) {
    const Member *member = argument;
    Crew *crew = member->crew;
    pthread_mutex_lock(&crew->lock);
    for (int64_t round = 0;; round = crew->rounds) {
        while (crew->rounds == round && !crew->stopping) pthread_cond_wait(&crew->begin, &crew->lock);
        if (crew->stopping) break;
        take_part(crew, member->number);
    }
    pthread_mutex_unlock(&crew->lock);
    return 0;
}

/* Zeroed floats, as what is never written must be finite, or NULL. */
static float *space(int64_t count) {
    void *at = 0;
    count += 4 * LANES; /* the last vector may reach over the end */
    if (posix_memalign(&at, 64, (size_t)count * sizeof(float))) return 0;
    __builtin_memset(at, 0, (size_t)count * sizeof(float));
    return at;
}

#define SPACES (offsetof(Scratch, share) / sizeof(float *))

/* Scratch of thread `t`, apart and as one of the team, whose rows are the caller's; 0 where memory ends. */
static int new_scratch(Crew *crew, int t) {
    const Model *m = crew->model;
    const int64_t wide = (int64_t)MOST_ROWS * m->channels, codes = m->classifiers[0].outputs;
    crew->apart[t] = (Scratch){
        .x = space(wide), .context = space(wide), .normed = space(wide), .qkv = space(3 * wide),
        .attended = space(wide), .hidden = space(4 * wide), .logits = space(MOST_ROWS * codes),
        .head = space(2 * wide * LANES * m->head.count), .weights = space(codes), .read = space(m->channels),
        .scores = space(m->text_stride + m->position_stride), .share = {&crew->team, 0, 1, crew->large},
    };
    Scratch *s = crew->together + t, *own = crew->apart + t;
    *s = crew->apart[0];
    s->weights = own->weights, s->scores = own->scores, s->read = own->read;
    s->share = (Share){&crew->team, t, crew->team.size, crew->large};
    for (size_t i = 0; i < SPACES; i++)
        if (!((float **)own)[i]) return 0;
    return 1;
}

void crew_free(Crew *crew) {
    pthread_mutex_lock(&crew->lock);
    crew->stopping = 1;
    pthread_cond_broadcast(&crew->begin);
    pthread_mutex_unlock(&crew->lock);
    for (int t = 1; t < crew->size; t++) pthread_join(crew->threads[t], 0);
    for (int t = 0; t < MOST_THREADS; t++)
        for (size_t i = 0; i < SPACES; i++) free(((float **)(crew->apart + t))[i]);
    free(crew);
}

/* A crew of `threads`, its caller included. NULL where there is no memory or no thread for it, or the model has a
   shape that this code does not compute. */
Crew *crew_new(const Model *model, int threads, int large) {
    void *at = 0;
    if (threads < 1 || threads > MOST_THREADS || !computes(model)) return 0;
    if (posix_memalign(&at, 64, sizeof(Crew))) return 0;
    Crew *crew = at;
    __builtin_memset(crew, 0, sizeof(Crew));
    crew->model = model, crew->large = large, crew->team.size = threads;
    pthread_mutex_init(&crew->lock, 0);
    pthread_cond_init(&crew->begin, 0);
    pthread_cond_init(&crew->done, 0);
    for (int t = 0; t < threads; crew->size = ++t) {
        crew->members[t] = (Member){crew, t};
        if (new_scratch(crew, t) && (!t || !pthread_create(crew->threads + t, 0, work, crew->members + t))) continue;
        crew_free(crew);
        return 0;
    }
    return crew;
}

/* Draw one position of `count` slots. Not to be called twice at once. */
void crew_step(Crew *crew, Slot *const *slots, int count) {
    const int most = MOST_ROWS / crew->model->branches, threads = crew->size;
    if (count < 1) return;
    int pieces = (count + most - 1) / most;
    const int as_team = crew->large || count < threads;
    if (!as_team) pieces = (pieces + threads - 1) / threads * threads;
    pthread_mutex_lock(&crew->lock);
    crew->slots = slots, crew->count = count, crew->next = 0;
    crew->piece = (count + pieces - 1) / pieces;
    crew->as_team = as_team, crew->busy = as_team ? threads : 0;
    crew->rounds++;
    pthread_cond_broadcast(&crew->begin);
    take_part(crew, 0);
    while (crew->busy) pthread_cond_wait(&crew->done, &crew->lock);
    pthread_mutex_unlock(&crew->lock);
}
