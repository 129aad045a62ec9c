/* Loads from 1 MB by a generator that stays in registers, every other one from 16 KB, for a
 * simulator that runs programs: what it counts beyond a run without loads is theirs. */
#include <stdint.h>
#include <stdlib.h>

int32_t memory[1 << 18] __attribute__((aligned(1 << 20)));

__attribute__((noipa)) int32_t walk(long loads) {
    uint32_t x = 1;
    int32_t sum = 0;
    for (long i = 0; i < loads; i++) {
        x = x * 1664525u + 1013904223u;
        uint32_t word = x >> 14;
        if (i & 1) word &= 4095;
        sum += memory[word];
    }
    return sum;
}

int main(int count, char **words) { return count > 1 ? walk(atol(words[1])) & 1 : 2; }
