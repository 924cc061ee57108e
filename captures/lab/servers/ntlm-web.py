#!/usr/bin/python3
"""A web application with NTLM of its own: every GET and POST wants an Authorization of one of its schemes, once a connection.

  ntlm-web.py PORT [--tls] [--bindings] [--certificate NAME] [--no-tickets] [--curve NAME] [--renegotiation] SCHEME...

The schemes are NTLM and Negotiate.

The NTLM in it is Samba's: one ntlm_auth helper a connection writes the challenge and has the domain controller check the answer
(through winbindd). This file only carries the tokens between the HTTP headers and the helper: "NTLM", or "Negotiate" with the same
bare tokens, as many devices do it. With --bindings, an answer without the channel bindings of this TLS server is refused, as
"extended protection" of Windows does; the certificate is that of the lab, or another one of its folder. --no-tickets: TLS 1.2 is resumed
by session id. --curve: key exchange on this curve alone; a client of TLS 1.3 that guesses another one is asked for a second hello.
--renegotiation: a client may begin another handshake in TLS 1.2. In TLS the session keys go to SSLKEYLOGFILE.
"""
import argparse
import base64
import ssl
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bindings import CERTIFICATE, KEY, bindings_of, own_bindings

arguments = argparse.ArgumentParser()
arguments.add_argument("port", type=int)
arguments.add_argument("schemes", nargs="+")
arguments.add_argument("--tls", action="store_true")
arguments.add_argument("--bindings", action="store_true")
arguments.add_argument("--certificate")
arguments.add_argument("--no-tickets", action="store_true")
arguments.add_argument("--curve")
arguments.add_argument("--renegotiation", action="store_true")
options = arguments.parse_args()
certificate, key = (f"/media/tls/{options.certificate}.pem", f"/media/tls/{options.certificate}.key") if options.certificate else (CERTIFICATE, KEY)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "ntlm-web"
    sys_version = ""

    def setup(self):
        super().setup()
        self.user = None
        self.helper = subprocess.Popen(
            ["ntlm_auth", "--helper-protocol=squid-2.5-ntlmssp"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )

    def finish(self):
        self.helper.stdin.close()
        self.helper.wait()
        super().finish()

    def ask(self, verb, token):
        """The helper's line protocol: YR = first token, KK = later one; TT = challenge, AF = accepted, NA = refused."""
        self.helper.stdin.write(f"{verb} {token}\n")
        answer, _, rest = self.helper.stdout.readline().strip().partition(" ")
        return answer, rest

    def reply(self, status, body, *challenge):
        self.send_response(status)
        for value in challenge:
            self.send_header("WWW-Authenticate", value)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.user:
            return self.reply(200, f"Hello again, {self.user}.\n")
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if scheme not in options.schemes:
            return self.reply(401, "Who are you?\n", *options.schemes)
        first = token.startswith("TlRMTVNTUAAB")
        answer, rest = self.ask("YR" if first else "KK", token)
        if answer == "TT":
            return self.reply(401, "Prove it.\n", f"{scheme} {rest}")
        if answer == "AF" and not (options.bindings and bindings_of(base64.b64decode(token)) != own_bindings(certificate)):
            self.user = rest
            return self.reply(200, f"Hello, {rest}.\n")
        return self.reply(401, "No.\n", *options.schemes)

    do_POST = do_GET


class Server(ThreadingHTTPServer):
    """The handshake of one connection must not keep the others waiting: each does its own."""

    def finish_request(self, request, address):
        if options.tls:
            request = context.wrap_socket(request, server_side=True)
        super().finish_request(request, address)


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
if options.no_tickets:
    context.options |= ssl.OP_NO_TICKET
if options.curve:
    context.set_ecdh_curve(options.curve)
if options.renegotiation:
    context.options |= 1 << 8  # SSL_OP_ALLOW_CLIENT_RENEGOTIATION, which has no name in Python
Server(("", options.port), Handler).serve_forever()
