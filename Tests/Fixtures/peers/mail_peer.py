"""A mail server of aiosmtpd for one test: mail_peer.py CERTIFICATE KEY PASSWORD.

STARTTLS and AUTH are demanded. Says `ready PORT`, then one line of JSON for each mail it took. The recipient decides: gone@, nobody@
(without an enhanced code), grey@, full@ and spam@ are refused; so is the sender stranger@.
"""
import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

AT_RCPT = {
    "gone": "550 5.1.1 No such user",
    "nobody": "550 no such user here",
    "grey": "451 4.7.1 Greylisted, come back",
    "full": "452 4.2.2 Over quota",
}


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, options):
        if address.startswith("stranger@"):
            return "550 sender rejected"
        envelope.mail_from = address
        return "250 2.1.0 Ok"

    async def handle_RCPT(self, server, session, envelope, address, options):
        refusal = AT_RCPT.get(address.split("@")[0])
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos[0].startswith("spam@"):
            return "550 content rejected"
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        say({
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "helo": session.host_name, "user": session.auth_data,
            "tls": session.ssl["ssl_object"].version() if isinstance(session.ssl, dict) else type(session.ssl).__name__,
            "sender": str(message["From"]), "subject": str(message["Subject"]), "id": str(message["Message-ID"]),
            "text": message.get_body(("plain",)).get_content(), "html": message.get_body(("html",)).get_content(),
            "defects": [str(defect) for part in message.walk() for defect in part.defects],
        })
        return "250 2.0.0 queued as 1"


def say(value):
    print(json.dumps(value), flush=True)


def main():
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(sys.argv[1], sys.argv[2])
    password = sys.argv[3].encode()

    def authenticator(server, session, envelope, mechanism, data):
        # handled=False: a refused login gets its 535.
        return AuthResult(success=data.password == password, handled=False, auth_data=data.login.decode())

    def factory():
        return SMTP(Handler(), hostname="mail.test", tls_context=tls, require_starttls=True, auth_required=True,
                    authenticator=authenticator, loop=loop)

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    server = loop.run_until_complete(loop.create_server(factory, "127.0.0.1", 0))
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    loop.run_forever()


main()
