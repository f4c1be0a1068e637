/* What compiled rules call. One person at a time; every exact operation is on whole numbers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef long long i64;
typedef unsigned long long u64;
typedef unsigned int u32;
typedef __int128 i128;

typedef double real;
#define U 2.220446049250313e-16 /* 2**-52: twice the rounding error of one operation */
#define ABS fabs
#define FLOOR floor
#define R(x) x

#define INLINE static inline __attribute__((always_inline))
#define MAX_SEQUENCE 10000
#define SIGN(x) (((x) > 0) - ((x) < 0))
#define SIGN2(a, b) (((a) > (b)) - ((a) < (b)))
#define FIRST_MONTH 12LL
#define LAST_MONTH 119999LL

/* An Arrow column: `data` at the batch's first row, validity bits from `bit` on; absent where data is 0.
   `wide` 1: decimals of 128 bits, of which the lower half is read; 0: of 64. */
struct col { const void *data; const unsigned char *valid; i64 bit; const int *map; const int *offsets; i64 wide; };
/* A parameter of `n` rows: one a key from `first` on, or by rising `keys`, each of them (`from`) up to the next. */
struct tab { i64 first, n, from; const i64 *keys; const i64 *value; const unsigned char *known; };
struct out { void *data; unsigned char *known; };

typedef struct ctx {
    const struct col *col;
    const struct tab *tab;
    const struct col *given;
    const struct out *out;
    const i64 *const *functions;
    void *const *law; /* the functions of rules that laws have different ones for */
    i64 row, region, as_of;
    char flag;
} ctx __attribute__((aligned(64)));

/* What is kept of a person lies behind the context: one register for both. First of each kept value whether it is there (2)
 * and known (1), then the values. */
#define STATES 8192
#define STATE ((unsigned char *)(c + 1))
#define SLOT(at) ((void *)(STATE + STATES + (at)))

INLINE char known(const struct col *p, i64 i) {
    if (!p->data) return 0;
    if (!p->valid) return 1;
    i += p->bit;
    return (p->valid[i >> 3] >> (i & 7)) & 1;
}
INLINE i64 at_i32(const struct col *p, i64 i) { return ((const int *)p->data)[i]; }
INLINE i64 at_i64(const struct col *p, i64 i) { return ((const i64 *)p->data)[i]; }
INLINE i64 at_wide(const struct col *p, i64 i) { return ((const i64 *)p->data)[i << p->wide]; }
INLINE i64 at_code8(const struct col *p, i64 i) { return p->map[((const signed char *)p->data)[i]]; }
INLINE i64 at_code16(const struct col *p, i64 i) { return p->map[((const short *)p->data)[i]]; }
INLINE char at_bit(const struct col *p, i64 i) { i += p->bit; return (((const unsigned char *)p->data)[i >> 3] >> (i & 7)) & 1; }
INLINE i128 at_i128(const struct col *p, i64 i) { i128 v; memcpy(&v, (const char *)p->data + 16 * i, 16); return v; }
#define LOAD(NAME, T, AT) INLINE char NAME(const struct col *p, i64 i, T *v) { char ok = known(p, i); *v = ok ? AT(p, i) : 0; return ok; }
LOAD(ld_i32, i64, at_i32)
LOAD(ld_i64, i64, at_i64)
LOAD(ld_wide, i64, at_wide)
LOAD(ld_code8, i64, at_code8)
LOAD(ld_code16, i64, at_code16)
LOAD(ld_bit, char, at_bit)
LOAD(ld_i128, i128, at_i128)
INLINE char list_of(const struct col *p, i64 i, i64 *first, i64 *end) {
    if (!known(p, i)) { *first = *end = 0; return 0; }
    *first = p->offsets[i];
    *end = p->offsets[i + 1];
    return 1;
}
/* The first of rising values from `a` on that is not below a key; short lists are walked. */
static inline i64 lower(const int *v, i64 a, i64 b, i64 key) {
    while (b - a > 8) { i64 m = (a + b) >> 1; if (v[m] < key) a = m + 1; else b = m; }
    while (a < b && v[a] < key) a++;
    return a;
}
INLINE void from_key(const struct col *p, i64 key, i64 *first, i64 *end) { *first = lower((const int *)p->data, *first, *end, key); }
INLINE void below_key(const struct col *p, i64 key, i64 *first, i64 *end) { *end = lower((const int *)p->data, *first, *end, key); }

