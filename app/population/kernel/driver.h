/* Runs a kernel over rows: the one file of it that is not made from rules. The laws' tables are in another. */
#include "prelude.h"
#include "checks.h"

#define BLOCK 512
extern const int LAW_COUNT, STATE_COUNT;
extern const i64 MEMORY;
extern void (*const LAWS[])(ctx *);
extern void *const *const RULES[];

static void person(ctx *c, i64 row, const short *law, const int *region, const struct tab *const *tabs, unsigned char *flags) {
    for (int i = 0; i < STATE_COUNT; i += 16) *(four *)(STATE + i) = (four){ 0, 0, 0, 0 }; /* a masked store, as memset has, would hold up reading it */
    c->row = row;
    c->region = region ? region[row] : 0;
    c->tab = tabs[law[row]];
    c->law = RULES[law[row]];
    c->flag = 0;
    LAWS[law[row]](c);
    flags[row] = c->flag;
}

/* Rows of [begin, end) whose law is not negative, a block at a time: first tested, then answered law by law, so that
 * each law's code and the block's columns stay at hand. */
__attribute__((visibility("default"))) void shebao_run(const struct col *col, const struct tab *const *tabs, const struct col *given, const struct out *out, const i64 *const *functions,
                const short *law, const int *region, unsigned char *flags, const struct check *checks, i64 count, const int *choices, i64 as_of, i64 begin, i64 end) {
    ctx *c = aligned_alloc(64, (sizeof(ctx) + MEMORY + 63) / 64 * 64);
    int start[LAW_COUNT + 1], order[BLOCK];
    *c = (ctx){ .col = col, .given = given, .out = out, .functions = functions, .as_of = as_of };
    for (i64 block = begin; block < end; block += BLOCK) {
        i64 stop = block + BLOCK < end ? block + BLOCK : end;
        check_rows(col, checks, count, choices, flags, block, stop);
        memset(start, 0, sizeof start);
        for (i64 row = block; row < stop; row++) if (law[row] >= 0 && !flags[row]) start[law[row] + 1]++;
        for (int k = 0; k < LAW_COUNT; k++) start[k + 1] += start[k];
        int total = start[LAW_COUNT];
        for (i64 row = block; row < stop; row++) if (law[row] >= 0 && !flags[row]) order[start[law[row]]++] = (int)(row - block);
        for (int k = 0; k < total; k++) person(c, block + order[k], law, region, tabs, flags);
    }
    free(c);
}
