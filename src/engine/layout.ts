/**
 * Where everything stands in the memory that the engine and TypeScript share. One file for both: nothing but constants,
 * in what the two languages have in common, so that engine/ (AssemblyScript) imports the same numbers.
 *
 * Offsets are in bytes from the start of the memory. A word has 32 bits, a number 64.
 */

/* Order of the parts. Nothing grows: views of the memory stay valid,
       and what is never touched is never backed by a page. */
/** words and numbers that say what `run` is to do, and what it has done */
export const CONTROL = 1024
/** 1 for each 802.1Q VID that was seen */
export const VLANS = 4096
/** 1 for each byte with which a datagram of some carrier may begin */
export const FIRST_BYTES = 8192
/** odd words, random for each run: the multipliers of the hash, for each half of each word, then for the protocol */
export const SECRETS = 8448
export const SECRETS_COUNT = 20
export const SECRET_PROTOCOL = 18
/** how conversations may begin */
export const BEGINS = 12_288
/** a followed connection moves in the list of ages at most so often */
export const TOUCH_MICROS = 4_000_000
/** what each port is: PORT_ */
export const PORTS_AT = 32_768
/** of a carrier that is met on certain ports only, in datagrams */
export const PORT_LOCAL = 1
/** of any carrier: a conversation of which nobody knows the beginning is not given up there */
export const PORT_KNOWN = 2
/** descriptions of the interfaces of a pcapng section */
export const INTERFACES = 98_304
/** shapes of PDUs that nobody wants: first where those of each carrier begin, from here */
export const BULK = 106_496
export const BULK_BYTES = 16_384
/** carriers with shapes, from 1 */
export const BULK_CARRIERS_MAX = 15
/**
 * what TypeScript, which has the objects of conversations, has to hear of them, in that order: numbers,
 * and the first of them says what it is
 */
export const TOLD_AT = 122_880
export const TOLD_MAX = 200
export const TOLD_BYTES = 40
/** the half, as twice the slot of the conversation and 1 more for the upper one; time and frame key */
export const TOLD_HALF = 1
export const TOLD_TIME = 2
export const TOLD_FRAME = 3
/**
 * two words: where the bytes that are told begin in this memory, and how many there are; of a PDU, those that are kept
 */
export const TOLD_BYTES_AT = 8
/** its half has ended it; a PDU that is sampled is whole in its segment */
export const TOLD_END = 1
export const TOLD_PDU = 2
/** the next bytes of a half for whoever opens it: payload, all of it */
export const TOLD_SEALED = 3
/** numbers of the halves of conversations that are followed */
export const NUMBERS = 131_072
/** conversations that are followed at a time, TCP and datagrams */
export const FOLLOWED_MAX = 24_576
/** 16 numbers a half: two cache lines */
export const HALF_NUMBERS = 16
/** entries of the table of connections */
export const TABLE = 6_422_528
export const ENTRIES_MAX = 262_144
/** 16 words an entry: one cache line */
export const ENTRY_WORDS = 16
/** first entry of each bucket, and 1; 0: none */
export const BUCKETS = 23_199_744
export const BUCKETS_MAX = 524_288
/** of each conversation that is followed, what must be known of it while nobody needs its object */
export const SLOTS = 25_296_896
/** 6 numbers a slot */
export const SLOT_NUMBERS = 6
/** blocks of captures */
export const BLOCKS = 26_476_544
export const BLOCK_BYTES = 327_680
export const BLOCKS_MAX = 16
/** behind the last block a page that is never written: 16 bytes at a time are read at its end */
export const MEMORY_PAGES = 485

