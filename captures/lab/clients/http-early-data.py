#!/usr/bin/python3
"""GET with bare NTLM messages and a right binding in a TLS 1.3 session that is resumed, whose first flight has the first of them (0-RTT).

  http-early-data.py accepted|rejected|retried HOST PORT 'DOMAIN\\\\user' PASSWORD

accepted: the server goes on from there. rejected: the client's clock says that the ticket is half a minute older than the server
thinks, who therefore does not read these data (RFC 8446 8.3); retried: the server wants another curve. Then the client says it again.
"""
import base64
import os
import re
import ssl
import subprocess
import sys

import bound_ntlm

how, host, port, user, password = sys.argv[1:]
SESSION, FIRST = "/tmp/early.session", "/tmp/early.request"


class Client:
    """openssl s_client, of which the bytes that it reads and what it tells of itself stand in one stream."""

    def __init__(self, *options, clock=()):
        self.heard = b""
        self.process = subprocess.Popen(
            [*clock, "openssl", "s_client", "-connect", f"{host}:{port}", "-servername", host, "-tls1_3", "-keylogfile", bound_ntlm.KEYS, *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )

    def until(self, pattern):
        while not (found := re.search(pattern, self.heard)):
            if not (piece := os.read(self.process.stdout.fileno(), 65536)):
                sys.exit(f"the connection is over: {self.heard[-200:]}")
            self.heard += piece
        self.heard = self.heard[found.end() :]
        return found

    def say(self, request):
        self.process.stdin.write(request)
        self.process.stdin.flush()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def request(token):
    authorization = b"Authorization: NTLM " + base64.b64encode(token) + b"\r\n" if token else b""
    return b"GET / HTTP/1.1\r\nHost: " + host.encode() + b"\r\n" + authorization + b"\r\n"


class Shown:
    def __init__(self, pem):
        self.certificate = ssl.PEM_cert_to_DER_cert(pem)

    def getpeercert(self, _binary):
        return self.certificate


first = Client("-sess_out", SESSION)
context = bound_ntlm.context(user, password, "right", Shown(first.until(rb"-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----")[0].decode()))
first.say(request(None))
first.until(rb"Who are you\?")
first.close()

hello = request(context.step())
with open(FIRST, "wb") as file:
    file.write(hello)
second = Client("-sess_in", SESSION, "-early_data", FIRST, clock=["faketime", "-f", "+30s"] if how == "rejected" else [])
if how != "accepted":
    second.until(rb"Early data was rejected")
    second.say(hello)
challenge = second.until(rb"WWW-Authenticate: NTLM (\S+)")[1]
second.until(rb"Prove it")
second.say(request(context.step(base64.b64decode(challenge))))
status = second.until(rb"HTTP/1.1 (\d+)")[1]
second.close()
sys.exit(0 if status == b"200" else 1)
