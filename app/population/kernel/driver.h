/* Runs a kernel over rows: the one file of it that is not made from rules. The laws' tables are in another. */
#include "prelude.h"
#include "checks.h"

#define BLOCK 512
#define TAKEN (4 * BLOCK)
extern const int LAW_COUNT, STATE_COUNT;
extern const i64 MEMORY;
extern void (*const LAWS[])(ctx *);
extern void *const *const RULES[];

static void person(ctx *c, i64 row, int law, int region, const struct tab *const *tabs, unsigned char *flags) {
    for (int i = 0; i < STATE_COUNT; i += 16) *(four *)(STATE + i) = (four){ 0, 0, 0, 0 }; /* a masked store, as memset has, would hold up reading it */
    c->row = row;
    c->region = region;
    c->tab = tabs[law];
    c->law = RULES[law];
    c->flag = 0;
    LAWS[law](c);
    flags[row] = c->flag;
}

/* Where persons live: for each row a place (all in the first one if `of` is 0), for each place its law and its region's code. */
struct places { const short *of, *law; const int *region; };

/* The rows up to `rows`, from `*next` on: threads share it, and each takes some blocks at a time. A block is first tested, then
 * answered law by law, so that each law's code and the block's columns stay at hand. Rows with a flag, or whose law is negative,
 * are left open: they have a flag in the end. */
__attribute__((visibility("default"))) void shebao_run(const struct col *col, const struct tab *const *tabs, const struct col *given, const struct out *out, const i64 *const *functions,
                const struct places *places, unsigned char *flags, const struct check *checks, i64 count, const int *choices, i64 as_of, i64 *next, i64 rows) {
    ctx *c = aligned_alloc(64, (sizeof(ctx) + MEMORY + 63) / 64 * 64);
    int start[LAW_COUNT + 1], order[BLOCK], place[BLOCK];
    *c = (ctx){ .col = col, .given = given, .out = out, .functions = functions, .as_of = as_of };
    for (i64 first; (first = __atomic_fetch_add(next, TAKEN, __ATOMIC_RELAXED)) < rows;) {
        i64 end = first + TAKEN < rows ? first + TAKEN : rows;
        for (i64 block = first; block < end; block += BLOCK) {
            int some = (int)(block + BLOCK < end ? BLOCK : end - block);
            unsigned char *flag = flags + block;
            check_rows(col, checks, count, choices, flags, block, block + some);
            memset(start, 0, sizeof start);
            for (int k = 0; k < some; k++) {
                place[k] = places->of ? places->of[block + k] : 0;
                if (places->law[place[k]] < 0) flag[k] = 1;
                if (!flag[k]) start[places->law[place[k]] + 1]++;
            }
            for (int k = 0; k < LAW_COUNT; k++) start[k + 1] += start[k];
            int total = start[LAW_COUNT];
            for (int k = 0; k < some; k++) if (!flag[k]) order[start[places->law[place[k]]]++] = k;
            for (int k = 0; k < total; k++) person(c, block + order[k], places->law[place[order[k]]], places->region[place[order[k]]], tabs, flags);
        }
    }
    free(c);
}
