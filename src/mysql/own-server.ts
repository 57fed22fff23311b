// Is who answers on this machine's own address the database server itself, run by the system or by ourselves? Then it
// needs no certificate: whoever could stand in its place can read our configuration as well. A tunnel to elsewhere, a
// container's port and another user's program are none of it. Only Linux says; elsewhere nothing is known.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Socket } from 'node:net';
import { basename } from 'node:path';

/** Of an open connection. Reads what the kernel tells of it and of processes, so not to be asked without need. */
export function leadsToOwnServer({ remoteAddress, remotePort, localPort }: Socket): boolean {
  if (!remoteAddress || !/^(::ffff:)?127\.|^::1$/.test(remoteAddress)) return false;
  try {
    const end = findOtherEnd(Number(remotePort), Number(localPort));
    if (!end) return false;
    if (end.uid === findUserId('mysql')) return true;
    return (end.uid === 0 || end.uid === process.getuid?.()) && belongsToServer(end.inode);
  } catch {
    return false;
  }
}

interface SocketEnd {
  readonly uid: number;
  readonly inode: string;
}

const LOOPBACK = /^(0{24}|0{16}FFFF0{4})?[0-9A-F]{6}7F$|^0{24}01000000$/;

/** The connection as its server has it. */
function findOtherEnd(serverPort: number, clientPort: number): SocketEnd | undefined {
  const isLoopback = (address: string, port: number): boolean => {
    const [host = '', hex = ''] = address.split(':');
    return Number.parseInt(hex, 16) === port && LOOPBACK.test(host);
  };
  return ['tcp', 'tcp6']
    .flatMap(file => readFileSync(`/proc/net/${file}`, 'utf8').split('\n').slice(1))
    .map(line => line.trim().split(/\s+/))
    .filter(([, local = '', remote = '']) => isLoopback(local, serverPort) && isLoopback(remote, clientPort))
    .map(columns => ({ uid: Number(columns[7]), inode: columns[9] ?? '' }))[0];
}

function findUserId(name: string): number | undefined {
  const line = readFileSync('/etc/passwd', 'utf8').match(new RegExp(`^${name}:[^:]*:(\\d+):`, 'm'));
  return line ? Number(line[1]) : undefined;
}

function belongsToServer(inode: string): boolean {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .some(pid => {
      try {
        return isServer(pid) && holdsSocket(pid, inode);
      } catch {
        // It has ended meanwhile, or is none that we may look into.
        return false;
      }
    });
}

/** As itself, or as what a loader was given to load. */
function isServer(pid: string): boolean {
  const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, 5);
  return words.some(word => /^(mysqld|mariadbd)$/.test(basename(word)));
}

function holdsSocket(pid: string, inode: string): boolean {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).some(name => readlinkSync(`${folder}/${name}`) === `socket:[${inode}]`);
}
