/* What the fact dictionary allows, tested a block of rows at a time: fast where all is well, row by row where it may not be.
 * Reading a block's columns in order also brings them near for the rules that follow. */

enum { PRESENCE, NARROW_WHOLE, WHOLE, SCALED, ONE_OF, LENGTH };

/* A test of one column: of rows (`each` 0) or of list items (1), of the fact `head` (-1: the column itself is the fact).
 * ONE_OF: of the columns numbered by `choices[low .. low + high)`, one is known. LENGTH: at most `high` items. */
struct check { int column, head, each, kind, needed; i64 low, high; };

/* Also made for processors with wider registers, of which the one it runs on is asked when the library is loaded. */
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__)
#define FAST __attribute__((optimize("O3"), noinline, target_clones("avx512f", "avx2", "default")))
#else
#define FAST __attribute__((optimize("O3"), noinline))
#endif

/* With a range below 2**63, v lies outside exactly if v - low or high - v has its sign bit set, wrapped around or not. */
static FAST int beyond_narrow(const int *v, i64 n, i64 low, i64 high) {
    i64 signs = 0;
    if (high - low < 1LL << 31 && low >= -(1LL << 31) && high < 1LL << 31) {
        int l = (int)low, h = (int)high, s = 0;
        for (i64 i = 0; i < n; i++) s |= (v[i] - l) | (h - v[i]);
        return s < 0;
    }
    for (i64 i = 0; i < n; i++) signs |= (v[i] - low) | (high - v[i]);
    return signs < 0;
}
static FAST int beyond_whole(const i64 *v, i64 n, i64 low, i64 high) {
    i64 signs = 0;
    for (i64 i = 0; i < n; i++) signs |= (v[i] - low) | (high - v[i]);
    return signs < 0;
}
/* Decimals: the lower half within bounds, the upper half nothing but its sign. */
static FAST int beyond_scaled(const i64 *v, i64 n, i64 low, i64 high) {
    i64 signs = 0, upper = 0;
    for (i64 i = 0; i < n; i++) { i64 x = v[2 * i]; signs |= (x - low) | (high - x); upper |= v[2 * i + 1] ^ (x >> 63); }
    return signs < 0 || upper;
}
/* Those that are not negative: each half within bounds of its own, those of the upper half both 0. */
static FAST int beyond_halves(const i64 *v, i64 n, i64 low, i64 high, i64 zero) {
    i64 lower = 0, upper = 0;
    for (i64 i = 0; i < n; i++) {
        lower |= (v[2 * i] - low) | (high - v[2 * i]);
        upper |= (v[2 * i + 1] - zero) | (zero - v[2 * i + 1]);
    }
    return (lower | upper) < 0;
}

static inline unsigned long long bits_at(const struct col *p, i64 i) {
    unsigned long long low;
    i += p->bit;
    const unsigned char *at = p->valid + (i >> 3);
    memcpy(&low, at, 8);
    int shift = i & 7;
    return shift ? low >> shift | (unsigned long long)at[8] << (64 - shift) : low;
}
/* Whether some place of [a, b) is known in none of the columns. Never reads behind the last byte of a column's bits. */
static int none_known(const struct col *col, const int *columns, i64 count, i64 a, i64 b) {
    for (i64 k = 0; k < count; k++) if (col[columns[k]].data && !col[columns[k]].valid) return 0;
    i64 i = a;
    for (; i + 72 <= b; i += 64) {
        unsigned long long any = 0;
        for (i64 k = 0; k < count; k++) if (col[columns[k]].data) any |= bits_at(&col[columns[k]], i);
        if (~any) return 1;
    }
    for (; i < b; i++) {
        int any = 0;
        for (i64 k = 0; k < count; k++) any |= known(&col[columns[k]], i);
        if (!any) return 1;
    }
    return 0;
}

static int suspicious(const struct check *t, const struct col *col, const int *choices, i64 a, i64 b) {
    const struct col *p = &col[t->column];
    if (t->kind == ONE_OF) return none_known(col, choices + t->low, t->high, a, b);
    if (!p->data) return t->needed && a < b; /* nobody has it */
    if (t->needed && p->valid && none_known(col, &t->column, 1, a, b)) return 1;
    switch (t->kind) {
    case NARROW_WHOLE: return beyond_narrow((const int *)p->data + a, b - a, t->low, t->high);
    case WHOLE: return beyond_whole((const i64 *)p->data + a, b - a, t->low, t->high);
    case SCALED:
        if (!p->wide) return beyond_whole((const i64 *)p->data + a, b - a, t->low, t->high);
        if (t->low >= 0) return beyond_halves((const i64 *)p->data + 2 * a, b - a, t->low, t->high, 0);
        return beyond_scaled((const i64 *)p->data + 2 * a, b - a, t->low, t->high);
    default: return 0;
    }
}

static int fails(const struct check *t, const struct col *col, const int *choices, i64 i) {
    const struct col *p = &col[t->column];
    if (t->kind == ONE_OF) return none_known(col, choices + t->low, t->high, i, i + 1);
    return known(p, i) ? suspicious(t, col, choices, i, i + 1) : t->needed;
}

/* Mark the rows of [begin, end) that have a fact beyond what is allowed. */
static void check_rows(const struct col *col, const struct check *checks, i64 count, const int *choices, unsigned char *flags, i64 begin, i64 end) {
    for (const struct check *t = checks; t < checks + count; t++) {
        const struct col *head = t->head < 0 ? 0 : &col[t->head];
        if (head ? !head->data : !col[t->column].data) continue;
        if (t->kind == LENGTH) {
            for (i64 row = begin; row < end; row++) if (head->offsets[row + 1] - head->offsets[row] > t->high && known(head, row)) flags[row] = 1;
            continue;
        }
        i64 a = t->each ? head->offsets[begin] : begin, b = t->each ? head->offsets[end] : end;
        if (!suspicious(t, col, choices, a, b)) continue;
        for (i64 row = begin; row < end; row++) {
            if (head && !known(head, row)) continue;
            i64 first = t->each ? head->offsets[row] : row, last = t->each ? head->offsets[row + 1] : row + 1;
            for (i64 i = first; i < last && !flags[row]; i++) flags[row] = fails(t, col, choices, i);
        }
    }
}
