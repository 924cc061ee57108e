/** Every limit of the program, each with its reason. Reaching one is counted in the tally, never fatal. */
export const LIMITS = {
  /** one read of a capture: large enough to amortise a system call, small enough for the cache nearest to one core */
  readBytes: 1 << 18,
  /**
   * buffers of captures that overlap in time, and are open together: a folder of one sensor has a few, that of a lab
   * thousands
   */
  openCapturesBytesMax: 32 << 20,
  /** the longest record or block that is read: snap lengths end at 256 KiB, pcapng custom blocks may be larger */
  recordBytesMax: 16 << 20,
  /** link, tunnel and extension headers one inside the other: real mirrors have at most 6 */
  encapsulationDepthMax: 16,
  /** the window of a zstd frame, which is held: zstd asks for 8 MiB up to level 19, for 128 in its longest mode */
  zstdWindowMax: 64 << 20,
  /**
   * EtherTypes and their like that are counted apart where a packet is no IP: a network has some dozens, noise has
   * 65,536
   */
  protocolKindsMax: 1024,
  /** IP datagrams waiting for fragments, and the bytes that they hold together */
  fragmentedDatagramsMax: 4096,
  fragmentBytesMax: 8 << 20,
  /** capture seconds after which an incomplete datagram is given up (RFC 1122 3.3.2 says 60 to 120) */
  fragmentSecondsMax: 60,
  /** connections remembered at a time; the oldest idle one leaves first */
  connectionsMax: 262_144,
  /** conversations followed with buffers and state at a time; the others of the table cost 64 bytes each */
  followedMax: 16_384,
  /**
   * the same for conversations in datagrams: they do not say when they end, and leave when they are answered or idle
   */
  followedDatagramsMax: 8192,
  /**
   * bytes of incomplete messages held for all connections together: 256 of the longest tickets at a time; buffers that
   * were outgrown come on top (10,000 messages that never end: peak 243 MiB, with 48 MiB here 301)
   */
  heldBytesMax: 16 << 20,
  /**
   * a PDU of which we keep more than this is not an authentication message: Kerberos tokens end at 64 KiB, HTTP heads
   * in base64 at 128 KiB
   */
  keptBytesMax: 262_144,
  /**
   * a message whose rest nobody wants is told when it has passed, as Wireshark does; one with more than this to come is
   * told at once
   */
  restBytesMax: 1 << 20,
  /** out-of-order bytes waiting behind a hole, for one half and for all of them together */
  waitingBytesPerHalfMax: 1 << 20,
  waitingBytesMax: 32 << 20,
  /** capture seconds that a hole may stay open once bytes wait behind it */
  holeSecondsMax: 2,
  /** first bytes of a half that are shown to the carriers, and segments after which we stop looking */
  probeSegmentsMax: 4,
  /** authentications open at a time in one connection (SMB sessions of a terminal server, RPC contexts) */
  openExchangesPerConnectionMax: 1024,
  /** SMB sessions to which another connection may bind: it does so within seconds of the logon, and 200 bytes each */
  smbSessionsMax: 8192,
  /** named pipes remembered in one conversation, and requests that wait for the answer of one */
  pipesPerConnectionMax: 256,
  /** clients (and channels of each) of RPC over HTTP whose other half has not come yet */
  rpcChannelsMax: 256,
  /** exchanges listed one by one in a report; pairs and figures count all of them, ndjson prints all of them */
  reportExchangesMax: 5_000,
  /** AS and TGS exchanges listed one by one, likewise */
  reportKdcMax: 5_000,
  /**
   * pairs of a report; more are counted but not told apart. A gigabyte of a domain controller's traffic may have 19,000
   */
  reportPairsMax: 20_000,
  /** characters of users, service names and tunnels that all pairs list; what comes then is not listed */
  pairCharactersMax: 8 << 20,
  /** rows of conversations (client, server, port, carrier); what is beyond is counted */
  conversationsMax: 20_000,
  /** frames quoted as evidence for one exchange */
  evidenceFramesMax: 32,
  /** clients (servers, machines) that a watch over several exchanges remembers, and accounts or services for each */
  watchedClientsMax: 2048,
  watchedNamesMax: 64,
  /** logons, accounts or tickets that one watch remembers of all of these together: 100 to 200 bytes each */
  watchedNotesMax: 32_768,
  /**
   * names that hosts answered for over multicast or broadcast, to one asker each: a poisoner in a large network gives
   * hundreds in the time that a logon waits
   */
  watchedAnswersMax: 8192,
  /** services for which a client presented a ticket; with more than that nothing is said about unused ones */
  watchedUsesMax: 512,
  /** captures, and stretches of time, with figures of their own */
  figureRowsMax: 2000,
  /** pairs in all rows of figures together */
  figureEntriesMax: 400_000,
  /** findings told apart; what is beyond is counted */
  findingsMax: 5_000,
  /** mistakes of a policy file that are told one by one, and its size: a thousand entries take 200 kB */
  policyMistakesMax: 20,
  policyBytesMax: 4 << 20,
  /** frames quoted for one finding: enough to look it up */
  framesPerFindingMax: 8,
  /** clients (and pairs) whose refused Kerberos attempts are remembered */
  refusalsMax: 16_384,
  /** refusals of a KDC remembered for one client: a burst of roasting is longer than any logon needs */
  refusalsPerClientMax: 64,
  /**
   * answers of KDCs and Kerberos authentications remembered in all: 25 MB; the notes of the client that was noted first
   * leave first
   */
  evidenceNotesMax: 100_000,
  /** tickets, KDCs that were silent or found and servers that asked for Kerberos, likewise: 100 to 200 bytes each */
  evidenceTicketsMax: 200_000,
  /** Kerberos authentications remembered for one client */
  kerberosUsesPerClientMax: 64,
  /** NTLM exchanges that wait for what may still explain them; beyond, the oldest is decided with what is there */
  pendingExchangesMax: 4096,
  /** exchanges whose channel binding no certificate explains yet; beyond, they are told without it */
  unexplainedBindingsMax: 2048,
  /**
   * addresses whose names are remembered: more than pairs are told apart; and names of one (aliases of a web server are
   * many)
   */
  namedHostsMax: 32_768,
  namesPerHostMax: 12,
  /** characters of all of these names: 30,000 hosts with three names of 25 characters have 2.3 million */
  nameCharactersMax: 12 << 20,
  /**
   * addresses whose names are known from name services alone: a day of browsing shows more, but a logon follows its
   * question
   */
  resolvedHostsMax: 16_384,
  /**
   * rows of each roll-up (places, servers, clients, accounts): 600 bytes each; and addresses that all of them together
   * tell apart
   */
  rollUpRowsMax: 5_000,
  rollUpEndsMax: 65_536,
  /** hosts whose hardware address is kept: 100 bytes each */
  neighboursMax: 16_384,
  /** hosts listed with all their names in a report */
  reportHostsMax: 5_000,
  /** lists of names (offers, flags) that are kept once for all exchanges: a real network has a few dozen */
  sharedListsMax: 1024,
  /** frames in which several exchanges begin, for their ids */
  idsMax: 16_384,
  /** challenges and responses remembered to recognise a relay, each with its attempt */
  relayMarksMax: 4096,
  /** TLS servers told apart in the list of what was not visible */
  tlsServersMax: 4096,
  /** responses in datagrams that are remembered until the client goes on */
  plainResponsesMax: 4096,
  /** clients of RADIUS, servers and methods told apart */
  networkAccessMax: 4096,
  /**
   * certificates of servers that are remembered, 2 kB each with their bindings; and sessions by which one is found
   * again
   */
  certificatesMax: 2048,
  tlsSessionsMax: 8192,
  /**
   * of the chain behind a certificate: how many are told, and in so many bytes; most have one or two, of 1 to 2 kB each
   */
  chainMax: 8,
  chainBytesMax: 32_768,
  /** certificates of chains that are remembered, to be read once: some hundred issuers make those of the world */
  chainCertificatesMax: 1024,
  /** handshakes of TLS in EAP at a time, and bytes of a message of one: a chain of certificates seldom has 16 kB */
  eapTunnelsMax: 512,
  eapMessageBytesMax: 65_536,
  /** bytes of messages that are not whole, of all of these handshakes: a chain of 4 kB each, with room behind it */
  eapHeldBytesMax: 4 << 20,
  /**
   * bytes that connections whose keys are known hold together: records that are not whole, or wait for the other
   * direction; two of the longest of 1,800 connections at a time
   */
  tlsBytesMax: 64 << 20,
  /** a compressed certificate may be as long, RFC 8879 5: what inflates to more is none */
  inflatedBytesMax: 65_536,
  /** clients counted for coverage */
  clientsMax: 65_536,
  /** events of Windows logs that wait to be joined: 60 MB; of one exchange; and hosts with logs */
  eventsHeldMax: 100_000,
  eventsPerExchangeMax: 24,
  eventHostsMax: 8192,
  /** times that all logs together cover without a silence of ten minutes */
  eventStretchesMax: 100_000,
  /** KDCs listed in coverage */
  kdcsMax: 1024,
  /** servers with logons out of sight that are named one by one */
  passThroughSpotsMax: 32,
  /** bytes of frames in one slice, which are held several times: what proves a finding has some thousands */
  sliceBytesMax: 32 << 20,
} as const
