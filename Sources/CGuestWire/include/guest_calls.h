/* guest_calls.h - the system calls that the sandbox's filter knows: names, numbers, and who may make them. The guest
 * makes its filter of them, the host names what was refused. Numbers are those of x86-64 and of 64-bit ARM. What stands
 * nowhere here is answered as by a kernel that does not have it. */
#ifndef GUEST_CALLS_H
#define GUEST_CALLS_H

#include <stddef.h>
#include <stdint.h>

/* Groups. From GW_CALL_OPEN on their arguments decide. */
#define GW_CALL_REFUSED 0u
#define GW_CALL_ALWAYS 1u
#define GW_CALL_PATH 2u
#define GW_CALL_ORDINARY 3u
#define GW_CALL_PROGRAM 4u
#define GW_CALL_MODE 5u
#define GW_CALL_NETWORK 6u
#define GW_CALL_OPEN 7u
#define GW_CALL_OPENAT 8u
#define GW_CALL_OPEN_HOW 9u
#define GW_CALL_CLONE 10u
#define GW_CALL_SOCKET 11u
#define GW_CALL_PAIR 12u
#define GW_CALL_IOCTL 13u
#define GW_CALL_FCNTL 14u
#define GW_CALL_PRCTL 15u
#define GW_CALL_KILL 16u
#define GW_CALL_SIGNAL 17u
#define GW_CALL_PRIORITY 18u
#define GW_CALL_SCHEDULER 19u
#define GW_CALL_SELF 20u
#define GW_CALL_TIMES 21u
#define GW_CALL_PERSONALITY 22u
#define GW_CALL_MAP 23u
#define GW_CALL_PROTECT 24u
#define GW_CALL_SECCOMP 25u
#define GW_CALL_PROCESS 26u
#define GW_CALL_MEMORY_FILE 27u
#define GW_CALL_SIGNAL_BY_DESCRIPTOR 28u
#define GW_CALL_LIMIT 29u
#define GW_CALL_LIMIT_OF 30u

#define GW_NO_CALL 0xFFFFu /* a number: this machine has no such call */

