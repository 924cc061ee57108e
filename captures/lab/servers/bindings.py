"""Channel bindings of the emulated servers, as "extended protection" of Windows checks them (MS-NLMP 2.2.2.1, RFC 5929)."""
import hashlib
import ssl
import struct

CERTIFICATE, KEY = "/media/tls/cert.pem", "/media/tls/key.pem"
MSV_AV_CHANNEL_BINDINGS = 10


def own_bindings():
    """MD5 of gss_channel_bindings_struct with tls-server-end-point of the lab's certificate."""
    der = ssl.PEM_cert_to_DER_cert(open(CERTIFICATE).read())
    data = b"tls-server-end-point:" + hashlib.sha256(der).digest()
    return hashlib.md5(bytes(16) + struct.pack("<I", len(data)) + data).digest()


def bindings_of(token):
    """MsvAvChannelBindings in the NTLMv2 response of an AUTHENTICATE_MESSAGE; None: there is none."""
    length, _, offset = struct.unpack_from("<HHI", token, 20)
    response = token[offset : offset + length]
    at = 44
    while at + 4 <= len(response):
        kind, size = struct.unpack_from("<HH", response, at)
        if kind == MSV_AV_CHANNEL_BINDINGS:
            return response[at + 4 : at + 4 + size]
        if kind == 0:
            return None
        at += 4 + size
    return None
