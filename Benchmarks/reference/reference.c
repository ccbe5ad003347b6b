// Small C reference for `scripts/bench` where ../shared/bench is missing: a dense ladder with a
// bitmap, columns with zstd, metrics v0 at 4 Hz, and a two-pointer sweep. CPU time, one thread.
//   reference gen LEVELS OUT.bin · encode IN.bin OUT.col · replay IN.col RUNS · sor
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zstd.h>

typedef struct { int64_t source, received, price, size; uint32_t msg; uint8_t venue, side, kind, flags; } event;
enum { WINDOW = 1 << 21, VENUES = 3, BLOCK = 65536, STREAMS = 6 };
enum { HEAD, TIME, PRICE_LOW, PRICE_HIGH, SIZE, WIDE };
typedef struct { int64_t base; uint64_t *bits, *words; int64_t *size; int best; } side;
typedef struct { uint8_t *at; size_t n, room; } bytes;

static double cpu(void) { struct timespec t; clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); return t.tv_sec + t.tv_nsec * 1e-9; }
static int ascending(const void *a, const void *b) { double x = *(double *)a, y = *(double *)b; return (x > y) - (x < y); }
static uint64_t seed = 88172645463325252ull;
static uint64_t rnd(void) { seed ^= seed << 13; seed ^= seed >> 7; return seed ^= seed << 17; }
static uint64_t zig(int64_t v) { return (uint64_t)v << 1 ^ (uint64_t)(v >> 63); }
static int64_t zag(uint64_t v) { return (int64_t)(v >> 1) ^ -(int64_t)(v & 1); }
static void put(bytes *b, uint8_t v) { if (b->n == b->room) b->at = realloc(b->at, b->room = b->room * 2 + 4096); b->at[b->n++] = v; }
static void vput(bytes *b, uint64_t v) { for (; v > 127; v >>= 7) put(b, (uint8_t)v | 128); put(b, (uint8_t)v); }
static inline uint64_t vget(const uint8_t **p) { uint64_t v = 0; for (int s = 0;; s += 7) { uint8_t b = *(*p)++; v |= (uint64_t)(b & 127) << s; if (b < 128) return v; } }
static event *load(const char *path, size_t *n) { FILE *f = fopen(path, "rb"); if (!f) exit(2); fseek(f, 0, SEEK_END); *n = (size_t)ftell(f); rewind(f); void *p = malloc(*n + 64); if (fread(p, 1, *n, f) != *n) exit(2); fclose(f); return p; }

static int next(const side *s, int i, int isBid) { // next occupied tick away from the touch
    int w = i >> 6; uint64_t m;
    if (isBid) { m = s->bits[w] & ((1ull << (i & 63)) - 1); if (m) return w << 6 | (63 - __builtin_clzll(m));
        int g = w >> 6; m = s->words[g] & ((1ull << (w & 63)) - 1); while (!m) { if (--g < 0) return -1; m = s->words[g]; }
        w = g << 6 | (63 - __builtin_clzll(m)); return w << 6 | (63 - __builtin_clzll(s->bits[w])); }
    m = s->bits[w] & (~1ull << (i & 63)); if (m) return w << 6 | __builtin_ctzll(m);
    int g = w >> 6; m = s->words[g] & ((w & 63) == 63 ? 0 : ~0ull << ((w & 63) + 1)); while (!m) { if (++g == WINDOW >> 12) return -1; m = s->words[g]; }
    w = g << 6 | __builtin_ctzll(m); return w << 6 | __builtin_ctzll(s->bits[w]); }

static inline void set(side *s, int isBid, int64_t price, int64_t size) {
    if (!s->base) s->base = price - WINDOW / 2;
    uint64_t at = (uint64_t)(price - s->base); if (at >= WINDOW) return;
    int i = (int)at; int64_t old = s->size[i]; s->size[i] = size;
    if (size && !old) { s->bits[i >> 6] |= 1ull << (i & 63); s->words[i >> 12] |= 1ull << (i >> 6 & 63); if (s->best < 0 || (isBid ? i > s->best : i < s->best)) s->best = i; }
    else if (!size && old) { if (!(s->bits[i >> 6] &= ~(1ull << (i & 63)))) s->words[i >> 12] &= ~(1ull << (i >> 6 & 63)); if (i == s->best) s->best = next(s, i, isBid); } }

static uint64_t row(side b[2], uint64_t *rows) {
    uint64_t sum = 0;
    if (b[0].best < 0 || b[1].best < 0) return 0;
    for (int d = 0; d < 2; d++) { side *s = &b[d]; int i = s->best; sum += (uint64_t)(i + s->base) + (uint64_t)s->size[i];
        for (int k = 0; k < 10 && i >= 0; k++, i = next(s, i, !d)) sum += (uint64_t)s->size[i]; }
    ++*rows; return sum; }

