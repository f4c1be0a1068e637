/* Numbers as Parquet packs them: runs of equal ones, and stretches of so many bits each. Whatever does not fit is REFUSED. */
#include <string.h>
#if defined(__BMI2__) || defined(__AVX512F__)
#include <immintrin.h>
#endif

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

#define API __attribute__((visibility("default")))
#define INLINE static inline __attribute__((always_inline))
#define REFUSED (-1)
#define BLOCK 1024

/* Runs of equal numbers, and stretches of numbers of `bits` bits: Parquet's RLE and bit-packed hybrid. */
struct runs { const u8 *at, *end; i64 left; int bits, packed; u32 repeated; i64 bit; };

static int next_run(struct runs *r) {
    u64 head = 0;
    int shift = 0;
    do {
        if (r->at >= r->end || shift > 28) return REFUSED;
        head |= (u64)(*r->at & 127) << shift;
        shift += 7;
    } while (*r->at++ & 128);
    r->packed = (int)(head & 1);
    r->bit = 0;
    if (r->packed) {
        r->left = (i64)(head >> 1) * 8;
        /* The last run may be cut off behind the values there are. */
        i64 held = r->bits ? (r->end - r->at) * 8 / r->bits : r->left;
        if (r->left > held) r->left = held;
        return r->left > 0 ? 0 : REFUSED;
    }
    r->left = (i64)(head >> 1);
    int bytes = (r->bits + 7) / 8;
    if (r->end - r->at < bytes || r->left == 0) return REFUSED;
    r->repeated = 0;
    memcpy(&r->repeated, r->at, (size_t)bytes);
    r->at += bytes;
    return 0;
}
/* The stretch is over: the next run begins where its bits end. */
INLINE void passed(struct runs *r) {
    if (r->packed && r->left == 0) r->at += (r->bit + 7) / 8;
}
INLINE u64 eight(const u8 *at, const u8 *end) {
    u64 found = 0;
    if (end - at >= 8) memcpy(&found, at, 8);
    else if (at < end) memcpy(&found, at, (size_t)(end - at));
    return found;
}
INLINE void unpack(struct runs *r, u32 *out, i64 n, int bits) {
    u64 keep = (1ULL << bits) - 1;
    i64 bit = r->bit, i = 0, safe = (r->end - r->at - 8) * 8;
    for (; i < n && bit <= safe; i++, bit += bits) {
        u64 word;
        memcpy(&word, r->at + (bit >> 3), 8);
        out[i] = (u32)(word >> (bit & 7) & keep);
    }
    for (; i < n; i++, bit += bits) out[i] = (u32)(eight(r->at + (bit >> 3), r->end) >> (bit & 7) & keep);
    r->bit = bit;
}
#ifdef __BMI2__
/* Eight numbers at a time, from a place that is eight numbers from the beginning of the run. */
INLINE i64 unpack_eights(struct runs *r, u32 *out, i64 n, int bits) {
    i64 i = 0;
    const u8 *at = r->at + (r->bit >> 3);
    if (bits <= 8) for (; i + 8 <= n && r->end - at >= 8; i += 8, at += bits) {
        u64 word;
        memcpy(&word, at, 8);
        _mm256_storeu_si256((__m256i *)(out + i), _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((i64)_pdep_u64(word, 0x0101010101010101ULL * ((1U << bits) - 1)))));
    } else for (; i + 8 <= n && r->end - at >= 16; i += 8, at += bits) {
        u64 low, high, each = 0x0001000100010001ULL * ((1U << bits) - 1);
        memcpy(&low, at, 8);
        memcpy(&high, at + bits / 2, 8);
        __m128i both = _mm_set_epi64x((i64)_pdep_u64(high >> (bits & 1) * 4, each), (i64)_pdep_u64(low, each));
        _mm256_storeu_si256((__m256i *)(out + i), _mm256_cvtepu16_epi32(both));
    }
    r->bit = (at - r->at) * 8;
    return i;
}
#endif
static void unpack_any(struct runs *r, u32 *out, i64 n) {
    i64 done = 0;
#ifdef __BMI2__
    if (r->bits > 0 && r->bits <= 15) {
        i64 past = r->bit / r->bits & 7;
        done = past ? (8 - past < n ? 8 - past : n) : 0;
        unpack(r, out, done, r->bits);
        if (done < n) done += unpack_eights(r, out + done, n - done, r->bits);
    }
#endif
    unpack(r, out + done, n - done, r->bits);
}
