// The test web server: says its version at "/", its health at "/healthz".
//
// Environment:
//   VERSION   what "/" answers (the image sets it: 1.0, 2.0)
//   HEALTHY   "false" makes /healthz answer 503 instead of 200
//   PORT      where to listen, 8080 by default
//   UPSTREAM  host:port; when set, every path but /healthz is fetched from there,
//             so that a front service shows which version stands behind it
//
// One process a connection: a slow client delays nobody, and there is no state to share.
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static const char *setting(const char *name, const char *fallback) {
    const char *value = getenv(name);
    return value && *value ? value : fallback;
}

// Process 1 of a container ignores signals it has no handler for; without this one a
// stop would last the whole grace period.
static void leave(int signal) { (void)signal; _exit(0); }

static void send_all(int to, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t sent = write(to, bytes, count);
        if (sent <= 0) _exit(0);
        bytes += sent;
        count -= (size_t)sent;
    }
}

static void answer(int client, const char *status, const char *body) {
    char host[128] = "", text[512];
    gethostname(host, sizeof host - 1);
    int length = snprintf(text, sizeof text,
        "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n"
        "X-Container: %s\r\nConnection: close\r\n\r\n%s",
        status, strlen(body), host, body);
    send_all(client, text, (size_t)length);
}

static void limit(int socket) {
    struct timeval five = { .tv_sec = 5 };
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &five, sizeof five);
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &five, sizeof five);
}

// Fetches the path from the upstream and passes the answer on as it comes.
static void relay(int client, const char *upstream, const char *path) {
    char host[256] = "", port[16] = "80", request[2304], buffer[4096];
    if (sscanf(upstream, "%255[^:]:%15s", host, port) < 1) {
        answer(client, "502 Bad Gateway", "bad UPSTREAM\n");
        return;
    }
    struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM }, *found = NULL;
    if (getaddrinfo(host, port, &hints, &found) != 0) {
        answer(client, "502 Bad Gateway", "upstream has no address\n");
        return;
    }
    int server = socket(AF_INET, SOCK_STREAM, 0);
    limit(server);
    if (connect(server, found->ai_addr, found->ai_addrlen) != 0) {
        answer(client, "502 Bad Gateway", "upstream does not answer\n");
        return;
    }
    int length = snprintf(request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path, host);
    send_all(server, request, (size_t)length);
    for (ssize_t count; (count = read(server, buffer, sizeof buffer)) > 0; )
        send_all(client, buffer, (size_t)count);
}

static void serve(int client) {
    char request[4096], path[2048], body[256];
    size_t used = 0;
    limit(client);
    for (;;) {
        ssize_t count = read(client, request + used, sizeof request - 1 - used);
        if (count <= 0) return;
        used += (size_t)count;
        request[used] = '\0';
        if (strstr(request, "\r\n\r\n") || strstr(request, "\n\n")) break;
        if (used == sizeof request - 1) {
            answer(client, "431 Request Header Fields Too Large", "too large\n");
            return;
        }
    }
    if (sscanf(request, "%*15s %2047s", path) != 1) {
        answer(client, "400 Bad Request", "bad request\n");
    } else if (strcmp(path, "/healthz") == 0) {
        if (strcmp(setting("HEALTHY", "true"), "false") == 0)
            answer(client, "503 Service Unavailable", "unhealthy\n");
        else
            answer(client, "200 OK", "healthy\n");
    } else if (getenv("UPSTREAM")) {
        relay(client, setting("UPSTREAM", ""), path);
    } else if (strcmp(path, "/") == 0) {
        snprintf(body, sizeof body, "%.200s\n", setting("VERSION", "unknown"));
        answer(client, "200 OK", body);
    } else {
        answer(client, "404 Not Found", "not found\n");
    }
}

int main(void) {
    signal(SIGTERM, leave);
    signal(SIGINT, leave);
    signal(SIGCHLD, SIG_IGN);  // The kernel then buries the children.
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);

    int port = atoi(setting("PORT", "8080")), on = 1;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((unsigned short)port),
        .sin_addr.s_addr = htonl(INADDR_ANY),
    };
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0
        || listen(listener, 128) != 0) {
        perror("web: cannot listen");
        return 1;
    }
    printf("web %s: listening on port %d\n", setting("VERSION", "unknown"), port);
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client < 0) continue;
        if (fork() == 0) {
            close(listener);
            serve(client);
            _exit(0);
        }
        close(client);
    }
}
