#!/usr/bin/python3
"""A TDS 7.4 server as far as the login: tds.py PORT [--tls|--tls-all]

MS-TDS: PRELOGIN (2.2.6.5), LOGIN7 (2.2.6.4) with SSPI, SSPI messages (2.2.6.8), tokens 0xED (SSPI), 0xAD (LOGINACK), 0xAA (ERROR), 0xFD
(DONE). Without --tls it answers ENCRYPT_NOT_SUP; with it ENCRYPT_OFF: the LOGIN7 alone is in TLS, the later SSPI messages are in clear; with
--tls-all ENCRYPT_REQ: everything is in TLS.
NTLM and Kerberos are those of ntlm_auth. After the login every batch gets an empty answer.
"""
import socketserver
import ssl
import struct
import sys

from ntlm_auth import Helper

BATCH, RESPONSE, LOGIN7, SSPI, PRELOGIN = 1, 4, 16, 17, 18
ENCRYPT_OFF, ENCRYPT_NOT_SUP, ENCRYPT_REQ = 0, 2, 3
TLS_ALL = "--tls-all" in sys.argv
TLS = TLS_ALL or "--tls" in sys.argv


def utf16(text):
    return text.encode("utf-16le")


def done(status=0):
    return struct.pack("<BHHQ", 0xFD, status, 0, 0)


class Handler(socketserver.BaseRequestHandler):
    tunnel = None

    def handle(self):
        helper = None
        while (packet := self.packet()) is not None:
            kind, data = packet
            if kind == PRELOGIN:
                self.prelogin()
            elif kind in (LOGIN7, SSPI):
                token = data
                if kind == LOGIN7:
                    offset, size = struct.unpack_from("<HH", data, 78)
                    token = data[offset : offset + size]
                    bare = token.startswith(b"NTLMSSP\0")
                    if bare:
                        # FreeTDS does not ask for the target's names, and cannot do without them in its NTLMv2
                        token = token[:12] + bytes([token[12] | 4]) + token[13:]
                    helper = Helper("squid-2.5-ntlmssp" if bare else "gss-spnego")
                self.authenticate(helper, token)
            else:
                self.send(RESPONSE, done())
        if helper:
            helper.close()

    def prelogin(self):
        version, encryption = b"\x10\0\x07\xd0\0\0", bytes([ENCRYPT_REQ if TLS_ALL else ENCRYPT_OFF if TLS else ENCRYPT_NOT_SUP])
        self.send(RESPONSE, struct.pack(">BHHBHHB", 0, 11, 6, 1, 17, 1, 255) + version + encryption)
        if TLS:
            self.handshake()

    def handshake(self):
        """TLS in PRELOGIN packets, then around the LOGIN7 packet alone."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tunnel = context.wrap_bio(incoming, outgoing, server_side=True)
        while True:
            try:
                tunnel.do_handshake()
                ended = True
            except ssl.SSLWantReadError:
                ended = False
            if outgoing.pending:
                self.send(PRELOGIN, outgoing.read())
            if ended:
                break
            packet = self.packet()
            if packet is None:
                return
            incoming.write(packet[1])
        if TLS_ALL:
            self.tunnel = tunnel, incoming, outgoing
            return
        plain = b""
        while len(plain) < 8 or len(plain) < struct.unpack_from(">H", plain, 2)[0]:
            try:
                plain += tunnel.read(65536)
            except ssl.SSLWantReadError:
                data = self.request.recv(65536)
                if not data:
                    return
                incoming.write(data)
        self.pending = (plain[0], plain[8:])

    def authenticate(self, helper, token):
        state, answer = helper.step(token)
        if state == "more":
            return self.send(RESPONSE, struct.pack("<BH", 0xED, len(answer)) + answer)
        if state == "refused":
            text = utf16("Login failed.")
            body = struct.pack("<IBBH", 18456, 1, 14, len(text) // 2) + text + b"\0\0" + struct.pack("<I", 1)
            return self.send(RESPONSE, struct.pack("<BH", 0xAA, len(body)) + body + done(2))
        name = utf16("tds.py")
        body = b"\x01" + bytes.fromhex("74000004") + bytes([len(name) // 2]) + name + b"\x10\0\x07\xd0"
        sspi = struct.pack("<BH", 0xED, len(answer)) + answer if answer else b""
        self.send(RESPONSE, sspi + struct.pack("<BH", 0xAD, len(body)) + body + done())

    pending = None

    def packet(self):
        """(type, data) of one message, all of its packets."""
        if self.pending:
            packet, self.pending = self.pending, None
            return packet
        data = b""
        while True:
            head = self.exactly(8)
            if head is None:
                return None
            kind, status, size = struct.unpack_from(">BBH", head)
            part = self.exactly(size - 8)
            if part is None:
                return None
            data += part
            if status & 1:
                return kind, data

    def exactly(self, size):
        data = b""
        while len(data) < size:
            piece = self.receive(size - len(data))
            if not piece:
                return None
            data += piece
        return data

    def receive(self, size):
        if not self.tunnel:
            return self.request.recv(size)
        tunnel, incoming, _ = self.tunnel
        while True:
            try:
                return tunnel.read(size)
            except ssl.SSLWantReadError:
                data = self.request.recv(65536)
                if not data:
                    return b""
                incoming.write(data)

    def send(self, kind, data):
        packet = struct.pack(">BBHHBB", kind, 1, 8 + len(data), 0, 1, 0) + data
        if self.tunnel:
            tunnel, _, outgoing = self.tunnel
            tunnel.write(packet)
            packet = outgoing.read()
        self.request.sendall(packet)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.maximum_version = ssl.TLSVersion.TLSv1_2
context.load_cert_chain("/media/tls/cert.pem", "/media/tls/key.pem")
Server(("", int(sys.argv[1])), Handler).serve_forever()
