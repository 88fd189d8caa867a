import Core
import Hummingbird

/// `GET /v1/system`: what the running process says of itself, for `clarion doctor`.
struct SystemRoutes: Sendable {
    let facts: (@Sendable () async throws -> JSON)?

    var routes: [Route] {
        [
            Route(.get, "/v1/system", needs: .role(.viewer)) { _ in
                guard let facts else { return Replies.notFound }
                return Replies.json(.ok, try await facts())
            }
        ]
    }
}
