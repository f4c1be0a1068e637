/* What compiled rules call. One person at a time; every exact operation is on whole numbers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef long long i64;
typedef __int128 i128;

#if defined(__x86_64__) || defined(__i386__)
typedef long double real;
#define U 1.084202172485504434e-19L /* 2**-63: twice the rounding error of one operation */
#define ABS fabsl
#define FLOOR floorl
#define R(x) x##L
#else
typedef double real;
#define U 2.220446049250313081e-16 /* 2**-52 */
#define ABS fabs
#define FLOOR floor
#define R(x) x
#endif

#define MAX_SEQUENCE 10000
#define SIGN(x) (((x) > 0) - ((x) < 0))
#define SIGN2(a, b) (((a) > (b)) - ((a) < (b)))
#define FIRST_MONTH 12LL
#define LAST_MONTH 119999LL

/* An Arrow column: `data` at the batch's first row, validity bits from `bit` on; absent where data is 0. */
struct col { const void *data; const unsigned char *valid; i64 bit; const int *map; const int *offsets; };
/* A parameter: dense from `first`, or by rising `keys`. Beyond the last row: 0 unknown, 1 the last row, 2 left to the exact engine. */
struct tab { i64 first, n, beyond, from; const i64 *keys; const i64 *value; const unsigned char *known; };
struct out { void *data; unsigned char *known; };

struct memory;
typedef struct ctx {
    const struct col *col;
    const struct tab *tab;
    const struct col *given;
    const struct out *out;
    const i64 *const *functions;
    i64 row, region, as_of;
    char flag;
    unsigned char *state;
    struct memory *memo;
} ctx;

static inline char known(const struct col *p, i64 i) {
    if (!p->data) return 0;
    if (!p->valid) return 1;
    i += p->bit;
    return (p->valid[i >> 3] >> (i & 7)) & 1;
}
static inline char ld_i32(const struct col *p, i64 i, i64 *v) { if (!known(p, i)) { *v = 0; return 0; } *v = ((const int *)p->data)[i]; return 1; }
static inline char ld_i64(const struct col *p, i64 i, i64 *v) { if (!known(p, i)) { *v = 0; return 0; } *v = ((const i64 *)p->data)[i]; return 1; }
static inline char ld_wide(const struct col *p, i64 i, i64 *v) { if (!known(p, i)) { *v = 0; return 0; } *v = ((const i64 *)p->data)[2 * i]; return 1; }
static inline char ld_code8(const struct col *p, i64 i, i64 *v) { if (!known(p, i)) { *v = 0; return 0; } *v = p->map[((const signed char *)p->data)[i]]; return 1; }
static inline char ld_code16(const struct col *p, i64 i, i64 *v) { if (!known(p, i)) { *v = 0; return 0; } *v = p->map[((const short *)p->data)[i]]; return 1; }
static inline char ld_bit(const struct col *p, i64 i, char *v) {
    if (!known(p, i)) { *v = 0; return 0; }
    i += p->bit;
    *v = (((const unsigned char *)p->data)[i >> 3] >> (i & 7)) & 1;
    return 1;
}
static inline char ld_i128(const struct col *p, i64 i, i128 *v) { if (!known(p, i)) { *v = 0; return 0; } memcpy(v, (const char *)p->data + 16 * i, 16); return 1; }
static inline char list_of(const struct col *p, i64 i, i64 *first, i64 *end) {
    if (!known(p, i)) { *first = *end = 0; return 0; }
    *first = p->offsets[i];
    *end = p->offsets[i + 1];
    return 1;
}
static inline void equal_run(const struct col *p, i64 key, i64 *first, i64 *end) {
    const int *v = (const int *)p->data;
    i64 a = *first, b = *end, stop = *end;
    while (a < b) { i64 m = (a + b) >> 1; if (v[m] < key) a = m + 1; else b = m; }
    *first = a;
    while (a < stop && v[a] == key) a++;
    *end = a;
}

static inline char find(ctx *c, const struct tab *t, i64 key, i64 *v) {
    i64 j;
    if (t->keys) {
        i64 a = 0, b = t->n;
        while (a < b) { i64 m = (a + b) >> 1; if (t->keys[m] <= key) a = m + 1; else b = m; }
        j = a - 1;
        if (j < 0 || (!t->from && t->keys[j] != key)) { *v = 0; return 0; }
    } else {
        j = key - t->first;
        if (j < 0 || t->n == 0) { *v = 0; return 0; }
        if (j >= t->n) {
            if (t->beyond == 2) c->flag = 1;
            if (t->beyond != 1) { *v = 0; return 0; }
            j = t->n - 1;
        }
    }
    if (!t->known[j]) { *v = 0; return 0; }
    *v = t->value[j];
    return 1;
}

