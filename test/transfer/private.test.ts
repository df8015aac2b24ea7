import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPrivate } from '../../src/transfer/private.ts';
import { startServer } from '../support/server.ts';
import { failure, get, open } from '../support/wire.ts';

test('private, local and reserved addresses are known, in every notation', () => {
  const closed = ['127.0.0.1', '127.255.0.1', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.0.1', '0.0.0.0'];
  closed.push('169.254.169.254', '100.64.0.1', '100.127.255.255', '100.100.100.200', '168.63.129.16', '198.18.0.1');
  closed.push(
    '224.0.0.1',
    '255.255.255.255',
    '192.0.0.170',
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd00:ec2::254',
  );
  closed.push(
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '64:ff9b::10.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '2002:7f00:1::',
    '::ffff:0:127.0.0.1',
    '::ffff:0:808:808',
    '100::1',
    '100:0:0:1::1',
    'ff02::1',
  );
  for (const address of closed) assert.equal(isPrivate(address), true, address);
});

test('public addresses and names are not', () => {
  const open = [
    '8.8.8.8',
    '172.15.0.1',
    '172.32.0.1',
    '100.63.0.1',
    '100.128.0.1',
    '169.253.0.1',
    '192.167.1.1',
    '11.0.0.1',
  ];
  open.push(
    '2606:4700::1111',
    '2a00::1',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
    '100:0:0:2::1',
    'example.com',
    '10.example.com',
    '',
  );
  for (const address of open) assert.equal(isPrivate(address), false, address);
});

test('--no-private refuses literals and names that lead to private addresses, before any byte is sent', async () => {
  const server = await startServer();
  const wire = open({ noPrivate: true });
  const hosts = ['127.0.0.1', '0x7f000001', '2130706433', '127.1', '[::ffff:127.0.0.1]', '[::1]', 'localhost'];
  for (const host of hosts) {
    // As every URL comes: written by the WHATWG parser.
    const { href } = new URL(server.url('/file/a', host));
    const error = await failure('PRIVATE_ADDRESS', get(wire, href));
    assert.match(error.message, /private address/);
  }
  assert.equal(server.connections(), 0);
  await wire.close();
  await server.close();
});

test('what the registry has added since, and IPv4 in any of its IPv6 coats', () => {
  for (const address of ['::ffff:0:7f00:1', '::ffff:0:8.8.8.8', '100:0:0:1::', '100:0:0:1:2::3', '100::1'])
    assert.equal(isPrivate(address), true, address);
  for (const address of ['100:0:0:2::1', '2606:4700::1', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8'])
    assert.equal(isPrivate(address), false, address);
});