/* Parts of BEGINS, each with BEGIN_BYTE_BYTES for every byte, for every step, or once. */
export const BEGIN_WORDS = 6
export const BEGIN_BYTE_BYTES = 48
/** places that a byte may fill */
export const BEGIN_MASKS = 0
/** places that may be filled by the byte at so many */
export const BEGIN_STEPS = 12_288
/** PROBE_BYTES_MAX of decoders/carrier.ts */
export const BEGIN_STEPS_MAX = 64
/** first places, last places, places of several bytes */
export const BEGIN_START = 15_360
export const BEGIN_ACCEPT = 15_408
export const BEGIN_LOOP = 15_456
/** of each carrier, the places of its beginnings */
export const BEGIN_CARRIERS = 15_504
export const BEGIN_CARRIERS_MAX = 32
/** places that the last bytes have filled to the end, or as far as they go */
export const BEGIN_FOUND = 17_040
/** room for bytes that stand elsewhere */
export const BEGIN_SHOWN = 17_088
export const BEGIN_BYTES = 17_168

/* Words of CONTROL. */
/** heads of the table's lists: index, or -1 */
export const TABLE_FREE = 0
export const TABLE_USED = 1
export const TABLE_OLDEST = 2
export const TABLE_NEWEST = 3
export const TABLE_COUNT = 4
/** a hash of 32 bits is shifted right by this to be the number of a bucket */
export const BUCKET_SHIFT = 5
/** entries that there may be, and those for which buckets were made */
export const TABLE_MAX = 6
export const TABLE_CAPACITY = 7
/**
 * how the records of the capture are written: FORM_; for pcap: big-endian, bytes of a record header, link type, longest
 * captured length
 */
export const FORM = 8
export const FORM_BIG = 9
export const FORM_HEADER = 10
export const FORM_LINK = 11
export const FORM_CAPTURED_MAX = 12
/** interfaces in INTERFACES */
export const FORM_INTERFACES = 13
/** packets at LIMIT_TIME itself are not for this call */
export const LIMIT_CLOSED = 14
/** set by `run`: a signature stands in the packet where it stopped (1), none (0), nobody has looked (-1) */
export const MARKED = 15
/* Counts since they were last taken: they never grow beyond what fits into a block. */
export const PASSED = 16
export const PASSED_CUT = 17
export const PASSED_TCP = 18
export const PASSED_UDP = 19
/** connections that began */
export const PASSED_CONNECTIONS = 20
export const PASSED_REPEATED = 21
export const PASSED_DATAGRAMS_FOREIGN = 22
/** PDUs that were stepped over by their shapes */
export const PASSED_FRAMED = 23
/** segments without payload of connections that have not said anything */
export const PASSED_IDLE = 24
/** connections of which the beginning was not seen; that ended with one side seen; that nobody has claimed */
export const PASSED_MIDSTREAM = 25
export const PASSED_ONE_SIDED = 26
export const PASSED_FOREIGN_CONNECTIONS = 27

/** in TOLD_AT */
export const TOLD_COUNT = 28
/** number of the carrier, among those with shapes, whose messages are heads of HTTP; 0: none */
export const HEADS_CARRIER = 29
/**
 * lists of the conversations that are followed, those of TCP and those of datagrams: the slots touched longest ago and
 * last, or -1, and how many there are
 */
export const FOLLOWED_TCP = 30
export const FOLLOWED_DATAGRAMS = 33
export const LIST_OLDEST = 0
export const LIST_NEWEST = 1
export const LIST_COUNT = 2
/** first free slot, or -1, the next one behind it in NEWER_SLOT; and how many slots were ever used */
export const SLOT_FREE = 36
export const SLOTS_USED = 37
/** conversations of TCP that the engine may follow by itself, with those of TypeScript; 0: none */
export const FOLLOWED_ROOM = 38
/** bits of the tunnels that the engine has looked into: src/net/wrapping/tunnel-bits.ts */
export const TUNNELS_SEEN = 39

