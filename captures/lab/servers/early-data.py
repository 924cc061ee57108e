#!/usr/bin/python3
"""TLS 1.3 that takes data in the first flight (0-RTT), in front of the NTLM of web1's port 8080.

  early-data.py PORT [OPTION...]       further options go to openssl s_server, such as -groups P-384

Python's TLS has no early data, openssl s_server has no HTTP: what s_server reads, one connection after the other, goes on to 8080, and
what that answers goes back. A request that proves nobody's name yet begins another connection there, as NTLM is of one connection.
"""
import os
import re
import socket
import subprocess
import sys

from bindings import CERTIFICATE, KEY

port, *options = sys.argv[1:]
process = subprocess.Popen(
    ["openssl", "s_server", "-accept", port, "-tls1_3", "-quiet", "-early_data", "-cert", CERTIFICATE, "-key", KEY, *options],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
)


def answer_of(stream):
    """One answer, headers and body."""
    heard = b""
    while not (head := re.search(rb"Content-Length: (\d+)\r\n(.*\r\n)*?\r\n", heard)) or len(heard) < head.end() + int(head[1]):
        if not (piece := stream.recv(65536)):
            break
        heard += piece
    return heard


heard, stream = b"", None
while piece := os.read(process.stdout.fileno(), 65536):
    heard += piece
    while b"\r\n\r\n" in heard:
        request, heard = heard[: heard.index(b"\r\n\r\n") + 4], heard[heard.index(b"\r\n\r\n") + 4 :]
        if stream is None or b"Authorization: NTLM TlRMTVNTUAAD" not in request:
            stream = socket.create_connection(("127.0.0.1", 8080))
        stream.sendall(request)
        process.stdin.write(answer_of(stream))
        process.stdin.flush()