/* Loops over one column of 32-bit numbers, four at a time. The last ones are read once more with those before them, and these
 * hidden: lists are short and of any length, so that what jumps on their length is guessed wrong. */
typedef int four __attribute__((vector_size(16), aligned(4), may_alias));
static const four TAIL[4] = { { 0, 0, 0, 0 }, { 0, 0, 0, -1 }, { 0, 0, -1, -1 }, { 0, -1, -1, -1 } };
#define FOUR(v) (*(const four *)(v))
INLINE i64 added(four sums) { return (i64)sums[0] + sums[1] + sums[2] + sums[3]; }
static i64 changes_plain(const int *v, i64 n) {
    four found = { 0, 0, 0, 0 };
    i64 i = 1, few = 0;
    if (n < 5) { for (; i < n; i++) few += v[i] != v[i - 1]; return few; }
    for (; i + 4 <= n; i += 4) found -= FOUR(v + i) != FOUR(v + i - 1);
    found -= (FOUR(v + n - 4) != FOUR(v + n - 5)) & TAIL[n - i];
    return added(found);
}
/* The sum, where it fits 32 bits. */
static i64 sum_small(const int *v, i64 n) {
    four sum = { 0, 0, 0, 0 };
    i64 i = 0, few = 0;
    if (n < 4) { for (; i < n; i++) few += v[i]; return few; }
    for (; i + 4 <= n; i += 4) sum += FOUR(v + i);
    sum += FOUR(v + n - 4) & TAIL[n - i];
    return added(sum);
}
static i64 sum_plain(const int *v, i64 n) { i64 sum = 0; for (i64 i = 0; i < n; i++) sum += v[i]; return sum; }
/* How many values a rising column takes in [a, b); every place of it is known. */
INLINE i64 changes(const struct col *p, i64 a, i64 b) { return a < b ? 1 + changes_plain((const int *)p->data + a, b - a) : 0; }
/* The sum over [a, b), `small` where it fits 32 bits; 0 where a place is unknown. */
INLINE char sum_narrow(const struct col *p, i64 a, i64 b, int small, i64 *sum) {
    *sum = 0;
    if (a >= b) return 1;
    if (p->valid || !p->data) for (i64 i = a; i < b; i++) if (!known(p, i)) return 0;
    *sum = (small ? sum_small : sum_plain)((const int *)p->data + a, b - a);
    return 1;
}

/* Sums of a column's decimals times 32-bit numbers over [a, b), as if every place were known: for places that are not, what stood
 * there by chance is taken off again, and numbers that are too large for a moment come back. 0 for a column that is not there. */
INLINE i64 sum_products(const struct col *p, const struct col *q, i64 a, i64 b) {
    const i64 *v = (const i64 *)p->data + (a << p->wide), step = 1LL << p->wide;
    const int *m = (const int *)q->data;
    i64 sum = 0;
    if (p->data) for (i64 i = a; i < b; i++, v += step) sum += *v * m[i];
    return sum;
}
INLINE i64 product_at(const struct col *p, const struct col *q, i64 i) { return p->data ? at_wide(p, i) * at_i32(q, i) : 0; }
/* The first place of [i, end) that is not known, else `end`. */
static i64 next_unknown(const struct col *p, i64 i, i64 end) {
    if (!p->data) return i;
    if (!p->valid) return end;
    while (i < end) {
        i64 at = i + p->bit;
        u32 missing = (~p->valid[at >> 3] & 255U) >> (at & 7);
        if (missing) { i += __builtin_ctz(missing); return i < end ? i : end; }
        i += 8 - (at & 7);
    }
    return end;
}

