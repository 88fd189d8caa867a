import Glibc
import Terminal

/// The four loopback ports of the demo, looked at before anything is started.
///
/// | | HTTP | page | providers' HTTPS | mail |
/// |---|---|---|---|---|
/// | `--port N` | N | N + 1 | N + 2 | N + 3 |
/// | else | 8080 | 8081 | free | free |
///
/// Without the flag a port that is taken is no mistake: a free one is used, and printed.
struct DemoPorts: Sendable, Equatable {
    /// 0 takes a free one.
    var http = 8080, page = 8081, https = 0, smtp = 0

    /// Throws a fault that names the port which another process has.
    init(from first: Int?, isFree: (Int) -> Bool = LoopbackPort.isFree) throws(Fault) {
        guard let first else {
            if !isFree(http) { http = 0 }
            if !isFree(page) { page = 0 }
            return
        }
        guard (1...65532).contains(first) else { throw Fault(.usage, "must be 1 to 65532: three more follow it", field: "port") }
        (http, page, https, smtp) = (first, first + 1, first + 2, first + 3)
        for port in [http, page, https, smtp] where !isFree(port) {
            throw Fault(
                .unavailable, "127.0.0.1:\(port) is taken by another process", field: "port",
                hint: "--port N takes N to N + 3; without it the demo finds free ones")
        }
    }
}
