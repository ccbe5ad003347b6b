/* What Embedded Swift expects of a C library, and no more: bytes and memory (and 128-bit numbers,
 * in numbers.c). The module imports nothing, so it can reach no clock, no file and no random
 * source. */

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
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

/* --- 3. Guards -------------------------------------------------------------------------------
 * The compiler asks for the first two; a damaged stack ends the program. `Dictionary` asks for a
 * seed: there is no chance here, and no result depends on the order of a hash table. */

size_t __stack_chk_guard = 0x5ca1ab1e;
_Noreturn void __stack_chk_fail(void) { __builtin_trap(); }
void arc4random_buf(void *to, size_t count) { memset(to, 0x5f, count); }
