#!/usr/bin/python3
"""GET with bare NTLM messages and a right binding over openssl s_client, for what Python's TLS cannot do between two requests:

  http-s-client.py update|renegotiate HOST PORT 'DOMAIN\\\\user' PASSWORD     new keys of both ends (TLS 1.3); another handshake (TLS 1.2)
"""
import base64
import os
import re
import ssl
import subprocess
import sys
import time

import bound_ntlm

how, host, port, user, password = sys.argv[1:]
letter, version = {"update": (b"K\n", "-tls1_3"), "renegotiate": (b"R\n", "-tls1_2")}[how]
process = subprocess.Popen(
    ["openssl", "s_client", "-connect", f"{host}:{port}", "-servername", host, version, "-keylogfile", bound_ntlm.KEYS],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
)
heard = b""


def until(pattern):
    """What s_client has written, up to what fits; it tells of itself in between."""
    global heard
    while not (found := re.search(pattern, heard)):
        if not (piece := os.read(process.stdout.fileno(), 65536)):
            sys.exit("the connection is over")
        heard += piece
    heard = heard[found.end() :]
    return found


def get(token, answer):
    authorization = b"Authorization: NTLM " + base64.b64encode(token) + b"\r\n" if token else b""
    process.stdin.write(b"GET / HTTP/1.1\r\nHost: " + host.encode() + b"\r\n" + authorization + b"\r\n")
    process.stdin.flush()
    return until(answer)


def again():
    """A letter at the beginning of what it reads is a command."""
    time.sleep(0.5)
    process.stdin.write(letter)
    process.stdin.flush()
    time.sleep(0.5)


class Shown:
    certificate = ssl.PEM_cert_to_DER_cert(until(rb"-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----")[0].decode())

    def getpeercert(self, _binary):
        return self.certificate


context = bound_ntlm.context(user, password, "right", Shown())
get(None, rb"HTTP/1.1 401 [^<]*Who are you")
again()
challenge = get(context.step(), rb"WWW-Authenticate: NTLM (\S+)")[1]
until(rb"Prove it")
if how == "update":
    again()
status = get(context.step(base64.b64decode(challenge)), rb"HTTP/1.1 (\d+)")[1]
process.terminate()
sys.exit(0 if status == b"200" else 1)
