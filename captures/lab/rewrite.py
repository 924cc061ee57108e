"""Derived captures: the frames of a recorded one as another mirror port, a worse network or another file format would show them.

rewrite(SOURCE, TARGET, HOW): HOW is one of the functions below and its arguments, separated by blanks: "vlan 77", "drop 2". What is random
is seeded. Plain pcap in (microseconds, little-endian, Ethernet, as tcpdump wrote it), pcap out.
"""
import random
import struct

MIRROR, COLLECTOR = bytes([198, 51, 100, 1]), bytes([198, 51, 100, 2])
LAB_CLIENTS = tuple(bytes([0x02, 0, 0, 0, 0x02, number]) for number in (101, 102, 103))
ETHERNET, RAW_IP, LINUX_SLL = 1, 101, 113


def rewrite(source, target, how):
    name, *arguments = how.split()
    frames = read(source)
    outcome = FUNCTIONS[name](frames, *arguments)
    frames, options = outcome if isinstance(outcome, tuple) else (outcome, {})
    write(target, frames, **options)


def read(path):
    """[(microseconds, original length, bytes)]"""
    data = path.read_bytes()
    assert data[:4] == b"\xd4\xc3\xb2\xa1", path
    frames, at = [], 24
    while at < len(data):
        seconds, micros, captured, original = struct.unpack_from("<4I", data, at)
        frames.append((seconds * 1_000_000 + micros, original, data[at + 16 : at + 16 + captured]))
        at += 16 + captured
    return frames


def write(path, frames, link=ETHERNET, order="<", nanoseconds=False):
    with open(path, "wb") as out:
        magic = 0xA1B23C4D if nanoseconds else 0xA1B2C3D4
        out.write(struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 262144, link))
        for time, original, data in frames:
            fraction = time % 1_000_000 * (1000 if nanoseconds else 1)
            out.write(struct.pack(f"{order}4I", time // 1_000_000, fraction, len(data), original) + data)


def each(change):
    """A rewriting of every frame by itself; what it adds counts in the original length."""

    def rewritten(frames, *arguments):
        outcome = []
        for number, (time, original, data) in enumerate(frames):
            fresh = change(data, number, *arguments)
            outcome.append((time, original + len(fresh) - len(data), fresh))
        return outcome

    return rewritten


# --- links and tunnels


@each
def vlan(data, number, *tags):
    """tags, the outer one first: "77", or with its ethertype "88a8:100"."""
    words = [tag.rpartition(":") for tag in tags]
    return data[:12] + b"".join(struct.pack("!HH", int(kind or "8100", 16), int(vid)) for kind, _, vid in words) + data[12:]


def outer(payload, protocol, number):
    """The frame in which a mirror sends what it saw to its collector."""
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), number & 0xFFFF, 0, 64, protocol, 0) + MIRROR + COLLECTOR
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    return bytes.fromhex("020000006302020000006301 0800".replace(" ", "")) + header + payload


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


@each
def gre(data, number):
    return outer(struct.pack("!HH", 0, 0x0800) + data[14:], 47, number) if data[12:14] == b"\x08\x00" else data


@each
def gretap(data, number):
    return outer(struct.pack("!HHI", 0x2000, 0x6558, 77) + data, 47, number)


@each
def erspan1(data, number):
    return outer(struct.pack("!HH", 0, 0x88BE) + data, 47, number)


@each
def erspan2(data, number):
    session = struct.pack("!HHI", 0x1000 | 77, 30, 0)
    return outer(struct.pack("!HHI", 0x1000, 0x88BE, number) + session + data, 47, number)


@each
def erspan3(data, number):
    session = struct.pack("!HHIHH", 0x2000 | 77, 30, number, 0, 0)
    return outer(struct.pack("!HHI", 0x1000, 0x22EB, number) + session + data, 47, number)


@each
def vxlan(data, number):
    inside = struct.pack("!II", 0x08000000, 4242 << 8) + data
    return outer(struct.pack("!4H", 49152 + number % 1000, 4789, 8 + len(inside), 0) + inside, 17, number)


