/// Where every task of a simulated process runs: on the one thread of its world, in an order that the world's chance makes.
///
/// `@unchecked Sendable`: jobs come and run on that thread alone.
final class Executor: TaskExecutor, @unchecked Sendable {
    private var ready: [UnownedJob] = []

    func enqueue(_ job: consuming ExecutorJob) { ready.append(UnownedJob(job)) }

    /// Until none is ready.
    ///
    /// - Parameter pick: which of so many is next.
    /// - Returns: whether one was.
    @discardableResult
    func run(_ pick: (Int) -> Int) -> Bool {
        let hasAny = !ready.isEmpty
        while !ready.isEmpty {
            let place = ready.count == 1 ? 0 : pick(ready.count)
            ready.swapAt(place, ready.count - 1)
            let job = ready.removeLast()
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
        return hasAny
    }
}
