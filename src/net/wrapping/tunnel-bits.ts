/**
 * A bit for each kind of tunnel that was seen; `TUNNEL_NAMES` in walk.ts has their names, in this order.
 *
 * Nothing but constants: the engine (engine/segment.ts, AssemblyScript) imports the same ones.
 */

export const TUNNEL_GRE = 1
export const TUNNEL_ERSPAN_I = 2
export const TUNNEL_ERSPAN_II = 4
export const TUNNEL_ERSPAN_III = 8
export const TUNNEL_VXLAN = 16
export const TUNNEL_GENEVE = 32
export const TUNNEL_IP_IN_IP = 64
export const TUNNEL_IPV6_IN_IP = 128
export const TUNNEL_MPLS = 256
export const TUNNEL_PPPOE = 512
export const TUNNEL_VXLAN_GPE = 1024
export const TUNNEL_GTP_U = 2048
export const TUNNEL_VN_TAG = 1 << 12
export const TUNNEL_E_TAG = 1 << 13
export const TUNNEL_PBB = 1 << 14
export const TUNNEL_MACSEC = 1 << 15
export const TUNNEL_HSR = 1 << 16
export const TUNNEL_NSH = 1 << 17
export const TUNNEL_FABRIC_PATH = 1 << 18
export const TUNNEL_TRILL = 1 << 19
export const TUNNEL_CISCO_METADATA = 1 << 20
export const TUNNEL_TZSP = 1 << 21
export const TUNNEL_WCCP = 1 << 22
export const TUNNEL_HP_ERM = 1 << 23
export const TUNNEL_GRE_IN_UDP = 1 << 24
export const TUNNEL_JMIRROR = 1 << 25
export const TUNNEL_L2TP = 1 << 26
export const TUNNEL_ARISTA = 1 << 27
export const TUNNEL_R_TAG = 1 << 28
export const TUNNEL_DSA = 1 << 29
