import CCurl
import Glibc

/// What libcurl takes from the process, set once before the first handle exists.
enum Process {
    /// - The environment can route traffic through a proxy or write TLS keys to a file: those variables go (S08). `setenv` is not safe beside
    ///   other threads, so the first `Transport` is made before the program starts any that reads the environment.
    /// - A write to a closed connection must be an error, not the end of the process: `NOSIGNAL` stops libcurl from seeing to it itself.
    static let isReady: Bool = {
        for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy", "ftp_proxy", "socks_proxy"] {
            unsetenv(name)
            unsetenv(name.uppercased())
        }
        unsetenv("SSLKEYLOGFILE")
        signal(SIGPIPE, SIG_IGN)
        return ccurl_global_init() == CURLE_OK
    }()

    static var versions: String { String(cString: curl_version()) }

    /// Counts on while the wall clock is set, as `uptime`, for what asks at every turn.
    static var milliseconds: UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) * 1000 + UInt64(now.tv_nsec) / 1_000_000
    }

    /// Counts on while the wall clock is set.
    static var uptime: Duration {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return .seconds(now.tv_sec) + .nanoseconds(now.tv_nsec)
    }
}
