/// Every provider Clarion knows. A new one adds one line here and one file beside this one.
public let providers: [any Provider.Type] = []
