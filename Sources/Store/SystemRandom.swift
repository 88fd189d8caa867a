import Glibc
import Synchronization

/// Random bytes of the kernel, 4 KiB at a time: one system call for each id and nonce would cost more than all that is done with them.
/// What was handed out is overwritten.
public final class SystemRandom: RandomSource {
    private struct Pool {
        var bytes = [UInt8](repeating: 0, count: 4096)
        var left = 0
    }
    private let pool = Mutex(Pool())
    public init() {}

    public func bytes(_ count: Int) -> [UInt8] {
        pool.withLock { pool in
            [UInt8](unsafeUninitializedCapacity: count) { out, written in
                while written < count {
                    if pool.left == 0 { Self.fill(&pool) }
                    let part = min(count - written, pool.left)
                    let left = pool.left - part
                    pool.bytes.withUnsafeMutableBufferPointer { bytes in
                        let taken = UnsafeMutableBufferPointer(rebasing: bytes[left..<left + part])
                        _ = out[written...].initialize(fromContentsOf: taken)
                        taken.update(repeating: 0)
                    }
                    pool.left = left
                    written += part
                }
            }
        }
    }

    /// getentropy(3) gives at most 256 bytes at once.
    private static func fill(_ pool: inout Pool) {
        pool.bytes.withUnsafeMutableBytes { buffer in
            for start in stride(from: 0, to: buffer.count, by: 256) {
                let failed = getentropy(buffer.baseAddress! + start, min(256, buffer.count - start))
                precondition(failed == 0, "the kernel gives no random bytes")
            }
        }
        pool.left = pool.bytes.count
    }
}
