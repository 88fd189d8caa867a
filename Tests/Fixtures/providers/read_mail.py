"""Reads one mail on standard input and prints, as JSON, what Python's email package makes of it."""

import email
import email.header
import email.policy
import email.utils
import json
import sys

data = sys.stdin.buffer.read()
mail = email.message_from_bytes(data, policy=email.policy.default)
parts = list(mail.walk())
# The new parser keeps the white space between the encoded words of a display name (RFC 2047 6.2 drops it); the old one is right.
sender = str(email.header.make_header(email.header.decode_header(email.message_from_bytes(data)["From"])))
print(json.dumps({
    "headers": [[name, str(value)] for name, value in mail.items()],
    "fromName": email.utils.unquote(sender.rsplit("<", 1)[0].strip()),
    "fromAddress": mail["From"].addresses[0].addr_spec,
    "to": [address.addr_spec for address in mail["To"].addresses],
    "date": int(mail["Date"].datetime.timestamp()),
    "types": [part.get_content_type() for part in parts],
    "encodings": [part["Content-Transfer-Encoding"] or "" for part in parts],
    "bodies": [part.get_content() for part in parts if not part.is_multipart()],
    "defects": [str(defect) for part in parts for defect in part.defects]
    + [f"{name}: {defect}" for name, value in mail.items() for defect in getattr(value, "defects", [])],
}))
