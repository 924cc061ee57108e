/** Merely reads the packets of a capture with pcap-parser and counts them: read-packets.js CAPTURE */
import pcapParser from 'pcap-parser'

let packets = 0
let bytes = 0
pcapParser
  .parse(process.argv[2]!)
  .on('packet', ({ data }) => {
    packets++
    bytes += data.length
  })
  .on('error', (error) => {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  })
  .on('end', () => process.stdout.write(`${packets} packets, ${bytes} bytes\n`))
