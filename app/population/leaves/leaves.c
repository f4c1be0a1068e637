/* The pages of one leaf of a list of records, taken apart: where rows begin, which items there are, and their values.
 *
 * A leaf's levels are read a page at a time into bitmaps, its values as they are taken, straight to where they stay.
 * Nothing is read or written beyond what it is given; whatever is not as expected is refused (-1), for Arrow to judge. */
#include "runs.h"

enum { INT32, INT32_TO_64, INT64, BYTES_TO_64 };

/* A leaf and the page it stands in. Bitmaps have one bit a level: of `starts` where a row begins, of `items` where an item is,
 * of `values` where the item has the field, of `nothing` where there is no list. */
struct leaf {
    i64 list_level, item_level, max_level, kind, width;
    i64 levels, next, begun;
    u64 *starts, *items, *values, *nothing;
    const u8 *plain, *plain_end;
    struct runs indices;
    i64 coded, entries;
    const void *dictionary;
};

/* What has been taken of a leaf for a batch: the rows begun, items and values so far. */
struct taken { i64 rows, items, values; };

INLINE u64 mask(i64 n) { return n >= 64 ? ~0ULL : (1ULL << n) - 1; }

/* Up to 64 bits into a bitmap that is clear from there on. */
INLINE void put(u64 *map, i64 at, u64 bits) {
    map[at >> 6] |= bits << (at & 63);
    if (at & 63) map[(at >> 6) + 1] |= bits >> (64 - (at & 63));
}
INLINE u64 get(const u64 *map, i64 at, i64 n) {
    u64 bits = map[at >> 6] >> (at & 63);
    if (at & 63) bits |= map[(at >> 6) + 1] << (64 - (at & 63));
    return bits & mask(n);
}
static void fill(u64 *map, i64 at, i64 n) {
    for (; n > 0; n -= 64, at += 64) put(map, at, mask(n));
}

/* -- levels ---------------------------------------------------------------------------------------- */

/* Where rows begin: levels of one bit, 0 at the first item of a row. */
static int read_starts(struct leaf *f, const u8 *data, i64 size) {
    struct runs r = {data, data + size, 0, 1, 0, 0, 0};
    for (i64 at = 0; at < f->levels;) {
        if (next_run(&r)) return REFUSED;
        i64 n = r.left < f->levels - at ? r.left : f->levels - at;
        if (!r.packed) {
            if (r.repeated == 0) fill(f->starts, at, n);
        } else for (i64 i = 0; i < n; i += 64) put(f->starts, at + i, ~eight(r.at + i / 8, r.end) & mask(n - i));
        if (r.packed) r.bit = r.left;
        r.left = 0;
        passed(&r);
        at += n;
    }
    return 0;
}

INLINE u32 meaning(const struct leaf *f, i64 level) {
    if (level > f->max_level || (level > f->list_level && level < f->item_level)) return 1U << 12; /* or nothing where an item should be */
    return (u32)(level >= f->item_level) | (u32)(level == f->max_level) << 4 | (u32)(level < f->list_level) << 8;
}

/* Which items and values there are. */
static int read_items(struct leaf *f, const u8 *data, i64 size) {
    unsigned short table[4096]; /* of four levels at once */
    int bits = f->max_level < 2 ? 1 : f->max_level < 4 ? 2 : 3;
    struct runs r = {data, data + size, 0, bits, 0, 0, 0};
    for (int four = 0; four < 1 << 4 * bits; four++) {
        table[four] = 0;
        for (int i = 0; i < 4; i++) table[four] |= (unsigned short)(meaning(f, four >> i * bits & ((1 << bits) - 1)) << i);
    }
    u32 strange = 0;
    for (i64 at = 0; at < f->levels;) {
        if (next_run(&r)) return REFUSED;
        i64 n = r.left < f->levels - at ? r.left : f->levels - at;
        if (!r.packed) {
            u32 is = meaning(f, r.repeated);
            if (is >> 12) return REFUSED;
            if (is & 1) fill(f->items, at, n);
            if (is >> 4 & 1) fill(f->values, at, n);
            if (is >> 8 & 1) fill(f->nothing, at, n);
        } else {
            for (i64 i = 0; i < n; i += 8) {
                u64 word = eight(r.at + i / 8 * bits, r.end);
                u32 low = table[word & ((1U << 4 * bits) - 1)], high = table[word >> 4 * bits & ((1U << 4 * bits) - 1)];
                u64 keep = mask(n - i < 8 ? n - i : 8);
                put(f->items, at + i, ((low & 15) | (high & 15) << 4) & keep);
                put(f->values, at + i, ((low >> 4 & 15) | (high >> 4 & 15) << 4) & keep);
                u64 none = ((low >> 8 & 15) | (high >> 8 & 15) << 4) & keep;
                if (none) put(f->nothing, at + i, none);
                strange |= ((low >> 12) | (high >> 12) << 4) & (u32)keep;
            }
            r.bit = r.left * bits;
        }
        r.left = 0;
        passed(&r);
        at += n;
    }
    return strange ? REFUSED : 0;
}

