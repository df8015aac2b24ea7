/** Runs the command in a real pseudo-terminal (through Python's, Node has none) and plays what it wrote into a terminal emulator. */

import { spawn, spawnSync } from 'node:child_process';
import xterm from '@xterm/headless';

export const noPty = spawnSync('python3', ['-c', 'import pty']).status === 0 ? false : 'no python3 with a pty module';

/** Something done to the terminal once `after` was seen in the output. */
export interface Deed {
  after: string;
  type?: string;
  /** Lets the process go on, once it has stopped. */
  goOn?: true;
  resize?: [rows: number, columns: number];
}

export interface Played {
  code: number;
  /** Logical lines, scrollback included, blank ones at the end left out. */
  lines: string[];
  /** All bytes, as latin1. */
  raw: string;
}

const driver = `
import base64, fcntl, json, os, pty, select, signal, struct, sys, termios
rows, columns, deeds, command = json.loads(sys.argv[1])
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
    os.environ['TERM'] = 'xterm-256color'
    os.execvp(command[0], command)
seen = b''
def say(**what): print(json.dumps(what), flush=True)
while True:
    try: data = os.read(fd, 65536)
    except OSError: break
    if not data: break
    seen += data
    say(data=base64.b64encode(data).decode())
    if deeds and deeds[0]['after'].encode() in seen:
        # half a picture may be on its way: a deed waits until the terminal has been quiet
        while select.select([fd], [], [], 0.03)[0]:
            try: data = os.read(fd, 65536)
            except OSError: break
            say(data=base64.b64encode(data).decode())
        deed = deeds.pop(0)
        seen = b''
        if 'resize' in deed:
            fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', *deed['resize'], 0, 0))
            say(resize=deed['resize'])
        if 'goOn' in deed:
            os.waitpid(pid, os.WUNTRACED)
            os.kill(pid, signal.SIGCONT)
        if 'type' in deed: os.write(fd, deed['type'].encode())
say(code=os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

/** Needs a free run of at most 60 s. */
export async function play(command: string[], rows: number, columns: number, deeds: Deed[] = []): Promise<Played> {
  const child = spawn('python3', ['-c', driver, JSON.stringify([rows, columns, deeds, command])], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
    env: { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined },
  });
  const terminal = new xterm.Terminal({ rows, cols: columns, scrollback: 5000, allowProposedApi: true });
  let said = '';
  for await (const text of child.stdout.setEncoding('utf8')) said += text;
  let raw = '';
  let code = -1;
  for (const line of said.trim().split('\n')) {
    const message = JSON.parse(line) as { data?: string; resize?: [number, number]; code?: number };
    if (message.data !== undefined) {
      const bytes = Buffer.from(message.data, 'base64');
      raw += bytes.toString('latin1');
      await new Promise<void>((resolve) => terminal.write(bytes, resolve));
    }
    if (message.resize !== undefined) terminal.resize(message.resize[1], message.resize[0]);
    if (message.code !== undefined) code = message.code;
  }
  return { code, raw, lines: linesOf(terminal) };
}

function linesOf({ buffer }: { buffer: InstanceType<typeof xterm.Terminal>['buffer'] }): string[] {
  const lines: string[] = [];
  for (let row = 0; row < buffer.active.length; row += 1) {
    const line = buffer.active.getLine(row)!;
    const text = line.translateToString(true);
    if (line.isWrapped) lines[lines.length - 1] += text;
    else lines.push(text);
  }
  while (lines.at(-1) === '') lines.pop();
  return lines;
}
