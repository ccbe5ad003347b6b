// Loopback WebSocket load for `scripts/bench live`.
//   streams client PORT PATH CLIENTS ROUNDS HZ SERVER_PID PAUSE_MS
//     opens CLIENTS connections, then takes ROUNDS frames on each. With HZ > 0 the server is one that
//     sends when it is told to (the C servers): "go" is said on the first connection HZ times a second.
//     Every connection has to get the same bytes; pings are answered. With PAUSE_MS > 0 it looks only so
//     often, as if it were elsewhere: a client that sleeps on its sockets is woken by each send, and the
//     server pays for that.
//   streams server PORT BYTES: the reference: epoll, one send a client, no other work.
//   streams venue PORT FILE RATE SECONDS: one socket of a venue: messages of FILE at RATE a second.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static double now(int clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}
static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}
static void fail(const char *what) {
    perror(what);
    exit(1);
}
static void make_quick(int fd) {
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(fd, F_SETFL, O_NONBLOCK);
}
static struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}
static int listening(int port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in address = loopback(port);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (void *)&address, sizeof address) || listen(fd, 4096)) fail("bind");
    return fd;
}

// CPU seconds of a process, with the threads that have ended.
static double cpu_of(int pid) {
    clockid_t clock;
    return pid && clock_getcpuclockid(pid, &clock) == 0 ? now(clock) : 0;
}

// One connection of the load client.
struct connection {
    int fd;
    uint8_t head[10];
    int head_count;      // bytes of the frame's head so far
    uint64_t left;       // bytes of its payload to come
    int opcode;
    uint8_t text[128];   // front of the payload
    int text_count;
    long length;         // of the payload so far
    long frames;         // data frames since the window began
    uint64_t hash;       // of their fronts, which hold the time, and lengths
};
struct measure {
    int is_open;
    long rounds, done, bytes;
    double *first;       // when the first client had each round
    double *spread;      // of each delivery: seconds behind that
    double *latency;     // of each delivery: seconds behind the frame's own time
    long deliveries, timed;
};

static double frame_time(struct connection *c) {
    struct tm t = {0};
    double seconds = 0;
    int millis = 0;
    c->text[c->text_count < 127 ? c->text_count : 127] = 0;
    const char *at = strstr((char *)c->text, "{\"ts\":\"");
    if (!at) return 0;
    if (sscanf(at + 7, "%d-%d-%dT%d:%d:%d.%dZ", &t.tm_year, &t.tm_mon, &t.tm_mday, &t.tm_hour,
               &t.tm_min, &t.tm_sec, &millis) != 7) return 0;
    t.tm_year -= 1900;
    t.tm_mon -= 1;
    seconds = (double)timegm(&t);
    return seconds + millis * 1e-3;
}
static void finish_frame(struct connection *c, struct measure *m) {
    if (c->opcode == 9) {
        uint8_t pong[6 + 125] = {0x8a, (uint8_t)(0x80 | c->text_count)};
        memcpy(pong + 6, c->text, (size_t)c->text_count);
        if (write(c->fd, pong, (size_t)(6 + c->text_count)) < 0) fail("pong");
    } else if (c->opcode == 8) {
        fprintf(stderr, "a stream was closed: code %d %.*s\n", c->text[0] << 8 | c->text[1],
                c->text_count > 2 ? c->text_count - 2 : 0, c->text + 2);
        exit(1);
    } else if (m->is_open && c->frames < m->rounds) {
        double at = now(CLOCK_MONOTONIC), stamp = frame_time(c);
        if (m->first[c->frames] == 0) m->first[c->frames] = at;
        m->spread[m->deliveries++] = at - m->first[c->frames];
        for (int i = 0; i < c->text_count; i++) c->hash = (c->hash ^ c->text[i]) * 0x100000001b3u;
        c->hash = (c->hash ^ (uint64_t)c->length) * 0x100000001b3u;
        m->bytes += c->length;
        if (stamp > 0) m->latency[m->timed++] = now(CLOCK_REALTIME) - stamp;
        if (++c->frames == m->rounds) m->done++;
    }
    c->head_count = 0;
    c->text_count = 0;
    c->length = 0;
}
static void take(struct connection *c, struct measure *m, const uint8_t *bytes, long count) {
    while (count > 0) {
        int need = c->head_count < 2 ? 2 : (c->head[1] & 127) == 126 ? 4
                 : (c->head[1] & 127) == 127 ? 10 : 2;
        if (c->head_count < need) {
            c->head[c->head_count++] = *bytes++;
            count--;
            need = c->head_count < 2 ? 2 : (c->head[1] & 127) == 126 ? 4
                 : (c->head[1] & 127) == 127 ? 10 : 2;
            if (c->head_count < need) continue;
            c->opcode = c->head[0] & 15;
            c->left = need == 2 ? (uint64_t)(c->head[1] & 127) : 0;
            for (int i = 2; i < need; i++) c->left = c->left << 8 | c->head[i];
            if (c->left == 0) finish_frame(c, m);
            continue;
        }
        long part = (uint64_t)count < c->left ? count : (long)c->left;
        for (long i = 0; i < part && c->text_count < 126; i++) c->text[c->text_count++] = bytes[i];
        c->length += part;
        bytes += part;
        count -= part;
        c->left -= (uint64_t)part;
        if (c->left == 0) finish_frame(c, m);
    }
}
static double pause_seconds;

