import Glibc

/// A queue between many tasks and a thread that blocks.
///
/// `@unchecked Sendable`: `items` and `isClosed` are touched only with `mutex` held.
final class Mailbox<Element: Sendable>: @unchecked Sendable {
    private var items: [Element] = []
    private var isClosed = false
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }
    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// False when the mailbox is closed: the element was not taken.
    func push(_ element: Element) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !isClosed else { return false }
        items.append(element)
        pthread_cond_signal(condition)
        return true
    }

    /// Up to `limit` elements in their order; waits for the first unless `patient` is false. Empty when closed and drained, or impatient.
    func take(atMost limit: Int, patient: Bool = true) -> [Element] {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while patient, items.isEmpty, !isClosed { pthread_cond_wait(condition, mutex) }
        guard items.count > limit else {
            defer { items.removeAll(keepingCapacity: true) }
            return items
        }
        defer { items.removeFirst(limit) }
        return Array(items.prefix(limit))
    }

    var count: Int {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return items.count
    }

    /// Nothing more comes in; what is inside is still handed out.
    func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }
}

/// Starts a thread that runs `body` and ends with it. Its end is announced by `body` itself.
func startThread(_ body: @escaping @Sendable () -> Void) throws {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body))
    let code = pthread_create(
        &thread, nil,
        { argument in
            let box = Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue()
            box.body()
            return nil
        }, box.toOpaque())
    guard code == 0 else {
        box.release()
        throw StoreError.unusable("no thread could be started: \(String(cString: strerror(code)))")
    }
    pthread_detach(thread)
}
