/* Threads that go through a step side by side, each with its share of every product and of every row. */
#pragma once
#include <sched.h>

#include "vectors.h"

#define MOST_THREADS 64
#define PATIENCE 4000 /* looks at the others before the processor is offered to somebody else */

typedef struct {
    int size, arrived, meetings;
} Team;

typedef struct {
    Team *team;
    int index, of;
    int ahead; /* weights come from memory: they are worth fetching ahead */
} Share;

/* Of `count` items those that are this member's, by number. */
#define OWN(i, count, share) for (int i = (share).index; i < (count); i += (share).of)

INLINE void rest(int looks) {
#if defined(__x86_64__)
    if (looks < PATIENCE) return __builtin_ia32_pause();
#elif defined(__aarch64__)
    if (looks < PATIENCE) return (void)__builtin_arm_yield();
#endif
    if (looks >= PATIENCE) sched_yield();
}

/* Wait until every member of the team is here; what each wrote before can be read by all behind it. */
static void meet(Share share) {
    Team *team = share.team;
    if (share.of == 1) return;
    const int meeting = __atomic_load_n(&team->meetings, __ATOMIC_RELAXED);
    if (__atomic_add_fetch(&team->arrived, 1, __ATOMIC_ACQ_REL) == team->size) {
        __atomic_store_n(&team->arrived, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&team->meetings, meeting + 1, __ATOMIC_RELEASE);
        return;
    }
    for (int looks = 0; __atomic_load_n(&team->meetings, __ATOMIC_ACQUIRE) == meeting; looks++) rest(looks);
}