/* A row's value by its key; one that is not known holds 0. Behind the `n` rows stand one for keys above them and one for
 * keys below; `known` 2: left to the exact engine. */
INLINE char find(ctx *c, const struct tab *t, i64 key, i64 *v) {
    i64 j = key - t->first;
    j = j < 0 ? t->n + 1 : j < t->n ? j : t->n;
    char ok = t->known[j];
    *v = t->value[j];
    if (ok & 2) c->flag = 1;
    return ok & 1;
}
/* The same among rising keys that lie far apart. */
static char find_among(ctx *c, const struct tab *t, i64 key, i64 *v) {
    i64 a = 0, b = t->n;
    while (a < b) { i64 m = (a + b) >> 1; if (t->keys[m] <= key) a = m + 1; else b = m; }
    if (a == 0 || (!t->from && t->keys[a - 1] != key)) { *v = 0; return 0; }
    *v = t->value[a - 1];
    return t->known[a - 1];
}

/* `rising` stays 1 while each kept value is above the last, and then nothing needs to be searched. */
static inline void add_distinct(i64 *p, char *k, i64 *n, char *rising, i64 value, char ok) {
    i64 last = *n - 1;
    if (*rising && ok && (last < 0 || p[last] <= value)) {
        if (last >= 0 && p[last] == value) return;
    } else {
        *rising = 0;
        for (i64 j = last; j >= 0; j--) {
            if (k[j] == ok && (!ok || p[j] == value)) return;
        }
    }
    p[*n] = value;
    k[*n] = ok;
    (*n)++;
}

/* n / d to a whole number, d > 0. Modes: half up 0, half even 1, half down 2, up 3, down 4, ceiling 5, floor 6. */
#define ROUND(NAME, T)                                                                                     \
    INLINE T NAME(T n, T d, int mode) {                                                                    \
        T q = n / d, r = n % d, above = d - r, below = d + r; /* the mode is written out: no jumps are left */ \
        switch (mode) {                                                                                    \
        case 0: return q + (r >= above) - (-r >= below);                                                   \
        case 1: return q + ((r > above) | ((r == above) & (q & 1))) - ((-r > below) | ((-r == below) & (q & 1))); \
        case 2: return q + (r > above) - (-r > below);                                                     \
        case 3: return q + (r > 0) - (r < 0);                                                              \
        case 4: return q;                                                                                  \
        case 5: return q + (r > 0);                                                                        \
        default: return q - (r < 0);                                                                       \
        }                                                                                                  \
    }
ROUND(round64, i64)
ROUND(round128_wide, i128)
static inline __attribute__((always_inline)) i128 round128(i128 n, i128 d, int mode) {
    if (n == (i64)n && d == (i64)d) return round64((i64)n, (i64)d, mode);
    return round128_wide(n, d, mode);
}

/* A rounded number, which is at most `limit` either way; another flags the row. */
#define HELD(NAME, T) INLINE i64 NAME(ctx *c, T n, i64 limit) { if (n > limit || n < -limit) { c->flag = 1; return 0; } return (i64)n; }
HELD(held64, i64)
HELD(held128, i128)

