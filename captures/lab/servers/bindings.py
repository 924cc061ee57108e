"""Channel bindings of the emulated servers, as "extended protection" of Windows checks them (MS-NLMP 2.2.2.1, RFC 5929)."""
import hashlib
import ssl
import struct
import subprocess

CERTIFICATE, KEY = "/media/tls/cert.pem", "/media/tls/key.pem"
MSV_AV_CHANNEL_BINDINGS = 10


def signature_hash(path):
    """The hash of a certificate's signature, as OpenSSL names it; RFC 5929 4.1 knows none below SHA-256."""
    text = subprocess.run(["openssl", "x509", "-noout", "-text", "-in", path], capture_output=True, text=True, check=True).stdout.lower()
    return next((name for name in ("sha384", "sha512") if name in text.split("signature algorithm:")[1].split("\n")[0]), "sha256")


def own_bindings(certificate=CERTIFICATE):
    """MD5 of gss_channel_bindings_struct with tls-server-end-point of a certificate."""
    der = ssl.PEM_cert_to_DER_cert(open(certificate).read())
    data = b"tls-server-end-point:" + hashlib.new(signature_hash(certificate), der).digest()
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
