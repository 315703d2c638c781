// Runs a command, and writes down every program that it or one of its children starts.
//
//   executed TRACE COMMAND...   a line for each in TRACE: the program's file, and how it was called
//
// It ends as the command does, and hands SIGTERM and SIGINT on to it; who kills it kills that too.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile pid_t command;

static void hand_on(int number) { kill(command, number); }

static void write_down(FILE *trace, pid_t process) {
    char name[64], path[4096], words[4096];
    snprintf(name, sizeof name, "/proc/%d/exe", process);
    ssize_t length = readlink(name, path, sizeof path);
    snprintf(name, sizeof name, "/proc/%d/cmdline", process);
    int file = open(name, O_RDONLY | O_CLOEXEC);
    ssize_t count = file < 0 ? 0 : read(file, words, sizeof words);
    if (file >= 0) close(file);
    for (ssize_t index = 0; index < count; index++)
        if (words[index] == 0 || words[index] == '\n') words[index] = ' ';
    if (length < 0) length = 0;
    if (count < 0) count = 0;
    fprintf(trace, "%.*s %.*s\n", (int)length, path, (int)count, words);
    fflush(trace);
}

// Lets a stopped process go on as if nobody looked.
static void go_on(pid_t process, int status) {
    int event = status >> 16, number = WSTOPSIG(status);
    if (event == PTRACE_EVENT_STOP && number != SIGTRAP)
        ptrace(PTRACE_LISTEN, process, 0, 0);
    else
        ptrace(PTRACE_CONT, process, 0, event ? 0 : number);
}

int main(int count, char **words) {
    int ready[2];
    FILE *trace = count > 2 ? fopen(words[1], "we") : NULL;
    if (!trace || pipe2(ready, O_CLOEXEC) < 0) {
        perror("executed TRACE COMMAND...");
        return 125;
    }
    command = fork();
    if (command == 0) {
        char byte;
        if (read(ready[0], &byte, 1) == 1) execvp(words[2], words + 2);
        perror(words[2]);
        _exit(127);
    }
    signal(SIGTERM, hand_on);
    signal(SIGINT, hand_on);
    long options = PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK
        | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
    if (ptrace(PTRACE_SEIZE, command, 0, options) < 0 || write(ready[1], "", 1) != 1) {
        perror("ptrace");
        kill(command, SIGKILL);
        return 125;
    }
    for (;;) {
        int status;
        pid_t process = waitpid(-1, &status, __WALL);
        if (process < 0 && errno == EINTR) continue;
        if (process < 0) return 125;
        if (WIFSTOPPED(status)) {
            if (status >> 16 == PTRACE_EVENT_EXEC) write_down(trace, process);
            go_on(process, status);
        } else if (process == command) {
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
    }
}