static int generate(size_t levels, const char *path) { // a mid that walks, sizes from a few habits
    FILE *f = fopen(path, "wb"); int64_t mid[VENUES] = {9700000, 9700003, 9699990}, t = 1736899200000000000; uint32_t msg = 0; static char live[VENUES][2][4096];
    for (size_t done = 0; done < levels; msg++) { int v = (int)(rnd() % VENUES), n = v ? 1 + (int)(rnd() % 4) : 5 + (int)(rnd() % 36), sn = msg < VENUES; if (sn) { v = (int)msg; n = 800; }
        t += 1000 + (int64_t)(rnd() % 19000000); mid[v] += (int64_t)(rnd() % 5) - 2;
        for (int i = 0; i < n; i++) { int d = i >= n / 2; int64_t off = sn ? i % (n / 2) + 2 : 2 + (int64_t)(rnd() % (rnd() % 4 ? 40 : 1000)); int64_t p = d ? mid[v] + off : mid[v] - off; char *was = &live[v][d][p & 4095];
            int64_t z = !sn && *was && rnd() % 7 == 0 ? 0 : rnd() % 3 ? 1000000 * (1 + (int64_t)(rnd() % 20)) : 1 + (int64_t)(rnd() % 90000000); *was = z != 0;
            event e = {t - 5000000 - t % 1000, t, p, z, msg, (uint8_t)v, (uint8_t)d, 0, (uint8_t)((i == n - 1) | sn << 1)}; fwrite(&e, sizeof e, 1, f); }
        done += (size_t)n; }
    return fclose(f); }

static int encode(const char *in, const char *out) {
    size_t n; event *e = load(in, &n); n /= sizeof *e; FILE *f = fopen(out, "wb"); ZSTD_CCtx *z = ZSTD_createCCtx(); bytes s[STREAMS] = {{0}}; static uint8_t packed[16 << 20];
    size_t total = 0, levels = 0; uint32_t count = 0; int64_t last[VENUES][2] = {{0}}, clock = 0; double start = cpu();
    for (size_t i = 0; i < n;) { size_t j = i; while (!(e[j].flags & 1)) j++; j++; int isTrade = e[i].kind; size_t bids = 0; while (i + bids < j && !e[i + bids].side) bids++;
        put(&s[HEAD], (uint8_t)(e[i].venue | isTrade << 2)); vput(&s[HEAD], bids); vput(&s[HEAD], j - i - bids); vput(&s[TIME], zig(e[i].received - clock)); clock = e[i].received; vput(&s[TIME], zig(clock - e[i].source));
        for (; i < j; i++) { int64_t *l = &last[e[i].venue][e[i].side]; uint64_t d = zig(e[i].price - *l); *l = e[i].price; int wide = d >= 0xffff; put(&s[PRICE_LOW], wide ? 255 : (uint8_t)d); put(&s[PRICE_HIGH], wide ? 255 : (uint8_t)(d >> 8)); if (wide) vput(&s[WIDE], d); vput(&s[SIZE], (uint64_t)e[i].size); count++; levels += !isTrade; }
        if (count < BLOCK && i < n) continue;
        fwrite(&count, 4, 1, f); total += 4 + 8 * STREAMS;
        for (int k = 0; k < STREAMS; k++) { uint32_t head[2] = {(uint32_t)s[k].n, (uint32_t)ZSTD_compressCCtx(z, packed, sizeof packed, s[k].at, s[k].n, 3)}; fwrite(head, 8, 1, f); fwrite(packed, 1, head[1], f); total += head[1]; s[k].n = 0; }
        memset(last, 0, sizeof last); clock = 0; count = 0; }
    double t = cpu() - start; fclose(f); printf("encode col  zstd3   %7.3f B/upd  %7.2f M upd/s\n", (double)total / levels, levels / t / 1e6); return 0; }

