/* What Embedded Swift expects of a C library, and no more: bytes, memory, 128-bit numbers.
 * The module imports nothing, so it can reach no clock, no file and no random source. */

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef unsigned __int128 u128;
typedef __int128 i128;
typedef __SIZE_TYPE__ size_t;

/* The linker's own names: the first free byte behind data and stack. */
extern u8 __heap_base;

/* --- 1. Bytes --------------------------------------------------------------------------------
 * Short runs go word by word; the machine's bulk instructions pay off for long runs only. */

enum { BULK = 64 };
typedef struct __attribute__((packed, may_alias)) { u64 value; } word;
#define WORD(pointer) (((word *)(pointer))->value)

void *memmove(void *to, const void *from, size_t count) {
    if (count > BULK) {
        __builtin_memmove(to, from, count); /* one instruction: memory.copy */
        return to;
    }
    u8 *target = to;
    const u8 *source = from;
    if ((size_t)(target - source) >= count) {
        while (count >= 8) {
            WORD(target) = WORD(source);
            target += 8, source += 8, count -= 8;
        }
        while (count--) *target++ = *source++;
    } else {
        while (count >= 8) {
            count -= 8;
            WORD(target + count) = WORD(source + count);
        }
        while (count--) target[count] = source[count];
    }
    return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t count) {
    return memmove(to, from, count);
}

void *memset(void *to, int value, size_t count) {
    __builtin_memset(to, value, count); /* one instruction: memory.fill */
    return to;
}

int memcmp(const void *left, const void *right, size_t count) {
    const u8 *one = left, *two = right;
    for (; count; count--, one++, two++)
        if (*one != *two) return *one < *two ? -1 : 1;
    return 0;
}

/* --- 2. Memory -------------------------------------------------------------------------------
 * Chunks lie one behind the other, from __heap_base to a last one of size 0 that is always used:
 *
 *     head 16 | payload                    used
 *     head 16 | next, previous | unused    free, in the list of its size's power of two
 *
 * A freed chunk joins its free neighbours: a fold that runs for hours does not grow. */

enum { HEAD = 16, CHUNK_MIN = 32, PAGE = 65536, LISTS = 32, PROBES = 16, NO_MEMORY = 12, BAD = 22 };

typedef struct chunk {
    u32 size, before; /* bytes of this chunk and of the one before it, heads included */
    u32 used, unused;
    struct chunk *next, *previous; /* only while free */
} chunk;

static chunk *lists[LISTS];
static chunk *last;

static chunk *behind(chunk *it) { return (chunk *)((u8 *)it + it->size); }
static u32 list_of(u32 size) { return 31 - (u32)__builtin_clz(size); }

static void put(chunk *it) {
    u32 list = list_of(it->size);
    it->used = 0;
    it->previous = 0;
    it->next = lists[list];
    if (it->next) it->next->previous = it;
    lists[list] = it;
}

static void take(chunk *it) {
    if (it->previous) it->previous->next = it->next;
    else lists[list_of(it->size)] = it->next;
    if (it->next) it->next->previous = it->previous;
    it->used = 1;
}

/* Gives a used chunk the size `size`; what is left over behind it becomes free. */
static void cut(chunk *it, u32 size) {
    if (it->size - size < CHUNK_MIN) return;
    chunk *rest = (chunk *)((u8 *)it + size);
    rest->size = it->size - size;
    rest->before = it->size = size;
    behind(rest)->before = rest->size;
    put(rest);
}

static void release(chunk *it) {
    chunk *next = behind(it);
    if (!next->used) {
        take(next);
        it->size += next->size;
    }
    if (it->before) {
        chunk *previous = (chunk *)((u8 *)it - it->before);
        if (!previous->used) {
            take(previous);
            previous->size += it->size;
            it = previous;
        }
    }
    behind(it)->before = it->size;
    put(it);
}

/* Asks the host for pages; they become one free chunk, joined with the free one before them. */
static int grow(u32 size) {
    u32 pages = (size + HEAD + PAGE - 1) / PAGE;
    if (!last) { /* what is left of the first pages */
        last = (chunk *)(((size_t)&__heap_base + HEAD - 1) & ~(size_t)(HEAD - 1));
        last->before = 0;
        pages += 1;
    }
    if (__builtin_wasm_memory_grow(0, pages) == (size_t)-1) return 0;
    chunk *it = last;
    u8 *end = (u8 *)(__builtin_wasm_memory_size(0) * PAGE);
    last = (chunk *)(end - HEAD);
    last->size = 0;
    last->used = 1;
    it->size = (u32)((u8 *)last - (u8 *)it);
    release(it);
    return 1;
}

/* A free chunk of at least `size` bytes. The own list may hold smaller ones, so it is searched
 * for a few steps; any chunk of a later list fits. */
static chunk *find(u32 size) {
    u32 list = list_of(size);
    chunk *it = lists[list];
    for (int probe = 0; it && probe < PROBES; probe++, it = it->next)
        if (it->size >= size) return it;
    while (++list < LISTS)
        if (lists[list]) return lists[list];
    return 0;
}

