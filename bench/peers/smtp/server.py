"""An SMTP server for tests: aiosmtpd, with TLS and a login, that misbehaves by the recipient.

    python server.py [--tls starttls|wrapped] [--login USER:PASSWORD] [--ca FILE] [--port PORT]

It prints a line of JSON for what it does: `{"port": 1025}` once it listens, then one for each message
that it has taken and for each recipient that it has not. The name of a recipient decides:

    refused…   550 to RCPT
    bad…       554 to the message
    grey…      451 to RCPT, the first time
    closed…    the connection is closed in place of an answer to RCPT, the first time
    lost…      the message is taken, and the connection closed in place of the answer, the first time
    slow…      no answer to the message
"""

import argparse
import asyncio
import email
import email.policy
import json
import socket
import ssl

import trustme
from aiosmtpd.smtp import SMTP, AuthResult


def tell(**what):
    print(json.dumps(what), flush=True)


class Handler:
    def __init__(self):
        self.seen = set()

    def is_first(self, address):
        is_new = address not in self.seen
        self.seen.add(address)
        return is_new

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused"):
            tell(refused=address)
            return f"550 5.1.1 <{address}>: no such mailbox"
        if address.startswith("grey") and self.is_first(address):
            tell(deferred=address)
            return "451 4.7.1 come back later"
        if address.startswith("closed") and self.is_first(address):
            tell(closed=address)
            server.transport.abort()
            return "421 4.3.0 closing"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        address = envelope.rcpt_tos[0]
        if address.startswith("bad"):
            tell(refused=address)
            return "554 5.6.0 not such a message"
        if address.startswith("slow"):
            tell(waiting=address)
            await asyncio.sleep(3600)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        plain = message.get_body(("plain",))
        html = message.get_body(("html",))
        tell(
            to=envelope.rcpt_tos,
            sender=envelope.mail_from,
            hello=session.host_name,
            tls=server.transport.get_extra_info("ssl_object") is not None,
            user=getattr(session, "login", None),
            headers=[[name, str(value)] for name, value in message.items()],
            text=plain and plain.get_content(),
            html=html and html.get_content(),
        )
        if address.startswith("lost") and self.is_first(address):
            server.transport.abort()
        return "250 OK"


def authenticator(login):
    def authenticate(server, session, envelope, mechanism, data):
        given = f"{data.login.decode()}:{data.password.decode()}"
        if given != login:
            tell(denied=mechanism)
            return AuthResult(success=False, handled=False)
        session.login = data.login.decode()
        return AuthResult(success=True)

    return authenticate


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tls", choices=["starttls", "wrapped"])
    parser.add_argument("--login")
    parser.add_argument("--ca")
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    context = None
    if arguments.tls:
        authority = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
        authority.cert_pem.write_to_path(arguments.ca)
    handler = Handler()

    def session():
        return SMTP(
            handler,
            hostname="smtp.test",
            tls_context=context if arguments.tls == "starttls" else None,
            require_starttls=arguments.tls == "starttls",
            auth_required=arguments.login is not None,
            auth_require_tls=False,
            authenticator=authenticator(arguments.login),
            loop=asyncio.get_running_loop(),
        )

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", arguments.port))
    wrapped = context if arguments.tls == "wrapped" else None
    server = await asyncio.get_running_loop().create_server(session, sock=listener, ssl=wrapped)
    tell(port=listener.getsockname()[1])
    await server.serve_forever()


asyncio.run(main())
