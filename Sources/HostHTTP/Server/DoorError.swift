import Glibc
import NIOCore

/// Why a door could not be opened, with what to do about it.
package struct DoorError: Error, CustomStringConvertible {
    package let description: String

    init(_ door: Door, _ error: IOError) {
        let place =
            switch door {
            case .socket(let path): "the socket \(path)"
            case .network(let host, let port, _): "\(host):\(port)"
            }
        let advice =
            switch error.errnoCode {
            case EADDRINUSE: "Another program listens there; choose another port with --listen, or none."
            case EADDRNOTAVAIL: "No network card of this machine has that address; see `ip address`."
            case EACCES: "Ports below 1024 are for root alone; choose another with --listen."
            default: "Choose another with --listen, or none."
            }
        description = "Cannot listen on \(place): \(String(cString: strerror(error.errnoCode))). \(advice)"
    }
}