/* Set a leaf to the start of a page whose bitmaps are clear; `coded` says whether its values are places in the dictionary,
 * `begun` whether `starts` is that of another leaf whose page has the same repetition levels. */
API int shebao_page(struct leaf *f, const u8 *repetition, i64 repetition_size, const u8 *definition, i64 definition_size, const u8 *data, i64 size) {
    f->next = 0;
    if (f->max_level > 7 || (!f->begun && read_starts(f, repetition, repetition_size)) || read_items(f, definition, definition_size)) return REFUSED;
    if (!f->coded) {
        f->plain = data;
        f->plain_end = data + size;
        return 0;
    }
    /* A page without values may leave out how wide they are. */
    struct runs r = {data + (size > 0), data + size, 0, size > 0 ? data[0] : 0, 0, 0, 0};
    f->indices = r;
    return r.bits > 32 ? REFUSED : 0;
}

/* -- values ---------------------------------------------------------------------------------------- */

INLINE int from_bytes(const u8 *at, i64 width, i64 *out) {
    i64 value = at[0] & 128 ? -1 : 0;
    i64 first = width > 8 ? width - 8 : 0;
    for (i64 i = 0; i < first; i++) if (at[i] != (u8)value) return REFUSED;
    i64 sign = value;
    for (i64 i = first; i < width; i++) value = (i64)((u64)value << 8 | at[i]);
    *out = value;
    return first && (value < 0) != (sign < 0) ? REFUSED : 0; /* a number of more than 64 bits */
}
/* Plain numbers; returns how many bytes they took. */
API i64 shebao_plain(const u8 *data, i64 size, i64 kind, i64 width, i64 n, void *out) {
    i64 each = kind == BYTES_TO_64 ? width : kind == INT64 ? 8 : 4;
    if (each < 1 || size / each < n) return REFUSED;
    if (kind == INT32 || kind == INT64) memcpy(out, data, (size_t)(n * each));
    else if (kind == INT32_TO_64) for (i64 i = 0; i < n; i++) { int v; memcpy(&v, data + 4 * i, 4); ((i64 *)out)[i] = v; }
    else if (width == 8) for (i64 i = 0; i < n; i++) { u64 v; memcpy(&v, data + 8 * i, 8); ((u64 *)out)[i] = __builtin_bswap64(v); }
    else for (i64 i = 0; i < n; i++) if (from_bytes(data + width * i, width, (i64 *)out + i)) return REFUSED;
    return n * each;
}

#define GATHER(name, type) \
    INLINE void name(const type *restrict held, const u32 *restrict places, type *restrict out, i64 n) { for (i64 i = 0; i < n; i++) out[i] = held[places[i]]; } \
    INLINE void name##_one(type held, type *restrict out, i64 n) { for (i64 i = 0; i < n; i++) out[i] = held; }
GATHER(gather_narrow, int)
GATHER(gather_wide, i64)

static int look_up(struct leaf *f, i64 n, void *out) {
    struct runs r = f->indices;
    u32 places[BLOCK], entries = (u32)f->entries;
    const int *narrow = f->dictionary;
    const i64 *wide = f->dictionary;
    i64 kind = f->kind;
    u8 *to = out;
    while (n > 0) {
        if (r.left == 0 && next_run(&r)) return REFUSED;
        i64 some = r.left < n ? r.left : n;
        if (!r.packed) {
            if (r.repeated >= entries) return REFUSED;
            if (kind == INT32) gather_narrow_one(narrow[r.repeated], (int *)to, some);
            else gather_wide_one(wide[r.repeated], (i64 *)to, some);
        } else {
            u32 most = 0;
            if (some > BLOCK) some = BLOCK;
            unpack_any(&r, places, some);
            for (i64 i = 0; i < some; i++) most = places[i] > most ? places[i] : most;
            if (most >= entries) return REFUSED;
            if (kind == INT32) gather_narrow(narrow, places, (int *)to, some);
            else gather_wide(wide, places, (i64 *)to, some);
        }
        r.left -= some;
        passed(&r);
        n -= some;
        to += some * (kind == INT32 ? 4 : 8);
    }
    f->indices = r;
    return 0;
}

