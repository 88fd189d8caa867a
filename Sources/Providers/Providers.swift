/// Every provider Clarion knows. A new one adds one line here and one file beside this one.
///
/// In-app items are not here: the store writes them in the transaction that decides, no account and no wire is involved.
public let providers: [any Provider.Type] = [
    Twilio.self,
    Kannel.self,
    HTTPGateway.self,
    APNs.self,
    FCM.self,
    SMTP.self,
]