/* In every sandbox. */
#define GW_CALLS_ALWAYS(CALL) \
    CALL(read, 0, 63) CALL(write, 1, 64) CALL(close, 3, 57) CALL(lseek, 8, 62) CALL(pread64, 17, 67) \
    CALL(pwrite64, 18, 68) CALL(readv, 19, 65) CALL(writev, 20, 66) CALL(preadv, 295, 69) CALL(pwritev, 296, 70) \
    CALL(preadv2, 327, 286) CALL(pwritev2, 328, 287) CALL(sendfile, 40, 71) CALL(splice, 275, 76) CALL(tee, 276, 77) \
    CALL(vmsplice, 278, 75) CALL(copy_file_range, 326, 285) CALL(stat, 4, NONE) CALL(fstat, 5, 80) \
    CALL(lstat, 6, NONE) CALL(newfstatat, 262, 79) CALL(statx, 332, 291) CALL(statfs, 137, 43) \
    CALL(fstatfs, 138, 44) CALL(access, 21, NONE) CALL(faccessat, 269, 48) CALL(faccessat2, 439, 439) \
    CALL(readlink, 89, NONE) CALL(readlinkat, 267, 78) CALL(getcwd, 79, 17) CALL(chdir, 80, 49) CALL(fchdir, 81, 50) \
    CALL(ftruncate, 77, 46) CALL(fallocate, 285, 47) CALL(getdents, 78, NONE) CALL(getdents64, 217, 61) \
    CALL(getxattr, 191, 8) CALL(lgetxattr, 192, 9) CALL(fgetxattr, 193, 10) CALL(listxattr, 194, 11) \
    CALL(llistxattr, 195, 12) CALL(flistxattr, 196, 13) CALL(getxattrat, 464, 464) CALL(listxattrat, 465, 465) \
    CALL(file_getattr, 468, 468) CALL(fsync, 74, 82) CALL(fdatasync, 75, 83) CALL(sync, 162, 81) \
    CALL(syncfs, 306, 267) CALL(sync_file_range, 277, 84) CALL(readahead, 187, 213) CALL(fadvise64, 221, 223) \
    CALL(flock, 73, 32) CALL(dup, 32, 23) CALL(dup2, 33, NONE) CALL(dup3, 292, 24) CALL(pipe, 22, NONE) \
    CALL(pipe2, 293, 59) CALL(close_range, 436, 436) CALL(umask, 95, 166) CALL(cachestat, 451, 451) \
    CALL(poll, 7, NONE) CALL(ppoll, 271, 73) CALL(select, 23, NONE) CALL(pselect6, 270, 72) \
    CALL(epoll_create, 213, NONE) CALL(epoll_create1, 291, 20) CALL(epoll_ctl, 233, 21) CALL(epoll_wait, 232, NONE) \
    CALL(epoll_pwait, 281, 22) CALL(epoll_pwait2, 441, 441) CALL(eventfd, 284, NONE) CALL(eventfd2, 290, 19) \
    CALL(signalfd, 282, NONE) CALL(signalfd4, 289, 74) CALL(timerfd_create, 283, 85) CALL(timerfd_settime, 286, 86) \
    CALL(timerfd_gettime, 287, 87) CALL(munmap, 11, 215) CALL(mremap, 25, 216) CALL(brk, 12, 214) \
    CALL(madvise, 28, 233) CALL(msync, 26, 227) CALL(mincore, 27, 232) CALL(mlock, 149, 228) CALL(mlock2, 325, 284) \
    CALL(munlock, 150, 229) CALL(mlockall, 151, 230) CALL(munlockall, 152, 231) \
    CALL(mseal, 462, 462) CALL(pkey_alloc, 330, 289) CALL(pkey_free, 331, 290) CALL(map_shadow_stack, 453, 453) \
    CALL(remap_file_pages, 216, 234) CALL(futex, 202, 98) CALL(futex_waitv, 449, 449) CALL(futex_wake, 454, 454) \
    CALL(futex_wait, 455, 455) CALL(futex_requeue, 456, 456) CALL(set_robust_list, 273, 99) \
    CALL(get_robust_list, 274, 100) CALL(rseq, 334, 293) CALL(membarrier, 324, 283) CALL(set_tid_address, 218, 96) \
    CALL(arch_prctl, 158, NONE) CALL(getcpu, 309, 168) CALL(sched_yield, 24, 124) CALL(sched_getaffinity, 204, 123) \
    CALL(sched_getparam, 143, 121) CALL(sched_getscheduler, 145, 120) CALL(sched_getattr, 315, 275) \
    CALL(sched_get_priority_max, 146, 125) CALL(sched_get_priority_min, 147, 126) \
    CALL(sched_rr_get_interval, 148, 127) CALL(getpid, 39, 172) CALL(getppid, 110, 173) CALL(gettid, 186, 178) \
    CALL(getuid, 102, 174) CALL(geteuid, 107, 175) CALL(getgid, 104, 176) CALL(getegid, 108, 177) \
    CALL(getresuid, 118, 148) CALL(getresgid, 120, 150) CALL(getgroups, 115, 158) CALL(getpgid, 121, 155) \
    CALL(getpgrp, 111, NONE) CALL(getsid, 124, 156) CALL(getpriority, 140, 141) CALL(ioprio_get, 252, 31) \
    CALL(capget, 125, 90) CALL(uname, 63, 160) CALL(sysinfo, 99, 179) CALL(getrusage, 98, 165) CALL(times, 100, 153) \
    CALL(getrlimit, 97, 163) CALL(getrandom, 318, 278) CALL(clock_gettime, 228, 113) \
    CALL(clock_getres, 229, 114) CALL(clock_nanosleep, 230, 115) CALL(nanosleep, 35, 101) \
    CALL(gettimeofday, 96, 169) CALL(time, 201, NONE) CALL(timer_create, 222, 107) CALL(timer_settime, 223, 110) \
    CALL(timer_gettime, 224, 108) CALL(timer_getoverrun, 225, 109) CALL(timer_delete, 226, 111) \
    CALL(setitimer, 38, 103) CALL(getitimer, 36, 102) CALL(alarm, 37, NONE) CALL(pause, 34, NONE) \
    CALL(rt_sigaction, 13, 134) CALL(rt_sigprocmask, 14, 135) CALL(rt_sigpending, 127, 136) \
    CALL(rt_sigtimedwait, 128, 137) CALL(rt_sigsuspend, 130, 133) CALL(rt_sigreturn, 15, 139) \
    CALL(sigaltstack, 131, 132) CALL(restart_syscall, 219, 128) CALL(wait4, 61, 260) CALL(waitid, 247, 95) \
    CALL(exit, 60, 93) CALL(exit_group, 231, 94) CALL(sendto, 44, 206) CALL(recvfrom, 45, 207) \
    CALL(sendmsg, 46, 211) CALL(recvmsg, 47, 212) CALL(shutdown, 48, 210) CALL(getsockname, 51, 204) \
    CALL(getpeername, 52, 205) CALL(getsockopt, 55, 209) CALL(setsockopt, 54, 208)

