"""What a benchmark run works with: settings of its own beside the shipped data, keys and certificates, and events."""
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".build" / "bench"
LIMITS = ROOT / ".build" / "limits"
BINARY = ROOT / ".build" / "release" / "clarion"
PARTS = ROOT / ".build" / "release" / "BenchParts"
HTTP, TLS, SMTP, LISTEN = 18480, 18443, 18425, 18080

ACCOUNTS = {
    "sms": f"""
  - name: sms
    provider: http
    url: http://127.0.0.1:{HTTP}/sms
    fields: {{ to: "{{to}}", text: "{{text}}", from: "{{sender}}" }}
    sender: Example
    auth_file: secret
    id_path: id
    idempotency_header: Idempotency-Key
    allow_plain: true
""",
    "push": f"""
  - name: push
    provider: fcm
    service_account_file: service-account.json
    url: https://localhost:{TLS}
    ca_file: ca.pem
""",
    "h2": f"""
  - name: push
    provider: apns
    key_file: apns.p8
    key_id: ABCDE12345
    team_id: FGHIJ67890
    topic: example.pay.app
    url: https://localhost:{TLS}
    ca_file: ca.pem
""",
    "mail": f"""
  - name: mail
    provider: smtp
    url: smtp://127.0.0.1:{SMTP}/bench
    from: Example Pay <no-reply@pay.example>
    allow_plain: true
""",
}
CHANNELS = {"sms": "sms", "push": "push", "h2": "push", "mail": "mail"}


def sh(*command):
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def keys():
    """The directory with a certificate authority, the sink's certificate, and the keys of the accounts; made once."""
    made = WORK / "keys"
    if not (made / "done").exists():
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(parents=True)
        ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        sh("openssl", "req", "-x509", *ec, "-keyout", made / "ca.key", "-out", made / "ca.pem", "-days", "3650", "-subj", "/CN=bench",
           "-addext", "basicConstraints=critical,CA:TRUE")
        sh("openssl", "req", *ec, "-keyout", made / "sink.key", "-out", made / "sink.csr", "-subj", "/CN=localhost")
        (made / "ext").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        sh("openssl", "x509", "-req", "-in", made / "sink.csr", "-CA", made / "ca.pem", "-CAkey", made / "ca.key", "-CAcreateserial", "-out",
           made / "sink.pem", "-days", "3650", "-extfile", made / "ext")
        sh("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", made / "rsa.pem")
        sh("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-out", made / "apns.p8")
        (made / "done").touch()
    return made


def secrets(directory):
    """What the accounts' settings name, readable by their owner only."""
    made = keys()
    texts = {
        "ca.pem": (made / "ca.pem").read_text(), "apns.p8": (made / "apns.p8").read_text(), "secret": "bench\n",
        "service-account.json": json.dumps({
            "type": "service_account", "project_id": "bench", "private_key_id": "bench", "private_key": (made / "rsa.pem").read_text(),
            "client_email": "bench@bench.iam.gserviceaccount.com", "token_uri": f"https://localhost:{TLS}/token"}),
    }
    for name, text in texts.items():
        (directory / name).write_text(text)
        (directory / name).chmod(0o600)


def world(name, accounts):
    """Settings with these accounts, every event told on their channels at once. The rest is the shipped configuration."""
    directory = WORK / name
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    secrets(directory)
    shipped = ROOT / "config"
    settings = (shipped / "clarion.yaml").read_text().split("\naccounts:")[0]
    settings = settings.replace("mode: capture", "mode: live").replace("directory: ../data ", "directory: data ")
    settings = settings.replace("127.0.0.1:8080", f"127.0.0.1:{LISTEN}").replace("directory: ../templates", f"directory: {ROOT}/templates")
    for file in ["kinds.yaml", "rails.yaml", "holidays.yaml", "reason-codes.csv", "internal-codes.csv", "bank-baselines.csv"]:
        settings = settings.replace(f" {file}", f" {shipped}/{file}").replace(f"[{file}", f"[{shipped}/{file}")
    (directory / "clarion.yaml").write_text(settings + "\naccounts:" + "".join(ACCOUNTS[a] for a in accounts))
    now = "[" + ", ".join(CHANNELS[a] for a in accounts) + ", in_app]"
    policy = (shipped / "policy.yaml").read_text()
    # At any hour, and on just these channels; as many as there are is no storm.
    kinds = "".join(f"  {kind}: {{ quiet_hours: break_through, now: {now} }}\n" for kind in KINDS)
    policy = policy.replace("kinds: {}", "kinds:\n" + kinds).replace("  count: 20\n", "  count: 1000000\n")
    (directory / "policy.yaml").write_text(policy)
    return directory


# Told 30 s after the event's time, high priority, for SMS and push; a real code of each.
KINDS = ["account_info_error", "account_unavailable"]
CODES = {"account_info_error": ("iso20022_status_reason", "BE14"), "account_unavailable": ("iso20022_status_reason", "AC04")}
PEOPLE = [("zh-Hans", "Asia/Shanghai", "+86100000"), ("zh-Hant", "Asia/Hong_Kong", "+85290"), ("en", "Europe/Berlin", "+4900000")]


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + ".%03dZ" % (seconds % 1 * 1000)


def banks():
    rows = (ROOT / "config" / "bank-baselines.csv").read_text().splitlines()[1:]
    return [tuple(row.split(",")[:2]) for row in rows]


def events(path, count, first=0):
    """`count` payouts that went wrong a minute ago, each of a customer of its own."""
    at = banks()
    occurred, submitted = stamp(time.time() - 60), stamp(time.time() - 120)
    with open(path, "w", encoding="utf-8") as file:
        for n in range(first, first + count):
            kind = KINDS[n % len(KINDS)]
            locale, zone, number = PEOPLE[n % len(PEOPLE)]
            bank, rail = at[n % len(at)]
            order = "WDB%09d" % n
            details = {"field": "account_number"} if kind == "account_info_error" else {"cause": "closed"}
            data = {
                "schema": 1, "payout_id": order, "seq": 1, "anomaly_id": "an-%012x" % n, "kind": kind, "stage": "detected",
                "reason": {"source": CODES[kind][0], "code": CODES[kind][1]}, "funds_state": "returning", "occurred_at": occurred,
                "expected_at": None, "details": details, "channel": "bench", "rail": rail, "bank": {"code": bank, "name": bank},
                "account": {"type": "card", "bin": "999379", "last4": "%04d" % (n % 10000)},
                "amount": {"minor": 1000 + n * 37 % 10000000, "currency": "CNY"}, "submitted_at": submitted,
                "customer": {
                    "id": "CU%09d" % n, "locale": locale, "time_zone": zone, "phone": number + "%06d" % (n % 1000000),
                    "mail": "customer%09d@example.com" % n, "push_token": "bench-%020x" % n, "private_preview": False}}
            file.write(json.dumps({
                "specversion": "1.0", "id": "ev-%016x" % n, "source": "/channels/bench", "type": "com.example.payout.anomaly.detected",
                "subject": order, "time": occurred, "datacontenttype": "application/json", "data": data},
                ensure_ascii=False, separators=(",", ":")) + "\n")
