import Core
import Testing

@testable import Templates

/// Plurals, selections and conditions in texts.
@Suite struct ChoiceTests {
    static func said(_ source: String, _ locale: TextLocale = .en, more: Int? = nil, _ change: (inout Facts) -> Void = { _ in }) throws
        -> String
    {
        var facts = Facts()
        if let more { facts.set(.moreOrders, count: more) }
        change(&facts)
        return try LocaleTests.said(source, locale, facts)
    }

    @Test(arguments: [(0, "none"), (1, "1 order"), (2, "2 orders"), (21, "21 orders")]) func plural(_ count: Int, _ expected: String) throws
    {
        #expect(try Self.said("{more_orders, plural, =0 {none} one {# order} other {# orders}}", more: count) == expected)
    }

    @Test(arguments: [("bank", "your bank's"), ("platform", "ours"), ("wallet", "another's")]) func select(
        _ owner: String, _ expected: String
    )
        throws
    {
        let text = "{limit_owner, select, bank {your bank's} platform {ours} other {another's}}"
        #expect(try Self.said(text) { $0.set(.limitOwner, term: owner, of: .limitOwners) } == expected)
    }

    @Test func presence() throws {
        let text = "Asked.{trace_ref, if { Reference {trace_ref}.} else { No reference.}}"
        #expect(try Self.said(text) == "Asked. No reference.")
        #expect(try Self.said(text) { $0.set(.traceRef, PlainText("TR1")) } == "Asked. Reference TR1.")
        #expect(try Self.said("Asked.{trace_ref, if { Reference {trace_ref}.}}") == "Asked.")
    }

    @Test func nested() throws {
        let text = "{more_orders, plural, one {one{bank, if { at {bank}}}} other {#{bank, if { at {bank}} else { somewhere}}}}"
        #expect(try Self.said(text, more: 1) { $0.set(.bank, PlainText("B")) } == "one at B")
        #expect(try Self.said(text, more: 3) == "3 somewhere")
    }

    @Test("a choice by a value that is not there stops the text; one by whether it is there does not") func missing() {
        #expect(throws: RenderProblem(.fieldMissing, field: .moreOrders, file: "test.yaml", line: 1)) {
            try Self.said("{more_orders, plural, other {#}}")
        }
        #expect(throws: RenderProblem(.fieldMissing, field: .bank, file: "test.yaml", line: 1)) {
            try Self.said("{trace_ref, if {x} else {{bank}}}")
        }
    }

    @Test("what is printed in any case, and what has to be known") func fields() {
        let text = CompiledText(
            "{order} {trace_ref, if {{trace_ref} {eta}} else {{eta}}} {limit_owner, select, bank {{bank}} other {}}", file: "", line: 1
        ) { Issue.record("\($0)") }
        #expect(text.surely == [.order, .eta])
        #expect(text.needed == [.order, .eta, .limitOwner, .bank])
        #expect(text.fields == [.order, .traceRef, .eta, .limitOwner, .bank])
    }

    @Test(arguments: [
        ("{more_orders, plural, one {x}}", "\"other\" is missing"), ("{more_orders, plurals, other {x}}", "unknown choice \"plurals\""),
        ("{bank, plural, other {x}}", "{bank} is no count"), ("{bank, select, other {x}}", "{bank} is none of our own words"),
        ("{materials, select, other {x}}", "{materials} is none of our own words"),
        ("{more_orders, plural, once {x} other {y}}", "\"once\" is no plural category"),
        ("{more_orders, plural, one {x} one {z} other {y}}", "\"one\" stands here twice"),
        ("{more_orders, plural, other {x}", "a brace without its partner"),
        ("{trace_ref, if}", "an if has one text, and perhaps one behind \"else\""),
        ("{trace_ref, if {a} or {b}}", "an if has one text, and perhaps one behind \"else\""),
        ("{trace, if {a}}", "unknown field {trace}"), ("a } b", "a brace without its partner"), ("{bank", "a brace without its partner"),
    ])
    func mistakes(_ source: String, _ problem: String) {
        var found: [String] = []
        _ = CompiledText(source, file: "", line: 1) { found.append($0.problem) }
        #expect(found == [problem])
    }
}
