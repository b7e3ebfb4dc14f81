import Foundation

extension Error {
    /// Why a file could not be read or written, as the system says it; Foundation's own words are a domain and a number.
    var systemWords: String {
        let error = self as NSError
        if error.domain == NSPOSIXErrorDomain { return String(cString: strerror(Int32(error.code))) }
        return (error.userInfo[NSUnderlyingErrorKey] as? any Error)?.systemWords ?? error.localizedDescription
    }
}