/* In every sandbox; Landlock judges their paths. */
#define GW_CALLS_OF_PATHS(CALL) \
    CALL(creat, 85, NONE) CALL(mkdir, 83, NONE) CALL(mkdirat, 258, 34) CALL(rmdir, 84, NONE) CALL(unlink, 87, NONE) \
    CALL(unlinkat, 263, 35) CALL(rename, 82, NONE) CALL(renameat, 264, 38) CALL(renameat2, 316, 276) \
    CALL(link, 86, NONE) CALL(linkat, 265, 37) CALL(symlink, 88, NONE) CALL(symlinkat, 266, 36) \
    CALL(mknod, 133, NONE) CALL(mknodat, 259, 33)

/* Not where the filter is strict. */
#define GW_CALLS_ORDINARY(CALL) \
    CALL(mbind, 237, 235) CALL(set_mempolicy, 238, 237) CALL(get_mempolicy, 239, 236) \
    CALL(set_mempolicy_home_node, 450, 450) CALL(sysfs, 139, NONE) CALL(ustat, 136, NONE) \
    CALL(get_thread_area, 211, NONE) CALL(set_thread_area, 205, NONE)

/* With GW_GRANT_SUBPROCESS. */
#define GW_CALLS_OF_PROGRAMS(CALL) \
    CALL(fork, 57, NONE) CALL(vfork, 58, NONE) CALL(execve, 59, 221) CALL(execveat, 322, 281) CALL(setsid, 112, 157) \
    CALL(setpgid, 109, 154)

/* With GW_GRANT_SUBPROCESS, since programs set the modes of files they make. Whoever may read a file could change it. */
#define GW_CALLS_OF_MODES(CALL) \
    CALL(fchmod, 91, 52) CALL(fchown, 93, 55) CALL(fsetxattr, 190, 7) CALL(fremovexattr, 199, 16)

/* With GW_GRANT_NETWORK. */
#define GW_CALLS_OF_NETWORK(CALL) \
    CALL(connect, 42, 203) CALL(bind, 49, 200) CALL(listen, 50, 201) CALL(accept, 43, 202) CALL(accept4, 288, 242) \
    CALL(sendmmsg, 307, 269) CALL(recvmmsg, 299, 243)

/* Known, and refused in every sandbox. Of inotify and of asynchronous I/O there is so much for all of a user or of the
 * machine that one guest could take it; rules of Landlock are memory that counts for nobody. */
