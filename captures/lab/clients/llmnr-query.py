#!/usr/bin/python3
"""Asks by LLMNR (RFC 4795) for the address of a name, prints the first answer: llmnr-query.py NAME"""
import socket
import struct
import sys

label = sys.argv[1].encode()
question = struct.pack(">6H", 0x2A2A, 0, 1, 0, 0, 0) + bytes([len(label)]) + label + b"\0" + struct.pack(">HH", 1, 1)
asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asking.settimeout(3)
asking.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("192.0.2.101"))
asking.sendto(question, ("224.0.0.252", 5355))
print(socket.inet_ntoa(asking.recv(512)[-4:]))