// Waits for at most `seconds` and reads once; false when nothing came.
static int turn(int poller, struct connection *all, struct measure *m, double seconds) {
    static uint8_t buffer[1 << 18];
    struct epoll_event events[1024];
    int count = epoll_wait(poller, events, 1024, pause_seconds > 0 ? 0 : (int)(seconds * 1e3));
    if (count == 0 && pause_seconds > 0 && seconds > 0) usleep((unsigned)(pause_seconds * 1e6));
    for (int i = 0; i < count; i++) {
        struct connection *c = all + events[i].data.u32;
        long got = read(c->fd, buffer, sizeof buffer);
        if (got < 0 && errno == EAGAIN) continue;
        if (got <= 0) {
            fprintf(stderr, "a connection ended\n");
            exit(1);
        }
        take(c, m, buffer, got);
    }
    return count > 0;
}
static void open_stream(int port, const char *path, struct connection *c, struct measure *m) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), tries = 0, used = 0;
    struct sockaddr_in address = loopback(port);
    while (connect(fd, (void *)&address, sizeof address)) {
        if (++tries > 200) fail("connect");
        usleep(20000);
    }
    char text[4096];
    int length = snprintf(text, sizeof text,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        path, port);
    if (write(fd, text, (size_t)length) != length) fail("write");
    for (char *end = 0; !end; end = strstr(text, "\r\n\r\n")) {
        long got = read(fd, text + used, sizeof text - 1 - (size_t)used);
        if (got <= 0) fail("handshake");
        text[used += (int)got] = 0;
    }
    if (memcmp(text, "HTTP/1.1 101", 12)) {
        fprintf(stderr, "a stream was refused: %s\n", text);
        exit(1);
    }
    make_quick(fd);
    c->fd = fd;
    const char *rest = strstr(text, "\r\n\r\n") + 4;
    take(c, m, (const uint8_t *)rest, text + used - rest);
}
static int client(int port, const char *path, int count, long rounds, double hz, int pid) {
    static const uint8_t go[8] = {0x81, 0x82, 0, 0, 0, 0, 'g', 'o'};
    struct connection *all = calloc((size_t)count, sizeof *all);
    struct measure m = {.rounds = rounds};
    size_t size = sizeof(double) * (size_t)rounds;
    m.first = calloc(1, size);
    m.spread = malloc(size * (size_t)count);
    m.latency = malloc(size * (size_t)count);
    int poller = epoll_create1(0);
    for (int i = 0; i < count; i++) {
        open_stream(port, path, all + i, &m);
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
        epoll_ctl(poller, EPOLL_CTL_ADD, all[i].fd, &event);
        // Who is open already is read, and its pings answered.
        if (i % 64 == 63) turn(poller, all, &m, 0);
    }
    // What came meanwhile, then the end of a round: a frame came, and nothing more for a while.
    double until = now(CLOCK_MONOTONIC) + 1.0, quiet = 0;
    while (now(CLOCK_MONOTONIC) < until) turn(poller, all, &m, 0.05);
    for (int came = hz > 0; quiet < 0.05 && now(CLOCK_MONOTONIC) < until + 5;) {
        double before = now(CLOCK_MONOTONIC);
        if (turn(poller, all, &m, 0.01)) quiet = 0, came = 1;
        else if (came) quiet += now(CLOCK_MONOTONIC) - before;
    }
    m.is_open = 1;
    double start = now(CLOCK_MONOTONIC), cpu = cpu_of(pid), own = now(CLOCK_PROCESS_CPUTIME_ID);
    double due = start;
    double limit = start + (double)rounds / (hz > 0 ? hz : 1) + 15;
    while (m.done < count && now(CLOCK_MONOTONIC) < limit) {
        double at = now(CLOCK_MONOTONIC);
        if (hz > 0 && at >= due && due < start + ((double)rounds - 0.5) / hz) {
            if (write(all[0].fd, go, sizeof go) != sizeof go) fail("go");
            due += 1 / hz;
        }
        double wait = hz > 0 && due > at ? due - at : 0.05;
        turn(poller, all, &m, wait < 0.05 ? wait : 0.05);
    }
    cpu = cpu_of(pid) - cpu;
    double seconds = now(CLOCK_MONOTONIC) - start;
    long lost = 0, other = 0;
    for (int i = 0; i < count; i++) {
        lost += rounds - all[i].frames;
        other += all[i].frames == rounds && all[i].hash != all[0].hash;
    }
    qsort(m.spread, (size_t)m.deliveries, sizeof(double), compare);
    qsort(m.latency, (size_t)m.timed, sizeof(double), compare);
    printf("deliveries %ld\nlost %ld\ndifferent %ld\nseconds %.3f\n", m.deliveries, lost, other,
           seconds);
    if (!m.deliveries) return 1;
    printf("bytes %.1f\ncpu_us %.4f\nserver_share %.4f\nclient_share %.4f\n",
           (double)m.bytes / (double)m.deliveries, cpu / (double)m.deliveries * 1e6, cpu / seconds,
           (now(CLOCK_PROCESS_CPUTIME_ID) - own) / seconds);
    printf("spread_p50_ms %.3f\nspread_p99_ms %.3f\n", m.spread[m.deliveries / 2] * 1e3,
           m.spread[m.deliveries * 99 / 100] * 1e3);
    if (m.timed)
        printf("latency_p50_ms %.3f\nlatency_p99_ms %.3f\nlatency_max_ms %.3f\n",
               m.latency[m.timed / 2] * 1e3, m.latency[m.timed * 99 / 100] * 1e3,
               m.latency[m.timed - 1] * 1e3);
    return 0;
}