#define GW_CALLS_REFUSED(CALL) \
    CALL(acct, 163, 89) CALL(add_key, 248, 217) CALL(adjtimex, 159, 171) CALL(bpf, 321, 280) CALL(capset, 126, 91) \
    CALL(chmod, 90, NONE) CALL(chown, 92, NONE) CALL(chroot, 161, 51) CALL(clock_adjtime, 305, 266) \
    CALL(clock_settime, 227, 112) CALL(delete_module, 176, 106) CALL(fanotify_init, 300, 262) \
    CALL(fanotify_mark, 301, 263) CALL(fchmodat, 268, 53) CALL(fchmodat2, 452, 452) CALL(fchownat, 260, 54) \
    CALL(file_setattr, 469, 469) CALL(finit_module, 313, 273) CALL(fsconfig, 431, 431) CALL(fsmount, 432, 432) \
    CALL(fsopen, 430, 430) CALL(fspick, 433, 433) CALL(futimesat, 261, NONE) CALL(init_module, 175, 105) \
    CALL(inotify_add_watch, 254, 27) CALL(inotify_init, 253, NONE) CALL(inotify_init1, 294, 26) \
    CALL(inotify_rm_watch, 255, 28) CALL(io_cancel, 210, 3) CALL(io_destroy, 207, 1) CALL(io_getevents, 208, 4) \
    CALL(io_pgetevents, 333, 292) CALL(io_setup, 206, 0) CALL(io_submit, 209, 2) \
    CALL(io_uring_enter, 426, 426) CALL(io_uring_register, 427, 427) CALL(io_uring_setup, 425, 425) \
    CALL(ioperm, 173, NONE) CALL(iopl, 172, NONE) CALL(ioprio_set, 251, 30) CALL(kcmp, 312, 272) \
    CALL(kexec_file_load, 320, 294) CALL(kexec_load, 246, 104) CALL(keyctl, 250, 219) CALL(landlock_add_rule, 445, 445) \
    CALL(landlock_create_ruleset, 444, 444) CALL(landlock_restrict_self, 446, 446) CALL(lchown, 94, NONE) \
    CALL(listmount, 458, 458) CALL(lremovexattr, 198, 15) CALL(lsetxattr, 189, 6) CALL(lsm_get_self_attr, 459, 459) \
    CALL(lsm_list_modules, 461, 461) CALL(lsm_set_self_attr, 460, 460) CALL(memfd_secret, 447, 447) \
    CALL(migrate_pages, 256, 238) CALL(modify_ldt, 154, NONE) CALL(mount, 165, 40) CALL(mount_setattr, 442, 442) \
    CALL(move_mount, 429, 429) CALL(move_pages, 279, 239) CALL(mq_getsetattr, 245, 185) CALL(mq_notify, 244, 184) \
    CALL(mq_open, 240, 180) CALL(mq_timedreceive, 243, 183) CALL(mq_timedsend, 242, 182) CALL(mq_unlink, 241, 181) \
    CALL(msgctl, 71, 187) CALL(msgget, 68, 186) CALL(msgrcv, 70, 188) CALL(msgsnd, 69, 189) \
    CALL(name_to_handle_at, 303, 264) CALL(open_by_handle_at, 304, 265) CALL(open_tree, 428, 428) \
    CALL(open_tree_attr, 467, 467) CALL(perf_event_open, 298, 241) CALL(pidfd_getfd, 438, 438) \
    CALL(pivot_root, 155, 41) CALL(process_madvise, 440, 440) CALL(process_mrelease, 448, 448) \
    CALL(process_vm_readv, 310, 270) CALL(process_vm_writev, 311, 271) CALL(ptrace, 101, 117) \
    CALL(quotactl, 179, 60) CALL(quotactl_fd, 443, 443) CALL(reboot, 169, 142) CALL(removexattr, 197, 14) \
    CALL(removexattrat, 466, 466) CALL(request_key, 249, 218) CALL(sched_setattr, 314, 274) CALL(semctl, 66, 191) \
    CALL(semget, 64, 190) CALL(semop, 65, 193) CALL(semtimedop, 220, 192) CALL(setdomainname, 171, 162) \
    CALL(setfsgid, 123, 152) CALL(setfsuid, 122, 151) CALL(setgid, 106, 144) CALL(setgroups, 116, 159) \
    CALL(sethostname, 170, 161) CALL(setns, 308, 268) CALL(setregid, 114, 143) CALL(setresgid, 119, 149) \
    CALL(setresuid, 117, 147) CALL(setreuid, 113, 145) CALL(settimeofday, 164, 170) CALL(setuid, 105, 146) \
    CALL(setxattr, 188, 5) CALL(setxattrat, 463, 463) CALL(shmat, 30, 196) CALL(shmctl, 31, 195) \
    CALL(shmdt, 67, 197) CALL(shmget, 29, 194) CALL(statmount, 457, 457) CALL(swapoff, 168, 225) \
    CALL(swapon, 167, 224) CALL(syslog, 103, 116) CALL(truncate, 76, 45) CALL(umount2, 166, 39) \
    CALL(unshare, 272, 97) CALL(userfaultfd, 323, 282) CALL(utime, 132, NONE) CALL(utimes, 235, NONE) \
    CALL(vhangup, 153, 58)

