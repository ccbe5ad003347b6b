/* 128-bit numbers, which WebAssembly lacks and Swift's Int128 is made of.
 *
 * Names and rules are the compiler's: two's complement, quotients toward zero, remainders with
 * the sign of the dividend. Sums and shifts by constants are inline and call nothing, so nothing
 * here calls itself. Tests/wasm/runtime.mjs compares all of it with BigInt. */

typedef unsigned int u32;
typedef unsigned long long u64;
typedef unsigned __int128 u128;
typedef __int128 i128;

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
