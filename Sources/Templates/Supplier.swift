public import Core

/// An SMS lowered to what a mainland supplier takes: a registered template and its values, no free text.
public struct SupplierMessage: Hashable, Sendable {
    public struct Parameter: Hashable, Sendable {
        /// The field's name, for suppliers with named values; the others use the order.
        public var name: String
        public var value: String
    }
    public var code: String
    public var parameters: [Parameter]
}

extension TemplateSet {
    /// The registered template of an SMS, or nil when it has none.
    public func supplierTemplate(kind: Kind, stage: NoticeStage, variant: String? = nil, locale: TextLocale) -> SupplierTemplate? {
        notice(kind, stage, variant, locale)?.sms.supplier
    }

    /// Lowers the facts of an SMS to the registered template's values, in its order.
    ///
    /// - Parameter limit: longest value in characters; suppliers allow 35 for notices.
    /// - Throws: `.templateMissing` without a registered template, `.fieldMissing`, `.tooLong` for a value over the limit, `.renderError`
    ///   for one that suppliers refuse (brackets, a link, a line break).
    public func supplierMessage(_ request: RenderRequest, limit: Int = 35) throws(RenderProblem) -> SupplierMessage {
        guard let words = words[request.locale],
            let sms = notice(request.kind, request.stage, request.variant, request.locale, wording: request.wording)?.sms,
            let template = sms.supplier
        else {
            throw RenderProblem(
                .templateMissing, detail: "no registered template for \(request.kind.rawValue) in \(request.locale.rawValue)")
        }
        let renderer = Renderer(request, words)
        var parameters: [SupplierMessage.Parameter] = []
        for field in template.parameters {
            let value = try renderer.sms(CompiledText(field: field, file: sms.text.file, line: sms.text.line))
            func problem(_ reason: ReasonCode, _ detail: String) -> RenderProblem {
                RenderProblem(reason, field: field, file: sms.text.file, line: sms.text.line, detail: detail)
            }
            if value.count > limit { throw problem(.tooLong, "\(value.count) characters, \(limit) allowed") }
            if value.contains("://") || value.lowercased().contains("www.") { throw problem(.renderError, "a link in a value") }
            parameters.append(.init(name: field.rawValue, value: value))
        }
        return SupplierMessage(code: template.code, parameters: parameters)
    }
}

extension CompiledText {
    /// A text that is one value and nothing else.
    init(field: Field, file: String, line: Int) {
        self.init("{\(field.rawValue)}", file: file, line: line) { _ in preconditionFailure("every field has a name of its own") }
    }
}