int posix_memalign(void **result, size_t alignment, size_t count) {
    if (alignment & (alignment - 1)) return BAD;
    if (count > 0x7fff0000u || alignment > PAGE) return NO_MEMORY;
    u32 slack = alignment > HEAD ? (u32)alignment + CHUNK_MIN : 0;
    u32 size = ((u32)count + HEAD - 1) / HEAD * HEAD + HEAD;
    if (size < CHUNK_MIN) size = CHUNK_MIN;
    chunk *it = find(size + slack);
    if (!it) {
        if (!grow(size + slack)) return NO_MEMORY;
        it = find(size + slack);
    }
    take(it);
    if (slack && ((size_t)it + HEAD) & (alignment - 1)) {
        size_t payload = ((size_t)it + HEAD + CHUNK_MIN + alignment - 1) & ~(alignment - 1);
        chunk *aligned = (chunk *)(payload - HEAD);
        u32 lead = (u32)((u8 *)aligned - (u8 *)it);
        aligned->size = it->size - lead;
        aligned->before = it->size = lead;
        aligned->used = 1;
        behind(aligned)->before = aligned->size;
        release(it);
        it = aligned;
    }
    cut(it, size);
    *result = (u8 *)it + HEAD;
    return 0;
}

void free(void *payload) {
    if (payload) release((chunk *)((u8 *)payload - HEAD));
}

/* --- 3. 128-bit numbers ----------------------------------------------------------------------
 * Names and rules are the compiler's: two's complement, quotients toward zero, remainders with
 * the sign of the dividend. Shifts by constants and sums are inline and call nothing. */

static u64 low(u128 value) { return (u64)value; }
static u64 high(u128 value) { return (u64)(value >> 64); }
static u128 pair(u64 high, u64 low) { return (u128)high << 64 | low; }

u128 __ashlti3(u128 value, int by) {
    if (by == 0) return value;
    if (by >= 64) return pair(low(value) << (by - 64), 0);
    return pair(high(value) << by | low(value) >> (64 - by), low(value) << by);
}

u128 __lshrti3(u128 value, int by) {
    if (by == 0) return value;
    if (by >= 64) return high(value) >> (by - 64);
    return pair(high(value) >> by, low(value) >> by | high(value) << (64 - by));
}

i128 __ashrti3(i128 value, int by) {
    u128 bits = __lshrti3((u128)value, by);
    return value < 0 && by > 0 ? (i128)(bits | __ashlti3(~(u128)0, 128 - by)) : (i128)bits;
}

static u128 product(u64 a, u64 b) {
    u64 al = (u32)a, ah = a >> 32, bl = (u32)b, bh = b >> 32;
    u64 lows = al * bl, one = ah * bl, two = al * bh;
    u64 middle = (lows >> 32) + (u32)one + (u32)two;
    return pair(ah * bh + (one >> 32) + (two >> 32) + (middle >> 32), middle << 32 | (u32)lows);
}

u128 __multi3(u128 a, u128 b) {
    u128 lows = product(low(a), low(b));
    return pair(high(lows) + low(a) * high(b) + high(a) * low(b), low(lows));
}

/* One digit of 32 bits of a long division; `by` has its top bit set. Knuth's algorithm D. */
static u64 digit(u64 *rest, u32 next, u64 by) {
    u64 top = by >> 32, bottom = (u32)by, guess = *rest / top, over = *rest % top;
    while (guess >> 32 || guess * bottom > (over << 32 | next)) {
        guess -= 1;
        over += top;
        if (over >> 32) break;
    }
    *rest = (*rest << 32 | next) - guess * by;
    return guess;
}

/* 128 by 64 bits, where the quotient fits 64: the upper half is below `by`. */
static u64 narrow(u128 value, u64 by, u64 *rest) {
    int shift = __builtin_clzll(by);
    u128 moved = __ashlti3(value, shift);
    u64 running = high(moved);
    u64 first = digit(&running, (u32)(low(moved) >> 32), by << shift);
    u64 second = digit(&running, (u32)low(moved), by << shift);
    *rest = running >> shift;
    return first << 32 | second;
}

static u128 divide(u128 value, u128 by, u128 *rest) {
    u64 remainder;
    if (by == 0) __builtin_trap();
    if (high(value) == 0 && high(by) == 0) {
        *rest = low(value) % low(by);
        return low(value) / low(by);
    }
    if (high(by) == 0) {
        u64 first = high(value) / low(by);
        u64 second = narrow(pair(high(value) % low(by), low(value)), low(by), &remainder);
        *rest = remainder;
        return pair(first, second);
    }
    /* The quotient fits 64 bits: divide by the leading 64 bits of `by`, at most one too much. */
    int shift = __builtin_clzll(high(by));
    u64 guess = narrow(value >> 1, high(__ashlti3(by, shift)), &remainder) >> (63 - shift);
    if (guess) guess -= 1;
    *rest = value - product(guess, low(by)) - pair(guess * high(by), 0);
    if (*rest >= by) {
        *rest -= by;
        guess += 1;
    }
    return guess;
}

static u128 magnitude(i128 value) { return value < 0 ? -(u128)value : (u128)value; }

u128 __udivti3(u128 a, u128 b) {
    u128 rest;
    return divide(a, b, &rest);
}

u128 __umodti3(u128 a, u128 b) {
    u128 rest;
    divide(a, b, &rest);
    return rest;
}

i128 __divti3(i128 a, i128 b) {
    u128 rest, quotient = divide(magnitude(a), magnitude(b), &rest);
    return (i128)((a < 0) != (b < 0) ? -quotient : quotient);
}

i128 __modti3(i128 a, i128 b) {
    u128 rest;
    divide(magnitude(a), magnitude(b), &rest);
    return (i128)(a < 0 ? -rest : rest);
}

/* --- 4. Guards -------------------------------------------------------------------------------
 * The compiler asks for the first two; a damaged stack ends the program. `Dictionary` asks for a
 * seed: there is no chance here, and no result depends on the order of a hash table. */

size_t __stack_chk_guard = 0x5ca1ab1e;
_Noreturn void __stack_chk_fail(void) { __builtin_trap(); }
void arc4random_buf(void *to, size_t count) { memset(to, 0x5f, count); }