static inline void add_distinct(i64 *p, char *k, i64 *n, i64 value, char ok) {
    for (i64 j = *n - 1; j >= 0; j--) {
        if (k[j] == ok && (!ok || p[j] == value)) return;
    }
    p[*n] = value;
    k[*n] = ok;
    (*n)++;
}

/* n / d to a whole number, d > 0. Modes: half up 0, half even 1, half down 2, up 3, down 4, ceiling 5, floor 6. */
#define ROUND(NAME, T)                                                                  \
    static inline __attribute__((always_inline)) T NAME(T n, T d, int mode) {           \
        T q = n / d, r = n % d;                                                         \
        if (r == 0) return q;                                                           \
        T away = n < 0 ? -1 : 1;                                                        \
        if (r < 0) r = -r;                                                              \
        switch (mode) {                                                                 \
        case 0: return r >= d - r ? q + away : q;                                       \
        case 1: return r > d - r || (r == d - r && (q & 1)) ? q + away : q;             \
        case 2: return r > d - r ? q + away : q;                                        \
        case 3: return q + away;                                                        \
        case 4: return q;                                                               \
        case 5: return n > 0 ? q + 1 : q;                                               \
        default: return n < 0 ? q - 1 : q;                                              \
        }                                                                               \
    }
ROUND(round64, i64)
ROUND(round128_wide, i128)
static inline __attribute__((always_inline)) i128 round128(i128 n, i128 d, int mode) {
    if (n == (i64)n && d == (i64)d) return round64((i64)n, (i64)d, mode);
    return round128_wide(n, d, mode);
}

/* A floating number to the whole number a mode chooses. If its error reaches the boundary, the row is flagged. */
static inline i64 round_real(ctx *c, real y, real bound, int near, int mode, char ok) {
    if (!ok) return 0;
    if (!(ABS(y) < R(1e18))) { c->flag = 1; return 0; }
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

/* Days since 1970-01-01 and calendar dates (Howard Hinnant's algorithms); years 1 to 9999. */
static inline i64 days_from(i64 y, i64 m, i64 d) {
    y -= m <= 2;
    i64 era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
    i64 doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}
static inline void civil(i64 z, i64 *y, i64 *m, i64 *d) {
    z += 719468;
    i64 era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    i64 yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    *d = doy - (153 * mp + 2) / 5 + 1;
    *m = mp < 10 ? mp + 3 : mp - 9;
    *y = yoe + era * 400 + (*m <= 2);
}
static inline i64 year_of(i64 z) { i64 y, m, d; civil(z, &y, &m, &d); return y; }
static inline i64 month_of(i64 z) { i64 y, m, d; civil(z, &y, &m, &d); return m; }
static inline i64 day_of(i64 z) { i64 y, m, d; civil(z, &y, &m, &d); return d; }
static inline i64 month_index_of(i64 z) { i64 y, m, d; civil(z, &y, &m, &d); return 12 * y + m - 1; }
static inline i64 first_day(i64 month) { return days_from(month / 12, month % 12 + 1, 1); }
static inline i64 days_in(i64 month) { return first_day(month + 1) - first_day(month); }
static inline char add_months_month(i64 month, i64 n, i64 *v) {
    i64 moved = month + n;
    if (moved < FIRST_MONTH || moved > LAST_MONTH) return 0;
    *v = moved;
    return 1;
}
static inline char add_months_day(i64 z, i64 n, i64 *v) {
    i64 y, m, d, month;
    civil(z, &y, &m, &d);
    if (!add_months_month(12 * y + m - 1, n, &month)) return 0;
    i64 last = days_in(month);
    *v = first_day(month) + (d < last ? d : last) - 1;
    return 1;
}
static inline char add_days(i64 z, i64 n, i64 *v) {
    i64 moved = z + n;
    if (moved < -719162 || moved > 2932896) return 0;
    *v = moved;
    return 1;
}
static inline char make_date(i64 y, i64 m, i64 d, i64 *v) {
    if (y < 1 || y > 9999 || m < 1 || m > 12 || d < 1 || d > days_in(12 * y + m - 1)) return 0;
    *v = days_from(y, m, d);
    return 1;
}
static inline i64 months_between(i64 from, i64 to) {
    i64 sign = 1, due, y, m, d, y2, m2, d2;
    if (to < from) { i64 t = from; from = to; to = t; sign = -1; }
    civil(from, &y, &m, &d);
    civil(to, &y2, &m2, &d2);
    i64 months = 12 * (y2 - y) + m2 - m;
    if (!add_months_day(from, months, &due) || due > to) months--;
    return sign * months;
}
