import Glibc
import Synchronization

/// The sockets that one loop thread has open. That thread opens and closes them; any thread may close them for reading, which ends a wait
/// inside libcurl. A number is given back to the system under the same lock, so that nobody closes a socket that is another one by now.
final class Sockets: Sendable {
    private let open = Mutex<Set<Int32>>([])

    func add(_ socket: Int32) { open.withLock { _ = $0.insert(socket) } }

    func close(_ socket: Int32) -> Int32 {
        open.withLock { open in
            open.remove(socket)
            return Glibc.close(socket)
        }
    }

    /// What is sent is sent; what would be read has ended.
    static func closeReading(_ socket: Int32) { shutdown(socket, Int32(SHUT_RD)) }

    func closeReading() { open.withLock { $0.forEach(Self.closeReading) } }
}