// Says yes to a handshake; `text` is the request.
static void accept_stream(int fd, const char *text) {
    char key[128] = "", joined[200], answer[400];
    unsigned char digest[20], base[64];
    const char *at = strcasestr(text, "sec-websocket-key:");
    if (at) sscanf(at + 18, " %100s", key);
    snprintf(joined, sizeof joined, "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    SHA1((unsigned char *)joined, strlen(joined), digest);
    EVP_EncodeBlock(base, digest, 20);
    int length = snprintf(answer, sizeof answer,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: %s\r\n\r\n", base);
    if (write(fd, answer, (size_t)length) != length) fail("handshake");
}
static int head_of(uint8_t *head, size_t count) {
    head[0] = 0x81;
    if (count < 126) return head[1] = (uint8_t)count, 2;
    if (count < 65536) {
        head[1] = 126;
        head[2] = (uint8_t)(count >> 8);
        head[3] = (uint8_t)count;
        return 4;
    }
    head[1] = 127;
    for (int i = 0; i < 8; i++) head[2 + i] = (uint8_t)(count >> (56 - 8 * i));
    return 10;
}
static int server(int port, int bytes) {
    static int clients[65536];
    static char heard[65536];
    static struct epoll_event events[512];
    char text[8192];
    int count = 0, poller = epoll_create1(0), listener = listening(port);
    uint8_t *frame = malloc((size_t)bytes + 10);
    int head = head_of(frame, (size_t)bytes);
    memset(frame + head, 'x', (size_t)bytes);
    make_quick(listener);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int ready = epoll_wait(poller, events, 512, -1);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                for (int c; (c = accept(listener, 0, 0)) >= 0;) {
                    make_quick(c);
                    event.data.fd = c;
                    epoll_ctl(poller, EPOLL_CTL_ADD, c, &event);
                    heard[c] = 0;
                }
                continue;
            }
            long got = read(fd, text, sizeof text - 1);
            if (got <= 0) return 0;
            text[got] = 0;
            if (!heard[fd]) {
                accept_stream(fd, text);
                heard[fd] = 1;
                clients[count++] = fd;
                continue;
            }
            for (int j = 0; j < count; j++)
                if (send(clients[j], frame, (size_t)(bytes + head), MSG_NOSIGNAL) != bytes + head)
                    fprintf(stderr, "short\n");
        }
    }
}
static double venue_start;
static long venue_sent, venue_late;

