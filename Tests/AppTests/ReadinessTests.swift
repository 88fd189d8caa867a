import Synchronization
import Testing

@testable import App

struct ReadinessTests {
    @Test("a worker is ready when the last of its listeners is, whichever that is", arguments: [[0, 8080], [8080, 0], [0]])
    func last(ports: [Int]) async {
        let said = Mutex<[Int]>([])
        let readiness = Readiness(listeners: ports.count) { port in said.withLock { $0.append(port) } }
        for (n, port) in ports.enumerated() {
            #expect(said.withLock { $0.isEmpty }, "\(n)")
            await readiness.arrived(port: port)
        }
        #expect(said.withLock { $0 } == [ports.max() ?? 0])
    }
}
