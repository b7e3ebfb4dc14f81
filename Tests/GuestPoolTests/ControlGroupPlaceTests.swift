import Foundation
import Testing

@testable import GuestPool

/// Which control groups a process is in, by what the kernels of different machines say.
struct ControlGroupPlaceTests {
    typealias Place = ControlGroupPlace

    @Test func `a service of systemd is in one group of version 2`() {
        let found = Place.all(
            groups: "0::/system.slice/berth.service/host\n",
            mounts: """
                24 30 0:22 / /proc rw,nosuid,nodev,noexec,relatime shared:12 - proc proc rw
                28 24 0:25 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 \
                rw,nsdelegate,memory_recursiveprot
                """)
        #expect(found == [Place(version: .two, folder: "/sys/fs/cgroup/system.slice/berth.service/host")])
    }

    @Test func `where both versions are there, version 2 comes first`() {
        let found = Place.all(
            groups: """
                11:pids:/user.slice/user-1000.slice/session-1.scope
                4:cpu,cpuacct:/user.slice
                3:memory:/user.slice/user-1000.slice/session-1.scope
                1:name=systemd:/user.slice/user-1000.slice/session-1.scope
                0::/user.slice/user-1000.slice/session-1.scope
                """,
            mounts: """
                35 25 0:30 / /sys/fs/cgroup/unified rw,nosuid,nodev shared:10 - cgroup2 cgroup rw,nsdelegate
                36 25 0:31 / /sys/fs/cgroup/systemd rw,nosuid shared:11 - cgroup cgroup rw,xattr,name=systemd
                40 25 0:34 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:15 - cgroup cgroup rw,cpu,cpuacct
                41 25 0:35 / /sys/fs/cgroup/memory rw,nosuid shared:16 - cgroup cgroup rw,memory
                42 25 0:36 / /sys/fs/cgroup/pids rw,nosuid shared:17 - cgroup cgroup rw,pids
                """)
        let own = "user.slice/user-1000.slice/session-1.scope"
        #expect(
            found == [
                Place(version: .two, folder: "/sys/fs/cgroup/unified/\(own)"),
                Place(
                    version: .one, folder: "/sys/fs/cgroup/memory/\(own)", threads: "/sys/fs/cgroup/pids/\(own)"),
            ])
    }

    @Test func `a container sees its own group on top`() {
        let mounts = "41 25 0:35 /docker/4711 /sys/fs/cgroup/memory ro,nosuid - cgroup cgroup rw,memory\n"
        #expect(
            Place.all(groups: "3:memory:/docker/4711\n", mounts: mounts)
                == [Place(version: .one, folder: "/sys/fs/cgroup/memory")])
        #expect(
            Place.all(groups: "3:memory:/docker/4711/jobs\n", mounts: mounts)
                == [Place(version: .one, folder: "/sys/fs/cgroup/memory/jobs")])
        #expect(Place.all(groups: "3:memory:/docker/47112\n", mounts: mounts) == [])
        let namespaced = "28 24 0:25 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw\n"
        #expect(Place.all(groups: "0::/\n", mounts: namespaced) == [Place(version: .two, folder: "/sys/fs/cgroup")])
        #expect(Place.all(groups: "0::/../other\n", mounts: namespaced) == [])
    }

    @Test func `mount points may have spaces`() {
        let found = Place.all(
            groups: "0::/a\n", mounts: "1 2 0:25 / /mnt/my\\040groups rw - cgroup2 cgroup rw\n")
        #expect(found == [Place(version: .two, folder: "/mnt/my groups/a")])
    }

    @Test(arguments: ["", "\n", "0::", "::", "0:memory", "x:y:z:w\n\n", "0::/a\n"])
    func `what cannot be read is nothing`(groups: String) {
        for mounts in ["", "-", "1 2 3 4 5 6 7 - cgroup2", "1 - cgroup2 cgroup2 rw", "a b c d e f g h i j k"] {
            #expect(Place.all(groups: groups, mounts: mounts) == [])
        }
    }
}