static int read_values(struct leaf *f, i64 n, void *out) {
    if (f->coded) return look_up(f, n, out);
    i64 used = shebao_plain(f->plain, f->plain_end - f->plain, f->kind, f->width, n, out);
    if (used < 0) return REFUSED;
    f->plain += used;
    return 0;
}

/* `n` items of which some have a value: these from the page, 0 for the others. */
#ifdef __AVX512F__
#define EXPAND(type, each, mask_type, load, store, expand) \
    for (; i + 64 / (i64)sizeof(type) <= some; i += 64 / (i64)sizeof(type)) { \
        u64 lane = word >> i & ((1ULL << 64 / sizeof(type)) - 1); \
        store(to + i, expand((mask_type)lane, load(from))); \
        from += __builtin_popcountll(lane); \
    }
#define EXPAND_NARROW EXPAND(int, 16, __mmask16, _mm512_loadu_si512, _mm512_storeu_si512, _mm512_maskz_expand_epi32)
#define EXPAND_WIDE EXPAND(i64, 8, __mmask8, _mm512_loadu_si512, _mm512_storeu_si512, _mm512_maskz_expand_epi64)
#else
#define EXPAND_NARROW
#define EXPAND_WIDE
#endif
#define SPREAD(name, type, expand) \
    static int name(struct leaf *f, type *to, i64 n, const u64 *bits, i64 bit) { \
        type held[64 + 64 / sizeof(type)]; \
        for (i64 at = 0; at < n; at += 64, to += 64) { \
            i64 some = n - at < 64 ? n - at : 64, i = 0; \
            u64 word = get(bits, bit + at, some); \
            type *from = held; \
            if (read_values(f, __builtin_popcountll(word), held)) return REFUSED; \
            expand \
            for (; i < some; i++) { type is = (type)(word >> i & 1); to[i] = *from & -is; from += is; } \
        } \
        return 0; \
    }
SPREAD(spread_narrow, int, EXPAND_NARROW)
SPREAD(spread_wide, i64, EXPAND_WIDE)

/* -- taking ---------------------------------------------------------------------------------------- */

/* How many of the page's levels belong to the next `rows` rows (rows begun in an earlier page go on), and how many items they are. */
API i64 shebao_span(const struct leaf *f, i64 rows, i64 *items) {
    i64 at = f->next;
    *items = 0;
    while (at < f->levels) {
        i64 n = f->levels - at < 64 ? f->levels - at : 64;
        u64 starts = get(f->starts, at, n);
        i64 begun = __builtin_popcountll(starts);
        if (begun > rows) {
            for (; rows > 0; rows--) starts &= starts - 1;
            n = __builtin_ctzll(starts);
            *items += __builtin_popcountll(get(f->items, at, n));
            return at + n - f->next;
        }
        rows -= begun;
        *items += __builtin_popcountll(get(f->items, at, n));
        at += n;
    }
    return at - f->next;
}

/* Take so many levels: `offsets` and `listed` (1 where there is a list) by row, `valid` bits (clear from where `t` stands) and values by item. */
API int shebao_take(struct leaf *f, i64 levels, struct taken *t, int *offsets, u8 *listed, u64 *valid, void *out) {
    i64 first = t->items, held = 0, end = f->next + levels;
    for (i64 at = f->next; at < end; at += 64) {
        i64 n = end - at < 64 ? end - at : 64;
        u64 starts = get(f->starts, at, n), items = get(f->items, at, n), values = get(f->values, at, n), nothing = get(f->nothing, at, n);
        int whole = items == mask(n);
        held += __builtin_popcountll(values);
        for (u64 left = starts; left; left &= left - 1) {
            int place = __builtin_ctzll(left);
            offsets[t->rows] = (int)(t->items + (whole ? place : __builtin_popcountll(items & mask(place))));
            listed[t->rows++] = !(nothing >> place & 1);
        }
        if (whole) {
            put(valid, t->items, values);
            t->items += n;
        } else for (u64 left = items; left; left &= left - 1) {
            put(valid, t->items, values >> __builtin_ctzll(left) & 1);
            t->items++;
        }
    }
    f->next = end;
    i64 n = t->items - first;
    void *to = f->kind == INT32 ? (void *)((int *)out + first) : (void *)((i64 *)out + first);
    if (held > n) return REFUSED;
    t->values += held;
    if (held == n) return read_values(f, n, to);
    return f->kind == INT32 ? spread_narrow(f, to, n, valid, first) : spread_wide(f, to, n, valid, first);
}
