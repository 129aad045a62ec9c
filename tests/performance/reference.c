/* A plain data-cache simulator: 32 ways, round robin, the way that hit last is tried first.
 * It counts hits and misses and nothing else: no time, no translation buffer, no causes. */
#include <stdint.h>

enum { WAYS = 32, SETS = 32, SHIFT = 5 };

static int64_t tags[SETS][WAYS];
static int remembered[SETS], following[SETS];

void reset(void) {
    for (int s = 0; s < SETS; s++) {
        remembered[s] = following[s] = 0;
        for (int w = 0; w < WAYS; w++) tags[s][w] = -1;
    }
}

/* Returns the hits of n loads at byte addresses. */
int64_t simulate(const int64_t *addresses, int64_t n) {
    int64_t hits = 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t line = addresses[i] >> SHIFT;
        int s = (int)(line & (SETS - 1));
        if (tags[s][remembered[s]] == line) {
            hits++;
            continue;
        }
        int found = -1;
        for (int w = 0; w < WAYS; w++) {
            if (tags[s][w] == line) {
                found = w;
                break;
            }
        }
        if (found >= 0) {
            hits++;
            remembered[s] = found;
        } else {
            int w = following[s];
            tags[s][w] = line;
            remembered[s] = w;
            following[s] = (w + 1) % WAYS;
        }
    }
    return hits;
}