/* Numbers of CONTROL, behind its words: byte offsets from CONTROL. */
/** microseconds; packets after it are not for this call */
export const LIMIT_TIME = 512
/** parts of a microsecond in the second field of a pcap timestamp */
export const FORM_UNITS = 520
/** frame key of the packet before the next one */
export const FRAME = 528
/** captured bytes, and bytes on the wire, of the packets that passed; times of the earliest and the latest one */
export const PASSED_CAPTURED = 536
export const PASSED_ORIGINAL = 544
export const PASSED_START = 552
export const PASSED_END = 560
export const PASSED_LOST_SKIPPED = 568
/** time and frame key of the last segment or datagram; 0: there was none */
export const LAST_SEGMENT_TIME = 576
export const LAST_SEGMENT_FRAME = 584

export const FORM_PCAP = 1
export const FORM_PCAPNG = 2

/** how connections to it begin is told: decoders/carriers/contact.ts */
export const CONTACT_PORT = 88

/* An interface of a pcapng section: link type and snap length as words,
       then what makes microseconds of its timestamps. */
export const INTERFACE_BYTES = 48
export const INTERFACES_MAX = 128
export const INTERFACE_LINK = 0
export const INTERFACE_WHOLE = 8
export const INTERFACE_REST = 16
export const INTERFACE_PER_TICK = 24
export const INTERFACE_OFFSET = 32

/* Words of an entry of the table. */
export const LOW_0 = 0
export const HIGH_0 = 4
export const PORTS = 8
export const NEXT_IN_BUCKET = 9
export const OLDER = 10
export const NEWER = 11
export const SECOND = 12
/** protocol in the low byte, then the state, then what the handshake told, then the slot of one that is followed */
export const STATE = 13
export const CLIENT_SEQ = 14
export const SERVER_SEQ = 15

export const PROTOCOL_MASK = 255
export const STATE_SHIFT = 8
export const STATE_MASK = 768
export const SYN_SEEN = 1024
export const SYN_ACK_SEEN = 2048
export const CLIENT_IS_LOW = 4096
export const UNCLAIMED = 8192
/** a FIN or RST came before anybody has spoken */
export const TURNED = 16384
export const SLOT_SHIFT = 16

/* What the stream knows of an entry without looking at any object. */
export const NEW = 0
/** a conversation that we follow */
export const FOLLOWED = 1
/** not ours: every further packet costs a lookup and nothing else */
export const FOREIGN = 2
/** ended; a SYN opens it again */
export const CLOSED = 3

/* Words of a shape, in front of its places; 0 ends those of a carrier. */
/** bytes to the next one */
export const BULK_NEXT = 0
export const BULK_HEAD = 1
export const BULK_LENGTH_AT = 2
/** 0x100 more where it is little-endian */
export const BULK_LENGTH_OCTETS = 3
export const BULK_LENGTH_ADD = 4
export const BULK_LENGTH_MIN = 5
export const BULK_LENGTH_MAX = 6
export const BULK_PART_AT = 7
/** 0: none */
export const BULK_PART_OCTETS = 8
export const BULK_PART_ADD = 9
export const BULK_CLEAR = 10
export const BULK_PEER_CLEAR = 11
export const BULK_SET = 12
export const BULK_PEER_SET = 13
/** 0: not sampled */
export const BULK_MASK = 14
export const BULK_FIRST = 15
export const BULK_INTERVAL = 16
export const BULK_PLACES = 17
/** of one that is sampled: bytes that are kept, of a PDU no longer than the second all; 0: it is for `frame` */
export const BULK_KEEP = 18
export const BULK_KEEP_WHOLE = 19
export const BULK_HEAD_BYTES = 80
/** a place: its offset, and a bit for each byte that may stand there */
export const BULK_PLACE_BYTES = 36

