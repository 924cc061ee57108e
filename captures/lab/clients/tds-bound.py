#!/usr/bin/python3
"""A login at SQL Server's TDS in TLS with channel bindings: tds-bound.py HOST PORT 'DOMAIN\\user' PASSWORD none|zero|wrong|right|unique

MS-TDS: PRELOGIN (2.2.6.5), TLS inside of PRELOGIN packets, then LOGIN7 (2.2.6.4) and SSPI (2.2.6.8) in bare TLS records.
"""
import socket
import ssl
import struct
import sys

import bound_ntlm

RESPONSE, LOGIN7, SSPI, PRELOGIN = 4, 16, 17, 18
ENCRYPT_ON = 1

host, port, user, password, kind = sys.argv[1:]
stream = socket.create_connection((host, int(port)), 20)
incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
tunnel = None


def exactly(size):
    data = b""
    while len(data) < size:
        piece = receive(size - len(data))
        if not piece:
            sys.exit("the server closed the connection")
        data += piece
    return data


def receive(size):
    if not tunnel:
        return stream.recv(size)
    while True:
        try:
            return tunnel.read(size)
        except ssl.SSLWantReadError:
            data = stream.recv(65536)
            if not data:
                return b""
            incoming.write(data)


def packet():
    _, _, size = struct.unpack(">BBH4x", exactly(8))
    return exactly(size - 8)


def send(kind, data):
    whole = struct.pack(">BBHHBB", kind, 1, 8 + len(data), 0, 1, 0) + data
    if tunnel:
        tunnel.write(whole)
        whole = outgoing.read()
    stream.sendall(whole)


def login7(token):
    """Every text is empty but the server's name; SSPI stands behind it."""
    name = host.encode("utf-16le")
    begin = 94
    end = begin + len(name)
    fixed = struct.pack("<IIIIIBBBBII", 0x74000004, 4096, 7, 100, 0, 0xE0, 0x83, 0, 0, 0, 0)
    table = struct.pack("<HH", begin, 0) * 4 + struct.pack("<HH", begin, len(name) // 2) + struct.pack("<HH", end, 0) * 4
    table += bytes(6) + struct.pack("<HH", end, len(token)) + struct.pack("<HH", end + len(token), 0) * 2 + struct.pack("<I", 0)
    whole = fixed + table + name + token
    return struct.pack("<I", 4 + len(whole)) + whole


send(PRELOGIN, struct.pack(">BHHBHHB", 0, 11, 6, 1, 17, 1, 255) + bytes(6) + bytes([ENCRYPT_ON]))
packet()
made = bound_ntlm.tls_context().wrap_bio(incoming, outgoing, server_hostname=host)
while True:
    try:
        made.do_handshake()
        ended = True
    except ssl.SSLWantReadError:
        ended = False
    if outgoing.pending:
        send(PRELOGIN, outgoing.read())
    if ended:
        break
    incoming.write(packet())
tunnel = made
context = bound_ntlm.context(user, password, kind, tunnel)
# FreeTDS' flag NTLMSSP_REQUEST_TARGET is set by the emulated server where it is missing, which breaks the MIC
context.negotiate_flags |= 4
send(LOGIN7, login7(context.step()))
answer = packet()
(size,) = struct.unpack_from("<H", answer, 1)
send(SSPI, context.step(answer[3 : 3 + size]))
# LOGINACK, perhaps behind a last token of the server
sys.exit(0 if packet()[0] in (0xAD, 0xED) else 1)