static int replay(const char *in, int runs) {
    double seconds[64]; uint64_t rows = 0, sum = 0, levels = 0; static uint8_t *raw[STREAMS]; for (int k = 0; k < STREAMS; k++) raw[k] = malloc(16 << 20);
    for (int r = 0; r < runs; r++) { static side b[VENUES][2]; for (int i = 0; i < VENUES * 2; i++) { side *s = &b[0][0] + i; free(s->bits); free(s->words); free(s->size); *s = (side){0, calloc(WINDOW / 64, 8), calloc(WINDOW / 4096, 8), calloc(WINDOW, 8), -1}; }
        ZSTD_DCtx *z = ZSTD_createDCtx(); double start = cpu(); size_t n; uint8_t *file = (uint8_t *)load(in, &n), *p = file; int64_t due = 0; rows = sum = levels = 0;
        while (p < file + n) { uint32_t count; memcpy(&count, p, 4); p += 4; for (int k = 0; k < STREAMS; k++) { uint32_t head[2]; memcpy(head, p, 8); if (ZSTD_decompressDCtx(z, raw[k], 16 << 20, p + 8, head[1]) != head[0]) return 3; p += 8 + head[1]; }
            const uint8_t *h = raw[HEAD], *t = raw[TIME], *lo = raw[PRICE_LOW], *hi = raw[PRICE_HIGH], *q = raw[SIZE], *w = raw[WIDE]; int64_t last[VENUES][2] = {{0}}, clock = 0;
            for (uint32_t i = 0; i < count;) { int v = *h & 3, isTrade = *h++ >> 2 & 1; uint64_t m[2] = {vget(&h), 0}; m[1] = vget(&h); clock += zag(vget(&t)); vget(&t);
                if (clock >= due) { if (!due) due = (clock / 250000000 + 1) * 250000000; else for (; clock >= due; due += 250000000) for (int x = 0; x < VENUES; x++) sum += row(b[x], &rows); }
                for (int d = 0; d < 2; d++) for (uint64_t k = 0; k < m[d]; k++, i++) { uint64_t x = *lo++ | (uint64_t)*hi++ << 8; if (x == 0xffff) x = vget(&w); int64_t price = last[v][d] += zag(x), size = (int64_t)vget(&q); if (!isTrade) set(&b[v][d], !d, price, size); levels += !isTrade; } } }
        free(file); seconds[r] = cpu() - start; ZSTD_freeDCtx(z); }
    qsort(seconds, (size_t)runs, 8, ascending);
    printf("replay decode+apply+4Hz   %8.2f M upd/s (min %.1f max %.1f) rows=%llu sum=%llu\n", levels / seconds[runs / 2] / 1e6, levels / seconds[runs - 1] / 1e6, levels / seconds[0] / 1e6, (unsigned long long)rows, (unsigned long long)sum); return 0; }

static int sor(void) {
    static int64_t px[2][1001], sz[2][1001]; int64_t fee[2] = {100010, 100025}; double seconds[9]; uint64_t check = 0; int levels = 0; static const uint64_t scale[4] = {100000, 1000000, 10000000, 100000000};
    for (int v = 0; v < 2; v++) { int64_t p = 9700000 + v * 3; for (int i = 0; i < 1000; i++) { px[v][i] = p; uint64_t a = rnd(); sz[v][i] = (int64_t)(a % scale[rnd() & 3]) + 1; p += 1 + (int64_t)(rnd() % (i < 20 ? 7 : i < 200 ? 40 : 160)); } px[v][1000] = INT64_MAX / 200000; }
    for (int r = 0; r < 9; r++) { double start = cpu(); for (int k = 0; k < 20000; k++) { __asm__ volatile("" ::: "memory"); __int128 rest = (__int128)100000000 * 100000000; int x = 0, y = 0; int64_t got[2] = {0, 0}; levels = 0;
            while (x + y < 2000) { int v = px[1][y] * fee[1] < px[0][x] * fee[0], *at = v ? &y : &x; int64_t p = px[v][*at], q = sz[v][*at]; __int128 c = (__int128)p * q; levels++; if (c >= rest) { q = (int64_t)(rest / p); got[v] += q; rest -= (__int128)p * q; break; } rest -= c; got[v] += q; ++*at; }
            check = (uint64_t)(got[0] + got[1]) * 3 + (uint64_t)got[0] + (uint64_t)(((__int128)100000000 * 100000000 - rest) >> 20); } seconds[r] = (cpu() - start) / 20000 * 1e9; }
    qsort(seconds, 9, 8, ascending); printf("sor $1000000   sorted-merge   %10.1f ns/sweep  levels=%d  ck=%llx\n", seconds[4], levels, (unsigned long long)check); return 0; }

int main(int n, char **a) {
    if (n == 4 && !strcmp(a[1], "gen")) return generate(strtoull(a[2], 0, 10), a[3]);
    if (n >= 4 && !strcmp(a[1], "encode")) return encode(a[2], a[3]);
    if (n == 4 && !strcmp(a[1], "replay")) return replay(a[2], atoi(a[3]));
    if (n == 2 && !strcmp(a[1], "sor")) return sor();
    return 2; }
