import Core
import Foundation
import HTTPTypes
@testable import Server
import TestKit
import Testing

/// The document, the page and the routes say the same.
@Suite(.timeLimit(.minutes(2)))
struct DocumentTests {
    @Test func theDocumentHasEveryRouteAndNoOther() async throws {
        try await Bench.run { bench in
            let served = try await bench.ask("GET", "/openapi.json")
            #expect(served.headers["content-type"] == "application/json")
            let document = try served.json
            #expect(document["openapi"] == "3.1.0")
            let listed = (document["paths"]?.object ?? []).flatMap { path, methods in
                (methods.object ?? []).map { "\($0.0.uppercased()) \(path)" }
            }
            let routes = bench.routes().map { "\($0.method) \($0.path)" }
            #expect(listed.sorted() == routes.sorted())
        }
    }

    @Test func thePageHasEveryRouteAndNoOther() async throws {
        try await Bench.run { bench in
            let page = try String(contentsOf: Bench.root.appending(path: "docs/http-api.md"), encoding: .utf8)
            let headings = page.split(separator: "\n").filter { $0.hasPrefix("### ") }.map { String($0.dropFirst(4)) }
            #expect(headings.sorted() == bench.routes().map { "\($0.method) \($0.path)" }.sorted())
        }
    }

    @Test func whoMayCallIsAsTheRouteSays() async throws {
        try await Bench.run { bench in
            for route in bench.routes() {
                let operation = try #require(OpenAPI.document["paths"]?[route.path]?[route.method.rawValue.lowercased()])
                let schemes = Set(operation["security"]?.array?.flatMap { $0.object?.map { $0.0 } ?? [] } ?? [])
                switch route.needs {
                case .nothing: #expect(schemes == [])
                case .role(.ingest): #expect(schemes == ["key"] && operation["description"] == "Roles: ingest, admin.")
                case .role(.viewer): #expect(schemes == ["key"] && operation["description"] == "Roles: viewer, operator, admin.")
                case .role(.admin): #expect(schemes == ["key"] && operation["description"] == "Roles: admin.")
                case .role: #expect(schemes == ["key"] && operation["description"] == "Roles: operator, admin.")
                case .inbox(let urlToo): #expect(schemes == (urlToo ? ["inbox", "inboxInAddress"] : ["inbox"]))
                }
            }
        }
    }

    @Test func everyReferenceLeadsSomewhereAndEveryOperationHasAName() {
        var names: Set<String> = []
        func walk(_ json: JSON) {
            for (name, value) in json.object ?? [] {
                if name == "$ref", let target = value.string { names.insert(String(target.split(separator: "/").last ?? "")) }
                walk(value)
            }
            for value in json.array ?? [] { walk(value) }
        }
        walk(OpenAPI.document)
        let schemas = Set(OpenAPI.schemas.map { $0.0 })
        #expect(names == schemas)
        let ids = OpenAPI.paths.flatMap { $0.1.object?.compactMap { $0.1["operationId"]?.string } ?? [] }
        #expect(Set(ids).count == ids.count && !ids.isEmpty)
    }

    @Test func everyStatusThatWasSeenIsInTheDocument() async throws {
        try await Bench.run { bench in
            let asked: [(String, String, JSON?)] = [
                ("GET", "/v1/events/{id}", nil), ("POST", "/v1/events", [:]), ("POST", "/v1/queue", [:]), ("POST", "/v1/inbox/tokens", [:]),
                ("GET", "/v1/inbox/counts", nil), ("GET", "/v1/inbox/stream", nil), ("PUT", "/v1/customers/{id}", [1]),
                ("POST", "/v1/dead/{id}/retry", [:]), ("POST", "/v1/reviews/{id}/close", ["reason": "x"]),
            ]
            for (method, path, body) in asked {
                let reply = try await bench.ask(
                    method, path.replacing("{id}", with: "7"), type: body.map { _ in "application/json" }, body?.bytes)
                let answers = OpenAPI.document["paths"]?[path]?[method.lowercased()]?["responses"]?.object?.map { $0.0 } ?? []
                #expect(answers.contains(String(reply.status)), "\(method) \(path): \(reply.status)")
            }
        }
    }
}