/* A floating number below `limit` to the whole number a mode chooses. If its error reaches the boundary, the row is flagged. */
static inline i64 round_real(ctx *c, real y, real bound, int near, int mode, char ok, i64 limit) {
    if (!ok) return 0;
    if (!(ABS(y) < (real)limit)) { c->flag = 1; return 0; }
    real below = FLOOR(y), rest = y - below;
    i64 q = (i64)below;
    if (bound > 0) {
        real gap = near ? ABS(rest - R(0.5)) : (rest < R(0.5) ? rest : 1 - rest);
        if (gap <= bound + U) { c->flag = 1; return 0; }
    }
    if (rest == 0) return q;
    switch (mode) {
    case 0: return rest > R(0.5) || (rest == R(0.5) && q >= 0) ? q + 1 : q;
    case 1: return rest > R(0.5) || (rest == R(0.5) && (q & 1)) ? q + 1 : q;
    case 2: return rest > R(0.5) || (rest == R(0.5) && q < 0) ? q + 1 : q;
    case 3: return q >= 0 ? q + 1 : q;
    case 4: return q >= 0 ? q : q + 1;
    case 5: return q + 1;
    default: return q;
    }
}

/* Days since 1970-01-01 and calendar dates, years 1 to 9999: Neri and Schneider, "Euclidean affine functions and
 * their application to calendar algorithms". Years begin in March, so that leap days end them. */
#define EPOCH_SHIFT 719468
struct civil { i64 month, day; };
INLINE struct civil civil(i64 z) {
    u32 n1 = 4 * (u32)(z + EPOCH_SHIFT) + 3, century = n1 / 146097, n2 = 4 * (n1 % 146097 / 4) + 3;
    u64 p2 = 2939745ULL * n2;
    u32 of_year = (u32)p2 / 2939745 / 4, n3 = 2141 * of_year + 197913;
    struct civil found = { 12 * (i64)(100 * century + (u32)(p2 >> 32)) + (n3 >> 16) - 1, (n3 & 65535) / 2141 + 1 };
    return found;
}
INLINE i64 month_index_of(ctx *c, i64 z) { return civil(z).month; }
INLINE i64 year_of(ctx *c, i64 z) { return (u32)civil(z).month / 12; }
INLINE i64 month_of(ctx *c, i64 z) { return (u32)civil(z).month % 12 + 1; }
INLINE i64 day_of(ctx *c, i64 z) { return civil(z).day; }
INLINE i64 first_day(i64 month) {
    u32 march = (u32)(month - 2), year = march / 12, century = year / 100;
    return (i64)(1461 * year / 4 - century + century / 4 + (979 * (march % 12 + 3) - 2919) / 32) - EPOCH_SHIFT;
}
INLINE i64 days_in(i64 month) { return first_day(month + 1) - first_day(month); }
static inline char add_months_month(ctx *c, i64 month, i64 n, i64 *v) {
    i64 moved = month + n;
    if (moved < FIRST_MONTH || moved > LAST_MONTH) return 0;
    *v = moved;
    return 1;
}
static char add_months_day(ctx *c, i64 z, i64 n, i64 *v) {
    struct civil from = civil(z);
    i64 month, d = from.day;
    if (!add_months_month(c, from.month, n, &month)) return 0;
    if (d > 28) { i64 last = days_in(month); if (d > last) d = last; }
    *v = first_day(month) + d - 1;
    return 1;
}
static inline char add_days(ctx *c, i64 z, i64 n, i64 *v) {
    i64 moved = z + n;
    if (moved < -719162 || moved > 2932896) return 0;
    *v = moved;
    return 1;
}
static inline char make_date(ctx *c, i64 y, i64 m, i64 d, i64 *v) {
    if (y < 1 || y > 9999 || m < 1 || m > 12 || d < 1 || (d > 28 && d > days_in(12 * y + m - 1))) return 0;
    *v = first_day(12 * y + m - 1) + d - 1;
    return 1;
}
/* Whole months: one less where the day of the month is not reached, unless the month has no such day. */
static i64 months_between(ctx *c, i64 from, i64 to) {
    i64 sign = to < from ? -1 : 1;
    struct civil first = civil(to < from ? to : from), last = civil(to < from ? from : to);
    i64 short_of = last.day < first.day && (last.day < 28 || last.day < days_in(last.month));
    return sign * (last.month - first.month - short_of);
}
