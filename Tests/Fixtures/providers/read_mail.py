"""Reads one mail on standard input and prints, as JSON, what Python's email package makes of it."""

import email
import email.policy
import json
import sys

mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
parts = list(mail.walk())
print(json.dumps({
    "headers": [[name, str(value)] for name, value in mail.items()],
    "from_name": mail["From"].addresses[0].display_name,
    "from_address": mail["From"].addresses[0].addr_spec,
    "to": [address.addr_spec for address in mail["To"].addresses],
    "date": int(mail["Date"].datetime.timestamp()),
    "types": [part.get_content_type() for part in parts],
    "encodings": [part["Content-Transfer-Encoding"] or "" for part in parts],
    "bodies": [part.get_content() for part in parts if not part.is_multipart()],
    "defects": [str(defect) for part in parts for defect in part.defects]
    + [f"{name}: {defect}" for name, value in mail.items() for defect in getattr(value, "defects", [])],
}))
