/// Numbers of the system calls a filter speaks of, on one architecture.
struct SyscallTable {
    /// AUDIT_ARCH_… of the kernel.
    var architecture: UInt32
    /// Refused whatever their arguments.
    var denied: [UInt32]
    /// Refused unless programs may be started.
    var execute: [UInt32]
    var socket, clone, clone3, setPriority, setScheduler, control, process, kill: UInt32
    /// Their second argument is a path, or null to mean the descriptor.
    var setTimes: UInt32
    /// Their first argument is a process.
    var aimed: [UInt32]
}

extension SyscallTable {
    #if arch(x86_64)
        static var current: SyscallTable { x86 }
    #elseif arch(arm64)
        static var current: SyscallTable { arm }
    #endif

    /// Calls since Linux 5.1 have one number everywhere: mounts (428-433, 442), io_uring (425-427), pidfd_getfd,
    /// process_madvise, quotactl_fd, process_mrelease, fchmodat2, setxattrat, removexattrat, open_tree_attr,
    /// file_setattr.
    private static let deniedEverywhere: [UInt32] = [
        425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 440, 442, 443, 448, 452, 463, 466, 467, 469,
    ]

    static var x86: SyscallTable {
        SyscallTable(
            architecture: 0xC000_003E, denied: deniedOnX86 + deniedEverywhere, execute: [59, 322], socket: 41,
            clone: 56, clone3: 435, setPriority: 141, setScheduler: 144, control: 16, process: 157, kill: 62,
            setTimes: 280, aimed: [62, 129, 200, 234, 297, 434])
    }

    static var arm: SyscallTable {
        SyscallTable(
            architecture: 0xC000_00B7, denied: deniedOnARM + deniedEverywhere, execute: [221, 281], socket: 198,
            clone: 220, clone3: 435, setPriority: 140, setScheduler: 119, control: 29, process: 167, kill: 129,
            setTimes: 88, aimed: [129, 130, 131, 138, 240, 434])
    }

    private static var deniedOnX86: [UInt32] {
        [
            101, 310, 311, 312,  // ptrace, process_vm_readv, process_vm_writev, kcmp
            165, 166, 155, 161,  // mount, umount2, pivot_root, chroot
            272, 308,  // unshare, setns
            321, 298, 323,  // bpf, perf_event_open, userfaultfd
            248, 249, 250,  // add_key, request_key, keyctl
            174, 175, 176, 177, 178, 313,  // create_module, init_module, delete_module, …, finit_module
            246, 320, 169,  // kexec_load, kexec_file_load, reboot
            167, 168, 163, 179, 180,  // swapon, swapoff, acct, quotactl, nfsservctl
            164, 227, 159, 305,  // settimeofday, clock_settime, adjtimex, clock_adjtime
            170, 171, 103, 153, 172, 173,  // sethostname, setdomainname, syslog, vhangup, iopl, ioperm
            300, 301, 303, 304, 212, 134, 156,  // fanotify, file handles, lookup_dcookie, uselib, _sysctl
            256, 279, 314, 251,  // migrate_pages, move_pages, sched_setattr, ioprio_set
            90, 92, 94, 260, 268,  // chmod, chown, lchown, fchownat, fchmodat
            188, 189, 197, 198,  // setxattr, lsetxattr, removexattr, lremovexattr
            132, 235, 261, 76,  // utime, utimes, futimesat, truncate
        ]
    }

    private static var deniedOnARM: [UInt32] {
        [
            117, 270, 271, 272,  // ptrace, process_vm_readv, process_vm_writev, kcmp
            40, 39, 41, 51,  // mount, umount2, pivot_root, chroot
            97, 268,  // unshare, setns
            280, 241, 282,  // bpf, perf_event_open, userfaultfd
            217, 218, 219,  // add_key, request_key, keyctl
            105, 106, 273,  // init_module, delete_module, finit_module
            104, 294, 142,  // kexec_load, kexec_file_load, reboot
            224, 225, 89, 60, 42,  // swapon, swapoff, acct, quotactl, nfsservctl
            170, 112, 171, 266,  // settimeofday, clock_settime, adjtimex, clock_adjtime
            161, 162, 116, 58,  // sethostname, setdomainname, syslog, vhangup
            262, 263, 264, 265, 18,  // fanotify, file handles, lookup_dcookie
            238, 239, 274, 30,  // migrate_pages, move_pages, sched_setattr, ioprio_set
            53, 54,  // fchmodat, fchownat
            5, 6, 14, 15,  // setxattr, lsetxattr, removexattr, lremovexattr
            45,  // truncate
        ]
    }
}
