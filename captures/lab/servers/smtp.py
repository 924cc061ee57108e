#!/usr/bin/python3
"""An SMTP server as far as the login: smtp.py PORT [--starttls]. AUTH NTLM (MS-SMTPNTLM) is that of ntlm_auth, AUTH PLAIN accepts the
lab's password. With --starttls neither is offered before TLS."""
import base64
import socketserver
import ssl
import sys

from bindings import CERTIFICATE, KEY
from ntlm_auth import Helper


class Handler(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        self.say("220 mail1.corp.example ESMTP")
        self.sealed = "--starttls" not in sys.argv
        while line := self.rfile.readline(2000).decode().strip():
            verb, *words = line.split()
            if verb.upper() == "EHLO":
                self.say("250-mail1.corp.example")
                self.say("250 AUTH NTLM PLAIN" if self.sealed else "250 STARTTLS")
            elif verb.upper() == "STARTTLS" and not self.sealed:
                self.say("220 go on")
                self.sealed, self.request = True, context.wrap_socket(self.request, server_side=True)
                self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)
            elif verb.upper() == "AUTH":
                self.authenticate(words[0].upper(), words[1:])
            elif verb.upper() == "QUIT":
                return self.say("221 bye")
            else:
                self.say("250 ok")

    def ask(self, challenge):
        self.say(f"334 {challenge}")
        return base64.b64decode(self.rfile.readline(5000))

    def authenticate(self, mechanism, first):
        if mechanism == "PLAIN":
            accepted = (base64.b64decode(first[0]) if first else self.ask("")).endswith(b"\0Lab-only-7")
        else:
            helper = Helper("squid-2.5-ntlmssp")
            _, challenge = helper.step(base64.b64decode(first[0]) if first else self.ask("NTLM supported"))
            state, _ = helper.step(self.ask(base64.b64encode(challenge).decode()))
            accepted = state == "accepted"
            helper.close()
        self.say("235 2.7.0 authenticated" if accepted else "535 5.7.8 authentication failed")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(CERTIFICATE, KEY)
Server(("", int(sys.argv[1])), Handler).serve_forever()