# --- formats


def raw_ip(frames):
    kept = [(time, original - 14, data[14:]) for time, original, data in frames if data[12:14] in (b"\x08\x00", b"\x86\xdd")]
    return kept, {"link": RAW_IP}


def sll(frames):
    def cooked(data):
        packet_type = 4 if data[6:12] in LAB_CLIENTS else 0
        return struct.pack("!HHH", packet_type, 1, 6) + data[6:12] + b"\0\0" + data[12:]

    return [(time, original + 2, cooked(data)) for time, original, data in frames], {"link": LINUX_SLL}


def big_endian_nanoseconds(frames):
    return frames, {"order": ">", "nanoseconds": True}


# --- what a mirror port does to its frames


def duplicates(frames, micros="3"):
    """Every frame twice, as ports on both sides of a switch show it."""
    return sorted([*frames, *((time + int(micros), original, data) for time, original, data in frames)], key=lambda frame: frame[0])


def duplicates_vlan(frames, vid):
    """Every frame twice, the copy with a tag: ingress and egress of a trunk."""
    return sorted([*frames, *((time + 3, *rest) for time, *rest in vlan(frames, vid))], key=lambda frame: frame[0])


def drop(frames, percent):
    """The mirror port was too slow: frames are missing that the hosts did get."""
    chance = random.Random(1)
    return [frame for frame in frames if chance.random() * 100 >= float(percent)]


def reorder(frames, percent, places="4"):
    """Some frames are late by up to some places; time stamps stay in order."""
    chance = random.Random(1)
    order = [number + (chance.randint(1, int(places)) + 0.5 if chance.random() * 100 < float(percent) else 0) for number in range(len(frames))]
    moved = [frame for _, frame in sorted(zip(order, frames), key=lambda pair: pair[0])]
    return [(time, original, data) for (time, _, _), (_, original, data) in zip(frames, moved)]


def from_clients(frames):
    return [frame for frame in frames if frame[2][6:12] in LAB_CLIENTS]


def to_clients(frames):
    return [frame for frame in frames if frame[2][6:12] not in LAB_CLIENTS]


def midstream(frames, percent):
    """The recording began late: the first frames are missing."""
    return frames[len(frames) * int(percent) // 100 :]


def snaplen(frames, length):
    return [(time, original, data[: int(length)]) for time, original, data in frames]


# --- small pieces


def fragments(frames, mtu):
    """IPv4 packets beyond the MTU in fragments, as a router in between makes them."""
    pieces = []
    for time, original, data in frames:
        if data[12:14] != b"\x08\x00" or len(data) - 14 <= int(mtu):
            pieces.append((time, original, data))
            continue
        header, payload = data[14:34], data[34 : 14 + struct.unpack_from("!H", data, 16)[0]]
        size = (int(mtu) - 20) // 8 * 8
        for at in range(0, len(payload), size):
            part = payload[at : at + size]
            more = 0x2000 if at + size < len(payload) else 0
            fresh = header[:2] + struct.pack("!H", 20 + len(part)) + header[4:6] + struct.pack("!H", more | at // 8) + header[8:10] + b"\0\0" + header[12:]
            fresh = fresh[:10] + struct.pack("!H", checksum(fresh)) + fresh[12:]
            pieces.append((time, 34 + len(part), data[:14] + fresh + part))
    return pieces


FUNCTIONS = {
    "vlan": vlan, "gre": gre, "gretap": gretap, "erspan1": erspan1, "erspan2": erspan2, "erspan3": erspan3, "vxlan": vxlan,
    "raw-ip": raw_ip, "sll": sll, "big-endian-nanoseconds": big_endian_nanoseconds, "duplicates": duplicates,
    "duplicates-vlan": duplicates_vlan, "drop": drop, "reorder": reorder, "from-clients": from_clients, "to-clients": to_clients,
    "midstream": midstream, "snaplen": snaplen, "fragments": fragments,
}
