// How a Linux process gives up what it may do; Swift can't see variadic calls and these macros.
#ifndef CLINUX_SHIM_H
#define CLINUX_SHIM_H

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// Sets a limit of the process for good; gives zero, or -1 and errno.
static inline int clinux_limit(int resource, unsigned long soft, unsigned long hard) {
    struct rlimit limit = {.rlim_cur = soft, .rlim_max = hard};
    return setrlimit(resource, &limit);
}

// From here on no program that is started gives rights, and nobody traces or dumps this one.
static inline int clinux_give_up_privileges(void) {
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return -1;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

#if defined(__x86_64__)
#define CLINUX_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define CLINUX_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "the filter of system calls knows x86_64 and aarch64"
#endif

// From here on every thread may compute, and use the descriptors that are open; any other call
// gives EPERM. What it may not do is open, connect, start, signal, trace or change anything.
static inline int clinux_allow_only_computing(void) {
    static const unsigned int allowed[] = {
        __NR_read,           __NR_write,         __NR_readv,          __NR_writev,
        __NR_close,          __NR_exit,          __NR_exit_group,     __NR_brk,
        __NR_mmap,           __NR_munmap,        __NR_mremap,         __NR_mprotect,
        __NR_madvise,        __NR_futex,         __NR_sched_yield,    __NR_rt_sigreturn,
        __NR_rt_sigprocmask, __NR_rt_sigaction,  __NR_sigaltstack,    __NR_restart_syscall,
        __NR_getrandom,      __NR_clock_gettime, __NR_clock_getres,   __NR_gettimeofday,
        __NR_getpid,         __NR_gettid,        __NR_set_robust_list,
    };
    enum { count = sizeof allowed / sizeof *allowed };
    struct sock_filter program[count + 6];
    unsigned int at = 0;
    program[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                                 offsetof(struct seccomp_data, arch));
    program[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                                                 CLINUX_ARCHITECTURE, 1, 0);
    program[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    program[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                                 offsetof(struct seccomp_data, nr));
    for (unsigned int i = 0; i < count; i++) {
        // To the last line, over what is left of the list and the refusal after it.
        program[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed[i],
                                                     count - i, 0);
    }
    program[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    program[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog filter = {.len = (unsigned short)at, .filter = program};
    return (int)syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
}

#endif
