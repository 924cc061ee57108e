#!/usr/bin/env python3
"""A web application that knows only NTLM: every GET wants "Authorization: NTLM", once a connection.

The NTLM in it is Samba's: one ntlm_auth helper a connection writes the challenge and has the domain controller
check the answer (through winbindd). This file only carries the tokens between the HTTP headers and the helper.
"""
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


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
        if self.user:
            return self.reply(200, f"Hello again, {self.user}.\n")
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if scheme != "NTLM":
            return self.reply(401, "Who are you?\n", "NTLM")
        first = token.startswith("TlRMTVNTUAAB")
        answer, rest = self.ask("YR" if first else "KK", token)
        if answer == "TT":
            return self.reply(401, "Prove it.\n", f"NTLM {rest}")
        if answer == "AF":
            self.user = rest
            return self.reply(200, f"Hello, {rest}.\n")
        return self.reply(401, "No.\n", "NTLM")


ThreadingHTTPServer(("0.0.0.0", int(sys.argv[1])), Handler).serve_forever()