/* Numbers of a slot, then words of it. */
/** when it was last moved to the young end of its list; time and frame key of its first payload */
export const TOUCHED = 0
export const START_TIME = 1
export const START_FRAME = 2
export const SLOT_WORDS = 12
export const OLDER_SLOT = 6
export const NEWER_SLOT = 7
/** its entry in the table */
export const SLOT_ENTRY = 8
export const SLOT_FLAGS = 9
/* Flags of a slot; the first three are of the lower half, and twice that of the upper one. */
/** a packet of it was seen, with payload or without */
export const SLOT_SEEN = 1
/** no carrier wants it */
export const SLOT_UNCLAIMED = 4
/** it has ended the conversation first */
export const SLOT_ENDED = 16
export const SLOT_SAW_START = 64
export const SLOT_CLIENT_IS_LOW = 128
/** TypeScript has an object of it */
export const SLOT_HAS_OBJECT = 256
/**
 * what the engine holds of a half: the end of its last segment, which may begin a signature. Five bits of the lower
 * half, from here, then those of the upper one: the length, and HELD_TEXT; 0: nothing
 */
export const HELD_SHIFT = 10
export const HELD_BITS = 5
export const HELD_MASK = 31
/** it is one in base64 */
export const HELD_TEXT = 16
export const HELD_ANY = 0xffc00

/* Numbers of a half. */
/** next sequence number expected; -1 before the first byte */
export const NEXT_SEQ = 0
/** bytes of the present PDU still to come, and how many of those are still to be kept */
export const PDU_LEFT = 1
export const KEEP_LEFT = 2
/** highest acknowledgement that this half has sent for the opposite one; -1 none */
export const ACK_SENT = 3
/** where its last bytes stood: what is handed over at the end belongs there */
export const LAST_TIME = 4
export const LAST_FRAME = 5
export const BYTES_SEEN = 6
/**
 * until this time a packet that only goes on with an unwanted PDU, or has no payload, changes nothing but the numbers
 * above; later, the list of ages too; -Infinity: it may change anything
 */
export const FAST_PATH_UNTIL = 7
/** next sequence number when the conversation was first followed; -1 unknown */
export const START_SEQ = 8
/** sequence number of its FIN; -1 none yet */
export const END_SEQ = 9
/** nothing waits any more for its bytes before this sequence number; -1 none */
export const MISSED_TO = 14

/* Words of a half: those of its last number. */
/** `Framing.state` */
export const FRAMING_STATE = 30
/** what the engine may do with payload at the end of a PDU: MODE_, or the number of a carrier with shapes */
export const MODE = 31
/** nothing: only what is in the middle of a PDU passes */
export const MODE_NONE = 0
/** added: nothing waits for the opposite half, of which no packet was seen */
export const MODE_ALONE = 256
export const MODE_CARRIER_MASK = 255
export const MODE_MASK = 65_535
/**
 * added: no carrier is known; what none of them may begin with changes nothing but the count of segments that were
 * probed in vain
 */
export const MODE_SEARCHING = 512
/** added to that: tokens of SPNEGO and Kerberos are looked for */
export const MODE_GSS = 1024
/** added to that: it never ends */
export const MODE_PATIENT = 2048
/** alone: it was given up, and only the beginning of a signature at the end of a segment matters */
export const MODE_UNCLAIMED = 4096
/**
 * alone, or with MODE_ALONE: its bytes are for whoever opens it, and the numbers of its PDU are those of what is inside
 */
export const MODE_OPENED = 8192
/**
 * segments that were probed in vain: the upper half of the word, as a number with a sign that stays below PROBED_MAX
 */
export const PROBED_SHIFT = 16
export const PROBED_MAX = 1000
/** with so many a half is given up */
export const PROBE_SEGMENTS_MAX = 4

/* Packets in datagrams that nobody claims (src/stream/wrapped.ts). */
/**
 * bytes of a payload in which the header of a packet is looked for: the sample of a flow begins at 106, a tagged one at
 * 110
 */
export const WRAPPED_SPAN = 128
/** what may stand behind a packet that no EtherType announces: a checksum of its frame */
export const WRAPPED_PADDING = 8
