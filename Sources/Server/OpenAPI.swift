import Core
enum OpenAPI { static let document: JSON = [:] }