/* Decided by their arguments. */
#define GW_CALLS_JUDGED(CALL) \
    CALL(open, 2, NONE, GW_CALL_OPEN) \
    CALL(openat, 257, 56, GW_CALL_OPENAT) \
    CALL(openat2, 437, 437, GW_CALL_OPEN_HOW) \
    CALL(clone, 56, 220, GW_CALL_CLONE) \
    CALL(socket, 41, 198, GW_CALL_SOCKET) \
    CALL(socketpair, 53, 199, GW_CALL_PAIR) \
    CALL(ioctl, 16, 29, GW_CALL_IOCTL) \
    CALL(fcntl, 72, 25, GW_CALL_FCNTL) \
    CALL(prctl, 157, 167, GW_CALL_PRCTL) \
    CALL(kill, 62, 129, GW_CALL_KILL) \
    CALL(tgkill, 234, 131, GW_CALL_SIGNAL) \
    CALL(rt_sigqueueinfo, 129, 138, GW_CALL_SIGNAL) \
    CALL(rt_tgsigqueueinfo, 297, 240, GW_CALL_SIGNAL) \
    CALL(tkill, 200, 130, GW_CALL_SIGNAL) \
    CALL(setpriority, 141, 140, GW_CALL_PRIORITY) \
    CALL(sched_setscheduler, 144, 119, GW_CALL_SCHEDULER) \
    CALL(sched_setparam, 142, 118, GW_CALL_SELF) \
    CALL(sched_setaffinity, 203, 122, GW_CALL_SELF) \
    CALL(setrlimit, 160, 164, GW_CALL_LIMIT) \
    CALL(prlimit64, 302, 261, GW_CALL_LIMIT_OF) \
    CALL(utimensat, 280, 88, GW_CALL_TIMES) \
    CALL(personality, 135, 92, GW_CALL_PERSONALITY) \
    CALL(mmap, 9, 222, GW_CALL_MAP) \
    CALL(mprotect, 10, 226, GW_CALL_PROTECT) \
    CALL(pkey_mprotect, 329, 288, GW_CALL_PROTECT) \
    CALL(seccomp, 317, 277, GW_CALL_SECCOMP) \
    CALL(pidfd_open, 434, 434, GW_CALL_PROCESS) \
    CALL(pidfd_send_signal, 424, 424, GW_CALL_SIGNAL_BY_DESCRIPTOR) \
    CALL(memfd_create, 319, 279, GW_CALL_MEMORY_FILE)

typedef struct gw_call {
    const char *name;
    uint16_t x86;
    uint16_t arm;
    uint8_t group; /* GW_CALL_… */
} gw_call;

/* NULL behind the last. */
static inline const gw_call *gw_call_at(size_t index) {
#define NONE GW_NO_CALL
#define GW_ROW(group, name, x86, arm) {#name, x86, arm, group},
#define ALWAYS(name, x86, arm) GW_ROW(GW_CALL_ALWAYS, name, x86, arm)
#define PATHS(name, x86, arm) GW_ROW(GW_CALL_PATH, name, x86, arm)
#define ORDINARY(name, x86, arm) GW_ROW(GW_CALL_ORDINARY, name, x86, arm)
#define PROGRAMS(name, x86, arm) GW_ROW(GW_CALL_PROGRAM, name, x86, arm)
#define MODES(name, x86, arm) GW_ROW(GW_CALL_MODE, name, x86, arm)
#define NETWORK(name, x86, arm) GW_ROW(GW_CALL_NETWORK, name, x86, arm)
#define REFUSED(name, x86, arm) GW_ROW(GW_CALL_REFUSED, name, x86, arm)
#define JUDGED(name, x86, arm, group) GW_ROW(group, name, x86, arm)
    static const gw_call calls[] = {
        GW_CALLS_ALWAYS(ALWAYS) GW_CALLS_OF_PATHS(PATHS) GW_CALLS_ORDINARY(ORDINARY) GW_CALLS_OF_PROGRAMS(PROGRAMS)
        GW_CALLS_OF_MODES(MODES) GW_CALLS_OF_NETWORK(NETWORK) GW_CALLS_REFUSED(REFUSED) GW_CALLS_JUDGED(JUDGED)
    };
#undef NONE
#undef GW_ROW
#undef ALWAYS
#undef PATHS
#undef ORDINARY
#undef PROGRAMS
#undef MODES
#undef NETWORK
#undef REFUSED
#undef JUDGED
    return index < sizeof calls / sizeof calls[0] ? &calls[index] : NULL;
}

#endif
