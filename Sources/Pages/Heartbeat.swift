/// What a page that stays open is told of: a beat for each change of a source, and a quiet one every 15 s, so that proxies and browsers see a
/// living stream and a page that is gone is noticed. Ends with the first source.
///
/// - Parameter keeps: beats that wait at most for a page that reads slowly: the next one brings it all that came.
public func heartbeat<Beat: Sendable>(
    _ sources: [(changes: AsyncStream<Void>, beat: Beat)], quiet: Beat, keeps: Int
) -> AsyncStream<Beat> {
    AsyncStream(bufferingPolicy: .bufferingNewest(keeps)) { continuation in
        let task = Task {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    while true {
                        do { try await Task.sleep(for: .seconds(15)) } catch { return }
                        continuation.yield(quiet)
                    }
                }
                for source in sources.dropFirst() {
                    group.addTask { for await _ in source.changes { continuation.yield(source.beat) } }
                }
                if let first = sources.first { for await _ in first.changes { continuation.yield(first.beat) } }
                group.cancelAll()
            }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
    }
}
