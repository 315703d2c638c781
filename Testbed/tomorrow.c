// Loaded into the controller: once it has sent the text that TOMORROW_AFTER names, the system's
// clock is three days ahead. So what the first check let pass is no more granted for the second.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static volatile int later;

ssize_t send(int socket, const void *bytes, size_t count, int flags) {
    static ssize_t (*real)(int, const void *, size_t, int);
    if (!real) real = dlsym(RTLD_NEXT, "send");
    const char *text = getenv("TOMORROW_AFTER");
    ssize_t sent = real(socket, bytes, count, flags);
    if (text && sent > 0 && memmem(bytes, sent, text, strlen(text))) later = 1;
    return sent;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, time);
    if (result == 0 && later && clock == CLOCK_REALTIME) time->tv_sec += 3 * 86400;
    return result;
}