static void tell_venue(void) {
    printf("sent %ld\nrate %.0f\nlate %ld\n", venue_sent,
           (double)venue_sent / (now(CLOCK_MONOTONIC) - venue_start), venue_late);
}
// Ends the program where the other side is gone.
static void write_all(int fd, const uint8_t *bytes, size_t count) {
    while (count > 0) {
        long done = write(fd, bytes, count);
        if (done < 0 && errno == EAGAIN) {
            struct pollfd wait = {.fd = fd, .events = POLLOUT};
            poll(&wait, 1, 100);
            continue;
        }
        if (done <= 0) {
            tell_venue();
            exit(0);
        }
        bytes += done;
        count -= (size_t)done;
    }
}
static int venue(int port, const char *path, double rate, double seconds) {
    static char text[8192];
    FILE *file = fopen(path, "r");
    if (!file) fail(path);
    int listener = listening(port), fd = accept(listener, 0, 0);
    long got = read(fd, text, sizeof text - 1);
    if (got <= 0) return 1;
    text[got] = 0;
    accept_stream(fd, text);
    make_quick(fd);
    // The subscription: after it the venue speaks.
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    poll(&wait, 1, 5000);
    usleep(200000);
    uint8_t *batch = malloc(1 << 24);
    venue_start = now(CLOCK_MONOTONIC);
    for (int ended = 0; !ended;) {
        double at = now(CLOCK_MONOTONIC) - venue_start;
        long due = (long)(at * rate) - venue_sent;
        size_t used = 0;
        if (due > (long)(rate * 0.1)) venue_late++;
        // Who falls behind catches up in steps that fit the buffer.
        for (long i = 0; i < due && used < (1 << 24) - (1 << 22); i++) {
            uint32_t length;
            if (fread(&length, 4, 1, file) != 1 || at > seconds) {
                ended = 1;
                break;
            }
            used += (size_t)head_of(batch + used, length);
            if (fread(batch + used, 1, length, file) != length) return 1;
            used += length;
            venue_sent++;
        }
        write_all(fd, batch, used);
        while (read(fd, text, sizeof text) > 0) {}
        usleep(1000);
    }
    tell_venue();
    return 0;
}
int main(int count, char **arguments) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    signal(SIGPIPE, SIG_IGN);
    if (count == 4 && !strcmp(arguments[1], "server"))
        return server(atoi(arguments[2]), atoi(arguments[3]));
    if (count == 6 && !strcmp(arguments[1], "venue"))
        return venue(atoi(arguments[2]), arguments[3], atof(arguments[4]), atof(arguments[5]));
    if (count == 9 && !strcmp(arguments[1], "client")) {
        pause_seconds = atof(arguments[8]) * 1e-3;
        return client(atoi(arguments[2]), arguments[3], atoi(arguments[4]), atol(arguments[5]),
                      atof(arguments[6]), atoi(arguments[7]));
    }
    return 2;
}
